"""Registration of resource providers, regions, subscriptions and tenants."""

from emulator.azure.arm_error import ArmError
from emulator.azure.calls import Answer, Call, JsonObject, Route, listing
from emulator.azure.locations import LOCATIONS
from emulator.azure.state import State

_API = "Microsoft.Resources"
_FREE = frozenset({"Microsoft.Authorization", "Microsoft.Resources"})


class Providers:
    """Routes of all of these."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[Route]:
        """Every operation of this part."""
        one = "/subscriptions/{subscription}"
        read = "Microsoft.Resources/subscriptions/providers/read"
        table = (
            ("GET", f"{one}/providers", self._list, read),
            ("GET", f"{one}/providers/{{namespace}}", self._get, read),
            (
                "POST",
                f"{one}/providers/{{namespace}}/register",
                self._register,
                "{namespace}/register/action",
            ),
            (
                "POST",
                f"{one}/providers/{{namespace}}/unregister",
                self._unregister,
                "{namespace}/unregister/action",
            ),
            (
                "GET",
                f"{one}/locations",
                self._locations,
                "Microsoft.Resources/subscriptions/locations/read",
            ),
            ("GET", one, self._subscription, ""),
            ("GET", "/subscriptions", self._subscriptions, ""),
            ("GET", "/tenants", self._tenants, ""),
        )
        return [
            Route(method=m, template=t, handle=h, action=action, api=_API)
            for m, t, h, action in table
        ]

    async def _list(self, call: Call) -> Answer:
        names = self._state.providers
        return listing(call, [self._provider(call, n) for n in names], self._state.page_size)

    async def _get(self, call: Call) -> Answer:
        return Answer(body=self._provider(call, call["namespace"]))

    async def _register(self, call: Call) -> Answer:
        self._provider(call, call["namespace"])
        self._state.register(call["namespace"])
        return Answer(body=self._provider(call, call["namespace"]))

    async def _unregister(self, call: Call) -> Answer:
        self._provider(call, call["namespace"])
        self._state.unregister(call["namespace"], ever_used=True)
        return Answer(body=self._provider(call, call["namespace"]))

    def _provider(self, call: Call, namespace: str) -> JsonObject:
        known_names = {name.lower(): name for name in self._state.providers}
        name = known_names.get(namespace.lower())
        if name is None:
            raise ArmError(
                404,
                "InvalidResourceNamespace",
                f"The resource namespace '{namespace}' is invalid.",
            )
        places = [location.display_name for location in LOCATIONS.values()]
        return {
            "id": f"/subscriptions/{call['subscription']}/providers/{name}",
            "namespace": name,
            "registrationPolicy": "RegistrationFree" if name in _FREE else "RegistrationRequired",
            "registrationState": self._state.registration(name),
            "resourceTypes": [
                {"resourceType": t, "locations": places, "apiVersions": list(versions)}
                for t, versions in self._state.resource_types(name)
            ],
        }

    async def _locations(self, call: Call) -> Answer:
        rows: list[JsonObject] = [
            {
                "id": f"/subscriptions/{call['subscription']}/locations/{place.name}",
                "name": place.name,
                "displayName": place.display_name,
                "regionalDisplayName": place.display_name,
                "type": "Region",
                "metadata": {"regionType": "Physical", "regionCategory": "Recommended"},
            }
            for place in LOCATIONS.values()
        ]
        return Answer(body={"value": rows})

    async def _subscription(self, call: Call) -> Answer:
        return Answer(body=self._state.subscription(call["subscription"]).document())

    async def _subscriptions(self, call: Call) -> Answer:
        mine = [
            s.document()
            for s in self._state.subscriptions.values()
            if s.tenant_id == call.caller.tenant_id
        ]
        return Answer(body={"value": mine, "count": {"type": "Total", "value": len(mine)}})

    async def _tenants(self, call: Call) -> Answer:
        tenant = call.caller.tenant_id
        row: JsonObject = {
            "id": f"/tenants/{tenant}",
            "tenantId": tenant,
            "tenantCategory": "Home",
            "displayName": "Emulated tenant",
            "defaultDomain": "emulated.onmicrosoft.com",
            "domains": ["emulated.onmicrosoft.com"],
            "countryCode": "US",
        }
        return Answer(body={"value": [row]})
