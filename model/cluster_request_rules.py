"""Rules across the fields of a request's cluster and its network."""

import ipaddress
from collections.abc import Callable, Iterator

from model.draft import Draft, Network
from model.offering import CORE_SERVICES, OFFERINGS
from model.problem import Problem
from model.sizing import pods_for_product

AKS_RESERVED = ("169.254.0.0/16", "172.30.0.0/16", "172.31.0.0/16", "192.0.2.0/24")
"""Ranges that AKS refuses: https://learn.microsoft.com/azure/aks/configure-azure-cni"""
_SMALLEST_SERVICES = 24
"""Prefix length; 256 addresses leave room for the components' and AKS's own services."""


def _nodes(draft: Draft) -> Iterator[Problem]:
    offering = OFFERINGS.get(draft.text("/offering") or "")
    if offering is None:
        return
    nodes = draft.number("/cluster/nodeCount") or offering.nodes
    if nodes < offering.nodes:
        yield Problem(
            "/cluster/nodeCount",
            "nodes-too-few",
            f"This offering needs at least {offering.nodes} nodes.",
        )
    max_pods = draft.number("/cluster/maxPods") or 110
    if pods_for_product(nodes, max_pods) < offering.core_pods:
        yield Problem(
            "/cluster/maxPods",
            "pods-too-few",
            f"{nodes} nodes must hold {offering.core_pods} core pods besides the system's own.",
        )
    low, high = (
        draft.number("/cluster/autoscaling/minCount"),
        draft.number("/cluster/autoscaling/maxCount"),
    )
    if low is not None and high is not None and not low <= nodes <= high:
        yield Problem(
            "/cluster/autoscaling", "autoscaling-bounds", "minCount <= nodeCount <= maxCount."
        )


_CIDRS = {
    "addressSpace": None,
    "subnetPrefix": None,
    "podCidr": "10.244.0.0/16",
    "serviceCidr": "10.0.0.0/16",
}


def _addresses(draft: Draft) -> Iterator[Problem]:
    base = "/cluster/network"
    networks: dict[str, Network] = {}
    for key, default in _CIDRS.items():
        parsed = draft.network(f"{base}/{key}", default)
        if parsed is not None:
            networks[key] = parsed
        elif draft.at(f"{base}/{key}") is not None:
            yield Problem(f"{base}/{key}", "cidr", "Give an IPv4 range such as 10.1.0.0/16.")
    yield from _overlaps(networks)
    space, prefix = networks.get("addressSpace"), networks.get("subnetPrefix")
    if prefix is not None and (space is None or not prefix.subnet_of(space)):
        yield Problem(f"{base}/subnetPrefix", "subnet-outside", "It must lie in addressSpace.")
    service, dns = networks.get("serviceCidr"), draft.text(f"{base}/dnsServiceIp")
    if service is not None and service.prefixlen > _SMALLEST_SERVICES:
        yield Problem(
            f"{base}/serviceCidr",
            "service-range-small",
            f"Give at least a /{_SMALLEST_SERVICES}: the product has {CORE_SERVICES} services.",
        )
    for number, text in enumerate(draft.texts(f"{base}/authorizedIpRanges")):
        if not _is_range(text):
            place = f"{base}/authorizedIpRanges/{number}"
            yield Problem(place, "cidr", "Give an IPv4 range such as 203.0.113.0/24.")
    if dns is not None and (service is None or not _inside(dns, service)):
        yield Problem(f"{base}/dnsServiceIp", "dns-ip", "Give an address in serviceCidr.")


def _overlaps(networks: dict[str, Network]) -> Iterator[Problem]:
    for key in ("podCidr", "serviceCidr", "addressSpace"):
        mine = networks.get(key)
        if mine is None:
            continue
        others = [k for k in ("serviceCidr", "addressSpace") if k != key and k in networks]
        clash = [k for k in others if mine.overlaps(networks[k])] if key != "addressSpace" else []
        clash += [r for r in AKS_RESERVED if mine.overlaps(ipaddress.IPv4Network(r))]
        if clash:
            yield Problem(
                f"/cluster/network/{key}",
                "cidr-overlap",
                f"It overlaps {', '.join(clash)}; choose a free range.",
            )


def _is_range(text: str) -> bool:
    try:
        ipaddress.IPv4Network(text)
    except ValueError:
        return False
    return True


def _inside(address: str, network: Network) -> bool:
    try:
        return ipaddress.IPv4Address(address) in network
    except ValueError:
        return False


def _network_choice(draft: Draft) -> Iterator[Problem]:
    base = "/cluster/network"
    own, existing = draft.at(f"{base}/addressSpace"), draft.at(f"{base}/subnetId")
    if own is not None and existing is not None:
        yield Problem(f"{base}/subnetId", "subnet-or-space", "Give subnetId or addressSpace.")
    outbound = draft.text(f"{base}/outboundType")
    if outbound in ("userDefinedRouting", "userAssignedNATGateway") and existing is None:
        yield Problem(
            f"{base}/outboundType",
            "outbound-needs-subnet",
            f"{outbound} needs an existing subnet: give subnetId.",
        )
    private, ranges = draft.at(f"{base}/privateCluster"), draft.at(f"{base}/authorizedIpRanges")
    if private is True and ranges:
        yield Problem(
            f"{base}/authorizedIpRanges",
            "private-ranges",
            "A private cluster takes no authorized ranges.",
        )


