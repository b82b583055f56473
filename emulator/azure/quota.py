"""Compute quota and SKU restrictions of one subscription."""

from dataclasses import dataclass, field

from emulator.azure.arm_error import ArmError
from emulator.azure.calls import JsonObject
from emulator.azure.locations import normalized
from emulator.azure.sku_catalog import FAMILIES, SERIES, SIZES, Size, capabilities

CORES = "cores"
_DEFAULT_LIMIT = 100
"""vCPUs per region and family of a young pay-as-you-go subscription; it varies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """A size that the subscription may not use.

    Attributes:
        zones: Only in these zones; empty for the whole region.
        reason: ``QuotaId`` or ``NotAvailableForSubscription``.
    """

    size: str
    location: str
    zones: tuple[str, ...] = ()
    reason: str = "NotAvailableForSubscription"

    def document(self) -> JsonObject:
        """As the SKU list shows it."""
        kind = "Zone" if self.zones else "Location"
        info: JsonObject = {"locations": [self.location]}
        if self.zones:
            info["zones"] = list(self.zones)
        return {
            "type": kind,
            "values": [self.location],
            "restrictionInfo": info,
            "reasonCode": self.reason,
        }


@dataclass(slots=True)
class Quota:
    """Limits and use, by region and family.

    Attributes:
        limits: Limits that differ from the default.
        used: vCPUs used by others; those of emulated clusters are in ``held``.
        held: Size name and node count by holder.
        aks_zoneless: Regions where AKS has no zones for the subscription, SKU list or not.
    """

    limits: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    used: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    held: dict[str, tuple[str, Size, int]] = field(default_factory=dict[str, tuple[str, Size, int]])
    restrictions: list[Restriction] = field(default_factory=list[Restriction])
    aks_zoneless: set[str] = field(default_factory=set[str])

    def limit(self, location: str, family: str) -> int:
        """VCPUs that may be used."""
        return self.limits.get((location, family.lower()), _DEFAULT_LIMIT)

    def current(self, location: str, family: str) -> int:
        """VCPUs that are used: by emulated clusters and by whatever tests said."""
        key = family.lower()
        mine = sum(
            size.vcpus * count
            for place, size, count in self.held.values()
            if place == location and key in (CORES, size.series.family.lower())
        )
        base = self.used.get((location, key))
        if base is None and key == CORES:
            base = sum(n for (place, _), n in self.used.items() if place == location)
        return mine + (base or 0)

    def hold(self, holder: str, location: str, size: str, count: int) -> None:
        """Count the nodes of a pool; a second call replaces the first."""
        self.held[holder.lower()] = (location, SIZES[size.lower()], count)

    def release(self, holder: str) -> None:
        """Give back what a holder, and everything below it, holds."""
        gone = holder.lower()
        for key in [k for k in self.held if k == gone or k.startswith(f"{gone}/")]:
            del self.held[key]

    def check(self, holder: str, location: str, pools: list[tuple[str, int]]) -> None:
        """Refuse pools, given as size and node count, that do not fit.

        What ``holder`` holds already is counted as free.

        Raises:
            ArmError: 400.
        """
        own = holder.lower()
        kept = dict(self.held)
        self.release(own)
        try:
            self._check_free(location, pools)
        finally:
            self.held = kept

    def _check_free(self, location: str, pools: list[tuple[str, int]]) -> None:
        needed: dict[str, int] = {}
        for size_name, count in pools:
            size = SIZES[size_name.lower()]
            for family in (size.series.family, CORES):
                needed[family] = needed.get(family, 0) + size.vcpus * count
        learn = (
            "If you want to increase the quota, please follow this instruction: "
            "https://learn.microsoft.com/azure/quotas/view-quotas."
        )
        for family, wanted in needed.items():
            left = self.limit(location, family) - self.current(location, family)
            if wanted <= left:
                continue
            message = (
                f"Insufficient regional vcpu quota left for location {location}. left regional "
                f"vcpu quota {left}, requested quota {wanted}. {learn}"
                if family == CORES
                else f"Insufficient vcpu quota requested {wanted}, remaining {left} for family "
                f"{family} for region {location}. {learn}"
            )
            raise ArmError(400, "ErrCode_InsufficientVCPUQuota", message, flat=True)

    def restricted(self, size: Size, location: str) -> list[Restriction]:
        """What forbids a size in a region."""
        return [
            r
            for r in self.restrictions
            if r.size.lower() == size.name.lower() and r.location == location
        ]

    def offered(self, location: str) -> list[Size]:
        """Sizes without a restriction on the whole region."""
        return [
            size for size in SIZES.values() if all(r.zones for r in self.restricted(size, location))
        ]

    def zones(self, size: Size, location: str) -> tuple[str, ...]:
        """Zones that are left to the subscription."""
        taken = {zone for r in self.restricted(size, location) for zone in r.zones}
        return tuple(z for z in size.zones(location) if z not in taken)

    def usages(self, location: str) -> list[JsonObject]:
        """The usage list of a region."""
        rows: list[tuple[str, str]] = [
            ("availabilitySets", "Availability Sets"),
            (CORES, "Total Regional vCPUs"),
            ("virtualMachines", "Virtual Machines"),
            ("virtualMachineScaleSets", "Virtual Machine Scale Sets"),
            ("lowPriorityCores", "Total Regional Spot vCPUs"),
        ]
        rows += [(s.family, s.family_name) for s in SERIES]
        return [
            {
                "unit": "Count",
                "currentValue": self._shown(location, name),
                "limit": self._shown_limit(location, name),
                "name": {"value": name, "localizedValue": text},
            }
            for name, text in rows
        ]

    def _shown(self, location: str, name: str) -> int:
        if name == CORES or name.lower() in FAMILIES:
            return self.current(location, name)
        if name == "virtualMachineScaleSets":
            return sum(1 for place, _, _ in self.held.values() if place == location)
        return self.used.get((location, name.lower()), 0)

    def _shown_limit(self, location: str, name: str) -> int:
        defaults = {
            "availabilitysets": 2500,
            "virtualmachines": 25000,
            "virtualmachinescalesets": 2500,
        }
        return self.limits.get((location, name.lower()), defaults.get(name.lower(), _DEFAULT_LIMIT))

    def skus(self, locations: list[str]) -> list[JsonObject]:
        """Rows of the SKU list."""
        return [self._sku(size, place) for place in locations for size in SIZES.values()]

    def _sku(self, size: Size, location: str) -> JsonObject:
        zones = list(size.zones(location))
        details: list[JsonObject] = []
        if zones and size.series.premium:
            ultra = {"name": "UltraSSDAvailable", "value": "True"}
            details = [{"name": zones, "capabilities": [ultra]}]
        info: JsonObject = {"location": location, "zones": zones, "zoneDetails": details}
        return {
            "resourceType": "virtualMachines",
            "name": size.name,
            "tier": "Standard",
            "size": size.name.removeprefix("Standard_"),
            "family": size.series.family,
            "locations": [location],
            "locationInfo": [info],
            "capabilities": capabilities(size),
            "restrictions": [r.document() for r in self.restricted(size, location)],
        }


def set_limit(quota: Quota, location: str, family: str, limit: int, used: int) -> None:
    """Say how much is allowed, and how much others use."""
    key = (normalized(location), family.lower())
    quota.limits[key] = limit
    quota.used[key] = used
