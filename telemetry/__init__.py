"""What the app tells of itself: spans, metrics and events by the names in ``model.telemetry``."""
