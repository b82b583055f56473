"""Virtual networks and subnets."""

import ipaddress
import uuid

from emulator.azure.arm_error import ArmError
from emulator.azure.body_check import check
from emulator.azure.calls import Answer, Call, JsonObject, Route, listing, member, rows
from emulator.azure.cluster_network_rules import prefixes
from emulator.azure.locations import known
from emulator.azure.operations import Finish, urls
from emulator.azure.resources import Resource
from emulator.azure.state import CLUSTER, SUBNET, VNET, State

PROVIDER = "Microsoft.Network"
NETWORKS_PATH = (
    "/subscriptions/{subscription}/resourceGroups/{group}/providers/"
    "Microsoft.Network/virtualNetworks"
)


class Networks:
    """Routes of virtual networks and subnets."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._resources = state.resources

    def routes(self) -> list[Route]:
        """Every operation of this part."""
        one = f"{NETWORKS_PATH}/{{name}}"
        subnets = f"{one}/subnets"
        everywhere = "/subscriptions/{subscription}/providers/Microsoft.Network/virtualNetworks"
        table = (
            ("GET", everywhere, self._list, f"{VNET}/read"),
            ("GET", NETWORKS_PATH, self._list, f"{VNET}/read"),
            ("PUT", one, self._put, f"{VNET}/write"),
            ("GET", one, self._get, f"{VNET}/read"),
            ("DELETE", one, self._delete, f"{VNET}/delete"),
            ("GET", subnets, self._list_subnets, f"{SUBNET}/read"),
            ("PUT", f"{subnets}/{{subnet}}", self._put_subnet, f"{SUBNET}/write"),
            ("GET", f"{subnets}/{{subnet}}", self._get_subnet, f"{SUBNET}/read"),
            ("DELETE", f"{subnets}/{{subnet}}", self._delete_subnet, f"{SUBNET}/delete"),
        )
        return [
            Route(method=m, template=t, handle=h, action=action, api=PROVIDER)
            for m, t, h, action in table
        ]

    def _find(self, call: Call) -> Resource:
        return self._resources.find(call["subscription"], call["group"], VNET, call["name"])

    async def _list(self, call: Call) -> Answer:
        group = call.params.get("group", "")
        if group:
            self._resources.group(call["subscription"], group)
        found = self._resources.of(VNET, call["subscription"], group)
        return listing(call, [self._shown(n) for n in found], self._state.page_size)

    async def _get(self, call: Call) -> Answer:
        return Answer(body=self._shown(self._find(call)))

    async def _put(self, call: Call) -> Answer:
        check("network", "VirtualNetwork", call.body, flat=False)
        group = self._resources.open_group(call["subscription"], call["group"])
        location = known(call.body.get("location"), VNET)
        asked: JsonObject = member(call.body, "properties")
        space: list[str] = member(asked, "addressSpace").get("addressPrefixes", [])
        if not space:
            raise ArmError(
                400,
                "InvalidRequestFormat",
                "Cannot parse the request: properties.addressSpace.addressPrefixes is required.",
            )
        ranges = [_network(p) for p in space]
        existing = self._resources.look_up(group.subscription, group.name, VNET, call["name"])
        if existing is not None and existing.location != location:
            raise ArmError(
                400,
                "InvalidResourceLocation",
                f"The resource '{call['name']}' already exists in location "
                f"'{existing.location}' in resource group '{group.name}'. A resource with the same "
                f"name cannot be created in location '{location}'. Please select a new resource "
                "name.",
            )
        subnets: list[JsonObject] = rows(asked, "subnets")
        _check_subnets(
            [(s.get("name", ""), member(s, "properties")) for s in subnets], ranges, call["name"]
        )
        network = existing or self._resources.put(
            Resource(
                subscription=group.subscription,
                group=group.name,
                kind=VNET,
                name=call["name"],
                location=location,
                created=self._state.clock.now(),
            )
        )
        self._replace_subnets(network, subnets)
        network.tags = call.body.get("tags")
        network.properties = {
            "provisioningState": "Updating",
            "resourceGuid": network.properties.get("resourceGuid", str(uuid.uuid4())),
            "addressSpace": {"addressPrefixes": space},
            "enableDdosProtection": asked.get("enableDdosProtection", False),
            "virtualNetworkPeerings": asked.get("virtualNetworkPeerings") or [],
        } | {k: asked[k] for k in ("dhcpOptions", "flowTimeoutInMinutes") if k in asked}
        network.touch()
        return self._begin(call, network, network, 200 if existing else 201)

    def _replace_subnets(self, network: Resource, asked: list[JsonObject]) -> None:
        """A PUT of a network replaces its subnets; one in use must stay."""
        wanted = {str(s.get("name", "")).lower() for s in asked}
        for subnet in self._resources.children(network, SUBNET):
            if subnet.own_name.lower() not in wanted:
                self._refuse_in_use(subnet)
                self._resources.all.pop(subnet.resource_id.lower())
        for body in asked:
            self._keep_subnet(network, body["name"], member(body, "properties"))

    def _keep_subnet(self, network: Resource, name: str, properties: JsonObject) -> Resource:
        filled: JsonObject = {
            "delegations": [],
            "privateEndpointNetworkPolicies": "Disabled",
            "privateLinkServiceNetworkPolicies": "Enabled",
        }
        return self._resources.put(
            Resource(
                subscription=network.subscription,
                group=network.group,
                kind=SUBNET,
                name=f"{network.name}/{name}",
                properties=filled | properties | {"provisioningState": "Succeeded"},
            )
        )

    def _begin(self, call: Call, changed: Resource, answered: Resource, status: int) -> Answer:
        changed.state = "Updating"

        async def finish(error: ArmError | None) -> None:
            changed.state = "Failed" if error else "Succeeded"

        return self._accepted(call, changed, answered, status, finish)

    def _accepted(
        self, call: Call, changed: Resource, answered: Resource, status: int, finish: Finish
    ) -> Answer:
        network = self._resources.find(call["subscription"], call["group"], VNET, call["name"])
        deleting = call.method == "DELETE"
        operation = self._state.operations.begin(
            changed.kind,
            changed.resource_id,
            "Deleting" if deleting else "Updating",
            self._state.durations.network_create,
            finish,
        )
        url, location = urls(call, PROVIDER, network.location, operation)
        headers = {"Azure-AsyncOperation": url}
        if deleting:
            return Answer(status=202, headers=headers | {"Location": location})
        body = self._shown(answered) if answered.kind == VNET else shown_subnet(answered)
        return Answer(status=status, body=body, headers=headers)

    async def _delete(self, call: Call) -> Answer:
        network = self._resources.look_up(call["subscription"], call["group"], VNET, call["name"])
        if network is None:
            return Answer(status=204)
        for subnet in self._resources.children(network, SUBNET):
            self._refuse_in_use(subnet)
        network.state = "Deleting"

        async def finish(error: ArmError | None) -> None:
            if error is None:
                await self._resources.remove(network)

        return self._accepted(call, network, network, 202, finish)

    async def _list_subnets(self, call: Call) -> Answer:
        found = self._resources.children(self._find(call), SUBNET)
        return listing(call, [shown_subnet(s) for s in found], self._state.page_size)

    def _find_subnet(self, call: Call) -> Resource:
        network = self._find(call)
        found = self._resources.look_up(
            network.subscription, network.group, SUBNET, f"{network.name}/{call['subnet']}"
        )
        if found is None:
            # A child is asked of the network service, which has words of its own.
            raise ArmError(
                404,
                "NotFound",
                f"Resource {network.resource_id}/subnets/{call['subnet']} not found.",
            )
        return found

    async def _get_subnet(self, call: Call) -> Answer:
        return Answer(body=shown_subnet(self._find_subnet(call)))

    async def _put_subnet(self, call: Call) -> Answer:
        check("network", "Subnet", call.body, flat=False)
        self._resources.open_group(call["subscription"], call["group"])
        network = self._find(call)
        asked: JsonObject = member(call.body, "properties")
        ranges = [_network(p) for p in network.properties["addressSpace"]["addressPrefixes"]]
        siblings = self._resources.children(network, SUBNET)
        others = [s for s in siblings if s.own_name.lower() != call["subnet"].lower()]
        together = [(s.own_name, s.properties) for s in others] + [(call["subnet"], asked)]
        _check_subnets(together, ranges, network.name)
        subnet = self._keep_subnet(network, call["subnet"], asked)
        return self._begin(call, subnet, subnet, 201 if len(others) == len(siblings) else 200)

    async def _delete_subnet(self, call: Call) -> Answer:
        network = self._find(call)
        subnet = self._resources.look_up(
            network.subscription, network.group, SUBNET, f"{network.name}/{call['subnet']}"
        )
        if subnet is None:
            return Answer(status=204)
        self._refuse_in_use(subnet)
        subnet.state = "Deleting"

        async def finish(error: ArmError | None) -> None:
            if error is None:
                await self._resources.remove(subnet)

        return self._accepted(call, subnet, subnet, 202, finish)

    def _refuse_in_use(self, subnet: Resource) -> None:
        mine = subnet.resource_id.lower()
        for cluster in self._resources.of(CLUSTER):
            pools: list[JsonObject] = cluster.properties["agentPoolProfiles"]
            if any(str(p.get("vnetSubnetID", "")).lower() == mine for p in pools):
                raise ArmError(
                    400,
                    "InUseSubnetCannotBeDeleted",
                    f"Subnet {subnet.own_name} is in use by {cluster.resource_id} and cannot be "
                    "deleted. In order to delete the subnet, delete all the resources within the "
                    "subnet. See aka.ms/deletesubnet.",
                )

    def _shown(self, network: Resource) -> JsonObject:
        document = network.document() | {"etag": f'W/"{network.etag}"'}
        subnets = [shown_subnet(s) for s in self._resources.children(network, SUBNET)]
        return document | {"properties": network.properties | {"subnets": subnets}}


def shown_subnet(subnet: Resource) -> JsonObject:
    """A subnet as a GET shows it."""
    return subnet.document() | {"etag": f'W/"{subnet.etag}"'}


def _network(prefix: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(prefix)
    except ValueError as wrong:
        raise ArmError(
            400,
            "InvalidAddressPrefixFormat",
            f"Address prefix {prefix} is not formatted correctly. It should follow CIDR notation, "
            "for example 10.0.0.0/24.",
        ) from wrong


def _check_subnets(
    subnets: list[tuple[str, JsonObject]],
    ranges: list[ipaddress.IPv4Network | ipaddress.IPv6Network],
    network: str,
) -> None:
    """Every subnet inside the network, none overlapping another.

    Raises:
        ArmError: 400.
    """
    seen: list[tuple[str, ipaddress.IPv4Network | ipaddress.IPv6Network]] = []
    for name, properties in subnets:
        if not properties.get("addressPrefix") and not properties.get("addressPrefixes"):
            raise ArmError(
                400,
                "InvalidRequestFormat",
                f"Cannot parse the request: subnet '{name}' has no address prefix.",
            )
        for text in prefixes(properties):
            prefix = _network(text)
            inside = any(
                prefix.version == r.version and prefix.subnet_of(r)  # type: ignore[arg-type] # same version
                for r in ranges
            )
            if not inside:
                raise ArmError(
                    400,
                    "NetcfgInvalidSubnet",
                    f"Subnet '{name}' is not valid because its IP address range is outside the IP "
                    f"address range of virtual network '{network}'.",
                )
            for other, taken in seen:
                if taken.version == prefix.version and taken.overlaps(prefix):
                    raise ArmError(
                        400,
                        "NetcfgSubnetRangesOverlap",
                        f"Subnet '{name}' is not valid because its IP address range overlaps with "
                        f"that of an existing subnet in virtual network '{network}': '{other}'.",
                    )
            seen.append((name, prefix))
