"""kubectl, as far as the installer's scripts use it; for machines that have none."""

import json
import os
import re
import sys
import urllib.request
from pathlib import Path
from typing import cast
from urllib.parse import quote

import yaml

from emulator.cli.arguments import Arguments, parse
from emulator.cli.cluster import ApiError, Cluster, JsonObject, Unreachable, pause
from model.documents import entries, part

_PATHS = {
    "deployment": "apis/apps/v1/namespaces/{}/deployments",
    "statefulset": "apis/apps/v1/namespaces/{}/statefulsets",
    "secret": "api/v1/namespaces/{}/secrets",
    "configmap": "api/v1/namespaces/{}/configmaps",
    "service": "api/v1/namespaces/{}/services",
    "serviceaccount": "api/v1/namespaces/{}/serviceaccounts",
    "namespace": "api/v1/namespaces",
    "customresourcedefinition": "apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    "clusterrole": "apis/rbac.authorization.k8s.io/v1/clusterroles",
    "clusterrolebinding": "apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
}
_GROUPED = ("deployment", "statefulset")
_LOOKS = 600


def main(words: list[str]) -> int:
    """Run one command; the exit code."""
    arguments = parse(words, prefix="KUBECTL")
    commands = {
        "get": _get,
        "apply": _apply,
        "annotate": _annotate,
        "create": _create,
        "rollout": _rollout,
    }
    run = commands.get(arguments.words[0] if arguments.words else "")
    if run is None:
        print(f"error: unknown command {' '.join(arguments.words)!r}", file=sys.stderr)
        return 1
    try:
        return run(arguments)
    except (ApiError, Unreachable) as error:
        print(f"Error from server: {error}", file=sys.stderr)
        return 1


def _path(kind: str, arguments: Arguments) -> str:
    return "/" + _PATHS[kind].format(arguments.get("namespace", "default"))


def _get(arguments: Arguments) -> int:
    kinds, names = arguments.words[1].split(","), arguments.words[2:]
    cluster = Cluster()
    if names:
        found = cluster.request("GET", f"{_path(kinds[0], arguments)}/{names[0]}")
        asked = re.fullmatch(r"jsonpath=\{\.([\w.]+)\.([\w-]+)\}", arguments.get("output"))
        shown = part(found, *asked[1].split(".")).get(asked[2], "") if asked else json.dumps(found)
        print(shown, end="")
        return 0
    selector = quote(arguments.get("selector"))
    for kind in kinds:
        listed = cluster.request("GET", f"{_path(kind, arguments)}?labelSelector={selector}")
        shown = f"{kind}.apps" if kind in _GROUPED else kind
        for item in entries(listed, "items"):
            print(f"{shown}/{item['metadata']['name']}")
    return 0


def _annotate(arguments: Arguments) -> int:
    """``annotate KIND NAME --overwrite KEY=VALUE``."""
    _, kind, name, *pairs = arguments.words
    told = dict(pair.split("=", 1) for pair in pairs)
    changed = {"metadata": {"annotations": told}}
    Cluster().request("PATCH", f"{_path(kind, arguments)}/{name}", changed)
    print(f"{kind}/{name} annotated")
    return 0


def _create(arguments: Arguments) -> int:
    """``create namespace NAME --dry-run=client -o yaml``: only prints."""
    metadata = {"name": arguments.words[2]}
    print(yaml.safe_dump({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}))
    return 0


def _apply(arguments: Arguments) -> int:
    source = arguments.get("values")  # -f, which helm reads as --values
    if source == "-":
        text = sys.stdin.read()
    elif source.startswith("http"):
        with urllib.request.urlopen(source, timeout=20) as answer:  # noqa: S310 # http(s) by the line above
            text = answer.read().decode()
    else:
        text = Path(source).read_text()
    cluster = Cluster()
    for document in list(yaml.safe_load_all(text)):
        if isinstance(document, dict):
            _apply_one(cluster, cast("JsonObject", document), arguments)
    return 0


def _apply_one(cluster: Cluster, document: JsonObject, arguments: Arguments) -> None:
    kind, metadata = str(document["kind"]).lower(), part(document, "metadata")
    namespace = metadata.get("namespace") or arguments.get("namespace", "default")
    path = "/" + _PATHS[kind].format(namespace)
    done = "serverside-applied" if arguments.flag("server-side") else "created"
    if not cluster.ensure(path, document):
        cluster.request("PATCH", f"{path}/{metadata['name']}", document)
        done = "serverside-applied" if arguments.flag("server-side") else "configured"
    print(f"{kind}/{metadata['name']} {done}")


def _rollout(arguments: Arguments) -> int:
    """``rollout status deployment``: waits until every Deployment of the namespace is ready."""
    cluster = Cluster()
    for _ in range(_LOOKS):
        listed = cluster.request("GET", _path("deployment", arguments))
        if all(_ready(item) for item in entries(listed, "items")):
            print("deployments successfully rolled out")
            return 0
        pause(1)
    print("error: timed out waiting for the condition", file=sys.stderr)
    return 1


def _ready(item: JsonObject) -> bool:
    wanted = part(item, "spec").get("replicas", 1)
    return bool(part(item, "status").get("readyReplicas", 0) >= wanted)


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)  # nothing to tidy; a slow interpreter end is no part of the stand-in
