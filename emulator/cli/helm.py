"""The helm program as a Job uses it: releases as Secrets, a Deployment for each chart, and waiting.

Facts: https://helm.sh/docs/helm/helm_upgrade/ ; Helm 3 keeps a release in a Secret of type
``helm.sh/release.v1``.
"""

import json
import os
import re
import sys
from pathlib import Path

from emulator.cli.arguments import Arguments, parse
from emulator.cli.cluster import ApiError, Cluster, JsonObject, Unreachable, encoded, pause
from model.documents import part

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0}


def main(words: list[str]) -> int:
    """Run one command; the exit code."""
    arguments = parse(words, prefix="HELM")
    commands = {
        "upgrade": _upgrade,
        "status": _status,
        "uninstall": _uninstall,
        "rollback": _rollback,
    }
    run = commands.get(arguments.words[0] if arguments.words else "")
    if run is None:
        print(f'Error: unknown command "{" ".join(arguments.words)}" for "helm"', file=sys.stderr)
        return 1
    try:
        return run(arguments, Cluster())
    except (ApiError, Unreachable) as error:
        print(f"Error: Kubernetes cluster unreachable: {error}", file=sys.stderr)
        return 1


def _upgrade(arguments: Arguments, cluster: Cluster) -> int:
    name, chart = arguments.words[1], arguments.words[2]
    namespace = arguments.get("namespace", "default")
    values_file = arguments.get("values")
    if values_file and not Path(values_file).is_file():
        print(f"Error: open {values_file}: no such file or directory", file=sys.stderr)
        return 1
    if not (arguments.get("repo") or chart.startswith(("oci://", "https://", "/"))):
        print(f"Error: repo {chart.partition('/')[0]} not found", file=sys.stderr)
        return 1
    known = _release(cluster, namespace, name)
    if known.startswith("pending"):
        print(
            "Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress",
            file=sys.stderr,
        )
        return 1
    cluster.ensure("/api/v1/namespaces", {"metadata": {"name": namespace}})
    _remember(cluster, namespace, name, "pending-upgrade" if known else "pending-install")
    cluster.ensure(
        f"/apis/apps/v1/namespaces/{namespace}/deployments",
        _deployment(name, chart, arguments.get("version")),
    )
    if not _await(cluster, namespace, name, _seconds(arguments.get("timeout", "5m"))):
        _remember(cluster, namespace, name, "failed")
        word = "UPGRADE" if known else "INSTALLATION"
        print(f"Error: {word} FAILED: context deadline exceeded", file=sys.stderr)
        return 1
    _remember(cluster, namespace, name, "deployed")
    print(f'Release "{name}" has been upgraded. Happy Helming!')
    print(f"NAME: {name}\nNAMESPACE: {namespace}\nSTATUS: deployed\nREVISION: 1")
    return 0


def _status(arguments: Arguments, cluster: Cluster) -> int:
    name, namespace = arguments.words[1], arguments.get("namespace", "default")
    status = _release(cluster, namespace, name)
    if not status:
        print("Error: release: not found", file=sys.stderr)
        return 1
    print(
        json.dumps({"name": name, "info": {"status": status}, "namespace": namespace, "version": 1})
    )
    return 0


def _uninstall(arguments: Arguments, cluster: Cluster) -> int:
    name, namespace = arguments.words[1], arguments.get("namespace", "default")
    for path in (
        f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}",
        f"/api/v1/namespaces/{namespace}/secrets/{_secret_name(name)}",
    ):
        if cluster.find(path) is not None:
            cluster.request("DELETE", path)
    print(f'release "{name}" uninstalled')
    return 0


def _rollback(arguments: Arguments, cluster: Cluster) -> int:
    name, namespace = arguments.words[1], arguments.get("namespace", "default")
    _remember(cluster, namespace, name, "deployed")
    print("Rollback was a success! Happy Helming!")
    return 0


def _secret_name(name: str) -> str:
    return f"sh.helm.release.v1.{name}.v1"


def _release(cluster: Cluster, namespace: str, name: str) -> str:
    found = cluster.find(f"/api/v1/namespaces/{namespace}/secrets/{_secret_name(name)}")
    return str(part(found or {}, "metadata", "labels").get("status", ""))


def _remember(cluster: Cluster, namespace: str, name: str, status: str) -> None:
    labels = {"owner": "helm", "name": name, "status": status, "version": "1"}
    body: JsonObject = {
        "metadata": {"name": _secret_name(name), "labels": labels},
        "type": "helm.sh/release.v1",
        "data": {"release": encoded(json.dumps({"name": name}))},
    }
    collection = f"/api/v1/namespaces/{namespace}/secrets"
    if not cluster.ensure(collection, body):
        cluster.request(
            "PATCH", f"{collection}/{_secret_name(name)}", {"metadata": {"labels": labels}}
        )


def _deployment(name: str, chart: str, version: str) -> JsonObject:
    labels = {"app.kubernetes.io/instance": name, "app.kubernetes.io/managed-by": "Helm"}
    repository = re.sub(r"[^a-z0-9/.-]", "", chart.rpartition("/")[2]) or name
    container = {"name": name, "image": f"{repository}:{version.replace('+', '_')}"}
    return {
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app.kubernetes.io/instance": name}},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


def _await(cluster: Cluster, namespace: str, name: str, seconds: float) -> bool:
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}"
    for _ in range(max(1, int(seconds / 2))):
        found = cluster.find(path) or {}
        if part(found, "status").get("readyReplicas", 0) >= 1:
            return True
        pause(2)
    return False


def _seconds(text: str) -> float:
    return sum(float(n) * _UNITS[u] for n, u in re.findall(r"([\d.]+)([hms])", text))


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)  # nothing to tidy; a slow interpreter end is no part of the stand-in
