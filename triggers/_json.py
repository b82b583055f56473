"""Strict JSON of requests and messages: UTF-8, no key twice, no number that JSON does not have."""

import json
from typing import Any


class NotJson(ValueError):
    """The bytes are no JSON document; ``str`` says why without quoting them."""


def read_json(raw: bytes) -> Any:
    """The document in ``raw``.

    Raises:
        NotJson: Not UTF-8, not JSON, nested beyond all measure, or an object has a key twice:
            readers differ in which of the two they take (RFC 8259, section 4).
    """
    try:
        return json.loads(
            raw.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_object
        )
    except NotJson:
        raise
    except (ValueError, RecursionError):
        raise NotJson("Send one JSON object in UTF-8.") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise NotJson("An object has a key twice.")
    return made


def _no_constant(_: str) -> Any:
    raise NotJson("JSON has no NaN and no Infinity.")
