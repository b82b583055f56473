"""The app's own object id, to be shown to people."""

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential


def object_id(credential: "TokenCredential", scope: str) -> str:
    """The identity's object id, as its token tells it; empty when the token cannot be read.

    Of use only to show a command to people: what a token means is for its receiver to judge.
    """
    _, _, rest = credential.get_token(scope).token.partition(".")
    payload = rest.partition(".")[0]
    try:
        claims: Any = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (binascii.Error, ValueError):
        return ""
    return str(cast("dict[str, Any]", claims).get("oid", "")) if isinstance(claims, dict) else ""
