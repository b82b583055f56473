"""The HTTP API's own description, OpenAPI 3.1."""

from model.request import request_schema
from model.wire import JsonObject


def openapi() -> JsonObject:
    """The document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Dash Enterprise installer", "version": "1"},
        "paths": {
            "/api/installations": {
                "post": {
                    "requestBody": {
                        "content": {"application/json": {"schema": request_schema()}},
                        "required": True,
                    },
                    "responses": {"202": {"description": "Started"}},
                }
            }
        },
    }
