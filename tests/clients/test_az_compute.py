"""Sizes and quota, as far as a person looks at them before an installation."""

from emulator.world import Cloud
from tests.clients.programs import AzureCli


def test_sizes_of_a_region_are_listed(az: AzureCli) -> None:
    """A size has zones, a family and capabilities."""
    (size,) = az.ask("vm list-skus --location eastus --size Standard_D8ds_v5 --all")

    assert size["family"] == "standardDDSv5Family"
    assert size["locationInfo"][0]["zones"] == ["1", "2", "3"]
    assert {"name": "vCPUs", "value": "8"} in size["capabilities"]
    assert size["restrictions"] == []


def test_a_restricted_size_shows_why(az: AzureCli, cloud: Cloud) -> None:
    """Az hides it unless all are asked for."""
    cloud.azure.state.restrict_sku("Standard_E96ds_v5", "eastus")

    shown = az.ask("vm list-skus --location eastus --size Standard_E96ds_v5")
    (size,) = az.ask("vm list-skus --location eastus --size Standard_E96ds_v5 --all")

    assert shown == []
    assert size["restrictions"][0]["reasonCode"] == "NotAvailableForSubscription"


def test_usage_follows_limits_and_use(az: AzureCli, cloud: Cloud) -> None:
    """A family's limit and use are what the state says."""
    cloud.azure.state.set_quota("uksouth", "standardESv5Family", 48, used=7)

    rows = {r["name"]["value"]: r for r in az.ask("vm list-usage --location uksouth")}

    family = rows["standardESv5Family"]
    assert (int(family["limit"]), int(family["currentValue"])) == (48, 7)
    assert family["localName"] == "Standard ESv5 Family vCPUs"
    assert "cores" in rows


def test_old_list_of_sizes_still_works(az: AzureCli) -> None:
    """Az calls it deprecated; Azure answers it."""
    sizes = {size["name"]: size for size in az.ask("vm list-sizes --location eastus")}

    assert sizes["Standard_D8ds_v5"]["numberOfCores"] == 8
    assert sizes["Standard_D8ds_v5"]["memoryInMB"] == 32 * 1024


def test_quota_of_an_unknown_region_is_refused(az: AzureCli) -> None:
    """Compute names the regions that it serves."""
    said = az.refused("vm list-usage --location moonbase")

    assert "(LocationNotAvailableForResourceType)" in said
    assert "eastus" in said
