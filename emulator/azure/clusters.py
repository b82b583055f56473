"""AKS managed clusters: create, change, delete, list."""

import copy

from emulator.azure.arm_error import ArmError, busy
from emulator.azure.body_check import check, check_small
from emulator.azure.calls import Answer, Call, JsonObject, Route, listing, member, rows
from emulator.azure.cluster_api import ClusterApi
from emulator.azure.cluster_defaults import cluster_properties
from emulator.azure.cluster_network_rules import check_network
from emulator.azure.cluster_records import ClusterRecords
from emulator.azure.cluster_rules import check_names, check_pool, check_pools, check_size
from emulator.azure.kubernetes_versions import document, newer, resolve
from emulator.azure.linked_access import LinkedAccess
from emulator.azure.locations import known
from emulator.azure.operations import Operation, urls
from emulator.azure.resources import Resource
from emulator.azure.shapes import TagsBody
from emulator.azure.state import CLUSTER, IDENTITY, State

PROVIDER = "Microsoft.ContainerService"
CLUSTERS_PATH = (
    "/subscriptions/{subscription}/resourceGroups/{group}/providers/"
    "Microsoft.ContainerService/managedClusters"
)
_UNCHANGEABLE = ("dnsPrefix", "fqdnSubdomain", "nodeResourceGroup", "enableRBAC")
_UNCHANGEABLE_NETWORK = (
    "networkPlugin",
    "podCidr",
    "serviceCidr",
    "dnsServiceIP",
    "loadBalancerSku",
)
_CHOSEN = ("fqdn", "privateFQDN", "azurePortalFQDN", "resourceUID", "identityProfile")


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
            (
                "GET",
                f"{one}/upgradeProfiles/default",
                self._upgrades,
                "managedClusters/upgradeProfiles/read",
            ),
            (
                "GET",
                f"{subscription}/locations/{{location}}/kubernetesVersions",
                self._versions,
                "locations/kubernetesVersions/read",
            ),
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

    def _complete(self, call: Call, location: str) -> JsonObject:
        """The body with defaults, checked against every rule."""
        asked: JsonObject = member(call.body, "properties")
        name = call["name"]
        check_names(name, asked)
        pools: list[JsonObject] = rows(asked, "agentPoolProfiles")
        check_pools(pools)
        tier = str(member(call.body, "sku").get("tier", "")).lower()
        plan = str(asked.get("supportPlan", "")).lower()
        version = resolve(
            str(asked.get("kubernetesVersion") or ""),
            long_term=tier == "premium" and plan == "akslongtermsupport",
        )
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
        cluster.extra = self._extra(call, cluster)
        self._check_quota(cluster)
        self._resources.put(cluster)
        self._hold_quota(cluster)
        self._set_state(cluster, "Creating")
        version = properties["currentKubernetesVersion"]
        self._records.start(cluster, version)

        async def finish(error: ArmError | None) -> None:
            if error is None:
                await self._records.started(cluster)
                self._records.furnish(cluster)
            self._end(cluster, error)

        operation = self._state.operations.begin(
            CLUSTER, cluster.resource_id, "Creating", self._state.durations.cluster_create, finish
        )
        return self._accepted(call, cluster, operation, 201)

    def _update(self, call: Call, cluster: Resource, location: str) -> Answer:
        if location != cluster.location:
            raise _cannot_change("location", cluster)
        before = copy.deepcopy(cluster.properties)
        asked = _merged(before, member(call.body, "properties"))
        call.body["properties"] = asked
        properties = self._complete(call, location)
        _keep_fixed(cluster, before, properties)
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
                self._records.furnish(cluster)
            self._end(cluster, error)

        operation = self._state.operations.begin(
            CLUSTER, cluster.resource_id, "Updating", self._state.durations.cluster_update, finish
        )
        return self._accepted(call, cluster, operation, 200)

    def _extra(self, call: Call, cluster: Resource) -> JsonObject:
        """Identity, SKU and kind; a managed identity gets its principal here."""
        extra: JsonObject = {
            "sku": {"name": "Base", "tier": "Free"} | member(call.body, "sku"),
        }
        for key in ("extendedLocation", "kind"):
            if call.body.get(key):
                extra[key] = call.body[key]
        identity = copy.deepcopy(member(call.body, "identity"))
        kind = str(identity.get("type", "")).lower()
        asked: JsonObject = member(member(call.body, "properties"), "servicePrincipalProfile")
        if kind == "userassigned":
            extra["identity"] = self._user_assigned(identity)
        elif kind == "systemassigned" or not asked.get("clientId") or asked["clientId"] == "msi":
            principal = self._state.directory.add_managed_identity(
                cluster.name, cluster.resource_id
            )
            extra["identity"] = {
                "type": "SystemAssigned",
                "principalId": principal.object_id,
                "tenantId": self._state.directory.tenant_id,
            }
        return extra

    def _user_assigned(self, identity: JsonObject) -> JsonObject:
        filled: JsonObject = {}
        for resource_id in member(identity, "userAssignedIdentities"):
            resource = self._resources.by_id(resource_id)
            if resource is None or resource.kind != IDENTITY:
                raise ArmError(
                    400,
                    "FailedIdentityOperation",
                    "Identity operation for resource failed with error 'Failed to perform "
                    "resource identity operation. Status: 'BadRequest'. Resource "
                    f"'{resource_id}' was not found.'",
                )
            filled[resource_id] = {
                key: resource.properties[key] for key in ("principalId", "clientId")
            }
        return {"type": "UserAssigned", "userAssignedIdentities": filled}

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

    async def _versions(self, call: Call) -> Answer:
        known(call["location"], CLUSTER)
        return Answer(body=document())

    async def _upgrades(self, call: Call) -> Answer:
        cluster = self._find(call)
        version = cluster.properties["currentKubernetesVersion"]
        upgrades = [{"kubernetesVersion": v} for v in newer(version)]
        control: JsonObject = {
            "kubernetesVersion": version,
            "osType": "Linux",
            "upgrades": upgrades,
        }
        pools = [control | {"name": p["name"]} for p in cluster.properties["agentPoolProfiles"]]
        return Answer(
            body={
                "id": f"{cluster.resource_id}/upgradeprofiles/default",
                "name": "default",
                "type": f"{CLUSTER}/upgradeprofiles",
                "properties": {"controlPlaneProfile": control, "agentPoolProfiles": pools},
            }
        )


