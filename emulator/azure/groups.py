"""Resource groups, providers, subscriptions and the lists of resources: ARM's own part."""

import re
from collections.abc import Callable

from emulator.azure.arm_error import ArmError
from emulator.azure.body_check import check_small
from emulator.azure.calls import Answer, Call, JsonObject, Route, listing, member
from emulator.azure.locations import known
from emulator.azure.operations import result
from emulator.azure.resources import Group, Resource
from emulator.azure.shapes import ResourceGroupBody, ResourceGroupPatch
from emulator.azure.state import State

_API = "Microsoft.Resources"
_GROUP = "Microsoft.Resources/subscriptions/resourceGroups"
_GROUPS_PATH = "/subscriptions/{subscription}/resourceGroups"
_LONGEST_NAME = 90
_NOT_IN_A_NAME = re.compile(r"[^-\w.()]")

type Matches = Callable[[Resource], bool]


class Groups:
    """Routes of resource groups."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._resources = state.resources

    def routes(self) -> list[Route]:
        """Every operation of this part."""
        one = f"{_GROUPS_PATH}/{{group}}"
        table = (
            ("GET", _GROUPS_PATH, self._list, "read"),
            ("PUT", one, self._put, "write"),
            ("GET", one, self._get, "read"),
            ("HEAD", one, self._head, "read"),
            ("PATCH", one, self._patch, "write"),
            ("DELETE", one, self._delete, "delete"),
        )
        routes = [
            Route(method=m, template=t, handle=h, action=f"{_GROUP}/{verb}", api=_API)
            for m, t, h, verb in table
        ]
        routes.append(
            Route(
                method="GET",
                template="/subscriptions/{subscription}/operationresults/{operation}",
                handle=self._result,
                api=_API,
            )
        )
        return routes

    async def _list(self, call: Call) -> Answer:
        wanted = call["subscription"].lower()
        groups = [
            g for (subscription, _), g in self._resources.groups.items() if subscription == wanted
        ]
        keep = tag_filter(call.query.get("$filter", ""))
        documents = [g.document() for g in groups if keep is None or _tagged(g.tags, keep)]
        return listing(call, documents, self._state.page_size)

    async def _put(self, call: Call) -> Answer:
        if not call.body.get("location"):
            raise ArmError(
                400,
                "LocationRequired",
                "The location property is required for this definition.",
            )
        check_small(ResourceGroupBody, call.body)
        name = call["group"]
        if wrong := "".join(dict.fromkeys(_NOT_IN_A_NAME.findall(name))):
            raise ArmError(
                400,
                "InvalidResourceGroupName",
                f"The provided resource group name '{name}' has these invalid characters: "
                f"'{wrong}'. The name can only be a letter, digit, '-', '.', '(', ')' or '_'.",
            )
        if len(name) > _LONGEST_NAME or name.endswith("."):
            raise ArmError(
                400,
                "InvalidResourceGroupName" if name.endswith(".") else "InvalidResourceGroup",
                f"The provided resource group name '{name}' is not valid.",
            )
        location = known(call.body["location"], "Microsoft.Resources/resourceGroups")
        existing = self._resources.groups.get((call["subscription"].lower(), name.lower()))
        if existing is None:
            group = self._resources.put_group(
                Group(
                    subscription=call["subscription"],
                    name=name,
                    location=location,
                    tags=dict(member(call.body, "tags")),
                    managed_by=call.body.get("managedBy") or "",
                )
            )
            return Answer(status=201, body=group.document())
        self._resources.open_group(call["subscription"], name)
        if existing.location != location:
            raise ArmError(
                409,
                "InvalidResourceGroupLocation",
                f"Invalid resource group location '{location}'. The Resource group already exists "
                f"in location '{existing.location}'.",
            )
        existing.tags = dict(member(call.body, "tags"))
        return Answer(body=existing.document())

    async def _get(self, call: Call) -> Answer:
        return Answer(body=self._resources.group(call["subscription"], call["group"]).document())

    async def _head(self, call: Call) -> Answer:
        there = (call["subscription"].lower(), call["group"].lower()) in self._resources.groups
        return Answer(status=204 if there else 404)

    async def _patch(self, call: Call) -> Answer:
        check_small(ResourceGroupPatch, call.body)
        group = self._resources.open_group(call["subscription"], call["group"])
        if "tags" in call.body:
            group.tags = dict(call.body["tags"] or {})
        return Answer(body=group.document())

    async def _delete(self, call: Call) -> Answer:
        group = self._resources.group(call["subscription"], call["group"])
        operation = self._state.operations.on(group.resource_id)
        if operation is None:
            operation = self._state.begin_group_delete(group)
        location = (
            f"{call.base}/subscriptions/{call['subscription']}/operationresults/"
            f"{operation.operation_id}?api-version={call.version}"
        )
        return Answer(status=202, headers={"Location": location} | self._state.retry_after())

    async def _result(self, call: Call) -> Answer:
        answer = result(self._state.operations.find(call["operation"]), call)
        if answer.status == 202:  # noqa: PLR2004 # still running
            answer.headers.update(self._state.retry_after())
            return answer
        return Answer(status=200)


class ResourceLists:
    """What is in a subscription or group, and the tags of single resources."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[Route]:
        """Every operation of this part."""
        read = "Microsoft.Resources/subscriptions/resources/read"
        inside = "Microsoft.Resources/subscriptions/resourceGroups/resources/read"
        return [
            Route(
                method="GET",
                template="/subscriptions/{subscription}/resources",
                handle=self._list,
                action=read,
                api=_API,
            ),
            Route(
                method="GET",
                template=f"{_GROUPS_PATH}/{{group}}/resources",
                handle=self._list,
                action=inside,
                api=_API,
            ),
        ]

    async def _list(self, call: Call) -> Answer:
        group = call.params.get("group", "")
        if group:
            self._state.resources.group(call["subscription"], group)
        keep = _resource_filter(call.query.get("$filter", ""))
        shown = [
            _row(r)
            for r in self._state.resources.all.values()
            if r.kind.count("/") == 1
            and r.subscription.lower() == call["subscription"].lower()
            and group.lower() in ("", r.group.lower())
            and all(matches(r) for matches in keep)
        ]
        return listing(call, shown, self._state.page_size)


