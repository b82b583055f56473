"""Looks at a cluster, the record in it, and what happens where there is nothing to look at."""

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from activities.ensure_record import ensure_record
from activities.observe_load_balancer import observe_load_balancer
from activities.observe_nodes import observe_nodes
from activities.remove_installer_access import remove_installer_access
from model.outcome import Pending
from model.ownership import INSTALLER_NAMESPACE
from model.plan import AccessSpec, LoadBalancerSpec, NodesSpec, RecordSpec
from model.results import Address, Capacity, Nothing
from tests.activities.cluster_gateways import TARGET, OneCluster
from tests.gateways.kubernetes_world import World, running, until


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One cluster for all tests."""
    with running() as up:
        yield up


@pytest.fixture
def gateways(world: World) -> OneCluster:
    """Fresh connections."""
    return OneCluster(world)


def test_nodes_are_there_when_enough_are_ready(gateways: OneCluster) -> None:
    """Then their sums are the result."""
    answer = until(
        lambda: observe_nodes(gateways, NodesSpec(target=TARGET, count=2)),
        lambda seen: isinstance(seen, Capacity),
    )

    assert answer == Capacity(nodes=2, pods=100, volumes=16, pods_running=0)


def test_missing_nodes_are_counted(gateways: OneCluster) -> None:
    """A person sees how many are Ready."""
    until(lambda: gateways.cluster.capacity().nodes, lambda nodes: nodes == 2)

    answer = observe_nodes(gateways, NodesSpec(target=TARGET, count=4))

    assert answer == Pending(detail="2 of 4 nodes are Ready")


def load_balancer(world: World, *ingress: dict[str, str]) -> LoadBalancerSpec:
    """A Service whose load balancer has these addresses."""
    space = world.namespace()
    service = {
        "metadata": {"name": "ingress"},
        "spec": {"type": "LoadBalancer", "ports": [{"port": 443}], "selector": {"app": "x"}},
    }
    path = f"/api/v1/namespaces/{space}/services"
    world.call("POST", path, service)
    status: dict[str, Any] = {"status": {"loadBalancer": {"ingress": list(ingress)}}}
    world.call("PATCH", f"{path}/ingress/status", status)
    return LoadBalancerSpec(target=TARGET, namespace=space, service="ingress")


def test_an_address_is_the_result(world: World, gateways: OneCluster) -> None:
    """As the cloud assigned it."""
    spec = load_balancer(world, {"ip": "20.50.1.2"})

    assert observe_load_balancer(gateways, spec) == Address(address="20.50.1.2")


@pytest.mark.parametrize(
    ("ingress", "told"),
    [
        pytest.param([], "has no address yet", id="none"),
        pytest.param([{"hostname": "lb.example.com"}], "no IPv4 address yet", id="host-name"),
        pytest.param([{"ip": "2001:db8::1"}], "no IPv4 address yet", id="ipv6"),
    ],
)
def test_without_an_ipv4_address_it_is_pending(
    world: World, gateways: OneCluster, ingress: list[dict[str, str]], told: str
) -> None:
    """An A record needs one."""
    answer = observe_load_balancer(gateways, load_balancer(world, *ingress))

    assert isinstance(answer, Pending)
    assert told in answer.detail


def test_the_first_ipv4_address_counts(world: World, gateways: OneCluster) -> None:
    """A dual-stack load balancer has both kinds."""
    spec = load_balancer(world, {"ip": "2001:db8::1"}, {"ip": "20.50.1.3"})

    assert observe_load_balancer(gateways, spec) == Address(address="20.50.1.3")


def test_what_the_cloud_complains_about_is_told(world: World, gateways: OneCluster) -> None:
    """Such as no public address left."""
    spec = load_balancer(world)
    event = {
        "metadata": {"name": "trouble"},
        "involvedObject": {"kind": "Service", "namespace": spec.namespace, "name": "ingress"},
        "type": "Warning",
        "reason": "SyncLoadBalancerFailed",
        "message": "PublicIPCountLimitReached",
        "lastTimestamp": "2026-01-02T00:00:00Z",
    }
    world.call("POST", f"/api/v1/namespaces/{spec.namespace}/events", event)

    answer = observe_load_balancer(gateways, spec)

    assert isinstance(answer, Pending)
    assert "SyncLoadBalancerFailed: PublicIPCountLimitReached" in answer.detail


def test_a_service_that_is_not_there_yet_is_pending(gateways: OneCluster) -> None:
    """The roll-out brings it."""
    spec = LoadBalancerSpec(target=TARGET, namespace="nowhere", service="ingress")

    assert observe_load_balancer(gateways, spec) == Pending(
        detail="Service nowhere/ingress has no address yet"
    )


def record(installation: str, text: str) -> RecordSpec:
    """A record."""
    return RecordSpec(target=TARGET, installation=installation, run_id="0a1b2c3d", text=text)


def test_the_record_is_written_and_replaced(gateways: OneCluster) -> None:
    """A repeat changes nothing; a later record wins."""
    name = f"dash-{secrets.token_hex(3)}"

    made = [ensure_record(gateways, record(name, text)).changed for text in ("1", "1", "2")]

    kept = gateways.cluster.find(
        "ConfigMap", INSTALLER_NAMESPACE, f"dash-enterprise-installation-{name}"
    )
    assert made == [True, False, True]
    assert (kept or {})["data"]["record.json"] == "2"


def test_the_record_stays_when_access_is_removed(gateways: OneCluster) -> None:
    """It belongs to no run."""
    name = f"dash-{secrets.token_hex(3)}"
    ensure_record(gateways, record(name, "kept"))

    remove_installer_access(
        gateways, AccessSpec(target=TARGET, installation=name, run_id="0a1b2c3d")
    )

    kept = gateways.cluster.find(
        "ConfigMap", INSTALLER_NAMESPACE, f"dash-enterprise-installation-{name}"
    )
    assert kept is not None


def test_access_that_was_never_given_is_removed_at_once(gateways: OneCluster) -> None:
    """Nothing there is nothing to do."""
    spec = AccessSpec(target=TARGET, installation="never", run_id="00000000")

    assert remove_installer_access(gateways, spec) == Nothing()
