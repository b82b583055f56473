"""What AKS refuses about address ranges and subnets.

Source: https://learn.microsoft.com/azure/aks/configure-azure-cni and
https://learn.microsoft.com/azure/aks/egress-outboundtype
"""

import ipaddress
import re

from emulator.azure.arm_error import ArmError, invalid_parameter
from emulator.azure.calls import JsonObject
from emulator.azure.resources import Resource
from emulator.azure.state import SUBNET, VNET, State

_RESERVED = tuple(
    ipaddress.ip_network(cidr)
    for cidr in ("169.254.0.0/16", "172.30.0.0/16", "172.31.0.0/16", "192.0.2.0/24")
)
_SUBNET_ID = re.compile(
    r"/subscriptions/([^/]+)/resourceGroups/([^/]+)/providers/Microsoft\.Network/"
    r"virtualNetworks/([^/]+)/subnets/([^/]+)",
    re.IGNORECASE,
)
_AZURE_RESERVES = 5
"""Addresses that Azure keeps in every subnet."""
_LARGEST_SERVICE_PREFIX = 12

type Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def check_network(state: State, location: str, properties: JsonObject) -> None:
    """Check a complete network profile and the subnets of the pools.

    Raises:
        ArmError: 400.
    """
    profile: JsonObject = properties["networkProfile"]
    service = _cidr("networkProfile.serviceCidr", profile["serviceCidr"])
    _check_service(profile, service)
    pods: list[Network] = []
    if profile.get("podCidr"):
        pods.append(_cidr("networkProfile.podCidr", profile["podCidr"]))
    for network in (service, *pods):
        for reserved in _RESERVED:
            if network.overlaps(reserved):
                raise invalid_parameter(
                    "networkProfile", f"{network} overlaps the reserved range {reserved}."
                )
    if any(service.overlaps(p) for p in pods):
        raise ArmError(
            400,
            "ServiceCidrOverlapPodCidr",
            f"Service CIDR {service} and pod CIDR {pods[0]} overlap.",
            flat=True,
        )
    _check_mode(profile)
    pools: list[JsonObject] = properties["agentPoolProfiles"]
    subnets = [(p, p["vnetSubnetID"]) for p in pools if p.get("vnetSubnetID")]
    if len(subnets) not in (0, len(pools)):
        raise invalid_parameter(
            "agentPoolProfile.vnetSubnetID", "Either all or none of the pools name a subnet."
        )
    _check_outbound(profile, own_subnet=bool(subnets))
    for pool, subnet_id in subnets:
        subnet = find_subnet(state, location, subnet_id)
        _check_ranges(state, subnet, service, pods)
        _check_room(subnet, pool, profile)


def _check_service(profile: JsonObject, service: Network) -> None:
    if service.version == 4 and service.prefixlen < _LARGEST_SERVICE_PREFIX:  # noqa: PLR2004 # IPv4
        raise invalid_parameter(
            "networkProfile.serviceCidr", f"The range {service} is larger than /12."
        )
    try:
        dns = ipaddress.ip_address(profile["dnsServiceIP"])
    except ValueError as wrong:
        raise invalid_parameter("networkProfile.dnsServiceIP", "It is no IP address.") from wrong
    if dns not in service or dns in (service.network_address, service.network_address + 1):
        raise invalid_parameter(
            "networkProfile.dnsServiceIP",
            f"{dns} must be within the service CIDR {service} and not its first address.",
        )


def _check_mode(profile: JsonObject) -> None:
    plugin = str(profile["networkPlugin"]).lower()
    mode = str(profile.get("networkPluginMode", "")).lower()
    policy = str(profile.get("networkPolicy", "none")).lower()
    dataplane = str(profile.get("networkDataplane", "azure")).lower()
    if mode == "overlay" and plugin != "azure":
        raise invalid_parameter(
            "networkProfile.networkPluginMode", "overlay needs the network plugin azure."
        )
    if plugin == "azure" and not mode and profile.get("podCidr"):
        raise invalid_parameter(
            "networkProfile.podCidr", "The network plugin azure without overlay has no pod CIDR."
        )
    if policy == "azure" and plugin != "azure":
        raise invalid_parameter(
            "networkProfile.networkPolicy", "azure needs the network plugin azure."
        )
    if (policy == "cilium") != (dataplane == "cilium") and policy != "none":
        raise invalid_parameter(
            "networkProfile.networkDataplane", "The policy cilium and the dataplane go together."
        )


