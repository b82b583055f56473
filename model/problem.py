"""What is wrong with a request: problem+json (RFC 9457) with JSON pointers (RFC 6901)."""

from collections.abc import Iterable
from dataclasses import dataclass

from model.wire import JsonObject


@dataclass(frozen=True, slots=True)
class Problem:
    """One error of a request.

    Attributes:
        pointer: JSON pointer to the place; empty for the whole document.
        code: Short name of the rule, stable.
        message: What to do, in one sentence; never the offending value.
    """

    pointer: str
    code: str
    message: str


def pointer(path: Iterable[str | int]) -> str:
    """The JSON pointer of a path of keys and indexes."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def problem_document(problems: tuple[Problem, ...]) -> JsonObject:
    """The body of a 400 answer: every error at once."""
    return {
        "type": "about:blank",
        "title": "The request is not valid",
        "status": 400,
        "detail": f"{len(problems)} error(s); nothing was created.",
        "errors": [
            {"pointer": found.pointer, "code": found.code, "message": found.message}
            for found in problems
        ],
    }
