"""The real kubectl, which knows nothing of emulators."""

import json
import shutil

import pytest

from tests.emulator_kubernetes.running import Cluster

pytestmark = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on PATH")

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web:1}]}
"""


def test_apply_is_repeatable(cluster: Cluster, namespace: str) -> None:
    """The second apply of the same manifest finds nothing to do."""
    first = cluster.kubectl("apply", "-n", namespace, "-f", "-", manifest=DEPLOYMENT)
    second = cluster.kubectl("apply", "-n", namespace, "-f", "-", manifest=DEPLOYMENT)

    assert first.strip() == "deployment.apps/web created"
    assert second.strip() == "deployment.apps/web unchanged"


def test_server_side_apply_tells_of_conflicts(cluster: Cluster, namespace: str) -> None:
    """The advice of kubectl appears when another manager owns a field."""
    theirs = ("apply", "--server-side", "--field-manager=theirs", "-n", namespace, "-f", "-")
    cluster.kubectl(*theirs, manifest=DEPLOYMENT)
    changed = DEPLOYMENT.replace("replicas: 2", "replicas: 3")

    said = cluster.kubectl("apply", "--server-side", "-n", namespace, "-f", "-", manifest=changed)

    assert "Apply failed with 1 conflict" in said
    assert ".spec.replicas" in said


def test_what_kubectl_applied_itself_passes_to_server_side_apply(
    cluster: Cluster, namespace: str
) -> None:
    """No conflict with its own client-side apply, whose entry gives way to the new kind."""
    cluster.kubectl("apply", "-n", namespace, "-f", "-", manifest=DEPLOYMENT)
    changed = DEPLOYMENT.replace("replicas: 2", "replicas: 3")

    said = cluster.kubectl("apply", "--server-side", "-n", namespace, "-f", "-", manifest=changed)

    assert said.strip() == "deployment.apps/web serverside-applied"
    owners = cluster.kubectl(
        "get", "deploy", "web", "-n", namespace, "-o", "json", "--show-managed-fields"
    )
    found = [
        (entry["manager"], entry["operation"])
        for entry in json.loads(owners)["metadata"]["managedFields"]
        if "subresource" not in entry
    ]
    assert sorted(found) == [("kubectl", "Apply"), ("kubectl-last-applied", "Apply")]


def test_get_prints_columns(cluster: Cluster, namespace: str) -> None:
    """Tables have the columns that people know."""
    cluster.kubectl("apply", "-n", namespace, "-f", "-", manifest=DEPLOYMENT)

    header, row = cluster.kubectl("get", "deploy", "-n", namespace).splitlines()

    assert header.split() == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"]
    assert row.split()[:2] == ["web", "0/2"]


def test_delete_waits_for_the_end(cluster: Cluster, namespace: str) -> None:
    """Nothing is left when kubectl returns."""
    cluster.kubectl("apply", "-n", namespace, "-f", "-", manifest=DEPLOYMENT)

    said = cluster.kubectl("delete", "deploy/web", "-n", namespace, "--cascade=foreground")

    assert 'deployment.apps "web" deleted' in said
    assert "No resources found" in cluster.kubectl("get", "all", "-n", namespace)