_NEED_IDENTITY = {
    "/cluster/network/podSubnetId": "join the subnet of the pods",
    "/cluster/network/apiServerSubnetId": "join the subnet of the API server",
    "/cluster/addons/keyVaultKms": "use your key",
}
"""What AKS lets the cluster's identity do while it makes the cluster: it must have the right before
that, which an identity that is made with the cluster cannot.
https://learn.microsoft.com/azure/aks/api-server-vnet-integration
https://learn.microsoft.com/azure/aks/use-kms-etcd-encryption"""


def _identity(draft: Draft) -> Iterator[Problem]:
    assigned = draft.text("/cluster/identity/type") == "userAssigned"
    if assigned and draft.at("/cluster/identity/resourceId") is None:
        yield Problem(
            "/cluster/identity/resourceId",
            "identity-missing",
            "Give the resource id of the user-assigned identity.",
        )
    for place, purpose in _NEED_IDENTITY.items():
        if draft.at(place) is not None and not assigned:
            yield Problem(
                place,
                "identity-needed",
                f"Give a userAssigned identity that may {purpose} beforehand.",
            )


def _subnets(draft: Draft) -> Iterator[Problem]:
    base = "/cluster/network"
    if draft.at(f"{base}/podSubnetId") is not None:
        flat = draft.text(f"{base}/mode") == "flat"
        azure = (draft.text(f"{base}/plugin") or "azure") == "azure"
        if draft.at(f"{base}/subnetId") is None or not (flat and azure):
            yield Problem(
                f"{base}/podSubnetId",
                "pod-subnet",
                "Pods have a subnet of their own beside subnetId, with plugin azure and mode flat.",
            )
    within = draft.at(f"{base}/apiServerVnetIntegration") is True
    if draft.at(f"{base}/apiServerSubnetId") is not None and not within:
        yield Problem(
            f"{base}/apiServerSubnetId",
            "api-server-subnet",
            "It needs apiServerVnetIntegration: true.",
        )


def _outbound(draft: Draft) -> Iterator[Problem]:
    base = "/cluster/network"
    kinds = ("outboundIpCount", "outboundIpIds", "outboundIpPrefixIds")
    given = [kind for kind in kinds if draft.at(f"{base}/{kind}")]
    for kind in given[1:]:
        yield Problem(
            f"{base}/{kind}", "outbound-addresses", f"Give {given[0]} or {kind}, not both."
        )
    if (draft.text(f"{base}/outboundType") or "loadBalancer") == "loadBalancer":
        return
    for kind in ("outboundIpIds", "outboundIpPrefixIds", "outboundPorts"):
        if draft.at(f"{base}/{kind}"):
            yield Problem(
                f"{base}/{kind}", "outbound-load-balancer", "It needs outboundType loadBalancer."
            )


def _names(draft: Draft) -> Iterator[Problem]:
    if draft.at("/cluster/fqdnSubdomain") is None:
        return
    zone = draft.text("/cluster/network/privateDnsZone") or ""
    if draft.at("/cluster/network/privateCluster") is not True or not zone.startswith("/"):
        yield Problem(
            "/cluster/fqdnSubdomain",
            "fqdn-subdomain",
            "It needs privateCluster and the resource id of your private DNS zone.",
        )
    if draft.at("/cluster/dnsPrefix") is not None:
        yield Problem("/cluster/dnsPrefix", "dns-prefix", "Give dnsPrefix or fqdnSubdomain.")


def _features(draft: Draft) -> Iterator[Problem]:
    for place, needed, told in (
        ("nodes/publicIpPrefixId", "nodes/publicIp", "nodes.publicIp: true"),
        (
            "addons/secretRotation",
            "addons/keyVaultSecretsProvider",
            "addons.keyVaultSecretsProvider: true",
        ),
    ):
        if draft.at(f"/cluster/{place}") and draft.at(f"/cluster/{needed}") is not True:
            yield Problem(f"/cluster/{place}", "feature-needs", f"It needs {told}.")
    if draft.at("/cluster/nodes/ultraSsd") is True and _zoneless(draft):
        yield Problem("/cluster/nodes/ultraSsd", "feature-needs", "It needs a zone: azure.zone.")
    if draft.at("/cluster/addons/costAnalysis") is True and draft.text("/cluster/tier") == "Free":
        yield Problem(
            "/cluster/addons/costAnalysis", "feature-needs", "It needs tier Standard or Premium."
        )
    kms = "/cluster/addons/keyVaultKms"
    private = draft.text(f"{kms}/networkAccess") == "Private"
    if private and draft.at(f"{kms}/vaultResourceId") is None:
        yield Problem(
            f"{kms}/vaultResourceId", "feature-needs", "Give it with networkAccess Private."
        )


def _zoneless(draft: Draft) -> bool:
    azure = draft.at("/azure")
    return isinstance(azure, dict) and azure.get("zone", "1") is None  # pyright: ignore[reportUnknownMemberType] # JSON


CLUSTER_RULES: tuple[Callable[[Draft], Iterator[Problem]], ...] = (
    _nodes,
    _addresses,
    _network_choice,
    _identity,
    _subnets,
    _outbound,
    _names,
    _features,
)
