"""The Azure regions of the emulated world.

Source: https://learn.microsoft.com/azure/reliability/regions-list
"""

from dataclasses import dataclass

from emulator.azure.arm_error import ArmError


@dataclass(frozen=True, slots=True)
class Location:
    """A region.

    Attributes:
        zones: How many availability zones; 0 for a region without.
    """

    name: str
    display_name: str
    zones: int


LOCATIONS = {
    location.name: location
    for location in (
        Location("eastus", "East US", 3),
        Location("eastus2", "East US 2", 3),
        Location("centralus", "Central US", 3),
        Location("westus2", "West US 2", 3),
        Location("westus3", "West US 3", 3),
        Location("westus", "West US", 0),
        Location("northcentralus", "North Central US", 0),
        Location("canadacentral", "Canada Central", 3),
        Location("northeurope", "North Europe", 3),
        Location("westeurope", "West Europe", 3),
        Location("uksouth", "UK South", 3),
        Location("germanywestcentral", "Germany West Central", 3),
        Location("swedencentral", "Sweden Central", 3),
        Location("switzerlandnorth", "Switzerland North", 3),
        Location("australiaeast", "Australia East", 3),
        Location("southeastasia", "Southeast Asia", 3),
    )
}


def normalized(location: str) -> str:
    """``East US`` as ARM writes it in answers: ``eastus``."""
    return location.replace(" ", "").lower()


def known(location: object, kind: str) -> str:
    """The normalized name of a region.

    Raises:
        ArmError: 400: no such region.
    """
    name = normalized(location) if isinstance(location, str) else ""
    if not name:
        raise ArmError(
            400, "LocationRequired", "The location property is required for this definition."
        )
    if name not in LOCATIONS:
        offered = ",".join(LOCATIONS)
        if kind == "Microsoft.Resources/resourceGroups":
            raise ArmError(
                400,
                "LocationNotAvailableForResourceGroup",
                f"The provided location '{location}' is not available for resource group. List of "
                f"available regions is '{offered}'.",
            )
        raise ArmError(
            400,
            "LocationNotAvailableForResourceType",
            f"The provided location '{location}' is not available for resource type '{kind}'. List "
            f"of available regions for the resource type is '{offered}'.",
        )
    return name
