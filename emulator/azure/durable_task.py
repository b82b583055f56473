"""Durable Task schedulers and task hubs: enough to deploy a function app's back end."""

from emulator.azure.arm_error import ArmError, resource_not_found
from emulator.azure.body_check import check_small
from emulator.azure.calls import Answer, Call, JsonObject, Route, listing, member
from emulator.azure.locations import known
from emulator.azure.operations import urls
from emulator.azure.resources import Resource
from emulator.azure.shapes import SchedulerBody, TaskHubBody
from emulator.azure.state import State

PROVIDER = "Microsoft.DurableTask"
SCHEDULER = f"{PROVIDER}/schedulers"
HUB = f"{SCHEDULER}/taskHubs"
_PATH = (
    "/subscriptions/{subscription}/resourceGroups/{group}/providers/"
    "Microsoft.DurableTask/schedulers"
)


class DurableTask:
    """Routes of schedulers and hubs."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._resources = state.resources

    def routes(self) -> list[Route]:
        """Every operation of this part."""
        one = f"{_PATH}/{{name}}"
        hubs = f"{one}/taskHubs"
        table = (
            ("GET", _PATH, self._list, f"{SCHEDULER}/read"),
            ("PUT", one, self._put, f"{SCHEDULER}/write"),
            ("GET", one, self._get, f"{SCHEDULER}/read"),
            ("DELETE", one, self._delete, f"{SCHEDULER}/delete"),
            ("GET", hubs, self._list_hubs, f"{HUB}/read"),
            ("PUT", f"{hubs}/{{hub}}", self._put_hub, f"{HUB}/write"),
            ("GET", f"{hubs}/{{hub}}", self._get_hub, f"{HUB}/read"),
            ("DELETE", f"{hubs}/{{hub}}", self._delete_hub, f"{HUB}/delete"),
        )
        return [
            Route(method=m, template=t, handle=h, action=action, api=PROVIDER)
            for m, t, h, action in table
        ]

    def _find(self, call: Call) -> Resource:
        return self._resources.find(call["subscription"], call["group"], SCHEDULER, call["name"])

    async def _list(self, call: Call) -> Answer:
        self._resources.group(call["subscription"], call["group"])
        found = self._resources.of(SCHEDULER, call["subscription"], call["group"])
        return listing(call, [s.document() for s in found], self._state.page_size)

    async def _get(self, call: Call) -> Answer:
        return Answer(body=self._find(call).document())

    async def _put(self, call: Call) -> Answer:
        check_small(SchedulerBody, call.body)
        group = self._resources.open_group(call["subscription"], call["group"])
        location = known(call.body["location"], SCHEDULER)
        existing = self._resources.look_up(group.subscription, group.name, SCHEDULER, call["name"])
        scheduler = existing or Resource(
            subscription=group.subscription,
            group=group.name,
            kind=SCHEDULER,
            name=call["name"],
            location=location,
            created=self._state.clock.now(),
        )
        scheduler.tags = member(call.body, "tags")
        scheduler.properties = {"publicNetworkAccess": "Enabled"} | call.body.get("properties", {})
        scheduler.properties["endpoint"] = f"https://{call['name']}.{location}.durabletask.io"
        self._resources.put(scheduler)
        return self._begin(call, scheduler, location, 200 if existing else 201)

    def _begin(self, call: Call, resource: Resource, location: str, status: int) -> Answer:
        resource.state = "Provisioning"

        async def finish(error: ArmError | None) -> None:
            resource.state = "Failed" if error else "Succeeded"

        operation = self._state.operations.begin(
            resource.kind,
            resource.resource_id,
            "Provisioning",
            self._state.durations.network_create,
            finish,
        )
        url, _ = urls(call, PROVIDER, location, operation)
        return Answer(
            status=status, body=resource.document(), headers={"Azure-AsyncOperation": url}
        )

    async def _delete(self, call: Call) -> Answer:
        found = self._resources.look_up(
            call["subscription"], call["group"], SCHEDULER, call["name"]
        )
        return await self._remove(call, found)

    async def _remove(self, call: Call, found: Resource | None) -> Answer:
        if found is None:
            return Answer(status=204)
        resource = found
        scheduler = self._find(call)

        async def finish(error: ArmError | None) -> None:
            if error is None:
                await self._resources.remove(resource)

        operation = self._state.operations.begin(
            resource.kind,
            resource.resource_id,
            "Deleting",
            self._state.durations.network_create,
            finish,
        )
        url, location = urls(call, PROVIDER, scheduler.location, operation)
        return Answer(status=202, headers={"Azure-AsyncOperation": url, "Location": location})

    def _look_up_hub(self, call: Call) -> Resource | None:
        return self._resources.look_up(
            call["subscription"], call["group"], HUB, f"{call['name']}/{call['hub']}"
        )

    async def _list_hubs(self, call: Call) -> Answer:
        found = self._resources.children(self._find(call), HUB)
        return listing(call, [h.document() for h in found], self._state.page_size)

    async def _get_hub(self, call: Call) -> Answer:
        self._find(call)
        found = self._look_up_hub(call)
        if found is None:
            raise resource_not_found(HUB, f"{call['name']}/{call['hub']}", call["group"])
        return Answer(body=found.document())

    async def _put_hub(self, call: Call) -> Answer:
        check_small(TaskHubBody, call.body)
        scheduler = self._find(call)
        existing = self._look_up_hub(call)
        dashboard: JsonObject = {
            "dashboardUrl": f"https://{scheduler.name}-db.{scheduler.location}.durabletask.io/"
            f"taskhubs/{call['hub']}"
        }
        hub = existing or self._resources.put(
            Resource(
                subscription=scheduler.subscription,
                group=scheduler.group,
                kind=HUB,
                name=f"{scheduler.name}/{call['hub']}",
                properties=dashboard,
            )
        )
        return self._begin(call, hub, scheduler.location, 200 if existing else 201)

    async def _delete_hub(self, call: Call) -> Answer:
        self._find(call)
        return await self._remove(call, self._look_up_hub(call))
