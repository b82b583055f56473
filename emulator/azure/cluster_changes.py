"""What an update of a managed cluster means, and what it may not change."""

from emulator.azure.arm_error import ArmError
from emulator.azure.calls import Call, JsonObject, member, rows
from emulator.azure.resources import Resource

_UNCHANGEABLE = ("dnsPrefix", "fqdnSubdomain", "nodeResourceGroup", "enableRBAC")
_UNCHANGEABLE_NETWORK = (
    "networkPlugin",
    "podCidr",
    "serviceCidr",
    "dnsServiceIP",
    "loadBalancerSku",
)
_CHOSEN = ("fqdn", "privateFQDN", "azurePortalFQDN", "resourceUID", "identityProfile")


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


def merged(before: JsonObject, asked: JsonObject) -> JsonObject:
    """What an update means: silent members keep their value; lists and scalars are replaced."""
    together = dict(before)
    for key, value in asked.items():
        if isinstance(before.get(key), dict) and isinstance(value, dict):
            together[key] = merged(member(before, key), member(asked, key))
        elif value is not None:
            together[key] = value
    return together


def keep_pool_versions(before: JsonObject, asked: JsonObject) -> None:
    """Let pools that are there already know which version their nodes have."""
    key = "currentOrchestratorVersion"
    old: dict[str, JsonObject] = {p["name"]: p for p in rows(before, "agentPoolProfiles")}
    for pool in rows(asked, "agentPoolProfiles"):
        pool.pop(key, None)
        if key in old.get(str(pool.get("name")), {}):
            pool[key] = old[pool["name"]][key]


def keep_fixed(cluster: Resource, before: JsonObject, properties: JsonObject) -> None:
    """Refuse changes of what is fixed at creation, and keep what the service chose.

    Raises:
        ArmError: 400.
    """
    for key in _UNCHANGEABLE:
        if properties.get(key) != before.get(key):
            raise cannot_change(f"properties.{key}", cluster)
    network: JsonObject = before["networkProfile"]
    for key in _UNCHANGEABLE_NETWORK:
        if key in network and properties["networkProfile"].get(key) != network[key]:
            raise cannot_change(f"properties.networkProfile.{key}", cluster)
    for key in _CHOSEN:
        properties.pop(key, None)
        if key in before:
            properties[key] = before[key]


def cannot_change(what: str, cluster: Resource) -> ArmError:
    """A property is fixed at creation."""
    return ArmError(
        400,
        "PropertyChangeNotAllowed",
        f"Provisioning of resource(s) for container service {cluster.name} in resource group "
        f"{cluster.group} failed. Message: Changing property '{what}' is not allowed.",
        flat=True,
        target=what,
    )
