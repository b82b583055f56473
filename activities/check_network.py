"""Stage ``check_network``: there are addresses enough, and nothing overlaps."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Any

from activities._optional import or_warning
from gateways import Gateways
from model import resource_id
from model.finding import Finding, Findings, error, info, warning
from model.ownership import owned_by
from model.plan import ChecksSpec
from model.sizing import AZURE_RESERVED_ADDRESSES, node_addresses_needed

_UNSUITABLE = "network-unsuitable"
_EXITS = {
    "userDefinedRouting": ("routeTable", "a route table"),
    "userAssignedNATGateway": ("natGateway", "a NAT gateway"),
}
"""What a subnet must have for an outbound type that the customer provides:
https://learn.microsoft.com/azure/aks/egress-outboundtype"""


def check_network(gateways: Gateways, spec: ChecksSpec) -> Findings:
    """Judge the subnet: our own as planned, an existing one as it is."""
    if spec.subnet_id is not None:
        wanted = spec.subnet_id
        look = or_warning("network.readable", lambda: _existing(gateways, spec, wanted))
        if (of_pods := spec.pod_subnet_id) is not None:
            look += or_warning("network.readable", lambda: _of_pods(gateways, spec, of_pods))
        return Findings(findings=look)
    if spec.subnet_prefix is None:
        found = "AKS makes its own network; nothing of yours can be too small."
        return Findings(findings=(info("network.subnet", found),))
    return Findings(findings=(_size(spec, IPv4Network(spec.subnet_prefix), 0),))


def _existing(gateways: Gateways, spec: ChecksSpec, wanted: str) -> Iterator[Finding]:
    subnet = _find(gateways, wanted)
    if subnet is None:
        yield error("network.subnet", _UNSUITABLE, f"Subnet {wanted} does not exist.")
        return
    properties: dict[str, Any] = subnet.get("properties") or {}
    yield from _shape(spec, subnet["name"], properties)
    prefix = _range_of(properties)
    if _holds_our_cluster(gateways, spec):
        found = f"Our own cluster is there already and has its addresses in {prefix}."
        yield info("network.addresses", found)
    else:
        yield _size(spec, prefix, len(properties.get("ipConfigurations") or []))
    for label, cidr in (("pods", spec.pod_cidr), ("services", spec.service_cidr)):
        if cidr and IPv4Network(cidr).overlaps(prefix):
            found = f"The range of {label}, {cidr}, overlaps the subnet's {prefix}."
            yield error("network.overlap", _UNSUITABLE, found)


def _find(gateways: Gateways, subnet_id: str) -> dict[str, Any] | None:
    place = resource_id.parse(subnet_id)
    return gateways.networks(place.subscription).find_subnet(place)


def _range_of(properties: dict[str, Any]) -> IPv4Network:
    prefixes = properties.get("addressPrefixes") or [properties["addressPrefix"]]
    return next(IPv4Network(each) for each in prefixes if ":" not in each)


def _of_pods(gateways: Gateways, spec: ChecksSpec, wanted: str) -> Iterator[Finding]:
    """Judge the subnet that gives pods their addresses."""
    subnet = _find(gateways, wanted)
    if subnet is None:
        yield error("network.pod-subnet", _UNSUITABLE, f"Subnet {wanted} does not exist.")
        return
    prefix = _range_of(subnet.get("properties") or {})
    usable = prefix.num_addresses - AZURE_RESERVED_ADDRESSES
    most = (spec.nodes + 1) * spec.max_pods
    found = (
        f"{prefix} has {usable} addresses for pods: the product's core has {spec.pods_needed}, and"
        f" {spec.nodes} nodes and one for upgrades may hold {most}."
    )
    if usable < spec.pods_needed:
        yield error("network.pod-addresses", _UNSUITABLE, found)
    elif usable < most:
        yield warning("network.pod-addresses", found, "Give pods a larger subnet, or less maxPods.")
    else:
        yield info("network.pod-addresses", found)


def _shape(spec: ChecksSpec, name: str, properties: dict[str, Any]) -> Iterator[Finding]:
    if properties.get("delegations"):
        found = f"Subnet {name} is delegated to a service; a subnet of nodes must not be."
        yield error("network.delegation", _UNSUITABLE, found, "Use a subnet without delegation.")
    member, thing = _EXITS.get(spec.outbound_type, ("", ""))
    if member and not properties.get(member):
        found = f"Outbound type {spec.outbound_type} needs {thing} on subnet {name}."
        remedy = f"Associate {thing} with the subnet, or choose outboundType loadBalancer."
        yield error("network.outbound", _UNSUITABLE, found, remedy)


def _holds_our_cluster(gateways: Gateways, spec: ChecksSpec) -> bool:
    group = spec.group
    found = gateways.clusters(group.subscription_id).find(group.resource_group, spec.cluster)
    return found is not None and owned_by(group.owner, found.get("tags"))


def _size(spec: ChecksSpec, prefix: IPv4Network, used: int) -> Finding:
    flat = spec.network_plugin == "azure" and spec.network_plugin_mode != "overlay"
    overlay = not flat or spec.pod_subnet_id is not None  # a node then takes one address here
    needed = node_addresses_needed(spec.nodes, spec.max_pods, overlay=overlay)
    usable = prefix.num_addresses - used
    kind = "overlay" if overlay else "flat"
    found = (
        f"{prefix} has {usable} addresses left; {spec.nodes} nodes and one for upgrades need"
        f" {needed} on a {kind} network, {AZURE_RESERVED_ADDRESSES} of them Azure's own."
    )
    if usable < needed:
        return error("network.addresses", _UNSUITABLE, found)
    return info("network.addresses", found)
