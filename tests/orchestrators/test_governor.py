"""An installation asks the governor before its chapters, waits its turn, and pays little for it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from durabletask.client import OrchestrationStatus
from durabletask.entities import EntityInstanceId

from model import governor, wire
from model.governor import Bucket, Ledger, Tokens
from model.outcome import Pending
from model.plan import InstallPlan
from orchestrators import governor as asked
from tests.orchestrators.conftest import Engine, Stand
from tests.orchestrators.plans import RESULTS

if TYPE_CHECKING:
    from collections.abc import Callable


def governed(plan: InstallPlan, subscription: str) -> InstallPlan:
    group = replace(plan.group, subscription_id=subscription)
    return replace(
        plan,
        pace=replace(plan.pace, governed=True),
        group=group,
        checks=replace(plan.checks, group=group),
        cluster=replace(plan.cluster, group=group),
    )


def ledger(engine: Engine, subscription: str) -> Ledger | None:
    entity = EntityInstanceId(asked.GOVERNOR, subscription)
    kept = engine.client.get_entity(entity, include_state=True)
    return kept and wire.decode(Ledger, kept.get_typed_state(dict))


def spent(ledger: Ledger) -> Tokens:
    """What was taken of full buckets by a run too short for a refill to show."""
    full = governor.opened(ledger.reads.at)
    return Tokens(
        reads=round(full.reads.tokens - ledger.reads.tokens),
        writes=round(full.writes.tokens - ledger.writes.tokens),
        deletes=round(full.deletes.tokens - ledger.deletes.tokens),
    )


def overdraw(engine: Engine, subscription: str, reads: int) -> None:
    """Somebody else took so much that the next one waits."""
    now = datetime.now(UTC).replace(tzinfo=None)
    ask = governor.Ask(lot=Tokens(reads=reads), now=now)
    entity = EntityInstanceId(asked.GOVERNOR, subscription)
    engine.client.signal_entity(entity, asked.LEASE, wire.encode(ask))


def test_an_ungoverned_installation_asks_nobody(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """Off, it costs nothing: there is not even an entity."""
    plan = replace(governed(plan, "nobody"), pace=plan.pace)

    assert engine.install(plan, stand).runtime_status is OrchestrationStatus.COMPLETED
    assert ledger(engine, "nobody") is None


def test_a_governed_installation_takes_its_lots_from_its_own_subscription(
    engine: Engine, stand: Stand, plan: InstallPlan
) -> None:
    """The checks' reads and the creation's writes, under the lower-case subscription id."""
    plan = governed(plan, "Own-Subscription")

    assert engine.install(plan, stand).runtime_status is OrchestrationStatus.COMPLETED

    kept = ledger(engine, "own-subscription")
    assert kept is not None
    assert spent(kept).writes >= governor.CREATION_LOT.writes - 2
    assert spent(kept).deletes == 0


def test_an_installation_waits_its_turn_and_says_until_when(
    engine: Engine, stand: Stand, plan: InstallPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is asked of ARM before; a long queue is waited for in pieces."""
    monkeypatch.setattr(asked, "LONGEST_REST", timedelta(seconds=0.4))
    plan = governed(plan, "crowded")
    overdraw(engine, "crowded", 200 + 20)  # one second, and 1.6 for the checks' own lot
    engine.start(plan, stand)

    waiting = engine.until(plan, lambda status: "queuedUntil" in status.get("notes", {}))
    assert waiting["notes"]["queuedUntil"].endswith("Z")
    assert not stand.asked

    ended = engine.wait(plan)
    assert ended.runtime_status is OrchestrationStatus.COMPLETED
    assert "queuedUntil" not in ended.get_custom_status().get("notes", {})


def test_looks_at_arm_are_leased_ten_at_a_time(
    engine: Engine, stand: Stand, plan: InstallPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty-one looks in the wait: three questions; a look at Kubernetes is free."""
    taken = _count_leases(monkeypatch)
    plan = governed(plan, "looked-at")
    still = Pending(detail="Creating", retry_after=0)
    stand.script("observe_cluster", *[still] * 21, RESULTS["observe_cluster"])
    stand.script("observe_nodes", *[still] * 3, RESULTS["observe_nodes"])

    assert engine.install(plan, stand).runtime_status is OrchestrationStatus.COMPLETED

    assert taken.count(Tokens(reads=10)) == 3
    assert len(taken) == 6  # and one for each chapter


def test_a_removal_takes_its_deletes(
    engine: Engine, stand: Stand, plan: InstallPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failed installation that cleans up asks before it does."""
    taken = _count_leases(monkeypatch)
    plan = replace(governed(plan, "removed"), on_failure="clean")
    stand.script("ensure_cluster", *[OSError("dropped")] * 5)

    assert engine.install(plan, stand).runtime_status is OrchestrationStatus.FAILED
    assert taken[-1] == governor.REMOVAL_LOT


def test_a_governor_that_fails_holds_nobody_up(
    engine: Engine, stand: Stand, plan: InstallPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Azure's own 429 is waited for as it would be without a governor."""
    monkeypatch.setattr(governor, "lease", _broken)

    assert (
        engine.install(governed(plan, "broken"), stand).runtime_status
        is OrchestrationStatus.COMPLETED
    )


def test_the_state_is_three_buckets(engine: Engine, stand: Stand, plan: InstallPlan) -> None:
    """What is kept is small and has no installation in it: it never grows."""
    engine.install(governed(plan, "small"), stand)

    kept = ledger(engine, "small")

    assert kept is not None
    assert isinstance(kept.reads, Bucket)
    assert len(wire.json.dumps(wire.encode(kept))) < 300


class Kept:
    """An entity's context: a state and no more."""

    def __init__(self, state: Any) -> None:
        self.state = state

    def get_state(self) -> Any:
        return self.state

    def set_state(self, state: Any) -> None:
        self.state = state


@pytest.mark.parametrize("state", [None, {"reads": "of another version"}])
def test_without_a_state_that_it_understands_the_governor_begins_with_full_buckets(
    state: Any,
) -> None:
    """After an update of the app it goes on, rather than failing for ever."""
    now = datetime(2026, 1, 1, 12)  # noqa: DTZ001 # orchestrations have naive UTC
    kept: Any = Kept(state)

    ready = asked.arm_governor(kept, wire.encode(governor.Ask(lot=Tokens(reads=3), now=now)))

    assert ready == now.isoformat()
    assert wire.decode(Ledger, kept.state).reads.tokens == 200 - 3


def _broken(*_: Any) -> Any:
    raise OSError("the storage is away")


def _count_leases(monkeypatch: pytest.MonkeyPatch) -> list[Tokens]:
    """The lots in the order in which the entity was asked for them."""
    taken: list[Tokens] = []
    true_lease: Callable[..., Any] = governor.lease

    def counted(ledger: Ledger, ask: governor.Ask) -> Any:
        taken.append(ask.lot)
        return true_lease(ledger, ask)

    monkeypatch.setattr(governor, "lease", counted)
    return taken
