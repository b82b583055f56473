"""What an app folder says about its host: ``host.json`` and ``local.settings.json``."""

import json
import os
import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from emulator.functions_host.versions import VersionPolicy
from emulator.functions_host.worker import AppDoesNotLoad

type Json = dict[str, Any]

DEFAULT_CONCURRENCY = 100
"""The extension's default is ten per processor; here the worker's threads decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSettings:
    """``extensions.queues`` and its defaults.

    https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue#host-json

    Attributes:
        max_polling_interval: Longest pause between two looks at an empty queue.
        visibility_timeout: How long a message that failed stays hidden before the next try.
    """

    max_polling_interval: timedelta = timedelta(seconds=2)
    visibility_timeout: timedelta = timedelta(0)
    batch_size: int = 16
    new_batch_threshold: int = 8
    max_dequeue_count: int = 5
    base64: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class HostSettings:
    """``host.json``, as far as this host acts on it.

    Attributes:
        route_prefix: Without slashes; empty for no prefix.
        hub_name: Task hub.
        versions: Which versions of orchestrations this app runs.
        replace_any: Whether starting a running instance id replaces it.
    """

    route_prefix: str = "api"
    hub_name: str = "TestHubName"
    connection_name: str = "Storage"
    activities: int = DEFAULT_CONCURRENCY
    turns: int = DEFAULT_CONCURRENCY
    versions: VersionPolicy = field(default_factory=VersionPolicy)
    replace_any: bool = False
    queues: QueueSettings = field(default_factory=QueueSettings)
    open_telemetry: bool = False
    log_levels: dict[str, str] = field(default_factory=dict[str, str])


def read_host_settings(app_dir: Path) -> HostSettings:
    """Read ``host.json``.

    Raises:
        AppDoesNotLoad: It is missing or is no JSON object.
    """
    document = _overridden(_read_json(app_dir / "host.json", required=True))
    extensions = _section(document, "extensions")
    durable = _section(extensions, "durableTask")
    http = _section(extensions, "http")
    storage = _section(durable, "storageProvider")
    return HostSettings(
        route_prefix=str(http.get("routePrefix", "api")).strip("/"),
        hub_name=_resolve(str(durable.get("hubName") or _default_hub())),
        connection_name=str(
            storage.get("connectionName") or storage.get("connectionStringName") or "Storage"
        ),
        activities=int(durable.get("maxConcurrentActivityFunctions") or DEFAULT_CONCURRENCY),
        turns=int(durable.get("maxConcurrentOrchestratorFunctions") or DEFAULT_CONCURRENCY),
        versions=VersionPolicy(
            durable.get("defaultVersion") or None,
            str(durable.get("versionMatchStrategy") or "CurrentOrOlder"),
            str(durable.get("versionFailureStrategy") or "Reject"),
        ),
        replace_any=str(durable.get("overridableExistingInstanceStates", "")).lower() == "anystate",
        queues=_queues(_section(extensions, "queues")),
        open_telemetry=str(document.get("telemetryMode", "")).lower() == "opentelemetry",
        log_levels=_section(_section(document, "logging"), "logLevel"),
    )


_OVERRIDE = "azurefunctionsjobhost__"
"""https://learn.microsoft.com/azure/azure-functions/functions-host-json#override-hostjson-values"""


def _overridden(document: Json) -> Json:
    """``host.json`` with what the environment puts in its place, such as a log level."""
    for name, value in os.environ.items():
        if not name.lower().startswith(_OVERRIDE):
            continue
        *parents, last = name[len(_OVERRIDE) :].split("__")
        here = document
        for parent in parents:
            known = next((key for key in here if key.lower() == parent.lower()), parent)
            here = cast("Json", here.setdefault(known, {}))
        here[next((key for key in here if key.lower() == last.lower()), last)] = value
    return document


def load_local_settings(app_dir: Path) -> None:
    """Put ``Values`` of ``local.settings.json`` into the environment, which has the last word.

    Raises:
        AppDoesNotLoad: The file is no JSON object.
    """
    document = _read_json(app_dir / "local.settings.json", required=False)
    for name, value in _section(document, "Values").items():
        os.environ.setdefault(name, str(value))


def resolve_setting(text: str) -> str:
    """Replace each ``%NAME%`` by that app setting, as binding expressions do; unknown ones stay."""
    return re.sub(r"%([^%]+)%", lambda found: os.environ.get(found[1], found[0]), text)


_resolve = resolve_setting


def _default_hub() -> str:
    name = os.environ.get("WEBSITE_SITE_NAME", "")
    return re.sub(r"[^A-Za-z0-9]", "", name) or "TestHubName"


def _queues(section: Json) -> QueueSettings:
    base = QueueSettings()
    batch = int(section.get("batchSize") or base.batch_size)
    return QueueSettings(
        max_polling_interval=_interval(
            section.get("maxPollingInterval"), base.max_polling_interval
        ),
        visibility_timeout=_interval(section.get("visibilityTimeout"), base.visibility_timeout),
        batch_size=min(batch, 32),
        new_batch_threshold=int(section.get("newBatchThreshold") or max(1, batch // 2)),
        max_dequeue_count=int(section.get("maxDequeueCount") or base.max_dequeue_count),
        base64=str(section.get("messageEncoding", "base64")).lower() != "none",
    )


def _interval(value: Any, default: timedelta) -> timedelta:
    """``hh:mm:ss`` or, for the polling interval, a number of milliseconds."""
    if value is None:
        return default
    if isinstance(value, int):
        return timedelta(milliseconds=value)
    hours, minutes, seconds = str(value).split(":")
    return timedelta(hours=float(hours), minutes=float(minutes), seconds=float(seconds))


def _section(parent: Json, name: str) -> Json:
    """A section by its name in any case; empty when absent."""
    found = next((v for k, v in parent.items() if k.lower() == name.lower()), None)
    return cast("Json", found) if isinstance(found, dict) else {}


def _read_json(path: Path, *, required: bool) -> Json:
    if not path.is_file():
        if required:
            raise AppDoesNotLoad(f"{path.name} is missing in {path.parent}.")
        return {}
    try:
        read = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise AppDoesNotLoad(f"{path.name} is not JSON: {error}") from error
    if not isinstance(read, dict):
        raise AppDoesNotLoad(f"{path.name} is not a JSON object.")
    return cast("Json", read)
