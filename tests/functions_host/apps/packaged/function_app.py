"""Needs a package that only the app's own virtual environment holds."""

import importlib
from typing import Any

import azure.functions as func

pantry: Any = importlib.import_module("pantry")
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="flour")
def flour(req: func.HttpRequest) -> str:
    """Says what the package says."""
    del req
    return str(pantry.FLOUR)
