"""Bodies in the binary form that kubectl's typed commands write."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from emulator.kubernetes import protobuf
from emulator.kubernetes.api_error import ApiError
from emulator.kubernetes.protobuf_fields import lines, read
from emulator.kubernetes.published_schemas import published
from tests.emulator_kubernetes.asking import ask
from tests.emulator_kubernetes.running import Cluster

MAPS = "/api/v1/namespaces/default/configmaps"
POD: dict[str, Any] = {
    "terminationGracePeriodSeconds": 5,
    "automountServiceAccountToken": False,
    "tolerations": [{"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 0}],
    "securityContext": {"runAsUser": 0, "fsGroup": 2000},
    "volumes": [
        {"name": "a", "emptyDir": {"sizeLimit": "1Gi"}},
        {"name": "b", "secret": {"secretName": "s", "items": [{"key": "k", "path": "p"}]}},
        {"name": "c", "projected": {"sources": [{"configMap": {"name": "z"}}]}},
    ],
    "containers": [
        {
            "name": "main",
            "image": "i:1",
            "command": ["sh", "-c", ""],
            "env": [
                {"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
                {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            ],
            "ports": [{"containerPort": 80}],
            "resources": {"limits": {"cpu": "100m", "memory": "1Gi"}},
            "livenessProbe": {"httpGet": {"port": 80, "path": "/x"}},
            "readinessProbe": {"tcpSocket": {"port": "http"}},
            "volumeMounts": [{"name": "a", "mountPath": "/a"}],
        }
    ],
}
TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": POD}
SPECS: dict[str, Any] = {
    "/apis/apps/v1/namespaces/default/deployments": {
        "replicas": 0,
        "strategy": {"rollingUpdate": {"maxSurge": "30%", "maxUnavailable": 0}},
        "selector": {"matchLabels": {"a": "b"}},
        "template": TEMPLATE,
    },
    "/apis/batch/v1/namespaces/default/cronjobs": {
        "schedule": "0 0 * * *",
        "jobTemplate": {
            "spec": {"backoffLimit": 0, "template": {"spec": {**POD, "restartPolicy": "Never"}}}
        },
    },
    "/api/v1/namespaces/default/services": {
        "type": "NodePort",
        "selector": {"a": "b"},
        "ports": [{"port": 80, "targetPort": "http"}],
    },
    "/api/v1/namespaces/default/persistentvolumeclaims": {
        "storageClassName": "",
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
    },
    "/apis/coordination.k8s.io/v1/namespaces/default/leases": {
        "leaseDurationSeconds": 1,
        "acquireTime": "2026-01-02T03:04:05.678901Z",
    },
}


def piece(number: int, data: bytes) -> bytes:
    """A field that holds text, bytes or a message of fewer than 128 bytes."""
    assert len(data) < 128
    return bytes([number << 3 | 2, len(data)]) + data


def body(version: str, kind: str, item: bytes) -> bytes:
    """A body as the API server expects it."""
    said = piece(1, version.encode()) + piece(2, kind.encode())
    return b"k8s\x00" + piece(1, said) + piece(2, item)


def test_an_object_is_created_from_protobuf(cluster: Cluster, namespace: str) -> None:
    """Name, labels and data arrive; the answer is JSON where the client takes that."""
    label = piece(1, b"tier") + piece(2, b"front")
    meta = piece(1, b"binary") + piece(2, b"") + piece(11, label)
    item = piece(1, meta) + piece(2, piece(1, b"key") + piece(2, b"value"))

    said = ask(
        cluster, "POST", f"/api/v1/namespaces/{namespace}/configmaps",
        body("v1", "ConfigMap", item), kind=protobuf.MEDIA_TYPE,
        headers={"Accept": f"{protobuf.MEDIA_TYPE};q=0.1,application/json"},
    )  # fmt: skip # one request

    assert said.status == 201
    stored = ask(cluster, "GET", f"/api/v1/namespaces/{namespace}/configmaps/binary").json
    assert stored["data"] == {"key": "value"}
    assert stored["metadata"]["labels"] == {"tier": "front"}


@pytest.mark.parametrize(
    "sent", [b"", b"{}", b"k8s\x00\x12\x7f", b"k8s\x00\x0a\x05\x0a\x7f", b"k8s\x00\xff"]
)
def test_a_broken_body_is_refused(cluster: Cluster, sent: bytes) -> None:
    """400, and the server goes on."""
    said = ask(cluster, "POST", MAPS, sent, kind=protobuf.MEDIA_TYPE)

    assert (said.status, said.json["reason"]) == (400, "BadRequest")


def test_a_custom_kind_has_no_binary_form() -> None:
    """415: nobody has numbered its fields."""
    with pytest.raises(ApiError) as refused:
        protobuf.decode(body("example.com/v1", "Toy", b""))

    assert refused.value.code == 415


def test_negative_numbers_are_read() -> None:
    """They take all 64 bits."""
    value = bytes([2 << 3, 0xFB, *[0xFF] * 8, 0x01])

    found = protobuf.decode(body("scheduling.k8s.io/v1", "PriorityClass", value))

    assert found["value"] == -5


def test_the_table_is_made_of_the_published_definitions(tmp_path: Path) -> None:
    """Embedded messages are told from fields by what OpenAPI knows."""
    folder = tmp_path / "api@v0.36.3" / "core" / "v1"
    folder.mkdir(parents=True)
    (folder / "generated.proto").write_text(
        """package k8s.io.api.core.v1;
