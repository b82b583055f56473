"""Which lists are maps or sets in disguise.

Source: the ``patchMergeKey`` and ``x-kubernetes-list-map-keys`` marks of the published OpenAPI.
Lists that are not named here are replaced as a whole.
"""

from collections.abc import Sequence

from emulator.kubernetes.objects import JsonObject

MERGE_KEYS: dict[str, tuple[str, ...]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "ports": ("containerPort", "port"),
    "conditions": ("type",),
    "addresses": ("type",),
    "imagePullSecrets": ("name",),
    "secrets": ("name",),
    "ownerReferences": ("uid",),
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey",),
    "podIPs": ("ip",),
    "drivers": ("name",),
    "resourceClaims": ("name",),
}
SETS = frozenset({"finalizers"})


def merge_key(field: str, items: Sequence[object]) -> str | None:
    """The key that tells the items of a list apart; None for a list without one."""
    for key in MERGE_KEYS.get(field, ()):
        if items and all(isinstance(i, dict) and key in i for i in items):
            return key
    return None


def position(items: Sequence[JsonObject], key: str, value: object) -> int | None:
    """Index of the item with that key value, or None."""
    return next((i for i, item in enumerate(items) if item.get(key) == value), None)
