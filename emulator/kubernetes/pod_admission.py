"""What the ServiceAccount admission plugin does to a new pod."""

from emulator.kubernetes.api_error import forbidden
from emulator.kubernetes.objects import JsonObject, listed, suffix
from emulator.kubernetes.resources import PODS, SERVICE_ACCOUNTS
from emulator.kubernetes.store import Store

TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105 # a path  # a path
ROOT_CA_MAP = "kube-root-ca.crt"
_TOKEN_SECONDS = 3607
"""Tokens of pods are asked for with this lifetime, so that the server may recognise them."""


def admit_pod(store: Store, namespace: str, pod: JsonObject) -> JsonObject:
    """The pod with its account named and that account's token mounted.

    Raises:
        ApiError: The account does not exist (403).
    """
    spec = pod["spec"]
    account_name = spec.get("serviceAccountName") or "default"
    account = store.get(SERVICE_ACCOUNTS, namespace, account_name)
    if account is None:
        why = (
            f"error looking up service account {namespace}/{account_name}: "
            f'serviceaccount "{account_name}" not found'
        )
        raise forbidden(PODS, pod["metadata"]["name"], why)
    spec = spec | {"serviceAccountName": account_name, "serviceAccount": account_name}
    wanted = spec.get("automountServiceAccountToken")
    if wanted is None:
        wanted = account.get("automountServiceAccountToken", True)
    return {**pod, "spec": _with_token(spec) if wanted else spec}


def _with_token(spec: JsonObject) -> JsonObject:
    name = f"kube-api-access-{suffix()}"
    mount = {"name": name, "readOnly": True, "mountPath": TOKEN_PATH}
    changed: JsonObject = {}
    for kind in ("initContainers", "containers"):
        if spec.get(kind):
            changed[kind] = [_mounted(c, mount) for c in spec[kind]]
    if not any(mount in listed(c, "volumeMounts") for cs in changed.values() for c in cs):
        return spec
    return {**spec, **changed, "volumes": [*listed(spec, "volumes"), _volume(name)]}


def _mounted(container: JsonObject, mount: JsonObject) -> JsonObject:
    mounts = listed(container, "volumeMounts")
    if any(m.get("mountPath") == TOKEN_PATH for m in mounts):
        return container
    return {**container, "volumeMounts": [*mounts, mount]}


def _volume(name: str) -> JsonObject:
    namespace = {
        "path": "namespace",
        "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"},
    }
    sources = [
        {"serviceAccountToken": {"expirationSeconds": _TOKEN_SECONDS, "path": "token"}},
        {"configMap": {"name": ROOT_CA_MAP, "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [namespace]}},
    ]
    return {"name": name, "projected": {"defaultMode": 420, "sources": sources}}
