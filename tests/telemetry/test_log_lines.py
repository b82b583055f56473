"""Which log lines are exported, and what of them."""

import logging
import secrets
from collections.abc import Iterator

import pytest
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor

from model import telemetry
from telemetry.log_lines import LogLines

type Found = tuple[logging.Logger, InMemoryLogRecordExporter]


@pytest.fixture
def found() -> Iterator[Found]:
    kept = InMemoryLogRecordExporter()
    provider = LoggerProvider(shutdown_on_exit=False)
    provider.add_log_record_processor(SimpleLogRecordProcessor(kept))
    handler = LogLines(provider.get_logger("test"))
    logger = logging.getLogger(f"test-{secrets.token_hex(4)}")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    yield logger, kept
    logger.removeHandler(handler)


def test_a_line_has_the_listed_attributes_and_no_others(found: Found) -> None:
    """A library may put anything into its records; nothing of that is exported."""
    logger, kept = found

    logger.warning("%s ended", "it", extra={telemetry.STAGE: "x", "password": "y"})

    [line] = kept.get_finished_logs()
    assert dict(line.log_record.attributes or {}) == {telemetry.STAGE: "x"}
    assert line.log_record.body == "it ended"
    assert line.log_record.severity_text == "WARNING"


def test_what_looks_like_a_secret_is_masked(found: Found) -> None:
    """As in history and in the console."""
    logger, kept = found
    password = secrets.token_urlsafe(24)

    logger.error("cannot log in with password=%s", password)

    [line] = kept.get_finished_logs()
    assert password not in str(line.log_record.body)


def test_a_traceback_stays_in_the_console(found: Found) -> None:
    """An exception may quote what another system said."""
    logger, kept = found
    try:
        raise ValueError("quoted by the other side")  # noqa: TRY301 # a traceback needs a raise
    except ValueError:
        logger.exception("a fault")

    [line] = kept.get_finished_logs()
    assert "quoted" not in line.to_json()


def test_details_and_the_exporters_own_talk_are_not_exported(found: Found) -> None:
    """Else each export would make lines to export."""
    logger, kept = found
    logger.debug("a detail")
    handler = logger.handlers[0]
    own = logging.getLogger("azure.core.pipeline.policies.http_logging_policy")
    handler.handle(own.makeRecord(own.name, logging.INFO, "f", 1, "Request URL", (), None))

    assert kept.get_finished_logs() == ()


def test_a_line_that_cannot_be_written_breaks_nothing(
    found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logging's own convention."""
    logger, kept = found
    monkeypatch.setattr(logging, "raiseExceptions", False)

    logger.info("%d", "no number")

    assert kept.get_finished_logs() == ()
