"""The instruments; imported with the first measurement, for a cold start's sake."""

from opentelemetry import metrics

from model import telemetry
from telemetry.gauges import Gauge

_METER = metrics.get_meter(telemetry.SCOPE)

DURATION = _METER.create_histogram(telemetry.STAGE_DURATION, unit="s")
WAITING = _METER.create_histogram(telemetry.STAGE_WAITING, unit="s")
FAULTS = _METER.create_counter(telemetry.FAULTS)
THROTTLED = _METER.create_counter(telemetry.THROTTLED)
ACTIVE = Gauge(_METER, telemetry.ACTIVE)
STUCK = Gauge(_METER, telemetry.STUCK)
