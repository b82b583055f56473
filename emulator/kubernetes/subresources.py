"""What hangs below objects: scale, binding, eviction, tokens."""

from datetime import UTC, datetime, timedelta

from emulator.kubernetes.api_error import (
    bad_request,
    conflict,
    invalid_options,
    invalid_value,
    method_not_allowed,
)
from emulator.kubernetes.calls import Call
from emulator.kubernetes.objects import (
    JsonObject,
    condition,
    labels_of,
    listed,
    section,
    status_of,
    timestamp,
    with_condition,
)
from emulator.kubernetes.operations import Operations
from emulator.kubernetes.patches import json_patch, merge, strategic
from emulator.kubernetes.resources import NAMESPACES, PODS
from emulator.kubernetes.users import Users

_SHORTEST_TOKEN = 600
_USUAL_TOKEN = 3600


class Subresources:
    """Serves the subresources that are no part of the object's own form."""

    def __init__(self, operations: Operations, users: Users) -> None:
        self._operations = operations
        self._users = users

    def serve(self, call: Call) -> tuple[JsonObject, int]:
        """Body and HTTP status of the answer.

        Raises:
            ApiError: It may not or cannot be done.
        """
        home = call.namespace if call.resource.namespaced else ""
        found = self._operations.get(call.resource, home, call.name)
        match call.subresource, call.http.method:
            case "scale", "GET":
                return _scale(found), 200
            case "scale", "PUT" | "PATCH":
                return self._rescale(call, found), 200
            case "binding", "POST":
                return self._bind(call, found), 201
            case "eviction", "POST":
                self._operations.delete(call.resource, found)
                return _success(201), 201
            case "token", "POST":
                return self._token(call, found), 201
            case "finalize", "PUT":
                return self._finalize(call, found), 200
            case _:
                raise method_not_allowed()

    def _rescale(self, call: Call, found: JsonObject) -> JsonObject:
        scale = _scale(found)
        if call.http.method == "PUT":
            scale = call.body()
        elif "json-patch" in call.content_type:
            scale = json_patch(scale, call.data())
        elif "strategic" in call.content_type:
            scale = strategic(scale, call.data())
        else:
            scale = merge(scale, call.data())
        replicas = scale["spec"].get("replicas", 0)
        spec = {**found["spec"], "replicas": replicas}
        changed = self._operations.replace(
            call.resource, found, {**found, "spec": spec}, author=call.author, dry_run=call.dry_run
        )
        return _scale(changed)

    def _bind(self, call: Call, pod: JsonObject) -> JsonObject:
        node = section(call.body(), "target").get("name")
        if not node:
            raise bad_request("target.name: Required value")
        if pod["spec"].get("nodeName"):
            why = f'pod {call.name} is already assigned to node "{pod["spec"]["nodeName"]}"'
            raise conflict(PODS, call.name, why)
        bound = {**pod, "spec": {**pod["spec"], "nodeName": node}}
        stored = self._operations.store.write(PODS, bound)
        scheduled = {k: v for k, v in condition("PodScheduled", "").items() if v != ""}
        status = status_of(stored)
        conditions = with_condition(listed(status, "conditions"), scheduled)
        self._operations.set_status(PODS, stored, {**status, "conditions": conditions})
        return _success(201)

    def _token(self, call: Call, account: JsonObject) -> JsonObject:
        request = call.body()
        spec = section(request, "spec")
        seconds = int(spec.get("expirationSeconds") or _USUAL_TOKEN)
        if seconds < _SHORTEST_TOKEN:
            hint = "may not specify a duration less than 10 minutes"
            cause = invalid_value("spec.expirationSeconds", seconds, hint)
            raise invalid_options("TokenRequest", cause, "authentication.k8s.io")
        bound = section(spec, "boundObjectRef")
        pod = None
        if bound.get("kind") == "Pod":
            pod = self._operations.get(PODS, call.namespace, bound["name"])
            if bound.get("uid") not in (None, "", pod["metadata"]["uid"]):
                raise conflict(
                    PODS, bound["name"], "the UID in the bound object reference does not match"
                )
        token = self._users.issue(call.namespace, account, seconds=seconds, pod=pod)
        expiry = timestamp(datetime.now(UTC) + timedelta(seconds=seconds))
        return {
            "kind": "TokenRequest",
            "apiVersion": "authentication.k8s.io/v1",
            "metadata": {
                "name": call.name,
                "namespace": call.namespace,
                "creationTimestamp": timestamp(),
            },
            "spec": {**spec, "expirationSeconds": seconds},
            "status": {"token": token, "expirationTimestamp": expiry},
        }

    def _finalize(self, call: Call, namespace: JsonObject) -> JsonObject:
        finalizers = listed(section(call.body(), "spec"), "finalizers")
        changed = {**namespace, "spec": {**namespace["spec"], "finalizers": finalizers}}
        return self._operations.store.write(NAMESPACES, changed)


def _scale(item: JsonObject) -> JsonObject:
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    labels = section(item["spec"], "selector").get("matchLabels") or labels_of(item)
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {k: item["metadata"][k] for k in kept},
        "spec": {"replicas": item["spec"].get("replicas", 0)},
        "status": {
            "replicas": status_of(item).get("replicas", 0),
            "selector": ",".join(f"{k}={v}" for k, v in labels.items()),
        },
    }


def _success(code: int) -> JsonObject:
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": code}
