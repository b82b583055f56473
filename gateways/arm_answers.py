"""What Azure Resource Manager answered while somebody listened; no gateway acts on it."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

_REQUEST_ID = "x-ms-request-id"
"""https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling"""

_THROTTLED = 429


@dataclass(slots=True)
class ArmAnswers:
    """What was heard so far.

    Attributes:
        request_id: ``x-ms-request-id`` of the last answer that had one, a failed one included.
        throttled: Answers 429.
    """

    request_id: str = ""
    throttled: int = 0


_listener: ContextVar[ArmAnswers | None] = ContextVar("arm_answers", default=None)


@contextmanager
def listening() -> Generator[ArmAnswers]:
    """Hear every answer that arrives meanwhile on this thread."""
    heard = ArmAnswers()
    token = _listener.set(heard)
    try:
        yield heard
    finally:
        _listener.reset(token)


def answered(status: int, headers: Mapping[str, str]) -> None:
    """An answer of ARM arrived."""
    heard = _listener.get()
    if heard is None:
        return
    heard.request_id = headers.get(_REQUEST_ID) or heard.request_id
    heard.throttled += status == _THROTTLED
