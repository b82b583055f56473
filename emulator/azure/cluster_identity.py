"""Who a managed cluster is: its identity, beside SKU and kind."""

import copy

from emulator.azure.arm_error import ArmError
from emulator.azure.calls import Call, JsonObject, member
from emulator.azure.resources import Resource
from emulator.azure.state import IDENTITY, State


def extra_members(state: State, call: Call, cluster: Resource) -> JsonObject:
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
        extra["identity"] = _user_assigned(state, identity)
    elif kind == "systemassigned" or not asked.get("clientId") or asked["clientId"] == "msi":
        principal = state.directory.add_managed_identity(cluster.name, cluster.resource_id)
        extra["identity"] = {
            "type": "SystemAssigned",
            "principalId": principal.object_id,
            "tenantId": state.directory.tenant_id,
        }
    return extra


def _user_assigned(state: State, identity: JsonObject) -> JsonObject:
    filled: JsonObject = {}
    for resource_id in member(identity, "userAssignedIdentities"):
        resource = state.resources.by_id(resource_id)
        if resource is None or resource.kind != IDENTITY:
            raise ArmError(
                400,
                "FailedIdentityOperation",
                "Identity operation for resource failed with error 'Failed to perform "
                "resource identity operation. Status: 'BadRequest'. Resource "
                f"'{resource_id}' was not found.'",
            )
        filled[resource_id] = {key: resource.properties[key] for key in ("principalId", "clientId")}
    return {"type": "UserAssigned", "userAssignedIdentities": filled}
