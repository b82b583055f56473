"""The token buckets of Azure Resource Manager: who asks too much is answered 429.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from emulator.azure.arm_error import ArmError

SIZES = {"read": 250, "write": 200, "delete": 200}
"""Tokens of a full bucket, per subscription, principal and kind of operation."""

REFILLS = {"read": 25, "write": 10, "delete": 10}
"""Tokens that come each second."""

_KINDS = {"GET": "read", "HEAD": "read", "DELETE": "delete"}
_TOO_MANY = 429


def kind_of(method: str) -> str:
    """The bucket that a method draws from; a POST is a write."""
    return _KINDS.get(method, "write")


@dataclass(slots=True)
class _Level:
    """A bucket: so many tokens at that second."""

    tokens: float
    second: float


@dataclass(slots=True)
class Throttle:
    """Every bucket of one Azure.

    Attributes:
        clock: Emulated seconds since any begin.
        refused: How many requests were answered 429.
    """

    clock: Callable[[], float]
    refused: int = 0
    _levels: dict[tuple[str, str, str], _Level] = field(
        default_factory=dict[tuple[str, str, str], _Level]
    )

    def draw(self, method: str, subscription: str, principal: str) -> int | None:
        """Take one token; None when there was one, else the seconds of ``Retry-After``.

        A request that is refused takes nothing.
        """
        kind, now = kind_of(method), self.clock()
        key = (subscription.lower(), principal, kind)
        level = self._levels.setdefault(key, _Level(SIZES[kind], now))
        come = (now - level.second) * REFILLS[kind]
        level.tokens, level.second = min(SIZES[kind], level.tokens + come), now
        if level.tokens >= 1:
            level.tokens -= 1
            return None
        self.refused += 1
        return max(1, math.ceil((1 - level.tokens) / REFILLS[kind]))

    def check(self, method: str, subscription: str, principal: str) -> None:
        """Take one token.

        Raises:
            ArmError: 429 with ``Retry-After``.
        """
        wait = self.draw(method, subscription, principal)
        if wait is not None:
            raise ArmError(
                _TOO_MANY,
                "SubscriptionRequestsThrottled",
                f"Too many '{kind_of(method)}' requests for subscription '{subscription}' by actor "
                f"'{principal}'. Try again after {wait} seconds.",
                headers={"Retry-After": str(wait)},
            )
