"""Pods that are not run: placed, started, counted."""

from typing import Any

from tests.emulator_kubernetes.running import Cluster, eventually, official


def workload(kind: str, replicas: int, **spec: Any) -> dict[str, Any]:
    """A Deployment or StatefulSet of one container."""
    labels = {"app": "web"}
    pod = {"containers": [{"name": "web", "image": "web:1"} | spec.pop("container", {})]}
    template = {"metadata": {"labels": labels} | spec.pop("metadata", {}), "spec": pod}
    body = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "web"}, "spec": body | spec}


def test_nodes_are_ready_with_capacity(core: Any) -> None:
    """Nodes say what they hold; that is what limits are computed from."""
    nodes = eventually(
        lambda: [
            n
            for n in core.list_node().items
            if any(c.type == "Ready" and c.status == "True" for c in n.status.conditions)
        ]
    )

    assert {n.status.allocatable["pods"] for n in nodes} == {"12"}
    assert nodes[0].metadata.labels["topology.kubernetes.io/zone"] == "westeurope-1"


def test_a_deployment_becomes_available(cluster: Cluster, namespace: str) -> None:
    """Pods are started on nodes and counted up to the Deployment; endpoints follow."""
    with cluster.api() as api:
        apps, core = official.AppsV1Api(api), official.CoreV1Api(api)
        ports = [{"port": 80}]
        service = {
            "metadata": {"name": "web"},
            "spec": {"selector": {"app": "web"}, "ports": ports},
        }
        core.create_namespaced_service(namespace, service)
        apps.create_namespaced_deployment(namespace, workload("Deployment", 3))

        eventually(
            lambda: apps.read_namespaced_deployment("web", namespace).status.available_replicas == 3
        )
        addresses = eventually(
            lambda: (core.read_namespaced_endpoints("web", namespace).subsets or [None])[0]
        )

    assert addresses is not None
    assert len(eventually(lambda: addresses.addresses)) >= 1
    assert addresses.addresses[0].ip.startswith("10.244.")


def test_a_stateful_set_gets_its_volumes(cluster: Cluster, namespace: str) -> None:
    """Every pod has a bound claim of its own."""
    claim = {
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    mounts = [{"name": "data", "mountPath": "/data"}]
    body = workload(
        "StatefulSet", 2, serviceName="web", volumeClaimTemplates=[claim],
        container={"volumeMounts": mounts},
    )  # fmt: skip # one call
    with cluster.api() as api:
        apps, core = official.AppsV1Api(api), official.CoreV1Api(api)
        apps.create_namespaced_stateful_set(namespace, body)
        eventually(
            lambda: apps.read_namespaced_stateful_set("web", namespace).status.ready_replicas == 2
        )
        claims = core.list_namespaced_persistent_volume_claim(namespace).items

    assert [(c.metadata.name, c.status.phase) for c in claims] == [
        ("data-web-0", "Bound"),
        ("data-web-1", "Bound"),
    ]


def test_too_many_pods_are_unschedulable_until_there_is_room(
    cluster: Cluster, namespace: str
) -> None:
    """The scheduler says why, and places the pod as soon as another one goes."""
    with cluster.api() as api:
        apps, core = official.AppsV1Api(api), official.CoreV1Api(api)
        apps.create_namespaced_deployment(namespace, workload("Deployment", 30))

        def complaints() -> list[str]:
            pods: list[Any] = core.list_namespaced_pod(namespace).items
            conditions: list[Any] = [c for p in pods for c in p.status.conditions or ()]
            return [c.message for c in conditions if c.reason == "Unschedulable"]

        eventually(lambda: len(complaints()) >= 6)
        assert "2 Too many pods" in complaints()[0]

        apps.patch_namespaced_deployment_scale("web", namespace, {"spec": {"replicas": 10}})
        eventually(
            lambda: (
                apps.read_namespaced_deployment("web", namespace).status.available_replicas == 10
            )
        )


def test_a_bad_image_never_starts(cluster: Cluster, namespace: str) -> None:
    """The annotation makes a pod hang as a wrong image name does."""
    metadata = {"labels": {"app": "web"}, "annotations": {"emulator/image-pull-error": "true"}}
    with cluster.api() as api:
        core = official.CoreV1Api(api)
        official.AppsV1Api(api).create_namespaced_deployment(
            namespace, workload("Deployment", 1, metadata=metadata)
        )

        def reason() -> str:
            statuses = [
                p.status.container_statuses for p in core.list_namespaced_pod(namespace).items
            ]
            state = statuses[0][0].state.waiting if statuses and statuses[0] else None
            return state.reason if state and state.reason == "ImagePullBackOff" else ""

        assert eventually(reason) == "ImagePullBackOff"


def test_a_load_balancer_gets_an_address(cluster: Cluster, namespace: str) -> None:
    """Public by default, private where the annotation says so."""
    internal = {"service.beta.kubernetes.io/azure-load-balancer-internal": "true"}
    spec = {"type": "LoadBalancer", "ports": [{"port": 443}]}
    with cluster.api() as api:
        core = official.CoreV1Api(api)
        core.create_namespaced_service(namespace, {"metadata": {"name": "out"}, "spec": spec})
        core.create_namespaced_service(
            namespace, {"metadata": {"name": "in", "annotations": internal}, "spec": spec}
        )

        def address(name: str) -> str:
            ingress = core.read_namespaced_service(name, namespace).status.load_balancer.ingress
            return ingress[0].ip if ingress else ""

        assert eventually(lambda: address("out")).startswith("20.50.")
        assert eventually(lambda: address("in")).startswith("10.224.")
