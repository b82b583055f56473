"""What the API server fills in for pods and the templates of pods."""

from emulator.kubernetes.objects import JsonObject, listed, section
from emulator.kubernetes.pod_resources import quality, with_requests


def pod_spec(spec: JsonObject) -> JsonObject:
    """Defaults of a pod's or template's ``spec``."""
    account = spec.get("serviceAccountName") or spec.get("serviceAccount")
    filled: JsonObject = {
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "securityContext": {},
        "schedulerName": "default-scheduler",
        **spec,
        **({"serviceAccountName": account, "serviceAccount": account} if account else {}),
    }
    for kind in ("initContainers", "containers"):
        if spec.get(kind):
            filled[kind] = [_container(c) for c in spec[kind]]
    if spec.get("volumes"):
        filled["volumes"] = [_volume(v) for v in spec["volumes"]]
    return filled


def _container(container: JsonObject) -> JsonObject:
    image = str(container.get("image", ""))
    latest = ":" not in image.rpartition("/")[2] or image.endswith(":latest")
    filled: JsonObject = {
        "resources": {},
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "imagePullPolicy": "Always" if latest else "IfNotPresent",
        **container,
    }
    if container.get("ports"):
        filled["ports"] = [{"protocol": "TCP", **p} for p in container["ports"]]
    return filled


def _volume(volume: JsonObject) -> JsonObject:
    for kind in ("secret", "configMap", "projected"):
        if kind in volume:
            return {**volume, kind: {"defaultMode": 420, **(volume[kind] or {})}}
    if len(volume) == 1:
        return {**volume, "emptyDir": {}}
    return volume


def pod(item: JsonObject) -> JsonObject:
    """A pod with its defaults."""
    spec = with_requests(pod_spec(section(item, "spec")))
    return {
        **item,
        "spec": {
            "enableServiceLinks": True,
            "priority": 0,
            "preemptionPolicy": "PreemptLowerPriority",
            **spec,
            "tolerations": _tolerations(listed(spec, "tolerations")),
        },
        "status": item.get("status") or {"phase": "Pending", "qosClass": quality(spec)},
    }


def _tolerations(own: list[JsonObject]) -> list[JsonObject]:
    """Five minutes for a node that is not ready or not reachable, unless the pod says otherwise."""
    usual = [
        {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
        for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
    ]
    known = {toleration.get("key") for toleration in own}
    return [*own, *(u for u in usual if u["key"] not in known)]
