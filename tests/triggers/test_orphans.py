"""The orphan report: what the hub knows against what Azure shows."""

from typing import Any

import pytest
from durabletask.client import OrchestrationStatus

from model.errors import Busy, Refusal
from model.orphans import Marked
from model.ownership import TAG_INSTALLATION
from tests.triggers.calls import Api, custom, document, encoded_plan
from tests.triggers.hub import RUNNING, Hub, state
from triggers._installations import INSTALL

SUBSCRIPTION = encoded_plan()["group"]["subscriptionId"]
OTHER = "00000000-0000-0000-0000-0000000000bb"
COMPLETED, FAILED = OrchestrationStatus.COMPLETED, OrchestrationStatus.FAILED


def group(subscription: str, installation: str) -> Marked:
    resource_id = f"/subscriptions/{subscription}/resourceGroups/rg-{installation}"
    return Marked(resource_id, {TAG_INSTALLATION: installation})


@pytest.mark.parametrize(
    ("status", "state_told", "lost"),
    [
        (RUNNING, "Running", False),
        (COMPLETED, "Succeeded", False),
        (COMPLETED, "Cancelled", True),
        (FAILED, "Failed", True),
    ],
)
def test_only_what_runs_or_succeeded_keeps_its_resources_from_the_report(
    status: OrchestrationStatus, state_told: str, lost: bool
) -> None:
    """And a hub that never heard of the installation keeps nothing."""
    plan = encoded_plan()
    hub = Hub().add(
        state("acme", INSTALL, status, input=plan, custom=custom(plan, state=state_told))
    )

    def both(subscription: str) -> list[Marked]:
        return [group(subscription, "acme"), group(subscription, "forgotten")]

    api = Api(hub, marked=both)

    told = document(api.call("list_orphans"))

    assert told["subscriptions"] == [SUBSCRIPTION]
    assert [one["installation"] for one in told["orphans"]] == ["acme"] * lost + ["forgotten"]
    assert told["notListed"] == []


def test_a_named_subscription_is_looked_at_though_the_hub_is_empty() -> None:
    """A new hub after a lost one: the report is how its remains are found."""

    def one(subscription: str) -> list[Marked]:
        return [group(subscription, "lost")]

    api = Api(marked=one)

    assert document(api.call("list_orphans"))["subscriptions"] == []
    told = document(api.call("list_orphans", params={"subscriptionId": OTHER.upper()}))

    assert [one["resourceId"] for one in told["orphans"]] == [
        f"/subscriptions/{OTHER}/resourceGroups/rg-lost"
    ]


def test_what_is_no_subscription_is_never_put_into_a_url() -> None:
    """400 before anything is asked."""
    answer = Api().call("list_orphans", params={"subscriptionId": "../x"})

    assert answer.status_code == 400


@pytest.mark.parametrize("no", [Refusal("permission-missing", "no read"), Busy("throttled")])
def test_a_subscription_that_cannot_be_listed_is_told_as_such(no: Any) -> None:
    """An empty list must not look like a clean subscription."""

    def refuse(_: str) -> list[Marked]:
        raise no

    told = document(Api(marked=refuse).call("list_orphans", params={"subscriptionId": OTHER}))

    assert told["orphans"] == []
    [unlisted] = told["notListed"]
    assert unlisted["subscriptionId"] == OTHER
    assert unlisted["reason"]