def _check_outbound(profile: JsonObject, *, own_subnet: bool) -> None:
    outbound = str(profile["outboundType"]).lower()
    if outbound in ("userdefinedrouting", "userassignednatgateway") and not own_subnet:
        raise ArmError(
            400,
            "InvalidOutboundType",
            f"Outbound type {profile['outboundType']} needs a subnet of your own "
            "(agentPoolProfile.vnetSubnetID).",
            flat=True,
        )


def find_subnet(state: State, location: str, subnet_id: str) -> Resource:
    """The subnet of a pool, in the region of the cluster.

    Raises:
        ArmError: 400.
    """
    found = _SUBNET_ID.fullmatch(subnet_id)
    if found is None:
        raise ArmError(
            400,
            "LinkedInvalidPropertyId",
            f"Property id '{subnet_id}' at path 'properties.agentPoolProfiles[0].vnetSubnetID' is "
            "invalid. Expect fully qualified resource Id that start with '/subscriptions/"
            "{subscriptionId}' or '/providers/{resourceProviderNamespace}/'.",
        )
    subscription, group, network_name, name = found.groups()
    network = state.resources.look_up(subscription, group, VNET, network_name)
    subnet = state.resources.look_up(subscription, group, SUBNET, f"{network_name}/{name}")
    if network is None or subnet is None:
        raise ArmError(
            400,
            "SubnetNotFound",
            f"The subnet with id '{subnet_id}' cannot be found. Please make sure that it exists.",
            flat=True,
        )
    if network.location != location:
        raise ArmError(
            400,
            "VnetLocationMismatch",
            f"The virtual network of subnet '{subnet_id}' is in {network.location}, the cluster in "
            f"{location}. They must be in the same region.",
            flat=True,
        )
    return subnet


def _check_ranges(state: State, subnet: Resource, service: Network, pods: list[Network]) -> None:
    network = state.resources.look_up(
        subnet.subscription, subnet.group, VNET, subnet.name.partition("/")[0]
    )
    if network is None:
        return
    siblings = state.resources.children(network, SUBNET)
    for prefix in [p for s in siblings for p in prefixes(s.properties)]:
        taken = ipaddress.ip_network(prefix)
        if taken.version == service.version and service.overlaps(taken):
            raise ArmError(
                400,
                "ServiceCidrOverlapExistingSubnetsCidr",
                f"The specified service CIDR {service} is conflicted with an existing subnet CIDR "
                f"{taken}. Please see https://aka.ms/aks/servicecidroverlap for how to fix the "
                "error.",
                flat=True,
            )
        if any(taken.version == p.version and p.overlaps(taken) for p in pods):
            raise ArmError(
                400,
                "PodCidrOverlapExistingSubnetsCidr",
                f"The specified pod CIDR {pods[0]} is conflicted with an existing subnet CIDR "
                f"{taken}.",
                flat=True,
            )


def _check_room(subnet: Resource, pool: JsonObject, profile: JsonObject) -> None:
    """Azure CNI without overlay gives every possible pod an address of the subnet at once."""
    flat = (
        str(profile["networkPlugin"]).lower() == "azure"
        and str(profile.get("networkPluginMode", "")).lower() != "overlay"
        and not pool.get("podSubnetID")
    )
    per_node = pool["maxPods"] + 1 if flat else 1
    needed = pool["count"] * per_node
    prefix = ipaddress.ip_network(prefixes(subnet.properties)[0])
    room = prefix.num_addresses - _AZURE_RESERVES
    if needed > room:
        raise ArmError(
            400,
            "InsufficientSubnetSize",
            f"Pre-allocated IPs {needed} exceeds IPs available {room} in Subnet Cidr {prefix}, "
            f"Subnet Name {subnet.own_name}. If Autoscaler is enabled, the max-count from each "
            "nodepool is counted towards this total (which means that pre-allocated IPs count "
            "represents a theoretical max value, not the actual number of IPs requested). "
            "http://aka.ms/aks/insufficientsubnetsize",
            flat=True,
        )


def prefixes(subnet: JsonObject) -> list[str]:
    """Address ranges of a subnet, in whichever member they are."""
    many = subnet.get("addressPrefixes")
    return list(many) if many else [subnet["addressPrefix"]]


def _cidr(parameter: str, text: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as wrong:
        raise invalid_parameter(parameter, f"'{text}' is not a CIDR range.") from wrong
