"""Claims for disks, as the real kubectl makes them."""

import shutil

import pytest

from tests.emulator_kubernetes.running import Cluster

pytestmark = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on PATH")

CLAIM = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
"""


def test_a_claim_without_a_class_can_be_applied_again(cluster: Cluster, namespace: str) -> None:
    """The class that the server has chosen is nobody's to take away."""
    words = ("apply", "--server-side", "-n", namespace, "-f", "-")

    first = cluster.kubectl(*words, manifest=CLAIM)
    again = cluster.kubectl(*words, manifest=CLAIM)

    assert (first, again) == ("persistentvolumeclaim/data serverside-applied\n",) * 2


def test_a_claim_without_a_class_can_pass_to_server_side_apply(
    cluster: Cluster, namespace: str
) -> None:
    """Also what ``kubectl apply`` made at first."""
    first = cluster.kubectl("apply", "-n", namespace, "-f", "-", manifest=CLAIM)
    again = cluster.kubectl("apply", "--server-side", "-n", namespace, "-f", "-", manifest=CLAIM)

    assert first == "persistentvolumeclaim/data created\n"
    assert again == "persistentvolumeclaim/data serverside-applied\n"
