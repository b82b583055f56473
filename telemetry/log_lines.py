"""Log lines as OpenTelemetry has them, with the attributes that are ours and no others."""

import logging

from opentelemetry import context
from opentelemetry._logs import Logger, LogRecord, SeverityNumber

from model import telemetry
from model.masking import masked

_OWN_TALK = (
    "azure.core",
    "azure.identity",
    "azure.monitor",
    "opentelemetry",
    "urllib3",
    "requests",
)
"""Loggers that an export itself writes to: a line of theirs would be exported in its turn."""

_SEVERITIES = (
    (logging.CRITICAL, SeverityNumber.FATAL),
    (logging.ERROR, SeverityNumber.ERROR),
    (logging.WARNING, SeverityNumber.WARN),
    (logging.INFO, SeverityNumber.INFO),
    (logging.NOTSET, SeverityNumber.DEBUG),
)


class LogLines(logging.Handler):
    """Hands lines to ``logger``; tracebacks stay in the console, for they may quote anything."""

    def __init__(self, logger: Logger) -> None:
        super().__init__(logging.INFO)
        self._logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        """Hand on one line."""
        if record.name.startswith(_OWN_TALK):
            return
        try:
            self._logger.emit(_line(record))
        except Exception:  # noqa: BLE001 # logging's own convention: a log call never raises
            self.handleError(record)


def _line(record: logging.LogRecord) -> LogRecord:
    known = record.__dict__
    return LogRecord(
        timestamp=int(record.created * 1e9),
        context=context.get_current(),
        severity_text=record.levelname,
        severity_number=next(n for level, n in _SEVERITIES if record.levelno >= level),
        body=masked(record.getMessage()),
        attributes={name: known[name] for name in telemetry.ATTRIBUTES if name in known},
    )
