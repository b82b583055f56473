"""Resource groups and resources: the documents that ARM keeps."""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from emulator.azure.arm_error import ArmError, group_not_found, resource_not_found
from emulator.azure.calls import JsonObject


@dataclass(slots=True, kw_only=True)
class Group:
    """A resource group."""

    subscription: str
    name: str
    location: str
    tags: dict[str, str] = field(default_factory=dict[str, str])
    managed_by: str = ""
    state: str = "Succeeded"

    @property
    def resource_id(self) -> str:
        """ARM id, as the creator spelled the name."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.name}"

    def document(self) -> JsonObject:
        """The group as a GET shows it."""
        shown: JsonObject = {
            "id": self.resource_id,
            "name": self.name,
            "type": "Microsoft.Resources/resourceGroups",
            "location": self.location,
            "properties": {"provisioningState": self.state},
        }
        if self.tags:
            shown["tags"] = self.tags
        if self.managed_by:
            shown["managedBy"] = self.managed_by
        return shown


@dataclass(slots=True, kw_only=True)
class Resource:
    """A resource of any type.

    Attributes:
        kind: ``Microsoft.Network/virtualNetworks`` and the like, in the provider's own spelling.
        extra: Top-level members besides the standard ones: ``identity``, ``sku``.
    """

    subscription: str
    group: str
    kind: str
    name: str
    location: str = ""
    tags: dict[str, str] | None = None
    properties: JsonObject = field(default_factory=dict[str, object])
    extra: JsonObject = field(default_factory=dict[str, object])
    etag: str = field(default_factory=lambda: str(uuid.uuid4()))
    created: datetime | None = None

    @property
    def resource_id(self) -> str:
        """ARM id in canonical spelling; ``name`` of a child holds a slash per level."""
        namespace, *types = self.kind.split("/")
        path = "/".join(f"{t}/{n}" for t, n in zip(types, self.name.split("/"), strict=True))
        group = f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"
        return f"{group}/providers/{namespace}/{path}"

    @property
    def own_name(self) -> str:
        """The last segment of the name."""
        return self.name.rpartition("/")[2]

    @property
    def state(self) -> str:
        """The provisioning state."""
        return str(self.properties.get("provisioningState", "Succeeded"))

    @state.setter
    def state(self, state: str) -> None:
        self.properties["provisioningState"] = state

    def touch(self) -> None:
        """A change: a new etag."""
        self.etag = str(uuid.uuid4())

    def document(self) -> JsonObject:
        """The resource as a GET shows it, with nothing of its own added."""
        shown: JsonObject = {
            "id": self.resource_id,
            "name": self.own_name,
            "type": self.kind,
        }
        if self.location:
            shown["location"] = self.location
        if self.tags is not None:
            shown["tags"] = self.tags
        return shown | self.extra | {"properties": self.properties}


type Gone = Callable[[str], None]
type Remove = Callable[[Resource], Awaitable[None]]


class Resources:
    """Every group and resource of one emulated Azure."""

    def __init__(self) -> None:
        self.groups: dict[tuple[str, str], Group] = {}
        self.all: dict[str, Resource] = {}
        self.removers: dict[str, Remove] = {}
        """What else must go when a resource of a type (lower case) goes."""
        self.gone: list[Gone] = []
        """Who is told the ARM id of every resource and group that has gone, all below included."""

    def group(self, subscription: str, name: str) -> Group:
        """The group of this name.

        Raises:
            ArmError: 404.
        """
        found = self.groups.get((subscription.lower(), name.lower()))
        if found is None:
            raise group_not_found(name)
        return found

    def open_group(self, subscription: str, name: str) -> Group:
        """The group, when it may be written into.

        Raises:
            ArmError: 404, or 409 while it is being deleted.
        """
        group = self.group(subscription, name)
        if group.state == "Deleting":
            raise ArmError(
                409,
                "ResourceGroupBeingDeleted",
                f"The resource group '{group.name}' is in deprovisioning state and cannot perform "
                "this operation.",
            )
        return group

    def put_group(self, group: Group) -> Group:
        """Keep a group."""
        self.groups[group.subscription.lower(), group.name.lower()] = group
        return group

    def put(self, resource: Resource) -> Resource:
        """Keep a resource."""
        self.all[resource.resource_id.lower()] = resource
        return resource

    def look_up(self, subscription: str, group: str, kind: str, name: str) -> Resource | None:
        """A resource, or None; the group may be missing too."""
        wanted = Resource(subscription=subscription, group=group, kind=kind, name=name)
        return self.all.get(wanted.resource_id.lower())

    def find(self, subscription: str, group: str, kind: str, name: str) -> Resource:
        """A resource.

        Raises:
            ArmError: 404: the resource, or already its group.
        """
        self.group(subscription, group)
        found = self.look_up(subscription, group, kind, name)
        if found is None:
            raise resource_not_found(kind, name, group)
        return found

    def by_id(self, resource_id: str) -> Resource | None:
        """A resource by its ARM id in any spelling."""
        return self.all.get(resource_id.rstrip("/").lower())

    def of(self, kind: str, subscription: str = "", group: str = "") -> list[Resource]:
        """Resources of a type, in the order of their creation."""
        return [
            r
            for r in self.all.values()
            if r.kind.lower() == kind.lower()
            and subscription.lower() in ("", r.subscription.lower())
            and group.lower() in ("", r.group.lower())
        ]

    def children(self, resource: Resource, kind: str) -> list[Resource]:
        """Resources of a type below another one."""
        below = f"{resource.resource_id}/".lower()
        return [r for r in self.of(kind) if r.resource_id.lower().startswith(below)]

    async def remove(self, resource: Resource) -> None:
        """Remove a resource, what is below it and what its type keeps elsewhere."""
        below = f"{resource.resource_id}/".lower()
        for child in [r for key, r in self.all.items() if key.startswith(below)]:
            self.all.pop(child.resource_id.lower(), None)
        if remover := self.removers.get(resource.kind.lower()):
            await remover(resource)
        self.all.pop(resource.resource_id.lower(), None)
        self._tell(resource.resource_id)

    def _tell(self, resource_id: str) -> None:
        for hear in self.gone:
            hear(resource_id)

    async def remove_group(self, group: Group) -> None:
        """Remove a group with everything in it."""
        inside = f"{group.resource_id}/".lower()
        for resource in [r for key, r in self.all.items() if key.startswith(inside)]:
            if resource.resource_id.lower() in self.all:
                await self.remove(resource)
        self.groups.pop((group.subscription.lower(), group.name.lower()), None)
        self._tell(group.resource_id)
