"""One application in the Admin Console: its versions, its configuration, how far it is."""

import base64
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import yaml

from emulator.kotsadm import release
from emulator.kubelet.documents import section

type JsonObject = dict[str, Any]

WORST_FIRST = ("missing", "unavailable", "degraded", "updating", "ready")
"""KOTS's aggregate: the worst informer wins; no informer at all is missing."""


@dataclass(slots=True)
class Version:
    """One version of the application, newest last.

    Attributes:
        status: In KOTS's words.
        preflights: Result rows; None while the checks run.
    """

    label: str
    sequence: int
    status: str
    preflights: list[JsonObject] | None = None


@dataclass(slots=True)
class Application:
    """The application of a namespace.

    Attributes:
        values: Configuration items by name: the text, or base64 of a file.
        task: Row of the automated install: ``running``, ``success``, ``failed``.
        task_until: When the row can no longer be read (60 s after its last update).
    """

    namespace: str
    values: dict[str, str] = field(default_factory=dict[str, str])
    versions: list[Version] = field(default_factory=list[Version])
    task: str = ""
    task_message: JsonObject = field(default_factory=dict[str, Any])
    task_until: datetime | None = None

    @property
    def newest(self) -> Version | None:
        """The version that was made last."""
        return self.versions[-1] if self.versions else None

    @property
    def current(self) -> Version | None:
        """The deployed version."""
        return next((v for v in reversed(self.versions) if v.status == "deployed"), None)

    def missing_items(self) -> list[str]:
        """Required configuration items without a value."""
        return [item for item in release.REQUIRED_ITEMS if not self.values.get(item)]

    def read_values(self, document: str, *, merge: bool) -> None:
        """Take a ConfigValues document."""
        loaded: Any = yaml.safe_load(document) or {}
        items = section(section(loaded, "spec"), "values")
        given = {
            name: str(item.get("valuePlaintext") or item.get("value", ""))
            for name, item in items.items()
        }
        self.values = {**self.values, **given} if merge else given

    def file(self, item: str) -> bytes:
        """The content of a file item."""
        return base64.b64decode(self.values[item])

    def version_rows(self) -> list[JsonObject]:
        """Versions as the API lists them, newest first."""
        return [
            {
                "versionLabel": v.label,
                "sequence": v.sequence,
                "parentSequence": v.sequence,
                "status": v.status,
            }
            for v in reversed(self.versions)
        ]

    def preflight_document(self, sequence: int) -> JsonObject:
        """The result of a version's checks, in the API's nested JSON texts."""
        version = next((v for v in self.versions if v.sequence == sequence), None)
        if version is None or version.preflights is None:
            return {"preflightProgress": "", "preflightResult": {"result": ""}}
        text = json.dumps({"results": version.preflights, "errors": []}, separators=(",", ":"))
        failing = any(row.get("isFail") for row in version.preflights)
        return {
            "preflightProgress": "",
            "preflightResult": {
                "result": text,
                "skipped": False,
                "hasFailingStrictPreflights": failing,
            },
        }


def workload_state(wanted: int, status: JsonObject) -> str:
    """State of a Deployment or StatefulSet, as KOTS judges it."""
    ready = int(status.get("readyReplicas") or 0)
    if ready >= wanted:
        return "ready"
    return "degraded" if ready else "unavailable"


def worst(states: list[str]) -> str:
    """The application's state from those of its informers."""
    return next((state for state in WORST_FIRST if state in states), "missing")
