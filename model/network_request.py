"""The part of a request that says what network the AKS cluster has."""

from typing import Annotated, Literal

from pydantic import Field

from model import wire
from model.request_patterns import RESOURCE, RESOURCE_ID


@wire.record
class NetworkSection:
    """The cluster's network. Without ``subnetId`` and ``addressSpace`` AKS makes its own."""

    subnet_id: Annotated[
        str | None, Field(pattern=RESOURCE_ID, description="Existing subnet for the nodes.")
    ] = None
    address_space: Annotated[
        str | None, Field(description="CIDR of a virtual network that we create.")
    ] = None
    pod_subnet_id: Annotated[
        str | None,
        Field(pattern=RESOURCE_ID, description="Existing subnet for the pods, with mode flat."),
    ] = None
    subnet_prefix: Annotated[
        str | None, Field(description="CIDR of its node subnet; the whole space when absent.")
    ] = None
    plugin: Literal["azure", "kubenet", "none"] = "azure"
    mode: Annotated[
        Literal["overlay", "flat"], Field(description="overlay spends node addresses only.")
    ] = "overlay"
    policy: Literal["none", "azure", "calico", "cilium"] = "none"
    dataplane: Literal["azure", "cilium"] = "azure"
    pod_cidr: str | None = "10.244.0.0/16"
    service_cidr: str = "10.0.0.0/16"
    dns_service_ip: Annotated[
        str | None, Field(description="Tenth address of serviceCidr when absent.")
    ] = None
    outbound_type: Literal[
        "loadBalancer", "userDefinedRouting", "managedNATGateway", "userAssignedNATGateway"
    ] = "loadBalancer"
    outbound_ip_count: Annotated[int | None, Field(ge=1, le=100)] = None
    outbound_ip_ids: Annotated[
        tuple[Annotated[str, Field(pattern=RESOURCE_ID)], ...],
        Field(max_length=20, description="Your own public addresses for what leaves the cluster."),
    ] = ()
    outbound_ip_prefix_ids: Annotated[
        tuple[Annotated[str, Field(pattern=RESOURCE_ID)], ...],
        Field(max_length=20, description="The same as public IP prefixes."),
    ] = ()
    outbound_ports: Annotated[
        int | None,
        Field(ge=0, le=64_000, multiple_of=8, description="Of each node, at the load balancer."),
    ] = None
    idle_timeout_minutes: Annotated[int | None, Field(ge=4, le=120)] = None
    private_cluster: bool = False
    private_dns_zone: Annotated[
        str | None, Field(pattern=f"^(system|none|{RESOURCE})$", description="Or its resource id.")
    ] = None
    disable_public_fqdn: bool = False
    api_server_vnet_integration: bool = False
    api_server_subnet_id: Annotated[
        str | None,
        Field(pattern=RESOURCE_ID, description="Existing subnet for the API server, a /28."),
    ] = None
    authorized_ip_ranges: Annotated[tuple[str, ...], Field(max_length=200)] = ()
