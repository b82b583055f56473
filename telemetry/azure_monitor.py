"""Exporters to Application Insights.

The package's all-in-one ``configure_azure_monitor`` is not used: it keeps five traces a second at
most, takes no id generator, and instruments HTTP libraries whose spans hold URLs.
"""

from azure.monitor.opentelemetry.exporter import (
    AzureMonitorLogExporter,
    AzureMonitorMetricExporter,
    AzureMonitorTraceExporter,
)

from telemetry.export import Exporters


def exporters() -> Exporters:
    """To the component, and by the identity, that the environment names.

    Raises:
        ValueError: The connection string is none.
    """
    return Exporters(
        spans=AzureMonitorTraceExporter(),
        metrics=AzureMonitorMetricExporter(),
        lines=AzureMonitorLogExporter(),
    )
