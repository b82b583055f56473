"""Quota and SKUs of Azure Compute."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateways._arm import client_options, translated
from model.settings import Settings
from model.virtual_machine import VmSize

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential


@dataclass(frozen=True, slots=True)
class Usage:
    """One quota of a region: what is used and what is allowed."""

    name: str
    label: str
    used: int
    limit: int


class Compute:
    """Quota and SKUs of one subscription; safe to share between threads."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @classmethod
    def connect(
        cls, settings: Settings, credential: "TokenCredential", subscription_id: str
    ) -> "Compute":
        """Connect lazily."""
        from azure.mgmt.compute import ComputeManagementClient

        return cls(
            ComputeManagementClient(
                credential, subscription_id, **client_options(settings, credential)
            )
        )

    def usages(self, location: str) -> dict[str, Usage]:
        """Quotas of a region by lower-case name, such as ``cores`` or a VM family."""
        with translated(f"read the quota of {location}"):
            listed = list(self._client.usage.list(location))
        return {
            item.name.value.lower(): Usage(
                item.name.value, item.name.localized_value, item.current_value, item.limit
            )
            for item in listed
        }

    def vm_size(self, location: str, size: str) -> VmSize | None:
        """A VM size in a region; None when the region does not offer it."""
        with translated(f"read the SKUs of {location}"):
            for sku in self._client.resource_skus.list(filter=f"location eq '{location}'"):
                if sku.resource_type == "virtualMachines" and sku.name.lower() == size.lower():
                    return _vm_size(sku.as_dict(), location)
        return None


def _vm_size(sku: dict[str, Any], location: str) -> VmSize:
    """From the REST form: https://learn.microsoft.com/rest/api/compute/resource-skus/list."""
    listed: list[dict[str, str]] = sku.get("capabilities") or []
    capabilities = {row["name"]: row["value"] for row in listed}
    places: list[dict[str, Any]] = sku.get("locationInfo") or []
    zones: set[str] = set()
    for place in places:
        if _same(place["location"], location):
            zones |= set(place.get("zones") or ())
    blocked = ""
    restrictions: list[dict[str, Any]] = sku.get("restrictions") or []
    for restriction in restrictions:
        if restriction.get("type") == "Zone":
            zones -= set(restriction.get("restrictionInfo", {}).get("zones") or ())
        else:
            blocked = restriction.get("reasonCode") or "no reason is told"
    return VmSize(
        name=sku["name"],
        family=sku["family"],
        vcpus=int(capabilities.get("vCPUs", "0")),
        data_disks=int(capabilities.get("MaxDataDiskCount", "0")),
        zones=frozenset(zones),
        blocked=blocked,
        ephemeral_gb=_ephemeral_gb(capabilities),
    )


def _ephemeral_gb(capabilities: dict[str, str]) -> int:
    """An ephemeral disk lives in the cache, on the temporary disk, or on a local NVMe disk.

    https://learn.microsoft.com/azure/virtual-machines/ephemeral-os-disks
    """
    if capabilities.get("EphemeralOSDiskSupported") != "True":
        return 0
    cache = int(capabilities.get("CachedDiskBytes", "0")) >> 30
    local = max(int(capabilities.get(n, "0")) for n in ("MaxResourceVolumeMB", "NvmeDiskSizeInMiB"))
    return max(cache, local >> 10)


def _same(listed: str, location: str) -> bool:
    """Whether two spellings are one region: lists say ``EastUS`` or ``East US`` at times."""
    return listed.replace(" ", "").lower() == location.replace(" ", "").lower()
