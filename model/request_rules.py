"""Rules across the fields of a request; each is judged even when other fields are wrong."""

import ipaddress
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from model.domain_names import PREFIXES
from model.kots_files import faults_of
from model.offering import CORE_SERVICES, OFFERINGS
from model.problem import Problem
from model.sizing import pods_for_product

AKS_RESERVED = ("169.254.0.0/16", "172.30.0.0/16", "172.31.0.0/16", "192.0.2.0/24")
"""Ranges that AKS refuses: https://learn.microsoft.com/azure/aks/configure-azure-cni"""

CONFIG_VALUES_LIMIT = 4096
"""Bytes of the encoded template; the plan travels in history."""
COMPONENT_VALUES_LIMIT = 4096
_LABEL_LIMIT = 63
_SMALLEST_SERVICES = 24
"""Prefix length; 256 addresses leave room for the components' and AKS's own services."""
TAG_LIMIT = 256
"""Characters of an Azure tag's value:
https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources"""
TAGS_LIMIT = 2048
"""Bytes of all tags: they travel in every stage that makes something."""
COMPONENTS_LIMIT = 8192
"""Bytes of all components, for the plan's 24 KB."""
_MIN_LABELS = 3

type Network = ipaddress.IPv4Network


class Draft:
    """Lenient reading of a request: what is absent or of a wrong type is None."""

    def __init__(self, payload: Mapping[str, Any]) -> None:
        self._payload = payload

    def at(self, path: str) -> Any:
        """The value at a JSON pointer."""
        here: Any = self._payload
        for step in path.strip("/").split("/"):
            if isinstance(here, Mapping):
                here = cast("Mapping[str, Any]", here).get(step)
            elif isinstance(here, list) and step.isdigit():
                items = cast("list[Any]", here)
                here = items[int(step)] if int(step) < len(items) else None
            else:
                return None
        return here

    def text(self, path: str) -> str | None:
        """The text at a JSON pointer."""
        value = self.at(path)
        return value if isinstance(value, str) else None

    def number(self, path: str) -> int | None:
        """The whole number at a JSON pointer."""
        value = self.at(path)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def objects(self, path: str) -> list[Mapping[str, Any]]:
        """The objects of a list; what is none is an empty object."""
        value = self.at(path)
        items = cast("list[Any]", value) if isinstance(value, list) else []
        return [cast("Mapping[str, Any]", i) if isinstance(i, Mapping) else {} for i in items]

    def texts(self, path: str) -> list[str]:
        """The texts of a list."""
        value = self.at(path)
        items = cast("list[Any]", value) if isinstance(value, list) else []
        return [item for item in items if isinstance(item, str)]

    def network(self, path: str, default: str | None = None) -> Network | None:
        """The CIDR at a JSON pointer."""
        value = self.text(path) if self.at(path) is not None else default
        try:
            return ipaddress.IPv4Network(value) if value else None
        except ValueError:
            return None


def rule_problems(payload: Mapping[str, Any]) -> Iterator[Problem]:
    """Every broken rule."""
    draft = Draft(payload)
    for rule in _RULES:
        yield from rule(draft)


def _base_domain(draft: Draft) -> Iterator[Problem]:
    base = draft.text("/domain/baseDomain")
    if base is None:
        return
    labels = base.split(".")
    longest = max(len(prefix) for prefix in PREFIXES) + 1
    if len(labels) < _MIN_LABELS:
        yield Problem(
            "/domain/baseDomain",
            "base-domain-apex",
            "Give a host under your domain, such as dash.example.com: six more names, such as"
            " api-dash.example.com, stand beside it, and beside an apex they would not be yours.",
        )
    elif len(labels[0]) + longest > _LABEL_LIMIT:
        yield Problem(
            "/domain/baseDomain",
            "base-domain-long",
            f"Its first label has at most {_LABEL_LIMIT - longest} characters,"
            " for prefixes are put before it.",
        )


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
    identity = draft.text("/cluster/identity/type")
    if identity == "userAssigned" and draft.at("/cluster/identity/resourceId") is None:
        yield Problem(
            "/cluster/identity/resourceId",
            "identity-missing",
            "Give the resource id of the user-assigned identity.",
        )


def _config_values(draft: Draft) -> Iterator[Problem]:
    values = draft.at("/kots/configValues")
    if not isinstance(values, Mapping):
        return
    template = cast("dict[str, Any]", values)
    if "PRIVATE KEY-----" in json.dumps(template):
        yield Problem(
            "/kots/configValues",
            "inline-secret",
            "Use ${certificateKey} or ${certificateKeyBase64}, and store the key in Key Vault.",
        )
    for fault in faults_of(template):
        yield Problem("/kots/configValues", "config-values", f"{fault}.")
    if len(json.dumps(template)) > CONFIG_VALUES_LIMIT:
        yield Problem(
            "/kots/configValues",
            "config-values-size",
            f"It may have {CONFIG_VALUES_LIMIT} bytes; keep large values in the certificate"
            " placeholders.",
        )


def _components(draft: Draft) -> Iterator[Problem]:
    earlier: list[str] = []
    for number, component in enumerate(draft.objects("/components")):
        place = f"/components/{number}"
        if (component.get("chart") is None) == (component.get("manifest") is None):
            yield Problem(place, "component-source", "Give either chart or manifest.")
        name = component.get("name")
        if name in earlier:
            yield Problem(f"{place}/name", "component-twice", "Another component has this name.")
        after: Any = component.get("after")
        for wanted in cast("list[Any]", after) if isinstance(after, list) else []:
            if wanted not in earlier:
                yield Problem(
                    f"{place}/after", "component-order", "Name components that stand before it."
                )
        if len(json.dumps(component.get("values", {}))) > COMPONENT_VALUES_LIMIT:
            yield Problem(
                f"{place}/values", "component-size", f"At most {COMPONENT_VALUES_LIMIT} bytes."
            )
        if isinstance(name, str):
            earlier.append(name)


def _sizes(draft: Draft) -> Iterator[Problem]:
    tags = draft.at("/azure/tags")
    if isinstance(tags, Mapping):
        known = cast("Mapping[str, Any]", tags)
        if any(len(str(value)) > TAG_LIMIT for value in known.values()):
            yield Problem("/azure/tags", "tag-long", f"A tag has at most {TAG_LIMIT} characters.")
        elif len(json.dumps(dict(known))) > TAGS_LIMIT:
            yield Problem("/azure/tags", "tags-size", f"Tags have {TAGS_LIMIT} bytes in all.")
    if len(json.dumps(draft.at("/components"))) > COMPONENTS_LIMIT:
        told = f"All components together have at most {COMPONENTS_LIMIT} bytes."
        yield Problem("/components", "components-size", told)


def _limits(draft: Draft) -> Iterator[Problem]:
    apply = draft.at("/limits/apply")
    document = draft.text("/limits/document")
    ways = cast("list[Any]", apply) if isinstance(apply, list) else []
    if "graphql" in ways and document is None:
        yield Problem("/limits/document", "limits-document", "Give the GraphQL mutation to run.")
    if document is not None and not ("$pods" in document and "$volumes" in document):
        yield Problem(
            "/limits/document", "limits-variables", "It must use the variables $pods and $volumes."
        )


_RULES: tuple[Callable[[Draft], Iterator[Problem]], ...] = (
    _base_domain,
    _nodes,
    _addresses,
    _network_choice,
    _config_values,
    _components,
    _limits,
    _sizes,
)
