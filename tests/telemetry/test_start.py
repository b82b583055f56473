"""Where telemetry goes, and what a cold start pays where it goes nowhere."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from telemetry.start import start

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("opentelemetry.sdk", "opentelemetry.exporter", "azure.monitor", "emulator")


def loaded(code: str) -> list[str]:
    """Modules that a fresh process has after ``code``."""
    told = f"import sys, json\n{code}\nprint(json.dumps(sorted(sys.modules)))"
    run = subprocess.run(  # noqa: S603 # our own interpreter
        [sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names: list[str] = json.loads(run.stdout.splitlines()[-1])
    return [name for name in names if name.startswith(HEAVY)]


@pytest.mark.parametrize("setting", ["", "PYTHON_ENABLE_OPENTELEMETRY"])
def test_without_a_place_nothing_is_imported(setting: str) -> None:
    """Neither the SDK nor an exporter: the API's no-ops cost a cold start next to nothing."""
    start({setting: "true"})

    code = "from telemetry import emit\nfrom telemetry.start import start\nstart({})"
    assert loaded(code) == []


def test_the_first_place_that_is_named_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Application Insights before a collector; each from its own module, all lines or events."""
    taken: list[tuple[str, bool]] = []
    for name in ("azure_monitor", "otlp"):
        module = type(sys)(f"telemetry.{name}")
        module.__dict__["exporters"] = lambda name=name: name
        monkeypatch.setitem(sys.modules, f"telemetry.{name}", module)
    monkeypatch.setattr(
        "telemetry.export.install",
        lambda exporters, *, every_line: taken.append((exporters, every_line)),  # pyright: ignore[reportUnknownArgumentType, reportUnknownLambdaType] # a stand-in
    )
    collector = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}

    start(collector)
    start(collector | {"APPLICATIONINSIGHTS_CONNECTION_STRING": "InstrumentationKey=x"})
    start(collector | {"PYTHON_ENABLE_OPENTELEMETRY": "True"})

    assert taken == [("otlp", False), ("azure_monitor", False), ("otlp", True)]
