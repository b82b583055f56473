"""Names of everything that is measured: spans, metrics, events and their attributes.

Queries, alerts and the workbook name what is here and nothing else; a test compares them. In
Application Insights an attribute is a key of ``customDimensions``, a metric a row of
``customMetrics`` by its name, a span a row of ``dependencies`` by its name, an event a row of
``traces`` whose dimension ``event`` names it.
"""

from typing import Final

SCOPE: Final = "dash-enterprise-installer"
"""Instrumentation scope, and the logger's name."""

INSTALLATION: Final = "installation"
"""Attribute: name of the installation."""
ATTEMPT: Final = "attempt"
"""Attribute: which run of the installation, 1 first."""
STAGE: Final = "stage"
"""Attribute: key of the stage in the status, its subject included."""
STATE: Final = "state"
"""Attribute: how the stage or the installation ended, as the status says it."""
CODE: Final = "code"
"""Attribute: code of a refusal or fault, of docs/errors.md."""
LOOK: Final = "look"
"""Attribute: which look of a stage this is, 1 first."""
SUBSCRIPTION: Final = "subscription"
"""Attribute: id of the subscription that is installed into."""
ARM_REQUEST_ID: Final = "arm_request_id"
"""Attribute: ``x-ms-request-id`` of the last answer of Azure Resource Manager."""
DAYS_LEFT: Final = "days_left"
"""Attribute: whole days until a certificate ends; negative after it."""
EVENT: Final = "event"
"""Attribute: name of the event that a log line tells of."""

ATTRIBUTES: Final = (
    INSTALLATION,
    ATTEMPT,
    STAGE,
    STATE,
    CODE,
    LOOK,
    SUBSCRIPTION,
    ARM_REQUEST_ID,
    DAYS_LEFT,
    EVENT,
)

SPAN_INSTALLATION: Final = "installation"
"""Span: one run from its start to its end; the trace's root."""
SPAN_STAGE: Final = "stage"
"""Span: a stage from its first activity to its end, waiting included."""
SPAN_LOOK: Final = "look"
"""Span: one call of a stage's activity."""

SPANS: Final = (SPAN_INSTALLATION, SPAN_STAGE, SPAN_LOOK)

STAGE_DURATION: Final = "installer.stage.duration"
"""Metric, seconds, histogram: from a stage's first activity to its end, by stage and state."""
STAGE_WAITING: Final = "installer.stage.waiting"
"""Metric, seconds, histogram: the part of it in which the stage waited, by stage."""
FAULTS: Final = "installer.faults"
"""Metric, counter: faults and refusals, by stage and code."""
THROTTLED: Final = "installer.throttled"
"""Metric, counter: answers 429 of Azure Resource Manager, by stage and subscription."""
ACTIVE: Final = "installer.installations.active"
"""Metric, gauge: installations that run, as the watchdog counts them."""
STUCK: Final = "installer.installations.stuck"
"""Metric, gauge: those of them that the watchdog calls stuck."""

METRICS: Final = (STAGE_DURATION, STAGE_WAITING, FAULTS, THROTTLED, ACTIVE, STUCK)

INSTALLATION_STARTED: Final = "installation-started"
INSTALLATION_ENDED: Final = "installation-ended"
STAGE_BEGAN: Final = "stage-began"
STAGE_ENDED: Final = "stage-ended"
STAGE_FAULT: Final = "stage-fault"
"""Event: an attempt failed and will be repeated, or was refused for good; with its code."""
INSTALLATION_STUCK: Final = "installation-stuck"
POISON_MESSAGE: Final = "poison-message"
"""Event: a message of the queue could not be taken."""
CERTIFICATE_EXPIRES: Final = "certificate-expires"
"""Event: preflight or verification saw a certificate with few days left."""

EVENTS: Final = (
    INSTALLATION_STARTED,
    INSTALLATION_ENDED,
    STAGE_BEGAN,
    STAGE_ENDED,
    STAGE_FAULT,
    INSTALLATION_STUCK,
    POISON_MESSAGE,
    CERTIFICATE_EXPIRES,
)
