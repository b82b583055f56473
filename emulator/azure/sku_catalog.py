"""Sizes of virtual machines: the catalogue behind SKU lists, quota and zones.

Source of the figures: https://learn.microsoft.com/azure/virtual-machines/sizes/overview and the
page of each series.
"""

import re
from dataclasses import dataclass

from emulator.azure.calls import JsonObject
from emulator.azure.locations import LOCATIONS


@dataclass(frozen=True, slots=True)
class Series:
    """A series of sizes.

    Attributes:
        pattern: Size name with ``#`` for the number of vCPUs.
        family: What quota counts them against.
        family_name: The family as people read it.
        vcpus: The sizes that exist.
        memory: GB per vCPU.
        local_disk: GB of temporary disk per vCPU; 0 for none.
        zonal: Whether zones offer it, in regions that have zones.
    """

    pattern: str
    family: str
    family_name: str
    vcpus: tuple[int, ...]
    memory: float
    local_disk: float = 0
    zonal: bool = True
    premium: bool = True


_TO_96 = (2, 4, 8, 16, 32, 48, 64, 96)
_TO_64 = (2, 4, 8, 16, 32, 48, 64)

SERIES = (
    Series("B#s_v2", "standardBsv2Family", "Standard Bsv2 Family vCPUs", (2, 4, 8, 16, 32), 4),
    Series("D#_v3", "standardDv3Family", "Standard Dv3 Family vCPUs", _TO_64, 4, 25, premium=False),
    Series("D#s_v3", "standardDSv3Family", "Standard DSv3 Family vCPUs", _TO_64, 4, 8),
    Series("D#s_v4", "standardDSv4Family", "Standard DSv4 Family vCPUs", _TO_64, 4),
    Series("D#ds_v4", "standardDDSv4Family", "Standard DDSv4 Family vCPUs", _TO_64, 4, 37.5),
    Series("D#_v5", "standardDv5Family", "Standard Dv5 Family vCPUs", _TO_96, 4, premium=False),
    Series("D#d_v5", "standardDDv5Family", "Standard DDv5 Family vCPUs", _TO_96, 4, 37.5, premium=False),
    Series("D#s_v5", "standardDSv5Family", "Standard DSv5 Family vCPUs", _TO_96, 4),
    Series("D#ds_v5", "standardDDSv5Family", "Standard DDSv5 Family vCPUs", _TO_96, 4, 37.5),
    Series("D#as_v5", "standardDASv5Family", "Standard DASv5 Family vCPUs", _TO_96, 4),
    Series("D#ads_v5", "standardDADSv5Family", "Standard DADSv5 Family vCPUs", _TO_96, 4, 37.5),
    Series("D#s_v6", "StandardDsv6Family", "Standard Dsv6 Family vCPUs", _TO_96, 4),
    Series("D#ds_v6", "StandardDdsv6Family", "Standard Ddsv6 Family vCPUs", _TO_96, 4, 55),
    Series("E#s_v5", "standardESv5Family", "Standard ESv5 Family vCPUs", _TO_96, 8),
    Series("E#ds_v5", "standardEDSv5Family", "Standard EDSv5 Family vCPUs", _TO_96, 8, 37.5),
    Series("E#as_v5", "standardEASv5Family", "Standard EASv5 Family vCPUs", _TO_96, 8),
    Series("F#s_v2", "standardFSv2Family", "Standard FSv2 Family vCPUs", (2, 4, 8, 16, 32, 48, 64, 72), 2, 8),
    Series("NC#as_T4_v3", "Standard NCASv3_T4 Family", "Standard NCASv3_T4 Family vCPUs", (4, 8, 16, 64), 7, 45, zonal=False),
    Series("A#_v2", "standardAv2Family", "Standard Av2 Family vCPUs", (1, 2, 4, 8), 2, 10, zonal=False, premium=False),
)  # fmt: skip # a table


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One size of virtual machine."""

    name: str
    series: Series
    vcpus: int

    @property
    def data_disks(self) -> int:
        """How many data disks fit: twice the vCPUs up to 32, at least 4."""
        return min(32, max(4, 2 * self.vcpus))

    @property
    def memory(self) -> float:
        """GB of memory."""
        return self.vcpus * self.series.memory

    def zones(self, location: str) -> tuple[str, ...]:
        """The zones of a region that offer it."""
        place = LOCATIONS.get(location)
        count = place.zones if place is not None and self.series.zonal else 0
        return tuple(str(n) for n in range(1, count + 1))


SIZES = {
    size.name.lower(): size
    for size in (
        Size(name="Standard_" + s.pattern.replace("#", str(n)), series=s, vcpus=n)
        for s in SERIES
        for n in s.vcpus
    )
}

FAMILIES = {s.family.lower(): s for s in SERIES}

DEFAULT_SIZE = "Standard_D4ds_v5"
"""What AKS takes when the body names no size; it depends on what the region has to offer."""


def capabilities(size: Size) -> list[JsonObject]:
    """The capabilities that the SKU list tells of a size."""
    series = size.series
    disk = int(size.vcpus * series.local_disk)
    arm = re.search(r"#p", series.pattern) is not None
    told = {
        "MaxResourceVolumeMB": disk * 1024,
        "OSVhdSizeMB": 1047552,
        "vCPUs": size.vcpus,
        "MemoryPreservingMaintenanceSupported": True,
        "HyperVGenerations": "V1,V2",
        "CpuArchitectureType": "Arm64" if arm else "x64",
        "MemoryGB": f"{size.memory:g}",
        "MaxDataDiskCount": size.data_disks,
        "LowPriorityCapable": True,
        "PremiumIO": series.premium,
        "VMDeploymentTypes": "IaaS",
        "vCPUsAvailable": size.vcpus,
        "vCPUsPerCore": 2,
        "CombinedTempDiskAndCachedIOPS": size.vcpus * 9500,
        "UncachedDiskIOPS": size.vcpus * 1600,
        "EphemeralOSDiskSupported": bool(series.premium and disk),
        "EncryptionAtHostSupported": True,
        "CapacityReservationSupported": True,
        "AcceleratedNetworkingEnabled": size.vcpus > 1,
        "RdmaEnabled": False,
        "MaxNetworkInterfaces": min(8, max(2, size.vcpus // 2)),
    }
    if series.premium and disk:
        told["CachedDiskBytes"] = disk * 1024**3
    return [{"name": name, "value": str(value)} for name, value in told.items()]
