"""Stage ``check_network``: there are addresses enough, and nothing overlaps."""

import ipaddress
from collections.abc import Iterator
from typing import Any

from gateways import Gateways
from model import resource_id
from model.finding import Finding, Findings, error, info
from model.plan import ChecksSpec
from model.sizing import AZURE_RESERVED_ADDRESSES, node_addresses_needed

_DELEGATION_FREE = "node subnets must not be delegated"


def check_network(gateways: Gateways, spec: ChecksSpec) -> Findings:
    """Judge the subnet: our own as planned, an existing one as it is."""
    if spec.subnet_id is not None:
        wanted = resource_id.parse(spec.subnet_id)
        subnet = gateways.networks(wanted.subscription).find_subnet(wanted)
        if subnet is None:
            found = f"Subnet {spec.subnet_id} does not exist, or may not be read."
            return Findings(findings=(error("network.subnet", "network-unsuitable", found),))
        return Findings(findings=tuple(_existing(spec, subnet)))
    if spec.subnet_prefix is None:
        found = "AKS makes its own network; nothing of yours can be too small."
        return Findings(findings=(info("network.subnet", found),))
    return Findings(findings=tuple(_size(spec, spec.subnet_prefix, 0)))


def _existing(spec: ChecksSpec, subnet: dict[str, Any]) -> Iterator[Finding]:
    properties = subnet.get("properties", {})
    prefixes = properties.get("addressPrefixes") or [properties.get("addressPrefix")]
    prefix = str(prefixes[0])
    used = len(properties.get("ipConfigurations") or [])
    if properties.get("delegations"):
        found = f"Subnet {subnet['name']} is delegated; {_DELEGATION_FREE}."
        yield error("network.delegation", "network-unsuitable", found)
    yield from _size(spec, prefix, used)
    for label, cidr in (("pods", spec.pod_cidr), ("services", spec.service_cidr)):
        if cidr and ipaddress.ip_network(cidr).overlaps(ipaddress.ip_network(prefix)):
            found = f"The range of {label}, {cidr}, overlaps the subnet's {prefix}."
            yield error("network.overlap", "network-unsuitable", found)


def _size(spec: ChecksSpec, prefix: str, used: int) -> Iterator[Finding]:
    overlay = spec.network_plugin != "azure" or spec.network_plugin_mode == "overlay"
    needed = node_addresses_needed(spec.nodes, spec.max_pods, overlay=overlay)
    usable = ipaddress.ip_network(prefix).num_addresses - used
    kind = "overlay" if overlay else "flat"
    found = (
        f"{prefix} has {usable} addresses left; {spec.nodes} nodes and one for upgrades need"
        f" {needed} on a {kind} network, {AZURE_RESERVED_ADDRESSES} of them Azure's own."
    )
    if usable < needed:
        yield error("network.addresses", "network-unsuitable", found)
    else:
        yield info("network.addresses", found)
