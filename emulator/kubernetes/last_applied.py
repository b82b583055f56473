"""What ``kubectl apply`` once made passes to ``kubectl apply --server-side`` without a conflict.

Facts: https://kubernetes.io/docs/reference/using-api/server-side-apply/#upgrading-from-client-side-apply-to-server-side-apply
"""

import json
from typing import Any, cast

from emulator.kubernetes.objects import JsonObject, annotations_of

MANAGER = "kubectl"
"""Who alone is let through; the server knows it by this name."""
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def last_applied(live: JsonObject) -> JsonObject | None:
    """What was applied from the client's side; None when nothing was, or it cannot be read."""
    try:
        said: Any = json.loads(annotations_of(live).get(LAST_APPLIED, ""))
    except ValueError:
        return None
    return cast("JsonObject", said) if isinstance(said, dict) else None
