"""SKUs, schedulers, and a bad day."""

import time

import pytest
from azure.core.exceptions import HttpResponseError, ServiceRequestError, ServiceResponseError

from tests.emulator_azure.conftest import World


def test_the_sku_list_tells_family_zones_and_limits(world: World) -> None:
    """What a preflight reads: D8ds_v5 counts against standardDDSv5Family."""
    world.azure.state.restrict_sku("Standard_D8ds_v5", "eastus", zones=["2"])
    listed = world.compute.resource_skus.list(filter="location eq 'eastus'")
    (sku,) = [s for s in listed if s.name == "Standard_D8ds_v5"]
    capabilities = {c.name: c.value for c in sku.capabilities}

    assert sku.family == "standardDDSv5Family"
    assert sku.location_info[0].zones == ["1", "2", "3"]
    assert (capabilities["vCPUs"], capabilities["MemoryGB"]) == ("8", "32")
    assert capabilities["MaxDataDiskCount"] == "16"
    assert sku.restrictions[0].type == "Zone"
    assert sku.restrictions[0].restriction_info.zones == ["2"]


def test_usages_name_families_as_people_read_them(world: World) -> None:
    """D8ds_v5 is "Standard DDSv5 Family vCPUs", not DDv5."""
    world.azure.state.set_quota("eastus", "standardddsv5family", limit=48, used=8)
    rows = {u.name.value: u for u in world.compute.usage.list("eastus")}

    family = rows["standardDDSv5Family"]
    assert family.name.localized_value == "Standard DDSv5 Family vCPUs"
    assert (family.current_value, family.limit) == (8, 48)
    assert rows["cores"].name.localized_value == "Total Regional vCPUs"


def test_a_scheduler_and_its_hub_are_deployed(world: World) -> None:
    """Enough of Durable Task for an infrastructure deployment."""
    world.azure.state.add_group("install")
    path = "resourceGroups/install/providers/Microsoft.DurableTask/schedulers/s"
    sku = {"name": "Consumption"}
    body = {"location": "eastus", "properties": {"ipAllowlist": ["0.0.0.0/0"], "sku": sku}}

    made = world.request("PUT", path, "2026-02-01", body)
    status, hub = world.send("PUT", f"{path}/taskHubs/h", "2026-02-01", {"properties": {}})

    assert made.status_code == 201
    assert "Azure-AsyncOperation" in made.headers
    assert (status, hub["name"]) == (201, "h")


def test_a_throttled_request_is_tried_again(world: World) -> None:
    """429 without Retry-After on a GET: the SDK comes back by itself."""
    world.faults.add(server="arm", method="GET", path="/resourcegroups", status=429, times=2)

    assert list(world.groups.resource_groups.list()) == []
    assert [e.status for e in world.journal.of("arm")] == [429, 429, 200]


def test_a_scripted_refusal_has_arms_shape(world: World) -> None:
    """The SDK reads code and message of a fault as of any error."""
    world.faults.add(server="arm", path="resourcegroups", status=403)

    with pytest.raises(HttpResponseError) as refused:
        world.groups.resource_groups.get("x")

    assert refused.value.error is not None
    assert refused.value.error.code == "Forbidden"


def test_a_lost_reply_leaves_the_work_done(world: World) -> None:
    """The connection is cut after the group was made; the next try finds it."""
    world.faults.add(server="arm", method="PUT", drop="after")

    made = world.groups.resource_groups.create_or_update("install", {"location": "eastus"})

    assert made.name == "install"
    assert [e.status for e in world.journal.of("arm", "PUT")] == [0, 200]


def test_faults_of_login_and_vault_are_their_own(world: World) -> None:
    """Each server has its name."""
    world.azure.state.add_vault("kv").set_secret("key", "1")
    world.faults.add(server="vault", status=503, times=None)

    with pytest.raises((HttpResponseError, ServiceRequestError, ServiceResponseError)):
        world.vault("kv").get_secret("key")
    assert world.groups.resource_groups.check_existence("x") is False


@pytest.mark.slow
def test_a_thousand_requests_are_cheap(world: World) -> None:
    """A whole suite lives on one emulator."""
    import requests  # one use

    world.azure.state.add_zone("example.com", "dns")
    path = "resourceGroups/dns/providers/Microsoft.Network/dnsZones/example.com"
    url = f"{world.azure.url}/subscriptions/{world.subscription_id}/{path}"
    started = time.perf_counter()
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(world.ca_file)
        session.headers["Authorization"] = f"Bearer {world.azure.token()}"
        for _ in range(1000):
            assert session.get(url, params={"api-version": "2018-05-01"}).ok

    assert time.perf_counter() - started < 20
