"""Sizes of virtual machines: the catalogue behind SKU lists, quota and zones.

Source of the figures: https://learn.microsoft.com/azure/virtual-machines/sizes/overview and the
page of each series.
"""

import re
from dataclasses import dataclass
from typing import Any

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
_TO_72 = (2, 4, 8, 16, 32, 48, 64, 72)


def _series(
    pattern: str, family: str, vcpus: tuple[int, ...], memory: float, **more: Any
) -> Series:
    """A series whose family reads in lists as it is written, with capitals and spaces."""
    shown = family.removesuffix("Family").removeprefix("standard").removeprefix("Standard")
    name = f"Standard {shown.strip()} Family vCPUs"
    return Series(pattern, family, name, vcpus, memory, **more)


SERIES = (
    _series("B#s_v2", "standardBsv2Family", (2, 4, 8, 16, 32), 4),
    _series("D#_v3", "standardDv3Family", _TO_64, 4, local_disk=25, premium=False),
    _series("D#s_v3", "standardDSv3Family", _TO_64, 4, local_disk=8),
    _series("D#s_v4", "standardDSv4Family", _TO_64, 4),
    _series("D#ds_v4", "standardDDSv4Family", _TO_64, 4, local_disk=37.5),
    _series("D#_v5", "standardDv5Family", _TO_96, 4, premium=False),
    _series("D#d_v5", "standardDDv5Family", _TO_96, 4, local_disk=37.5, premium=False),
    _series("D#s_v5", "standardDSv5Family", _TO_96, 4),
    _series("D#ds_v5", "standardDDSv5Family", _TO_96, 4, local_disk=37.5),
    _series("D#as_v5", "standardDASv5Family", _TO_96, 4),
    _series("D#ads_v5", "standardDADSv5Family", _TO_96, 4, local_disk=37.5),
    _series("D#s_v6", "StandardDsv6Family", _TO_96, 4),
    _series("D#ds_v6", "StandardDdsv6Family", _TO_96, 4, local_disk=55),
    _series("E#s_v5", "standardESv5Family", _TO_96, 8),
    _series("E#ds_v5", "standardEDSv5Family", _TO_96, 8, local_disk=37.5),
    _series("E#as_v5", "standardEASv5Family", _TO_96, 8),
    _series("F#s_v2", "standardFSv2Family", _TO_72, 2, local_disk=8),
    _series("NC#as_T4_v3", "Standard NCASv3_T4 Family", (4, 8, 16, 64), 7, zonal=False),
    _series("A#_v2", "standardAv2Family", (1, 2, 4, 8), 2, zonal=False, premium=False),
)


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
