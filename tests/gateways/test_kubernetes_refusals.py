"""What an API server refuses, the emulated one and a real one, and what the gateway makes of it."""

import os
import secrets
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from gateways.kubernetes import CredentialExpired, Kubernetes, Unreachable
from model.errors import Busy, Refusal
from tests.gateways.kubeconfigs import encoded, with_cluster, with_user
from tests.gateways.kubernetes_world import World, running, until
from tests.real.requirements import BACKENDS


@pytest.fixture(scope="module", params=BACKENDS)
def one_world(request: pytest.FixtureRequest) -> Iterator[World]:
    """One cluster for all tests."""
    with running(str(request.param)) as up:
        yield up


@pytest.fixture
def world(one_world: World) -> World:
    """The cluster with nothing lost yet."""
    one_world.lost.clear()
    return one_world


@pytest.fixture
def cluster(world: World) -> Kubernetes:
    """A fresh connection."""
    return world.connect()


def manifest(kind: str, namespace: str) -> dict[str, Any]:
    """The smallest object."""
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": "x", "namespace": namespace}}


def test_a_refused_credential_asks_to_be_renewed(world: World) -> None:
    """The connection is given up, so that the next try reads the kubeconfig again."""
    token = secrets.token_urlsafe(24)
    cluster = world.connect(with_user(world.kubeconfig, token=token))
    with pytest.raises(CredentialExpired) as expired:
        cluster.find("Secret", "default", "asked")

    assert world.lost == ["lost"]
    assert token not in str(expired.value)


def test_what_is_forbidden_is_refused_with_verb_and_resource(world: World) -> None:
    """The server's own sentence says what is missing."""
    cluster = world.connect(world.powerless)

    with pytest.raises(Refusal) as refusal:
        cluster.find("ConfigMap", "default", "x")

    assert refusal.value.code == "kubernetes-forbidden"
    assert 'cannot get resource "configmaps"' in refusal.value.reason


@pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
def test_a_namespace_that_is_being_deleted_is_waited_for(
    world: World, cluster: Kubernetes, kind: str
) -> None:
    """Its 403 is no matter of rights: it ends by itself."""
    space = world.namespace()
    path = f"/api/v1/namespaces/{space}"
    held = {
        "metadata": {"name": "held", "finalizers": ["example.com/held"]},
    }
    world.call("POST", f"{path}/configmaps", held)
    world.call("DELETE", path)
    until(lambda: world.call("GET", path)["status"]["phase"], lambda phase: phase == "Terminating")
    with pytest.raises(Busy, match="still being deleted"):
        cluster.create(manifest(kind, space))
    world.call("PATCH", f"{path}/configmaps/held", {"metadata": {"finalizers": None}})


@pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
def test_a_quota_is_no_matter_of_rights_either(
    world: World, cluster: Kubernetes, kind: str
) -> None:
    """It is also a 403, and says so, though of a Secret no words of the server are shown."""
    space = world.namespace()
    path = f"/api/v1/namespaces/{space}/resourcequotas"
    none = {"count/secrets": "0", "configmaps": "0"}
    world.call("POST", path, {"metadata": {"name": "none"}, "spec": {"hard": none}})
    until(lambda: world.call("GET", f"{path}/none")["status"], lambda counted: "used" in counted)

    with pytest.raises(Refusal) as refusal:
        cluster.create(manifest(kind, space))

    assert refusal.value.code == "kubernetes-refused"
    assert "exceeded quota" in refusal.value.reason


def test_a_server_that_does_not_listen_is_a_fault_and_forgotten(world: World) -> None:
    """Right after its creation, or after it was replaced by another one."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        server = f"https://127.0.0.1:{taken.getsockname()[1]}"
        cluster = world.connect(with_cluster(world.kubeconfig, server=server))
        with pytest.raises(Unreachable):
            cluster.find("Secret", "default", "asked")

    assert world.lost == ["lost"]


def test_a_server_with_another_certificate_is_not_trusted(world: World) -> None:
    """A cluster made anew under the same name has another authority."""
    other = encoded(trustme.CA().cert_pem.bytes())
    kubeconfig = with_cluster(world.kubeconfig, **{"certificate-authority-data": other})
    token = yaml.safe_load(kubeconfig)["users"][0]["user"]["token"]
    cluster = world.connect(kubeconfig)

    with pytest.raises(Unreachable) as fault:
        cluster.find("Secret", "default", "asked")

    assert token not in str(fault.value)
    assert world.lost == ["lost"]


def test_connecting_leaves_no_file_behind(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the token nor a client's key stays on the disk."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    world.connect().find("Secret", "default", "asked")
    client = trustme.CA().issue_cert("client")
    chain = b"".join(blob.bytes() for blob in client.cert_chain_pems)
    world.connect(
        with_user(
            world.kubeconfig,
            **{
                "client-certificate-data": encoded(chain),
                "client-key-data": encoded(client.private_key_pem.bytes()),
            },
        )
    )

    assert os.listdir(tmp_path) == []  # noqa: PTH208 # names are all that matters


def test_a_client_certificate_is_a_credential(world: World) -> None:
    """The server is trusted as before, and without a known client it answers 401."""
    client = trustme.CA().issue_cert("client")
    chain = b"".join(blob.bytes() for blob in client.cert_chain_pems)
    user = {
        "client-certificate-data": encoded(chain),
        "client-key-data": encoded(client.private_key_pem.bytes()),
    }
    with pytest.raises(CredentialExpired):
        world.connect(with_user(world.kubeconfig, **user)).find("Secret", "default", "asked")
