"""How many installations share one subscription's allowance of requests to Azure Resource Manager.

ARM gives each service principal three token buckets per subscription: for reads, writes and
deletes. The governor mirrors them. An installation takes a *lot* of tokens before a chapter, and
is told when the last of them will have come; so a thousand installations queue, and none is
answered 429. A lot is spent soon after it is given: one that were kept for later would meet those
that are given then. A taken token is gone, used or not.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from model import wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A published token bucket.

    Attributes:
        size: Tokens of a full bucket.
        refill: Tokens that come each second.
    """

    size: float
    refill: float

    def share(self, part: float) -> "Limit":
        """The same bucket, ``part`` as large and as quick."""
        return Limit(size=self.size * part, refill=self.refill * part)


READS = Limit(size=250, refill=25)
WRITES = Limit(size=200, refill=10)
DELETES = Limit(size=200, refill=10)
"""Per subscription, principal and region, since 2024; POST counts as a write."""

SHARE = 0.8
"""What the governor gives of each: the rest is for repeats after a fault, and for the watchdog's,
the API's and a person's own requests under the same identity."""


@wire.record
class Tokens:
    """So many requests of each kind."""

    reads: int = 0
    writes: int = 0
    deletes: int = 0

    def times(self, count: int) -> "Tokens":
        """``count`` times as many."""
        return Tokens(
            reads=self.reads * count, writes=self.writes * count, deletes=self.deletes * count
        )


@wire.record
class Bucket:
    """What is left of a limit.

    Attributes:
        tokens: At ``at``; negative when more was promised than has come.
        at: The last time that somebody took; naive UTC, as orchestrations have it.
    """

    tokens: float
    at: datetime


def refilled(bucket: Bucket, limit: Limit, now: datetime) -> Bucket:
    """The bucket at ``now``; one that is ahead of ``now`` stays, for callers' clocks may differ."""
    passed = (now - bucket.at).total_seconds()
    if passed <= 0:
        return bucket
    return Bucket(tokens=min(limit.size, bucket.tokens + passed * limit.refill), at=now)


def take(bucket: Bucket, limit: Limit, wanted: int, now: datetime) -> tuple[Bucket, datetime]:
    """Promise ``wanted`` tokens, and tell when the last of them will have come.

    Promises are kept in the order in which they were made, so nobody starves; who wants nothing
    waits for nobody.
    """
    if not wanted:
        return bucket, now
    full = refilled(bucket, limit, now)
    left = replace(full, tokens=full.tokens - wanted)
    return left, _when(left, limit, now)


def _when(bucket: Bucket, limit: Limit, now: datetime) -> datetime:
    """When a bucket is no longer overdrawn; ``now`` when it is not."""
    if bucket.tokens >= 0:
        return now
    return max(now, bucket.at + timedelta(seconds=-bucket.tokens / limit.refill))


@wire.record
class Ledger:
    """The three buckets of one subscription: the governor's whole state."""

    reads: Bucket
    writes: Bucket
    deletes: Bucket


@wire.record
class Ask:
    """What an orchestration asks the governor.

    Attributes:
        now: Orchestration time: the governor has no clock, so that its answers can be replayed.
    """

    lot: Tokens
    now: datetime


def opened(now: datetime, part: float = SHARE) -> Ledger:
    """Full buckets."""
    return Ledger(
        reads=Bucket(tokens=READS.size * part, at=now),
        writes=Bucket(tokens=WRITES.size * part, at=now),
        deletes=Bucket(tokens=DELETES.size * part, at=now),
    )


def lease(ledger: Ledger, ask: Ask, part: float = SHARE) -> tuple[Ledger, datetime]:
    """Promise a lot of each kind; the moment is that of the kind that comes last."""
    lot, now = ask.lot, ask.now
    reads, first = take(ledger.reads, READS.share(part), lot.reads, now)
    writes, second = take(ledger.writes, WRITES.share(part), lot.writes, now)
    deletes, third = take(ledger.deletes, DELETES.share(part), lot.deletes, now)
    return Ledger(reads=reads, writes=writes, deletes=deletes), max(first, second, third)


PREFLIGHT_LOT = Tokens(reads=32)
"""All checks of the preflight."""

CREATION_LOT = Tokens(reads=8, writes=6)
"""Group, network, cluster, a role on the subnet; and the cluster's credential, which every worker
process asks for itself."""

RECORDS_LOT = Tokens(reads=16, writes=8)
"""The seven records of a domain: the zones, two kinds for each name, seven writes."""

REMOVAL_LOT = Tokens(reads=10, deletes=10)
"""Two lists of leftovers, the group's deletion and that of the records."""

LOOKS_PER_LEASE = 10
"""Looks that one question is for: a divisor of the looks of one history of a wait."""

LOOK = {
    "observe_cluster": Tokens(reads=1),
    "observe_network": Tokens(reads=1),
    "observe_removal": Tokens(reads=1),
}
"""What one look of a stage that waits for ARM costs; the others look elsewhere."""


def subscription_of(request: wire.JsonObject) -> str:
    """The subscription that an encoded request of a stage in ``LOOK`` is about."""
    return str(request.get("group", request)["subscriptionId"])
