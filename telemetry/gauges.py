"""A gauge whose every measurement is exported once."""

from collections.abc import Iterable

from opentelemetry.metrics import CallbackOptions, Meter, Observation


class Gauge:
    """The last measurement since the last export.

    A plain gauge is exported with its last value for ever: a worker that measured once would go on
    contradicting the worker that measures now.
    """

    def __init__(self, meter: Meter, name: str) -> None:
        self._value: int | None = None
        meter.create_observable_gauge(name, [self._observe])

    def set(self, value: int) -> None:
        """Measured now."""
        self._value = value

    def _observe(self, _: CallbackOptions) -> Iterable[Observation]:
        value, self._value = self._value, None
        return [] if value is None else [Observation(value)]
