"""What AKS refuses about names, versions, sizes, zones and pools.

Sources: https://aka.ms/aks-naming-rules, https://learn.microsoft.com/azure/aks/quotas-skus-regions,
https://learn.microsoft.com/azure/aks/availability-zones. Codes and texts that no public page
shows are the service's usual ``InvalidParameter``.
"""

import re

from emulator.azure.arm_error import ArmError, invalid_parameter
from emulator.azure.calls import JsonObject
from emulator.azure.quota import Quota
from emulator.azure.sku_catalog import SIZES, Size

_CLUSTER_NAME = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9])?")
_DNS_PREFIX = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,52}[a-zA-Z0-9])?")
_POOL_NAME = re.compile(r"[a-z][a-z0-9]{0,11}")
_WINDOWS_POOL_NAME = re.compile(r"[a-z][a-z0-9]{0,5}")
_FEWEST_PODS = 10
_MOST_PODS = 250
_MOST_NODES = 1000
_LEAST_VCPUS = 2
_SMALLEST_OS_DISK = 30
_LARGEST_OS_DISK = 2048
_LONGEST_NODE_GROUP = 80


def check_names(name: str, properties: JsonObject) -> None:
    """Check cluster name, DNS prefix and node resource group.

    Raises:
        ArmError: 400.
    """
    if not _CLUSTER_NAME.fullmatch(name):
        raise invalid_parameter(
            "name",
            "The name may contain only letters, numbers, underscores and hyphens, must start and "
            "end with a letter or number, and be 1 to 63 characters long.",
        )
    prefix, subdomain = properties.get("dnsPrefix"), properties.get("fqdnSubdomain")
    if not prefix and not subdomain:
        raise invalid_parameter("dnsPrefix", "A DNS prefix is required.")
    if prefix and subdomain:
        raise invalid_parameter("fqdnSubdomain", "It cannot be given together with a DNS prefix.")
    if not _DNS_PREFIX.fullmatch(str(prefix or subdomain)):
        raise ArmError(
            400,
            "DnsPrefixInvalid",
            f"DNS prefix '{prefix or subdomain}' is invalid. DNS prefix must contain between 1 and "
            "54 characters. DNS prefix can contain only letters, numbers, and hyphens, must start "
            "with and must end with a letter or a number.",
            flat=True,
        )
    if len(properties.get("nodeResourceGroup") or "") > _LONGEST_NODE_GROUP:
        raise invalid_parameter("nodeResourceGroup", "It is longer than 80 characters.")


def check_pools(pools: list[JsonObject]) -> None:
    """Check that the pools of a cluster fit together.

    Raises:
        ArmError: 400.
    """
    if not pools:
        raise ArmError(
            400,
            "AgentPoolProfilesRequired",
            "A managed cluster needs at least one agent pool.",
            flat=True,
        )
    check_system_pool(pools)
    names = [str(p.get("name", "")) for p in pools]
    for name in names:
        if names.count(name) > 1:
            raise invalid_parameter("agentPoolProfile.name", f"The name '{name}' is used twice.")


def check_system_pool(pools: list[JsonObject]) -> None:
    """Check that the cluster's own pods have somewhere to run.

    Raises:
        ArmError: 400.
    """
    if all(str(p.get("mode", "")).lower() != "system" for p in pools):
        raise ArmError(
            400,
            "MustDefineAtLeastOneSystemPool",
            "Must define at least one system pool.",
            flat=True,
        )


def check_pool(pool: JsonObject, *, system: bool) -> None:
    """Check one complete pool's own values.

    Raises:
        ArmError: 400.
    """
    name = str(pool.get("name", ""))
    windows = str(pool.get("osType", "")).lower() == "windows"
    if not (_WINDOWS_POOL_NAME if windows else _POOL_NAME).fullmatch(name):
        raise invalid_parameter(
            "agentPoolProfile.name",
            f"The agent pool name '{name}' may only contain lowercase letters and numbers, must "
            f"start with a letter and be at most {6 if windows else 12} characters long.",
        )
    _between("agentPoolProfile.count", pool["count"], 1 if system else 0, _MOST_NODES)
    _between("agentPoolProfile.maxPods", pool["maxPods"], _FEWEST_PODS, _MOST_PODS)
    if pool.get("osDiskSizeGB"):
        _between(
            "agentPoolProfile.osDiskSizeGB",
            pool["osDiskSizeGB"],
            _SMALLEST_OS_DISK,
            _LARGEST_OS_DISK,
        )
    if pool.get("enableAutoScaling"):
        low, high = pool.get("minCount"), pool.get("maxCount")
        if low is None or high is None or not low <= pool["count"] <= high:
            raise invalid_parameter(
                "agentPoolProfile.minCount",
                "With auto-scaling, minCount <= count <= maxCount is required.",
            )
    elif pool.get("minCount") is not None or pool.get("maxCount") is not None:
        raise invalid_parameter(
            "agentPoolProfile.minCount", "minCount and maxCount need enableAutoScaling."
        )


def check_size(quota: Quota, location: str, pool: JsonObject) -> Size:
    """Check VM size and zones against region and subscription.

    Raises:
        ArmError: 400.
    """
    size = SIZES.get(str(pool["vmSize"]).lower())
    offered = quota.offered(location)
    if size is None or size not in offered:
        names = ",".join(s.name.lower() for s in offered)
        raise ArmError(
            400,
            "BadRequest",
            f"The VM size of {pool['vmSize']} is not allowed in your subscription in location "
            f"'{location}'. The available VM sizes are '{names}'. For more details, please visit "
            "https://aka.ms/cpu-quota",
            flat=True,
        )
    if size.vcpus < _LEAST_VCPUS:
        raise ArmError(
            400,
            "VMSizeNotSupported",
            f"Virtual Machine size: '{size.name}' is not supported for a node pool: it has fewer "
            "than 2 vCPUs. Please see https://aka.ms/aks/restricted-skus for more details.",
            flat=True,
        )
    _check_disk(size, pool)
    _check_zones(quota, location, size, zones_of(pool))
    return size


def zones_of(pool: JsonObject) -> list[str]:
    """The zones that a pool asks for."""
    asked: list[str] | None = pool.get("availabilityZones")
    return [str(zone) for zone in asked or ()]


def _check_disk(size: Size, pool: JsonObject) -> None:
    if str(pool.get("osDiskType", "")).lower() != "ephemeral":
        return
    room = int(size.vcpus * size.series.local_disk)
    if room < pool["osDiskSizeGB"]:
        raise invalid_parameter(
            "agentPoolProfile.osDiskType",
            f"The virtual machine size {size.name} has a cache size of {room} GB, but the OS disk "
            f"requires {pool['osDiskSizeGB']} GB. Use a VM size with larger cache or disable "
            "ephemeral OS.",
        )


def _check_zones(quota: Quota, location: str, size: Size, asked: list[str]) -> None:
    offered = () if location in quota.aks_zoneless else quota.zones(size, location)
    missing = [zone for zone in asked if zone not in offered]
    if missing:
        raise ArmError(
            400,
            "AvailabilityZoneNotSupported",
            f"Preflight validation check for resource(s) failed. Message: The zone(s) "
            f"'{','.join(missing)}' for resource of size '{size.name}' is not supported. The "
            f"supported zones for location '{location}' are '{','.join(offered)}'",
            flat=True,
        )


def _between(parameter: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise invalid_parameter(parameter, f"The value {value} is not between {least} and {most}.")
