"""Host keys, function keys and the durable system key, and who may pass with which.

https://learn.microsoft.com/azure/azure-functions/function-keys-how-to
"""

import hmac
import json
import os
import secrets
from dataclasses import dataclass, field

from aiohttp import web

_ENVIRONMENT = "FUNCTIONS_HOST_KEYS"


def _made_up() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The keys of one host.

    Attributes:
        master: Opens everything.
        default: Opens every function.
        durable: System key ``durabletask_extension``: opens the management routes.
        functions: Key of each function by its name in lower case.
    """

    master: str = field(default_factory=_made_up)
    default: str = field(default_factory=_made_up)
    durable: str = field(default_factory=_made_up)
    functions: dict[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def given(cls, host_key: str | None = None) -> "Keys":
        """Keys from ``FUNCTIONS_HOST_KEYS`` (a JSON object), else made up.

        Args:
            host_key: The default host key, if the caller chose one.
        """
        chosen = json.loads(os.environ.pop(_ENVIRONMENT, "{}"))
        if host_key:
            chosen["default"] = host_key
        return cls(**chosen)

    def opens(self, presented: str, level: str, function: str) -> bool:
        """Whether ``presented`` opens ``function`` at ``level`` (anonymous, function or admin)."""
        if level == "anonymous":
            return True
        known = [self.master]
        if level == "function":
            known += [self.default, self.functions.get(function.lower(), self.default)]
        return _among(presented, known)

    def opens_management(self, presented: str) -> bool:
        """Whether ``presented`` opens the durable management routes."""
        return _among(presented, [self.durable, self.master])


def presented_key(request: web.Request) -> str:
    """The key that a caller shows; empty for none."""
    return request.headers.get("x-functions-key") or request.query.get("code", "")


def _among(presented: str, known: list[str]) -> bool:
    return any(hmac.compare_digest(presented.encode(), key.encode()) for key in known)
