"""What the published OpenAPI document promises, for requests that are drawn from it."""

from typing import Any

import schemathesis
from schemathesis import checks as general
from schemathesis.specs.openapi import checks as specific

from model.openapi import openapi

SCHEMA: Any = schemathesis.openapi.from_dict(openapi())
_GENERAL: Any = general
_SPECIFIC: Any = specific
PROMISES = (
    _GENERAL.not_a_server_error,
    _SPECIFIC.status_code_conformance,
    _SPECIFIC.content_type_conformance,
    _SPECIFIC.response_schema_conformance,
)
"""No 5xx, only declared statuses and content types, answers as their schemas say."""
