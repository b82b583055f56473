"""AKS managed clusters: create, change, delete, list."""

import copy

from emulator.azure.arm_error import ArmError, busy
from emulator.azure.body_check import check, check_small
from emulator.azure.calls import Answer, Call, JsonObject, Route, listing, member, rows
from emulator.azure.cluster_api import ClusterApi
from emulator.azure.cluster_changes import (
    cannot_change,
    check_preconditions,
    keep_fixed,
    keep_pool_versions,
    merged,
)
from emulator.azure.cluster_defaults import cluster_properties
from emulator.azure.cluster_identity import extra_members
from emulator.azure.cluster_network_rules import check_network
from emulator.azure.cluster_records import ClusterRecords
from emulator.azure.cluster_rules import check_names, check_pool, check_pools, check_size
from emulator.azure.kubernetes_versions import check_upgrade, kept, resolve
from emulator.azure.linked_access import LinkedAccess
from emulator.azure.locations import known
from emulator.azure.operations import Operation, urls
from emulator.azure.resources import Resource
from emulator.azure.shapes import TagsBody
from emulator.azure.state import CLUSTER, State

PROVIDER = "Microsoft.ContainerService"
CLUSTERS_PATH = (
    "/subscriptions/{subscription}/resourceGroups/{group}/providers/"
    "Microsoft.ContainerService/managedClusters"
)


