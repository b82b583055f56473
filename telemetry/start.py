"""Where telemetry goes; nothing is imported for a place that is not configured."""

from collections.abc import Mapping
from typing import Final

CONNECTION_STRING: Final = "APPLICATIONINSIGHTS_CONNECTION_STRING"
"""https://learn.microsoft.com/azure/azure-functions/functions-app-settings"""
OTLP_ENDPOINT: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"
"""https://opentelemetry.io/docs/specs/otel/protocol/exporter/"""
WORKER_EXPORTS: Final = "PYTHON_ENABLE_OPENTELEMETRY"
"""``true``: the worker tells the host that the app exports its own log, so that none comes twice:
https://learn.microsoft.com/azure/azure-functions/opentelemetry-howto"""
_TRUE = ("true", "1", "yes", "y", "t")
"""What the worker takes for true."""


def start(environment: Mapping[str, str]) -> None:
    """Export to Application Insights, else by OTLP, else nowhere; once per process.

    Application Insights takes its credential from ``APPLICATIONINSIGHTS_AUTHENTICATION_STRING``.

    Raises:
        ValueError: The connection string is none.
    """
    if environment.get(CONNECTION_STRING):
        from telemetry.azure_monitor import exporters  # noqa: PLC0415 # for a cold start's sake
    elif environment.get(OTLP_ENDPOINT):
        from telemetry.otlp import exporters  # noqa: PLC0415 # as above
    else:
        return
    from telemetry.export import install  # noqa: PLC0415 # as above

    everything = environment.get(WORKER_EXPORTS, "").lower() in _TRUE
    install(exporters(), every_line=everything)
