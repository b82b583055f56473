"""Microsoft.Compute: usages and SKUs; Microsoft.Network: usages."""

import re

from emulator.azure.calls import Answer, Call, JsonObject, Route
from emulator.azure.locations import LOCATIONS, known, normalized
from emulator.azure.sku_catalog import SIZES
from emulator.azure.state import State

_LOCATION = re.compile(r"location\s+eq\s+'([^']*)'", re.IGNORECASE)
_NETWORK_LIMITS = (
    ("VirtualNetworks", "Virtual Networks", 1000),
    ("StaticPublicIPAddresses", "Static Public IP Addresses", 20),
    ("NetworkSecurityGroups", "Network Security Groups", 5000),
    ("PublicIPAddresses", "Public IP Addresses", 1000),
    ("StandardSkuPublicIpAddresses", "Public IPv4 Addresses - Standard", 20),
    ("LoadBalancers", "Load Balancers", 1000),
    ("StandardSkuLoadBalancers", "Standard Sku Load Balancers", 1000),
    ("NetworkInterfaces", "Network Interfaces", 65536),
    ("RouteTables", "Route Tables", 200),
    ("NatGateways", "NAT Gateways", 1000),
)
"""Source: https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits"""


class Compute:
    """Routes of quota and SKUs."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[Route]:
        """Every operation of this part."""
        one = "/subscriptions/{subscription}/providers"
        return [
            Route(
                method="GET",
                template=f"{one}/Microsoft.Compute/locations/{{location}}/usages",
                handle=self._usages,
                action="Microsoft.Compute/locations/usages/read",
                api="Microsoft.Compute",
            ),
            Route(
                method="GET",
                template=f"{one}/Microsoft.Compute/locations/{{location}}/vmSizes",
                handle=self._sizes,
                action="Microsoft.Compute/locations/vmSizes/read",
                api="Microsoft.Compute",
            ),
            Route(
                method="GET",
                template=f"{one}/Microsoft.Compute/skus",
                handle=self._skus,
                action="Microsoft.Compute/skus/read",
                api="Microsoft.Compute/skus",
            ),
            Route(
                method="GET",
                template=f"{one}/Microsoft.Network/locations/{{location}}/usages",
                handle=self._network_usages,
                action="Microsoft.Network/locations/usages/read",
                api="Microsoft.Network",
            ),
        ]

    async def _usages(self, call: Call) -> Answer:
        location = known(call["location"], "Microsoft.Compute/locations/usages")
        return Answer(body={"value": self._state.quota.usages(location)})

    async def _sizes(self, call: Call) -> Answer:
        known(call["location"], "Microsoft.Compute/locations/vmSizes")
        rows: list[JsonObject] = [
            {
                "name": size.name,
                "numberOfCores": size.vcpus,
                "memoryInMB": int(size.memory * 1024),
                "maxDataDiskCount": size.data_disks,
                "osDiskSizeInMB": 1047552,
                "resourceDiskSizeInMB": int(size.vcpus * size.series.local_disk * 1024),
            }
            for size in SIZES.values()
        ]
        return Answer(body={"value": rows})

    async def _skus(self, call: Call) -> Answer:
        # Any other filter is ignored, as the service does.
        found = _LOCATION.search(call.query.get("$filter", ""))
        wanted = [normalized(found[1])] if found else list(LOCATIONS)
        rows = self._state.quota.skus([name for name in wanted if name in LOCATIONS])
        return Answer(body={"value": rows})

    async def _network_usages(self, call: Call) -> Answer:
        location = known(call["location"], "Microsoft.Network/locations/usages")
        place = f"/subscriptions/{call['subscription']}/providers/Microsoft.Network/locations"
        counted = self._state.network_use(location)
        rows: list[JsonObject] = [
            {
                "id": f"{place}/{location}/usages/{name}",
                "unit": "Count",
                "currentValue": counted.get(name, 0),
                "limit": self._state.quota.limits.get((location, name.lower()), limit),
                "name": {"value": name, "localizedValue": text},
            }
            for name, text, limit in _NETWORK_LIMITS
        ]
        return Answer(body={"value": rows})
