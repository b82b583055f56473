"""Console output in the host's form, filtered by the log levels of ``host.json``.

Every line that a function logs has the category ``Function.NAME.User``; the longest configured
prefix decides (https://learn.microsoft.com/azure/azure-functions/configure-monitoring#configure-categories).
"""

import contextvars
import importlib
import logging
import sys
from datetime import UTC, datetime
from typing import Any

_LEVELS = {
    "trace": logging.NOTSET,
    "debug": logging.DEBUG,
    "information": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
    "none": logging.CRITICAL + 1,
}
_HOST = ("Host.", "Function.")
_SILENT = ("azure.functions", "azure_functions_worker", "azure_functions_runtime")
"""Loggers of the worker itself: the host keeps them off the console."""

_function: contextvars.ContextVar[str] = contextvars.ContextVar("function", default="")
_running: dict[str, str] = {}
_library: Any = importlib.import_module("azure_functions_runtime")


class Running:
    """Marks what is logged meanwhile as coming from one invocation of a function."""

    def __init__(self, function: str, invocation_id: str) -> None:
        self._name, self._id = function, invocation_id

    def __enter__(self) -> None:
        """Also for the thread which the worker gives a synchronous function."""
        _running[self._id] = self._name
        self._token = _function.set(self._name)

    def __exit__(self, *_: object) -> None:
        _function.reset(self._token)
        _running.pop(self._id, None)


class HostConsole(logging.Handler):
    """Writes ``[time] message`` lines to standard output.

    Args:
        levels: ``logging.logLevel`` of ``host.json``.
    """

    def __init__(self, levels: dict[str, str]) -> None:
        super().__init__()
        known = {k.lower(): _LEVELS.get(str(v).lower(), logging.INFO) for k, v in levels.items()}
        self.lowest = min([logging.INFO, *known.values()])
        self._default = known.pop("default", logging.INFO)
        self._rules = sorted(known.items(), key=lambda rule: len(rule[0]), reverse=True)
        self._cache: dict[str, int] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record, unless its category is filtered."""
        if record.name.startswith(_SILENT) or record.levelno < self._level(_category(record)):
            return
        try:
            text = record.getMessage()
            if record.exc_info:
                formatter = self.formatter or logging.Formatter()
                text += "\n" + formatter.formatException(record.exc_info)
            now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
            sys.stdout.write(f"[{now}Z] {text}\n")
            sys.stdout.flush()
        except Exception:  # noqa: BLE001 - logging's own convention: a log call never raises
            self.handleError(record)

    def _level(self, category: str) -> int:
        level = self._cache.get(category)
        if level is None:
            lower = category.lower()
            level = next((at for rule, at in self._rules if lower.startswith(rule)), self._default)
            self._cache[category] = level
        return level


def install(levels: dict[str, str]) -> None:
    """Send every log record of this process to the console in the host's form."""
    root = logging.getLogger()
    for handler in root.handlers:
        if isinstance(handler, HostConsole):
            root.removeHandler(handler)
    console = HostConsole(levels)
    root.addHandler(console)
    root.setLevel(console.lowest)
    logging.getLogger("durabletask.testing").setLevel(logging.WARNING)


def _category(record: logging.LogRecord) -> str:
    if record.name.startswith(_HOST):
        return record.name
    name = _function.get() or _running.get(_library.invocation_id_cv.get() or "", "")
    return f"Function.{name}.User" if name else "Host.Function.Console"
