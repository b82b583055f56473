"""A bad day at ARM: what is waited for, what is refused, what is a fault; nothing is hung on."""

import logging
import secrets
import time
from collections.abc import Iterator

import pytest
from azure.core.exceptions import AzureError, HttpResponseError

from gateways._arm import PUBLIC_CLOUD
from gateways.clusters import Clusters
from model.errors import Busy, Refusal
from tests.gateways.azure_world import CLUSTER, Emulated, emulated
from tests.gateways.test_arm_clusters import BODY

PUT = {"server": "arm", "method": "PUT", "path": "managedClusters/de"}
GET = {"server": "arm", "method": "GET", "path": "managedClusters/de"}


@pytest.fixture
def world() -> Iterator[Emulated]:
    """A group to make clusters in."""
    with emulated() as up:
        up.azure.state.add_group(up.group)
        yield up


@pytest.fixture
def clusters(world: Emulated) -> Clusters:
    return world.gateways.clusters(world.subscription_id)


def asked(world: Emulated, method: str) -> int:
    return len([e for e in world.journal.of("arm", method) if "managedClusters/de" in e.path])


@pytest.mark.parametrize(
    ("retry_after", "expected"),
    [pytest.param(900, 900, id="azures-own-time"), pytest.param(None, 60, id="no-time-named")],
)
def test_a_throttled_write_is_busy_at_once(
    world: Emulated, clusters: Clusters, retry_after: int | None, expected: int
) -> None:
    """A durable timer waits a quarter of an hour for nothing; a thread would cost money."""
    world.faults.add(**PUT, status=429, retry_after=retry_after, times=None)
    begun = time.monotonic()

    with pytest.raises(Busy) as busy:
        clusters.create(world.group, "de", BODY)

    assert busy.value.retry_after == expected
    assert time.monotonic() - begun < 5
    assert asked(world, "PUT") == 1


def test_a_throttled_credential_is_busy_too(world: Emulated, clusters: Clusters) -> None:
    """A POST, which the SDK's own retries leave alone."""
    world.faults.add(server="arm", method="POST", path="Credential", status=429, retry_after=7)

    with pytest.raises(Busy) as busy:
        clusters.kubeconfig(world.group, "de")

    assert busy.value.retry_after == 7


def test_another_operation_in_progress_is_busy(world: Emulated, clusters: Clusters) -> None:
    """AKS refuses a second PUT while one is at work; that passes."""
    world.azure.state.stick_next_operation(CLUSTER)
    clusters.create(world.group, "de", BODY)

    with pytest.raises(Busy) as busy:
        clusters.repair(world.group, "de", BODY, None)

    assert "in progress" in busy.value.detail.lower()


def test_a_lost_reply_to_a_create_is_found_to_be_done(world: Emulated, clusters: Clusters) -> None:
    """The repeated PUT meets its own cluster: late, but no second cluster and no failure."""
    world.faults.add(**PUT, drop="after")

    created = clusters.create(world.group, "de", BODY)

    assert created is False
    assert clusters.find(world.group, "de") is not None
    assert [e.status for e in world.journal.of("arm", "PUT")][-1] in (409, 412)


def test_a_connection_that_is_always_cut_is_a_fault_after_some_seconds(
    world: Emulated, clusters: Clusters
) -> None:
    """It goes through to the orchestrator, which tries again with its own patience."""
    world.faults.add(**GET, drop="before", times=None)
    begun = time.monotonic()

    with pytest.raises(AzureError):
        clusters.find(world.group, "de")

    assert time.monotonic() - begun < 10
    assert 1 < asked(world, "GET") <= 4


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_server_error_is_a_fault(world: Emulated, clusters: Clusters, status: int) -> None:
    """Neither a refusal, for it may pass, nor busy, for it should be seen and counted."""
    world.faults.add(**GET, status=status, times=None)

    with pytest.raises(HttpResponseError):
        clusters.find(world.group, "de")


def test_an_unavailable_service_is_busy(world: Emulated, clusters: Clusters) -> None:
    """503 means later."""
    world.faults.add(**GET, status=503, retry_after=11)

    with pytest.raises(Busy) as busy:
        clusters.find(world.group, "de")

    assert busy.value.retry_after == 11


@pytest.mark.parametrize(
    ("code", "message", "ours"),
    [
        pytest.param(
            "ErrCode_InsufficientVCPUQuota",
            "left 4, requested 32",
            "quota-insufficient",
            id="quota",
        ),
        pytest.param("RequestDisallowedByPolicy", "tag costCenter", "azure-policy", id="policy"),
        pytest.param("SubnetIsFull", "no addresses", "network-unsuitable", id="subnet"),
    ],
)
@pytest.mark.parametrize("flat", [True, False], ids=["flat", "wrapped"])
def test_a_refusal_keeps_azures_own_words(  # noqa: PLR0913 # one case each
    world: Emulated, clusters: Clusters, code: str, message: str, ours: str, *, flat: bool
) -> None:
    """AKS answers flat, ARM wraps in ``error``; both are read."""
    told = {"code": code, "message": message}
    world.faults.add(**PUT, status=400, body=told if flat else {"error": told})

    with pytest.raises(Refusal) as refused:
        clusters.create(world.group, "de", BODY)

    assert refused.value.code == ours
    assert code in refused.value.reason
    assert message in refused.value.reason


def test_an_unregistered_provider_is_refused_and_not_registered(
    world: Emulated, clusters: Clusters
) -> None:
    """To register it changes the customer's subscription; that is the customer's to do."""
    world.azure.state.unregister("Microsoft.ContainerService")

    with pytest.raises(Refusal) as refused:
        clusters.create(world.group, "de", BODY)

    assert refused.value.code == "provider-unregistered"
    assert world.journal.of("arm", "POST") == []


def test_a_body_that_is_no_json_is_a_fault(world: Emulated, clusters: Clusters) -> None:
    """Half an answer is not an answer."""
    clusters.create(world.group, "de", BODY)
    world.faults.add(**GET, truncate=True, times=None)

    with pytest.raises(AzureError):
        clusters.find(world.group, "de")


def test_no_body_and_no_token_is_logged(
    world: Emulated, clusters: Clusters, caplog: pytest.LogCaptureFixture
) -> None:
    """Even at the most talkative level the log has methods and URLs, never what was sent."""
    canary = secrets.token_urlsafe(24)
    caplog.set_level(logging.DEBUG)

    clusters.create(world.group, "de", BODY | {"tags": {"canary": canary}})

    logged = "\n".join([caplog.text, *(str(r.__dict__) for r in caplog.records)])
    credential = world.gateways._credential()  # pyright: ignore[reportPrivateUsage] # what it got
    token = credential.get_token(f"{PUBLIC_CLOUD}/.default").token
    assert "managedClusters/de" in logged
    assert not [s for s in (canary, token, world.azure.identity_header) if s in logged]
