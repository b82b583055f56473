"""Stage ``check_compute``: size, zone and quota allow the nodes and the two spare ones."""

from collections.abc import Iterator

from activities._optional import or_warning
from gateways import Gateways
from gateways.compute import Usage
from model.finding import Finding, Findings, error, info, warning
from model.ownership import owned_by
from model.plan import ChecksSpec
from model.sizing import vcpus_needed
from model.virtual_machine import VmSize

_TOTAL = "cores"
"""Name of the quota of all vCPUs of a region."""
_AZURES_DISK_GB = 128
"""What AKS takes for nodes of eight vCPUs when no size is asked for:
https://learn.microsoft.com/azure/aks/concepts-storage"""


def check_compute(gateways: Gateways, spec: ChecksSpec) -> Findings:
    """Read the SKU list and the quota; nodes that our own cluster has already count as free."""
    return Findings(findings=or_warning("compute.readable", lambda: _judge(gateways, spec)))


def _judge(gateways: Gateways, spec: ChecksSpec) -> Iterator[Finding]:
    compute = gateways.compute(spec.group.subscription_id)
    location = spec.group.location
    size = compute.vm_size(location, spec.vm_size)
    if size is None or size.blocked:
        why = f"is restricted ({size.blocked})" if size else "is not offered"
        found = f"Size {spec.vm_size} {why} in {location}."
        yield error("compute.size", "vm-size-unavailable", found)
        return
    yield from _zone(spec, size)
    yield from _disk(spec, size)
    existing = 0 if _runs_already(gateways, spec) is None else spec.nodes
    needed = vcpus_needed(spec.nodes - existing, spec.spare_nodes, size.vcpus)
    usages = compute.usages(location)
    family = usages.get(size.family.lower())
    yield from _quota("compute.family-quota", family, size.family, needed)
    yield from _quota("compute.total-quota", usages.get(_TOTAL), _TOTAL, needed)


def _runs_already(gateways: Gateways, spec: ChecksSpec) -> str | None:
    """Id of our own cluster when a resumed installation finds it."""
    group = spec.group
    found = gateways.clusters(group.subscription_id).find(group.resource_group, spec.cluster)
    if found is None or not owned_by(group.owner, found.get("tags")):
        return None
    return str(found["id"])


def _zone(spec: ChecksSpec, size: VmSize) -> Iterator[Finding]:
    place = f"{size.name} in {spec.group.location}"
    if spec.zone is None:
        if size.zones:
            yield warning(
                "compute.zone",
                f"No zone is asked for, though {place} has zones {_listed(size.zones)}.",
                "Set azure.zone: a zonal disk cannot follow its pod to another zone.",
            )
    elif spec.zone not in size.zones:
        usable = _listed(size.zones) or "none"
        found = f"Zone {spec.zone} is not usable for {place}; usable: {usable}."
        yield error("compute.zone", "zone-unavailable", found)
    else:
        yield info("compute.zone", f"Zone {spec.zone} offers {place}.")


def _disk(spec: ChecksSpec, size: VmSize) -> Iterator[Finding]:
    if spec.os_disk_type != "Ephemeral":
        return
    wanted = spec.os_disk_gb or _AZURES_DISK_GB
    if wanted > size.ephemeral_gb:
        found = f"{size.name} holds an ephemeral disk of {size.ephemeral_gb} GiB, not {wanted}."
        remedy = "Choose osDisk.type Managed, a smaller disk, or a size with more local disk."
        yield error("compute.disk", "vm-size-unavailable", found, remedy)


def _quota(rule: str, usage: Usage | None, name: str, needed: int) -> Iterator[Finding]:
    if usage is None:
        yield warning(rule, f"The region tells no quota {name}.", "Look at the quota yourself.")
        return
    free = usage.limit - usage.used
    found = f"{free} of {usage.limit} {usage.label} are free, {needed} are needed."
    if free < needed:
        yield error(rule, "quota-insufficient", found)
    else:
        yield info(rule, found)


def _listed(zones: frozenset[str]) -> str:
    return ", ".join(sorted(zones))