class Clusters:
    """Routes of managed clusters.

    Args:
        api: Who runs the API servers; None for clusters that only ARM knows of.
    """

    def __init__(
        self, state: State, records: ClusterRecords, linked: LinkedAccess, api: ClusterApi | None
    ) -> None:
        self._state = state
        self._resources = state.resources
        self._records = records
        self._linked = linked
        self._api = api
        state.resources.removers[CLUSTER.lower()] = self._forget

    def routes(self) -> list[Route]:
        """Every operation of this part."""
        one = f"{CLUSTERS_PATH}/{{name}}"
        subscription = "/subscriptions/{subscription}/providers/Microsoft.ContainerService"
        table = (
            ("GET", f"{subscription}/managedClusters", self._list, "managedClusters/read"),
            ("GET", CLUSTERS_PATH, self._list, "managedClusters/read"),
            ("PUT", one, self._put, "managedClusters/write"),
            ("GET", one, self._get, "managedClusters/read"),
            ("PATCH", one, self._patch, "managedClusters/write"),
            ("DELETE", one, self._delete, "managedClusters/delete"),
            ("POST", f"{one}/abort", self._abort, "managedClusters/write"),
        )
        return [
            Route(method=m, template=t, handle=h, action=f"{PROVIDER}/{a}", api=PROVIDER, flat=True)
            for m, t, h, a in table
        ]

    async def _list(self, call: Call) -> Answer:
        group = call.params.get("group", "")
        if group:
            self._resources.group(call["subscription"], group)
        found = self._resources.of(CLUSTER, call["subscription"], group)
        return listing(call, [shown(c) for c in found], self._state.page_size)

    async def _get(self, call: Call) -> Answer:
        return Answer(body=shown(self._find(call)))

    def _find(self, call: Call) -> Resource:
        return self._resources.find(call["subscription"], call["group"], CLUSTER, call["name"])

    async def _put(self, call: Call) -> Answer:
        check("containerservice", "ManagedCluster", call.body, flat=True)
        self._resources.open_group(call["subscription"], call["group"])
        existing = self._resources.look_up(
            call["subscription"], call["group"], CLUSTER, call["name"]
        )
        check_preconditions(call, existing)
        if existing is not None and (running := self._state.operations.on(existing.resource_id)):
            raise busy(running.doing)
        location = known(call.body.get("location"), CLUSTER)
        self._linked.check_cluster(call)
        if existing is None:
            return self._create(call, location)
        return self._update(call, existing, location)

    def _complete(self, call: Call, location: str, current: str = "") -> JsonObject:
        """The body with defaults, checked against every rule; ``current`` is the version so far."""
        asked: JsonObject = member(call.body, "properties")
        name = call["name"]
        check_names(name, asked)
        pools: list[JsonObject] = rows(asked, "agentPoolProfiles")
        check_pools(pools)
        tier = str(member(call.body, "sku").get("tier", "")).lower()
        plan = str(asked.get("supportPlan", "")).lower()
        wanted = str(asked.get("kubernetesVersion") or "")
        version = resolve(
            kept(wanted, current) if current else wanted,
            long_term=tier == "premium" and plan == "akslongtermsupport",
        )
        if current:
            check_upgrade(current, version)
        group = self._resources.group(call["subscription"], call["group"])
        properties = cluster_properties(
            asked, name=name, group=group.name, location=location, version=version
        )
        for pool in properties["agentPoolProfiles"]:
            check_pool(pool, system=str(pool["mode"]).lower() == "system")
            check_size(self._state.quota, location, pool)
        check_network(self._state, location, properties)
        return properties

    def _create(self, call: Call, location: str) -> Answer:
        properties = self._complete(call, location)
        group = self._resources.group(call["subscription"], call["group"])
        cluster = Resource(
            subscription=group.subscription,
            group=group.name,
            kind=CLUSTER,
            name=call["name"],
            location=location,
            tags=call.body.get("tags"),
            properties=properties,
            created=self._state.clock.now(),
        )
        cluster.extra = extra_members(self._state, call, cluster)
        self._check_quota(cluster)
        self._resources.put(cluster)
        self._hold_quota(cluster)
        self._set_state(cluster, "Creating")
        version = properties["currentKubernetesVersion"]
        self._records.start(cluster, version)

        async def finish(error: ArmError | None) -> None:
            if error is None:
                await self._records.started(cluster)
            self._end(cluster, error)

        operation = self._state.operations.begin(
            CLUSTER, cluster.resource_id, "Creating", self._state.durations.cluster_create, finish
        )
        return self._accepted(call, cluster, operation, 201)

    def _update(self, call: Call, cluster: Resource, location: str) -> Answer:
        if location != cluster.location:
            raise cannot_change("location", cluster)
        before = copy.deepcopy(cluster.properties)
        asked = merged(before, member(call.body, "properties"))
        keep_pool_versions(before, asked)
        call.body["properties"] = asked
        properties = self._complete(call, location, before["currentKubernetesVersion"])
        keep_fixed(cluster, before, properties)
        changed = copy.copy(cluster)
        changed.properties = properties
        self._check_quota(changed)
        cluster.properties = properties
        if "tags" in call.body:
            cluster.tags = call.body["tags"]
        cluster.extra |= {k: v for k, v in call.body.items() if k in ("sku", "extendedLocation")}
        self._hold_quota(cluster)
        self._set_state(cluster, "Updating")

        async def finish(error: ArmError | None) -> None:
            if error is None:  # a repaired creation gets its nodes only now
                await self._records.started(cluster)
            self._end(cluster, error)

        operation = self._state.operations.begin(
            CLUSTER, cluster.resource_id, "Updating", self._state.durations.cluster_update, finish
        )
        return self._accepted(call, cluster, operation, 200)

    def _check_quota(self, cluster: Resource) -> None:
        pools = [(p["vmSize"], p["count"]) for p in cluster.properties["agentPoolProfiles"]]
        self._state.quota.check(cluster.resource_id, cluster.location, pools)

    def _hold_quota(self, cluster: Resource) -> None:
        self._state.quota.release(cluster.resource_id)
        for pool in cluster.properties["agentPoolProfiles"]:
            holder = f"{cluster.resource_id}/agentPools/{pool['name']}"
            self._state.quota.hold(holder, cluster.location, pool["vmSize"], pool["count"])

    def _set_state(self, cluster: Resource, state: str) -> None:
        cluster.state = state
        cluster.touch()
        cluster.properties["status"] = {}
        for pool in cluster.properties["agentPoolProfiles"]:
            pool["provisioningState"] = state

    def _end(self, cluster: Resource, error: ArmError | None) -> None:
        self._set_state(cluster, "Failed" if error else "Succeeded")
        if error is not None:
            cluster.properties["status"] = {"provisioningError": error.detail}

    def _accepted(self, call: Call, cluster: Resource, operation: Operation, status: int) -> Answer:
        url, _ = urls(call, PROVIDER, cluster.location, operation)
        return Answer(status=status, body=shown(cluster), headers={"Azure-AsyncOperation": url})

    async def _patch(self, call: Call) -> Answer:
        check_small(TagsBody, call.body, flat=True)
        cluster = self._find(call)
        check_preconditions(call, cluster)
        if running := self._state.operations.on(cluster.resource_id):
            raise busy(running.doing)
        cluster.tags = call.body.get("tags")
        cluster.touch()
        return Answer(body=shown(cluster))

    async def _delete(self, call: Call) -> Answer:
        cluster = self._resources.look_up(
            call["subscription"], call["group"], CLUSTER, call["name"]
        )
        if cluster is None:
            return Answer(status=204)
        check_preconditions(call, cluster)
        operation = self._state.operations.on(cluster.resource_id)
        if operation is not None and operation.doing != "Deleting":
            raise busy(operation.doing)
        if operation is None:
            before = cluster.state
            self._set_state(cluster, "Deleting")

            async def finish(error: ArmError | None) -> None:
                if error is not None:
                    self._set_state(cluster, "Failed" if before == "Failed" else before)
                    cluster.properties["status"] = {"provisioningError": error.detail}
                    return
                await self._resources.remove(cluster)

            operation = self._state.operations.begin(
                CLUSTER,
                cluster.resource_id,
                "Deleting",
                self._state.durations.cluster_delete,
                finish,
            )
        url, location = urls(call, PROVIDER, cluster.location, operation)
        return Answer(status=202, headers={"Azure-AsyncOperation": url, "Location": location})

    async def _forget(self, cluster: Resource) -> None:
        """Everything that goes with a cluster: quota, nodes, API server, identity, node group."""
        self._state.quota.release(cluster.resource_id)
        self._state.directory.remove_managed_identity(cluster.resource_id)
        await self._records.forget(cluster)
        key = (cluster.subscription.lower(), cluster.properties["nodeResourceGroup"].lower())
        nodes = self._resources.groups.get(key)
        if nodes is not None and nodes.managed_by.lower() == cluster.resource_id.lower():
            await self._resources.remove_group(nodes)

    async def _abort(self, call: Call) -> Answer:
        cluster = self._find(call)
        if self._state.operations.on(cluster.resource_id) is None:
            raise ArmError(
                400, "OperationNotFound", "There is no operation in progress to abort.", flat=True
            )
        await self._state.operations.abandon(cluster.resource_id)
        self._set_state(cluster, "Canceled")
        return Answer(status=204)


def shown(cluster: Resource) -> JsonObject:
    """A cluster as AKS shows it: its id has ``resourcegroups`` in lower case."""
    document_ = cluster.document() | {
        "eTag": cluster.etag,
        "type": "Microsoft.ContainerService/ManagedClusters",
    }
    document_["id"] = cluster.resource_id.replace("/resourceGroups/", "/resourcegroups/")
    return document_
