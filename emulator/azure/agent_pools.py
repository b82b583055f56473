"""Agent pools of a managed cluster."""

import copy

from emulator.azure.arm_error import ArmError, busy
from emulator.azure.body_check import check
from emulator.azure.calls import Answer, Call, JsonObject, Route, listing, member
from emulator.azure.cluster_defaults import pool as complete_pool
from emulator.azure.cluster_network_rules import check_network
from emulator.azure.cluster_records import ClusterRecords
from emulator.azure.cluster_rules import check_pool, check_pools, check_size, check_system_pool
from emulator.azure.clusters import CLUSTERS_PATH, PROVIDER
from emulator.azure.kubernetes_versions import newer, pool_version
from emulator.azure.linked_access import LinkedAccess
from emulator.azure.operations import Finish, urls
from emulator.azure.resources import Resource
from emulator.azure.state import CLUSTER, State

KIND = f"{CLUSTER}/agentPools"


class AgentPools:
    """Routes of agent pools; one operation at a time in a whole cluster."""

    def __init__(self, state: State, records: ClusterRecords, linked: LinkedAccess) -> None:
        self._state = state
        self._records = records
        self._linked = linked

    def routes(self) -> list[Route]:
        """Every operation of this part."""
        many = f"{CLUSTERS_PATH}/{{name}}/agentPools"
        table = (
            ("GET", many, self._list, "read"),
            ("GET", f"{many}/{{pool}}", self._get, "read"),
            ("PUT", f"{many}/{{pool}}", self._put, "write"),
            ("DELETE", f"{many}/{{pool}}", self._delete, "delete"),
            (
                "GET",
                f"{many}/{{pool}}/upgradeProfiles/default",
                self._upgrades,
                "upgradeProfiles/read",
            ),
        )
        return [
            Route(method=m, template=t, handle=h, action=f"{KIND}/{verb}", api=PROVIDER, flat=True)
            for m, t, h, verb in table
        ]

    def _cluster(self, call: Call) -> Resource:
        return self._state.resources.find(
            call["subscription"], call["group"], CLUSTER, call["name"]
        )

    async def _list(self, call: Call) -> Answer:
        cluster = self._cluster(call)
        rows = [_shown(cluster, p) for p in cluster.properties["agentPoolProfiles"]]
        return listing(call, rows, self._state.page_size)

    async def _get(self, call: Call) -> Answer:
        cluster = self._cluster(call)
        return Answer(body=_shown(cluster, _found(cluster, call["pool"])))

    async def _upgrades(self, call: Call) -> Answer:
        cluster = self._cluster(call)
        pool = _found(cluster, call["pool"])
        highest = cluster.properties["currentKubernetesVersion"]
        version = pool.get("currentOrchestratorVersion") or highest
        profile: JsonObject = {
            "kubernetesVersion": version,
            "osType": pool["osType"],
            "latestNodeImageVersion": pool.get("nodeImageVersion"),
        }
        if upgrades := newer(version, up_to=highest):
            profile["upgrades"] = [{"kubernetesVersion": v} for v in upgrades]
        where = f"{_shown(cluster, pool)['id']}/upgradeProfiles/default"
        kind = f"{KIND}/upgradeProfiles"
        return Answer(body={"id": where, "name": "default", "type": kind, "properties": profile})

    async def _put(self, call: Call) -> Answer:
        check("containerservice", "AgentPool", call.body, flat=True)
        cluster = self._idle_cluster(call)
        asked: JsonObject = member(call.body, "properties")
        self._linked.check_pools(call, [asked])
        old = _find(cluster, call["pool"])
        network: JsonObject = cluster.properties["networkProfile"]
        long_term = cluster.properties.get("supportPlan") == "AKSLongTermSupport"
        wanted = (old or {}) | asked | {"name": call["pool"]}
        if not asked.get("orchestratorVersion"):
            wanted.pop("orchestratorVersion", None)
        ours = cluster.properties["currentKubernetesVersion"]
        version = pool_version(wanted, ours, long_term=long_term)
        pool = complete_pool(wanted, network, version)
        if old is not None and pool["vmSize"].lower() != old["vmSize"].lower():
            raise ArmError(
                400,
                "PropertyChangeNotAllowed",
                "Changing property 'properties.vmSize' is not allowed.",
                flat=True,
                target="properties.vmSize",
            )
        check_pool(pool, system=pool["mode"].lower() == "system")
        check_size(self._state.quota, cluster.location, pool)
        pools = [p for p in cluster.properties["agentPoolProfiles"] if p is not old] + [pool]
        check_pools(pools)
        check_network(
            self._state, cluster.location, cluster.properties | {"agentPoolProfiles": pools}
        )
        self._state.quota.check(
            cluster.resource_id, cluster.location, [(p["vmSize"], p["count"]) for p in pools]
        )
        return self._begin_put(call, cluster, old, pool)

    def _idle_cluster(self, call: Call) -> Resource:
        cluster = self._cluster(call)
        if running := self._state.operations.on(cluster.resource_id):
            raise busy(running.doing)
        return cluster

    def _begin_put(
        self, call: Call, cluster: Resource, old: JsonObject | None, pool: JsonObject
    ) -> Answer:
        profiles: list[JsonObject] = cluster.properties["agentPoolProfiles"]
        before = copy.deepcopy(old)
        if old is None:
            profiles.append(pool)
        else:
            old.clear()
            old.update(pool)
            pool = old
        holder = f"{cluster.resource_id}/agentPools/{pool['name']}"
        self._state.quota.hold(holder, cluster.location, pool["vmSize"], pool["count"])
        pool["provisioningState"] = "Creating" if before is None else "Updating"

        async def finish(error: ArmError | None) -> None:
            cluster.state = "Succeeded"
            cluster.touch()
            pool["provisioningState"] = "Failed" if error else "Succeeded"
            if error is None:
                await self._records.scaled(cluster)
            else:
                pool["status"] = {"provisioningError": error.detail}

        return self._begin(call, cluster, pool, finish, 201 if before is None else 200)

    def _begin(
        self, call: Call, cluster: Resource, pool: JsonObject, finish: Finish, status: int
    ) -> Answer:
        cluster.state = "Updating"
        operation = self._state.operations.begin(
            KIND, cluster.resource_id, "Updating", self._state.durations.cluster_update, finish
        )
        url, location = urls(call, PROVIDER, cluster.location, operation)
        headers = {"Azure-AsyncOperation": url}
        if call.method == "DELETE":
            return Answer(status=202, headers=headers | {"Location": location})
        return Answer(status=status, body=_shown(cluster, pool), headers=headers)

    async def _delete(self, call: Call) -> Answer:
        cluster = self._cluster(call)
        pool = _find(cluster, call["pool"])
        if pool is None:
            return Answer(status=204)
        cluster = self._idle_cluster(call)
        profiles: list[JsonObject] = cluster.properties["agentPoolProfiles"]
        check_system_pool([p for p in profiles if p is not pool])
        pool["provisioningState"] = "Deleting"

        async def finish(error: ArmError | None) -> None:
            cluster.state = "Succeeded"
            if error is not None:
                pool["provisioningState"] = "Failed"
                return
            profiles.remove(pool)
            self._state.quota.release(f"{cluster.resource_id}/agentPools/{pool['name']}")
            await self._records.scaled(cluster)

        return self._begin(call, cluster, pool, finish, 202)


def _find(cluster: Resource, name: str) -> JsonObject | None:
    pools: list[JsonObject] = cluster.properties["agentPoolProfiles"]
    return next((p for p in pools if p["name"].lower() == name.lower()), None)


def _found(cluster: Resource, name: str) -> JsonObject:
    found = _find(cluster, name)
    if found is None:
        raise ArmError(404, "NotFound", "Could not find the agentpool", flat=True)
    return found


def _shown(cluster: Resource, pool: JsonObject) -> JsonObject:
    below = cluster.resource_id.replace("/resourceGroups/", "/resourcegroups/")
    return {
        "id": f"{below}/agentPools/{pool['name']}",
        "name": pool["name"],
        "type": KIND,
        "properties": {k: v for k, v in pool.items() if k != "name"},
    }
