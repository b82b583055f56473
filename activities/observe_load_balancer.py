"""Stage ``observe_load_balancer``: the ingress has an address that records can point to."""

import ipaddress

from gateways import Gateways
from model.outcome import Pending
from model.plan import LoadBalancerSpec
from model.results import Address


def observe_load_balancer(gateways: Gateways, spec: LoadBalancerSpec) -> Address | Pending:
    """Look once; done when the Service's load balancer has an IPv4 address."""
    cluster = gateways.kubernetes(spec.target)
    address = cluster.service_address(spec.namespace, spec.service)
    named = f"Service {spec.namespace}/{spec.service}"
    if address is None:
        trouble = cluster.last_warning(spec.namespace, spec.service)
        return Pending(detail=f"{named} has no address yet" + (trouble and f" ({trouble})"))
    if not _is_ipv4(address):
        return Pending(detail=f"{named} has the address {address}, and no IPv4 address yet")
    return Address(address=address)


def _is_ipv4(address: str) -> bool:
    try:
        ipaddress.IPv4Address(address)
    except ValueError:
        return False
    return True