def shown(cluster: Resource) -> JsonObject:
    """A cluster as AKS shows it: its id has ``resourcegroups`` in lower case."""
    document_ = cluster.document() | {
        "eTag": cluster.etag,
        "type": "Microsoft.ContainerService/ManagedClusters",
    }
    document_["id"] = cluster.resource_id.replace("/resourceGroups/", "/resourcegroups/")
    return document_


def check_preconditions(call: Call, existing: Resource | None) -> None:
    """Honour ``If-None-Match: *`` and ``If-Match``.

    Raises:
        ArmError: 412.
    """
    if_none = call.headers.get("If-None-Match", "")
    if_match = call.headers.get("If-Match", "").strip('"')
    current = existing.etag if existing is not None else "n/a"
    if if_none == "*" and existing is not None:
        raise ArmError(
            412,
            "PreconditionFailed",
            f"The condition '*' in the If-None-Match header was not satisfied. The current was "
            f"'{current}'.",
            flat=True,
        )
    if if_match and (existing is None or if_match not in ("*", existing.etag)):
        raise ArmError(
            412,
            "PreconditionFailed",
            f"The condition '{if_match}' in the If-Match header was not satisfied. The current was "
            f"'{current}'.",
            flat=True,
        )


def _merged(before: JsonObject, asked: JsonObject) -> JsonObject:
    """What an update means: silent members keep their value; lists and scalars are replaced."""
    merged = dict(before)
    for key, value in asked.items():
        if isinstance(before.get(key), dict) and isinstance(value, dict):
            merged[key] = _merged(member(before, key), member(asked, key))
        elif value is not None:
            merged[key] = value
    return merged


def _keep_fixed(cluster: Resource, before: JsonObject, properties: JsonObject) -> None:
    """Refuse changes of what is fixed at creation, and keep what the service chose.

    Raises:
        ArmError: 400.
    """
    for key in _UNCHANGEABLE:
        if properties.get(key) != before.get(key):
            raise _cannot_change(f"properties.{key}", cluster)
    network: JsonObject = before["networkProfile"]
    for key in _UNCHANGEABLE_NETWORK:
        if key in network and properties["networkProfile"].get(key) != network[key]:
            raise _cannot_change(f"properties.networkProfile.{key}", cluster)
    for key in _CHOSEN:
        properties.pop(key, None)
        if key in before:
            properties[key] = before[key]


def _cannot_change(what: str, cluster: Resource) -> ArmError:
    return ArmError(
        400,
        "PropertyChangeNotAllowed",
        f"Provisioning of resource(s) for container service {cluster.name} in resource group "
        f"{cluster.group} failed. Message: Changing property '{what}' is not allowed.",
        flat=True,
        target=what,
    )
