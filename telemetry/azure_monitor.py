"""Exporters to Application Insights.

The package's all-in-one ``configure_azure_monitor`` is not used: it keeps five traces a second at
most, takes no id generator, and instruments HTTP libraries whose spans hold URLs.
"""

import importlib
from typing import Any

from telemetry.export import Exporters

_library: Any = importlib.import_module("azure.monitor.opentelemetry.exporter")


def exporters() -> Exporters:
    """To the component, and by the identity, that the environment names.

    Raises:
        ValueError: The connection string is none.
    """
    return Exporters(
        spans=_library.AzureMonitorTraceExporter(),
        metrics=_library.AzureMonitorMetricExporter(),
        lines=_library.AzureMonitorLogExporter(),
    )