def tag_filter(text: str) -> tuple[str, str | None] | None:
    """``tagName eq 'a' and tagValue eq 'b'`` as name and value; None when it is not about tags."""
    terms = dict(_terms(text))
    if "tagname" not in terms:
        return None
    return terms["tagname"], terms.get("tagvalue")


def _terms(text: str) -> list[tuple[str, str]]:
    terms: list[tuple[str, str]] = []
    for term in text.split(" and "):
        name, operator, value = term.strip().partition(" eq ")
        if operator:
            terms.append((name.strip().lower(), value.strip().strip("'")))
    return terms


def _tagged(tags: dict[str, str] | None, wanted: tuple[str, str | None]) -> bool:
    lower = {k.lower(): v for k, v in (tags or {}).items()}
    name, value = wanted
    return name.lower() in lower and value in (None, lower[name.lower()])


def _resource_filter(text: str) -> list[Matches]:
    if not text:
        return []
    by_tag = tag_filter(text)
    if by_tag is not None:
        return [lambda r: _tagged(r.tags, by_tag)]
    tests: dict[str, Callable[[Resource], str]] = {
        "resourcetype": lambda r: r.kind,
        "name": lambda r: r.own_name,
        "location": lambda r: r.location,
        "resourcegroup": lambda r: r.group,
    }
    terms = _terms(text)
    if not terms or any(name not in tests for name, _ in terms):
        raise ArmError(
            400,
            "InvalidFilterInQueryString",
            f"Invalid $filter '{text}' specified in the query string.",
        )
    return [_equals(tests[name], value) for name, value in terms]


def _equals(read: Callable[[Resource], str], value: str) -> Matches:
    return lambda resource: read(resource).lower() == value.lower()


def _row(resource: Resource) -> JsonObject:
    document = resource.document()
    document.pop("properties")
    if resource.created is not None:
        document["createdTime"] = resource.created.isoformat()
        document["provisioningState"] = resource.state
    return document
