"""The OpenTelemetry exporters against a stand-in of a collector: OTLP over HTTP, in protobuf."""

from pathlib import Path

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from model import telemetry
from tests.telemetry.collector import ORIGIN, collecting


def test_spans_events_and_metrics_reach_a_collector_under_our_own_ids(tmp_path: Path) -> None:
    """One request for each kind, on the paths of the specification."""
    with collecting() as collector:
        here = f"http://127.0.0.1:{collector.port}"
        taken = dict(collector.told(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=here))

    traces = ExportTraceServiceRequest.FromString(taken["/v1/traces"])
    spans = [s for r in traces.resource_spans for scope in r.scope_spans for s in scope.spans]
    assert {span.name for span in spans} == {telemetry.SPAN_STAGE, telemetry.SPAN_INSTALLATION}
    assert {span.trace_id.hex() for span in spans} == {f"{ORIGIN.trace_id:032x}"}
    logs = ExportLogsServiceRequest.FromString(taken["/v1/logs"])
    lines = [x for r in logs.resource_logs for scope in r.scope_logs for x in scope.log_records]
    events = [
        attribute.value.string_value
        for line in lines
        for attribute in line.attributes
        if attribute.key == telemetry.EVENT
    ]
    assert events == [telemetry.STAGE_ENDED]
    metrics = ExportMetricsServiceRequest.FromString(taken["/v1/metrics"])
    names = {m.name for r in metrics.resource_metrics for s in r.scope_metrics for m in s.metrics}
    assert telemetry.STAGE_DURATION in names