message Pod {
  optional .k8s.io.apimachinery.pkg.apis.meta.v1.ObjectMeta metadata = 1;
  optional PodSpec spec = 2;
}
message PodSpec {
  repeated Volume volumes = 1;
  map<string, string> nodeSelector = 7;
}
message Volume {
  // Name of the volume.
  optional string name = 1;
  optional VolumeSource volumeSource = 2;
}
message VolumeSource {
  optional HostPathVolumeSource hostPath = 1;
}
"""
    )

    found = set(lines(read(tmp_path, "0.36.3"), published("1.36.3")))

    core = "io.k8s.api.core.v1"
    assert found == {
        f"{core}.Pod 1:metadata 2:spec",
        f"{core}.PodSpec 1:volumes 7:nodeSelector",
        f"{core}.Volume 1:name 2>{core}.VolumeSource",
        f"{core}.VolumeSource 1:hostPath",
    }


@pytest.mark.real
@pytest.mark.parametrize("cluster", ["real"], indirect=True)
@pytest.mark.parametrize("path", SPECS)
def test_what_the_real_server_writes_is_read_as_its_json(cluster: Cluster, path: str) -> None:
    """Nothing is lost, and nothing comes in but what Go writes of fields that are not set."""
    made = ask(
        cluster, "POST", f"{path}?dryRun=All", {"metadata": {"name": "x"}, "spec": SPECS[path]}
    )
    assert made.status == 201, made.message
    binary = ask(
        cluster, "POST", f"{path}?dryRun=All", {"metadata": {"name": "x"}, "spec": SPECS[path]},
        headers={"Accept": protobuf.MEDIA_TYPE},
    )  # fmt: skip # one request

    found = protobuf.decode(binary.body)

    assert list(differences(made.json["spec"], found["spec"], "spec")) == []


def differences(said: Any, read: Any, path: str) -> Iterator[str]:
    """Where two objects differ; zero and false may stand for nothing."""
    if isinstance(said, dict) and isinstance(read, dict):
        one, other = cast("dict[str, Any]", said), cast("dict[str, Any]", read)
        for name in one.keys() | other.keys():
            yield from differences(one.get(name), other.get(name), f"{path}.{name}")
    elif isinstance(said, list) and isinstance(read, list):
        pairs = zip(cast("list[Any]", said), cast("list[Any]", read), strict=True)
        for index, (one, other) in enumerate(pairs):
            yield from differences(one, other, f"{path}[{index}]")
    elif said != read and not (said is None and read in (0, False)):
        yield f"{path}: {said!r} was read as {read!r}"
