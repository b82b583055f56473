"""Entities, through the app's client and through the management routes."""

import uuid

from tests.functions_host.hosting import Host, eventually


def _till(bakery: Host, key: str) -> dict[str, object]:
    return bakery.call("GET", f"/api/entity/till/{key}").json()


def test_a_signal_changes_state_and_a_delete_removes_the_entity(bakery: Host) -> None:
    """An entity exists from its first state until its state is gone."""
    key = uuid.uuid4().hex
    assert _till(bakery, key) == {"exists": False, "state": None}
    bakery.call("POST", f"/api/signal/till/{key}/add", json=5)
    eventually(lambda: _till(bakery, key)["state"] == 5, "the signal")
    bakery.call("POST", f"/api/signal/till/{key}/delete")

    eventually(lambda: not _till(bakery, key)["exists"], "the delete")


def test_a_delayed_signal_is_not_delivered_early(bakery: Host) -> None:
    """A signal with a time waits for it."""
    early, late = uuid.uuid4().hex, uuid.uuid4().hex
    bakery.call("POST", f"/api/signal/till/{late}/add?delay=1", json=1)
    bakery.call("POST", f"/api/signal/till/{early}/add", json=1)
    eventually(lambda: _till(bakery, early)["exists"], "the other signal")

    assert not _till(bakery, late)["exists"]
    eventually(lambda: _till(bakery, late)["state"] == 1, "the delayed signal")


def test_a_locked_entity_serves_its_holder_only(bakery: Host) -> None:
    """A signal during a critical section waits until the lock is released."""
    key = uuid.uuid4().hex
    instance = bakery.start("locked", key)
    listed = {"instanceIdPrefix": instance, "showInput": "false"}
    eventually(lambda: bakery.manage("GET", "/instances", params=listed).json(), "the start")
    eventually(
        lambda: any(
            event["EventType"] == "EntityOperationCompleted"
            for event in bakery.manage(
                "GET", f"/instances/{instance}", params={"showHistory": "true"}
            ).json()["historyEvents"]
        ),
        "the critical section",
    )
    bakery.call("POST", f"/api/signal/till/{key}/add", json=100)

    assert bakery.result(instance)["output"] == [0, 1]
    eventually(lambda: _till(bakery, key)["state"] == 101, "the waiting signal")


def test_two_critical_sections_follow_one_another(bakery: Host) -> None:
    """The second holder sees what the first one left."""
    key = uuid.uuid4().hex
    both = [bakery.start("locked", key) for _ in range(2)]

    assert sorted(bakery.result(one)["output"] for one in both) == [[0, 1], [1, 2]]


def test_a_failing_operation_reaches_its_caller(bakery: Host) -> None:
    """The caller sees the exception's text."""
    assert "the till is stuck" in bakery.result(bakery.start("break_till", "x"))["output"]


def test_an_entity_signals_another_and_starts_an_orchestration(bakery: Host) -> None:
    """What an entity asks for is done."""
    key, other = uuid.uuid4().hex, uuid.uuid4().hex
    bakery.call("POST", f"/api/signal/till/{key}/relay", json=other)

    eventually(lambda: _till(bakery, other)["state"] == 7, "the signal")


def test_entities_are_shown_listed_and_signaled_over_http(bakery: Host) -> None:
    """The extension's entity routes: signal, state, list by name."""
    key = uuid.uuid4().hex
    assert bakery.manage("GET", f"/entities/till/{key}").status_code == 404
    signal = bakery.manage("POST", f"/entities/till/{key}", params={"op": "add"}, json=3)
    assert signal.status_code == 202
    eventually(
        lambda: bakery.manage("GET", f"/entities/till/{key}").status_code == 200, "the entity"
    )

    assert bakery.manage("GET", f"/entities/till/{key}").json() == 3
    listed = bakery.manage("GET", "/entities/till", params={"fetchState": "true"}).json()
    mine = next(entity for entity in listed if entity["entityId"] == {"name": "till", "key": key})
    assert mine["state"] == 3


def test_cleaning_removes_what_has_no_state(bakery: Host) -> None:
    """Entities whose state is gone are removed, locks in use are not."""
    key = uuid.uuid4().hex
    bakery.call("POST", f"/api/signal/till/{key}/set", json=1)
    bakery.call("POST", f"/api/signal/till/{key}/delete")
    eventually(lambda: bakery.call("POST", "/api/clean").json()[0] >= 1, "the removal")
