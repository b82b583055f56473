"""What the Job scripts print, one JSON object a line, and what of it a person should see."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from model.masking import masked

_TEXT_LIMIT = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """The last line of a script that ended by itself.

    Attributes:
        code: What ended it; see ``error_codes`` for a permanent no.
        status / state / version: Of the application, in KOTS's words; empty for components.
    """

    code: str
    detail: str
    status: str
    state: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSays:
    """What a log tells.

    Attributes:
        result: None while the script runs, or when it was ended from outside.
        now: The last line worth showing, for people; empty when there is none.
    """

    result: JobResult | None
    now: str


def read(lines: Iterable[str]) -> JobSays:
    """Read the last lines of a Job's log; text that is no event of ours is the last resort."""
    events, texts = _split(lines)
    result = next((_result(e) for e in reversed(events) if e.get("event") == "result"), None)
    shown = (text for e in reversed(events) if (text := _shown(e)))
    stray = next((text for text in reversed(texts) if text), "")
    return JobSays(result=result, now=next(shown, safe(stray)))


def safe(text: str) -> str:
    """Text of a log as it may enter history: on one line, secrets masked, cut to 300 characters."""
    shown = " ".join(masked(text).split())
    return shown if len(shown) <= _TEXT_LIMIT else shown[: _TEXT_LIMIT - 1] + "…"


def _split(lines: Iterable[str]) -> tuple[list[dict[str, Any]], list[str]]:
    events: list[dict[str, Any]] = []
    texts: list[str] = []
    for line in lines:
        try:
            found = json.loads(line)
        except ValueError:  # a line of another program, or cut at the start of the tail
            texts.append(line.strip())
            continue
        if isinstance(found, dict) and "event" in found:
            events.append(cast("dict[str, Any]", found))
        else:
            texts.append(line.strip())
    return events, texts


def _result(event: dict[str, Any]) -> JobResult:
    def text(key: str) -> str:
        return safe(str(event.get(key) or ""))

    return JobResult(
        code=text("code"),
        detail=text("detail"),
        status=text("status"),
        state=text("state"),
        version=text("version"),
    )


def _shown(event: dict[str, Any]) -> str:
    """One event in a person's words; empty for one that says nothing new."""
    match event:
        case {"event": "result", "detail": detail}:
            return safe(str(detail))
        case {"event": "kots", "line": str(line)} if line:
            return safe(f"KOTS: {line}")
        case {"event": "helm", "line": str(line)} if line:
            return safe(f"helm: {line}")
        case {"event": "app" | "look", **about}:
            return safe(_application(about))
        case {"event": "wait", "detail": str(detail)} if detail:
            return safe(f"waiting: {detail}")
        case _:
            return ""


def _application(about: dict[str, Any]) -> str:
    """KOTS's two truths about an application: its version's status and its own state."""
    version, status, state = (str(about.get(k) or "") for k in ("version", "status", "state"))
    if not status:
        return "no version is there yet"
    named = f"version {version}" if version else "the version"
    return f"{named} is {status}" + (f", application {state}" if state else "")
