"""The answers of the HTTP API, as its OpenAPI document describes them."""

from typing import get_args

from model.progress import StageState
from model.status import STATES
from model.wire import JsonObject

TEXT: JsonObject = {"type": "string"}


def closed(properties: JsonObject) -> JsonObject:
    """An object that has all of these members."""
    return {"type": "object", "properties": properties, "required": sorted(properties)}


_STUCK = {
    **closed({"stage": TEXT, "since": TEXT, "budgetSeconds": {"type": "number"}, "remedy": TEXT}),
    "description": "Present while the next step is overdue: see the watchdog.",
}
_IDS: JsonObject = {"type": "array", "items": TEXT}
_LEFTOVERS = {
    **closed({"resources": _IDS, "busy": _IDS, "removed": _IDS}),
    "description": "After a failure or a cancellation: what exists, what goes on, what is gone.",
}


_FINDING = {
    "type": "object",
    "properties": {
        "rule": TEXT,
        "severity": {"enum": ["error", "warning", "info"]},
        "code": {"type": ["string", "null"]},
        "found": TEXT,
        "remedy": TEXT,
    },
    "required": ["rule", "severity", "code", "found", "remedy"],
}
_FINDINGS: JsonObject = {"type": "array", "items": _FINDING}
_LAST_SUCCESS = {
    **closed(
        {
            "runId": TEXT,
            "planHash": TEXT,
            "endedAt": TEXT,
            "endpoints": {"type": "object", "additionalProperties": TEXT},
        }
    ),
    "description": "The last run that succeeded, when the run that is shown did not.",
}


def orphan_report() -> JsonObject:
    """What carries our tag and belongs to nobody."""
    orphan = closed(
        {
            "resourceId": TEXT,
            "installation": TEXT,
            "since": {"type": ["string", "null"]},
            "command": TEXT,
        }
    )
    unlisted = closed({"subscriptionId": TEXT, "reason": TEXT})
    return closed(
        {
            "subscriptions": _IDS,
            "orphans": {"type": "array", "items": orphan},
            "notListed": {"type": "array", "items": unlisted},
        }
    )


def status() -> JsonObject:
    """One installation."""
    stage = {
        "type": "object",
        "properties": {
            "stage": TEXT,
            "state": {"enum": list(get_args(StageState.__value__))},
            "startedAt": TEXT,
            "finishedAt": {"type": ["string", "null"]},
            "attempts": {"type": "integer"},
            "looks": {"type": "integer"},
            "detail": TEXT,
            "nextLookAt": TEXT,
        },
        "required": ["stage", "state", "startedAt", "finishedAt", "attempts", "detail"],
    }
    failure = {
        "type": "object",
        "properties": {
            "code": TEXT,
            "stage": TEXT,
            "reason": TEXT,
            "remedy": TEXT,
            "retryable": {"type": "boolean"},
        },
        "required": ["code", "stage", "reason", "remedy", "retryable"],
    }
    return {
        "type": "object",
        "properties": {
            "name": TEXT,
            "state": {"enum": list(STATES)},
            "percent": {"type": "integer", "minimum": 0, "maximum": 100},
            "planHash": TEXT,
            "stages": {"type": "array", "items": stage},
            "findings": _FINDINGS,
            "failure": failure,
            "stuck": _STUCK,
            "leftovers": _LEFTOVERS,
            "kept": TEXT,
            "runId": TEXT,
            "attempt": {"type": "integer"},
            "startedAt": TEXT,
            "plan": {"type": "object"},
            "lastSucceeded": _LAST_SUCCESS,
            "address": TEXT,
            "dnsRecords": _IDS,
            "todo": TEXT,
            "queuedUntil": TEXT,
            "endpoints": {"type": "object", "additionalProperties": TEXT},
            "timings": {"type": "object", "additionalProperties": {"type": "number"}},
            "evidence": {
                "type": "array",
                "items": closed({"subject": TEXT, "proof": TEXT}),
            },
            "applicationVersion": TEXT,
            "kubernetesVersion": TEXT,
            "administrator": TEXT,
            "administratorRoles": _IDS,
            "podLimit": {"type": "integer"},
            "volumeLimit": {"type": "integer"},
            "nodes": {"type": "integer"},
            "approvedBy": TEXT,
        },
        "required": ["name", "state"],
    }


def preflight() -> JsonObject:
    """A preflight that was posted on its own."""
    return closed(
        {
            "name": TEXT,
            "state": {"enum": ["Running", "Failed", "Succeeded"]},
            "planHash": {"type": ["string", "null"]},
            "plan": {"type": "object"},
            "findings": _FINDINGS,
        }
    )
