"""Resource groups, providers and resource lists."""

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.emulator_azure.conftest import World


def test_a_group_is_made_changed_and_found(world: World) -> None:
    """PUT is create or update; the region comes back in ARM's spelling."""
    groups = world.groups.resource_groups

    made = groups.create_or_update("install", {"location": "East US", "tags": {"a": "1"}})
    again = groups.create_or_update("INSTALL", {"location": "eastus", "tags": {"a": "2"}})

    assert (made.location, made.properties.provisioning_state) == ("eastus", "Succeeded")
    assert (again.name, again.tags) == ("install", {"a": "2"})
    assert [g.name for g in groups.list()] == ["install"]
    statuses = [e.status for e in world.journal.of("arm", "PUT")]
    assert statuses == [201, 200]


def test_a_missing_group_is_not_found(world: World) -> None:
    """ARM wraps its own errors."""
    groups = world.groups.resource_groups

    assert not groups.check_existence("nothing")
    with pytest.raises(ResourceNotFoundError) as refused:
        groups.get("nothing")
    assert refused.value.error is not None
    assert refused.value.error.code == "ResourceGroupNotFound"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param({"location": "moon"}, "LocationNotAvailableForResourceGroup", id="region"),
        pytest.param({"tags": {}}, "LocationRequired", id="no-region"),
        pytest.param(
            {"location": "eastus", "colour": "red"}, "InvalidRequestContent", id="unknown-member"
        ),
        pytest.param(
            {"location": "eastus", "tags": {"a": 1}}, "InvalidRequestContent", id="wrong-type"
        ),
    ],
)
def test_a_bad_group_is_refused(world: World, body: dict[str, object], code: str) -> None:
    """Bodies are checked strictly."""
    with pytest.raises(HttpResponseError) as refused:
        world.groups.resource_groups.create_or_update("install", body)

    assert refused.value.status_code == 400
    assert refused.value.error is not None
    assert refused.value.error.code == code


def test_a_group_has_a_name_of_allowed_characters(world: World) -> None:
    """Letters of any script, digits and five signs; the others are named."""
    status, answer = world.send(
        "PUT", "resourceGroups/bad name!", "2025-04-01", {"location": "eastus"}
    )
    good, _ = world.send(
        "PUT", "resourceGroups/größe_(1).x-y", "2025-04-01", {"location": "eastus"}
    )

    assert (status, answer["error"]["code"], good) == (400, "InvalidResourceGroupName", 201)
    assert "has these invalid characters: ' !'." in answer["error"]["message"]


def test_a_path_with_doubled_slashes_is_the_same_path(world: World) -> None:
    """``az resource show`` leaves the place of a parent resource empty."""
    world.azure.state.add_cluster("c", "rg")
    path = "resourceGroups/rg/providers/Microsoft.ContainerService//managedClusters/c"

    status, shown = world.send("GET", path, "2026-08-01")
    wrong, _ = world.send("PROPFIND", path, "2026-08-01")

    assert (status, shown["name"], wrong) == (200, "c", 405)


def test_a_group_goes_with_everything_in_it(world: World) -> None:
    """Deletion takes its time, closes the group for writes and leaves nothing."""
    state = world.azure.state
    state.add_vnet("net", "install", subnets={"nodes": "10.224.0.0/16"})
    state.add_cluster("de", "install")
    groups = world.groups.resource_groups

    groups.begin_delete("install").result()

    assert not groups.check_existence("install")
    assert state.resources.all == {}


def test_a_group_that_is_being_deleted_takes_no_writes(world: World) -> None:
    """409 until it is gone; a stuck deletion shows as Deleting."""
    state = world.azure.state
    state.add_group("install")
    state.stick_next_operation("Microsoft.Resources/resourceGroups")
    groups = world.groups.resource_groups
    groups.begin_delete("install", polling=False)

    assert groups.get("install").properties.provisioning_state == "Deleting"
    with pytest.raises(HttpResponseError) as refused:
        world.dns.zones.create_or_update("install", "example.com", {"location": "global"})
    assert refused.value.status_code == 409


def test_resources_are_found_by_tag(world: World) -> None:
    """The orphan report lists what carries our tag, in any group."""
    state = world.azure.state
    state.add_cluster("de", "one", tags={"installation": "de"})
    state.add_vnet("net", "two", tags={"installation": "de"})
    state.add_vnet("other", "two", tags={"installation": "else"})
    resources = world.groups.resources

    found = resources.list(filter="tagName eq 'installation' and tagValue eq 'de'")

    assert sorted(r.name for r in found) == ["de", "net"]
    assert sorted(r.name for r in resources.list_by_resource_group("two")) == ["net", "other"]


def test_an_unregistered_provider_is_registered_by_the_sdk(world: World) -> None:
    """409 MissingSubscriptionRegistration makes azure-core register and try again."""
    world.azure.state.unregister("Microsoft.ManagedIdentity")
    providers = world.groups.providers

    assert providers.get("Microsoft.ManagedIdentity").registration_state == "NotRegistered"
    providers.register("Microsoft.ManagedIdentity")
    assert providers.get("Microsoft.ManagedIdentity").registration_state == "Registered"


def test_an_unregistered_provider_takes_no_writes(world: World) -> None:
    """The refusal names the namespace."""
    world.azure.state.unregister("Microsoft.Network")
    world.azure.state.add_group("install")
    path = "resourceGroups/install/providers/Microsoft.Network/dnsZones/example.com"

    status, body = world.send("PUT", path, "2018-05-01", {"location": "global"})

    assert status == 409
    assert body["error"]["code"] == "MissingSubscriptionRegistration"
    assert "Microsoft.Network" in body["error"]["message"]


@pytest.mark.parametrize(
    ("version", "code"),
    [
        pytest.param("", "MissingApiVersionParameter", id="none"),
        pytest.param("1999-01-01", "InvalidApiVersionParameter", id="unknown"),
    ],
)
def test_an_api_version_is_demanded(world: World, version: str, code: str) -> None:
    """ARM answers 400 before it looks at anything else."""
    status, body = world.send("GET", "resourceGroups", version)

    assert status == 400
    assert body["error"]["code"] == code


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(mask=st.integers(min_value=0, max_value=2**40))
def test_paths_match_in_any_case(world: World, mask: int) -> None:
    """Routes and names are case-insensitive."""
    world.azure.state.add_zone("example.com", "install")
    path = "resourceGroups/install/providers/Microsoft.Network/dnsZones/example.com"
    mixed = "".join(c.upper() if mask >> (n % 40) & 1 else c.lower() for n, c in enumerate(path))

    status, body = world.send("GET", mixed, "2018-05-01")

    assert status == 200
    assert body["name"] == "example.com"


def test_every_answer_carries_its_request_ids(world: World) -> None:
    """Support asks for them; ours are new in each answer, the correlation id is the caller's."""
    first = world.headers("resourceGroups", "2025-04-01", {"x-ms-correlation-request-id": "mine"})
    second = world.headers("resourceGroups", "2025-04-01", {})

    assert first["x-ms-correlation-request-id"] == "mine"
    assert first["x-ms-request-id"] != second["x-ms-request-id"]
    left = [int(h["x-ms-ratelimit-remaining-subscription-reads"]) for h in (first, second)]
    assert left[0] - left[1] == 1
