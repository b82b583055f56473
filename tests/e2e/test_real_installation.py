"""A whole installation on a real control plane ends as on the emulated one."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from emulator.clusters import KubernetesKind
from emulator.real import helm, kubernetes
from gateways.kubernetes._kubeconfig import read
from gateways.kubernetes._transport import Transport
from tests.e2e.driver import Driver
from tests.real.requirements import require

pytestmark = [pytest.mark.real, pytest.mark.timeout(400)]

_SPEED = 240.0
"""Real controllers look once a second; faster, the installer would give up on them."""
_PATIENCE = 180.0
_SPEED_WITH_HELM = 60.0
"""A real helm looks every two seconds."""

_COLLECTIONS = (
    "/api/v1/configmaps", "/api/v1/secrets", "/api/v1/services", "/api/v1/serviceaccounts",
    "/api/v1/pods", "/api/v1/persistentvolumeclaims", "/api/v1/resourcequotas",
    "/apis/apps/v1/deployments", "/apis/apps/v1/replicasets", "/apis/apps/v1/statefulsets",
    "/apis/batch/v1/jobs", "/apis/rbac.authorization.k8s.io/v1/rolebindings",
    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", "/api/v1/namespaces",
    "/api/v1/nodes", "/apis/storage.k8s.io/v1/storageclasses",
    "/apis/storage.k8s.io/v1/csinodes", "/apis/storage.k8s.io/v1/csidrivers",
)  # fmt: skip # a list of paths
_SERVERS_OWN = ("system:", "kube-root-ca.crt", "extension-apiserver-authentication")
_SYSTEM = {"kube-system", "kube-public", "kube-node-lease"}


def installed(kind: KubernetesKind) -> tuple[dict[str, Any], set[tuple[str, str, str, str]]]:
    """The final status of a standard installation, and every object of its cluster."""
    driver = Driver(speed=_SPEED, kubernetes=kind)
    try:
        status = driver.install(driver.request("e2e-real"), _PATIENCE)
        (cluster,) = driver.world.cloud.clusters.ids
        api = Transport(read(driver.world.cloud.clusters.kubeconfig(cluster)), lambda: None)
        try:
            return status, {row for path in _COLLECTIONS for row in rows(api, path)}
        finally:
            api.close()
    finally:
        driver.close()


def rows(api: Transport, path: str) -> Iterator[tuple[str, str, str, str]]:
    """Collection, namespace, name and state of every object, generated parts of names left out."""
    for item in api.call("GET", path)["items"]:
        meta = item["metadata"]
        if meta.get("namespace") in _SYSTEM or meta["name"].startswith(_SERVERS_OWN):
            continue
        name = meta["name"]
        if owner := next(iter(meta.get("ownerReferences", [])), None):
            named = owner["kind"] == "StatefulSet" and path.endswith("pods")
            name = name if named else f"of {owner['kind']}"
        yield path.rpartition("/")[2], meta.get("namespace", ""), name, state(item)


def state(item: dict[str, Any]) -> str:
    """What people would look at: the phase, what is ready, what a quota counts."""
    status = item.get("status", {})
    kept = ("phase", "readyReplicas", "availableReplicas", "hard", "used", "loadBalancer")
    return json.dumps({key: status[key] for key in kept if status.get(key)}, sort_keys=True)


@pytest.fixture(scope="module")
def both() -> tuple[Any, Any]:
    """The same installation twice."""
    require(kubernetes.find, "Kubernetes")
    return installed("real"), installed("emulated")


def test_an_installation_on_a_real_control_plane_succeeds(both: tuple[Any, Any]) -> None:
    """With the evidence that it has on the emulated one."""
    (real, _), (emulated, _) = both

    assert real["state"] == "Succeeded", real.get("failure")
    assert real["evidence"] == emulated["evidence"]
    kept = ("nodes", "podLimit", "volumeLimit", "administratorRoles", "endpoints")
    assert {key: real.get(key) for key in kept} == {key: emulated.get(key) for key in kept}


def test_it_leaves_the_objects_that_it_leaves_on_the_emulated_one(both: tuple[Any, Any]) -> None:
    """Every kind of object that parts of the product make, with what people would look at."""
    (_, real), (_, emulated) = both

    assert (sorted(real - emulated), sorted(emulated - real)) == ([], [])


def test_charts_are_installed_by_a_real_helm() -> None:
    """The installation succeeds, and every workload of the charts is ready."""
    require(kubernetes.find, "Kubernetes")
    require(helm.find, "helm")
    driver = Driver(speed=_SPEED_WITH_HELM, kubernetes="real", helm="real")
    try:
        status = driver.install(driver.request("e2e-helm"), _PATIENCE)
        (cluster,) = driver.world.cloud.clusters.ids
        api = Transport(read(driver.world.cloud.clusters.kubeconfig(cluster)), lambda: None)
        ready = {
            (item["metadata"]["namespace"], item["metadata"]["name"])
            for item in api.call("GET", "/apis/apps/v1/deployments")["items"]
            if item["status"].get("readyReplicas") == item["spec"]["replicas"]
        }
        defined = api.call("GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions")
        api.close()
    finally:
        driver.close()

    assert status["state"] == "Succeeded", status.get("failure")
    assert {
        ("cert-manager", "cert-manager"),
        ("cert-manager", "cert-manager-cainjector"),
        ("cert-manager", "cert-manager-webhook"),
        ("istio-system", "istiod"),
    } <= ready
    assert "gateways.networking.istio.io" in {i["metadata"]["name"] for i in defined["items"]}
