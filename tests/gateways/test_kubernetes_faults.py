"""How the Kubernetes gateway takes a bad day, and what it makes of a kubeconfig."""

import base64
import os
import secrets
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from gateways.kubernetes import CredentialExpired, Kubernetes, KubernetesFault, Unreachable
from gateways.kubernetes._kubeconfig import read
from gateways.kubernetes._transport import NotFound, Transport
from model.errors import Busy, Refusal
from tests.gateways.kubernetes_world import World, running, until

ASKED = "/secrets/asked$"
"""Faults hit this alone: the cluster's own parts talk to the API server all the time."""


@pytest.fixture(scope="module")
def one_world() -> Iterator[World]:
    """One cluster for all tests."""
    with running() as up:
        yield up


@pytest.fixture
def world(one_world: World) -> World:
    """The cluster on a good day, with nothing lost yet."""
    one_world.faults.clear()
    one_world.lost.clear()
    return one_world


@pytest.fixture
def cluster(world: World) -> Kubernetes:
    """A fresh connection."""
    return world.connect()


def with_user(kubeconfig: bytes, **user: Any) -> bytes:
    """The same kubeconfig with another credential."""
    document = yaml.safe_load(kubeconfig)
    document["users"][0]["user"] = user
    return yaml.safe_dump(document).encode()


def with_cluster(kubeconfig: bytes, **cluster: Any) -> bytes:
    """The same kubeconfig with something else about the server."""
    document = yaml.safe_load(kubeconfig)
    document["clusters"][0]["cluster"] |= cluster
    return yaml.safe_dump(document).encode()


def encoded(text: bytes) -> str:
    """As a kubeconfig holds certificates."""
    return base64.b64encode(text).decode()


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_left_alone_for_as_long_as_it_asks(
    world: World, cluster: Kubernetes, status: int
) -> None:
    """Its Retry-After goes to the orchestration at once; nobody sleeps here."""
    world.faults.add(server="kubernetes", path=ASKED, status=status, retry_after=17)
    begun = time.monotonic()

    with pytest.raises(Busy) as busy:
        cluster.find("Secret", "default", "asked")

    assert busy.value.retry_after == 17
    assert time.monotonic() - begun < 2


def test_a_busy_server_may_name_no_time(world: World, cluster: Kubernetes) -> None:
    """Then the pace decides."""
    world.faults.add(server="kubernetes", path=ASKED, status=429)

    with pytest.raises(Busy) as busy:
        cluster.find("Secret", "default", "asked")

    assert busy.value.retry_after is None


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_failing_server_is_a_fault(world: World, cluster: Kubernetes, status: int) -> None:
    """Faults are retried by the orchestration; the connection itself is fine."""
    world.faults.add(server="kubernetes", path=ASKED, status=status)

    with pytest.raises(KubernetesFault, match=str(status)):
        cluster.find("Secret", "default", "asked")

    assert world.lost == []


def test_an_answer_of_something_in_between_is_a_fault(world: World, cluster: Kubernetes) -> None:
    """A gateway in front of the API server answers in its own words."""
    world.faults.add(server="kubernetes", path=ASKED, status=502, body="Bad Gateway")

    with pytest.raises(KubernetesFault, match="HTTP 502"):
        cluster.find("Secret", "default", "asked")


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
    assert world.server is not None
    token = world.server.users.add(f"nobody-{secrets.token_hex(3)}", ())
    cluster = world.connect(with_user(world.kubeconfig, token=token))

    with pytest.raises(Refusal) as refusal:
        cluster.find("ConfigMap", "default", "x")

    assert refusal.value.code == "kubernetes-forbidden"
    assert 'cannot get resource "configmaps"' in refusal.value.reason


def test_a_namespace_that_is_being_deleted_is_waited_for(world: World, cluster: Kubernetes) -> None:
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
        cluster.create(
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "x", "namespace": space},
            }
        )
    world.call("PATCH", f"{path}/configmaps/held", {"metadata": {"finalizers": None}})


def test_a_quota_is_no_matter_of_rights_either(world: World, cluster: Kubernetes) -> None:
    """It is also a 403; the reason names the quota."""
    space = world.namespace()
    quota = {"metadata": {"name": "none"}, "spec": {"hard": {"count/secrets": "0"}}}
    world.call("POST", f"/api/v1/namespaces/{space}/resourcequotas", quota)
    limited = {"metadata": {"name": "no-maps"}, "spec": {"hard": {"configmaps": "0"}}}
    world.call("POST", f"/api/v1/namespaces/{space}/resourcequotas", limited)
    manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "x", "namespace": space},
    }
    with pytest.raises(Refusal) as refusal:
        cluster.create(manifest)

    assert refusal.value.code == "kubernetes-refused"
    assert "exceeded quota" in refusal.value.reason


@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_look_survives_one_dropped_connection(
    world: World, cluster: Kubernetes, drop: str
) -> None:
    """Kept connections die; one silent repeat is worth it where it is harmless."""
    world.faults.add(server="kubernetes", path=ASKED, drop=drop, method="GET")

    assert cluster.find("Secret", "default", "asked") is None
    assert world.lost == []


def test_a_creation_whose_reply_is_lost_is_a_fault_and_found_done(
    world: World, cluster: Kubernetes
) -> None:
    """It is not repeated blindly; the next try finds the object there."""
    manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "lost", "namespace": world.namespace()},
    }
    world.faults.add(server="kubernetes", drop="after", method="POST", path="configmaps")

    with pytest.raises(Unreachable):
        cluster.create(manifest)

    assert not cluster.create(manifest)


def test_a_truncated_answer_is_a_fault(world: World, cluster: Kubernetes) -> None:
    """Half a document is no document."""
    world.faults.add(server="kubernetes", path=ASKED, truncate=True)

    with pytest.raises(KubernetesFault):
        cluster.find("Secret", "default", "asked")


def test_an_answer_that_is_no_json_is_a_fault(world: World) -> None:
    """A proxy in between may answer anything."""
    world.faults.add(server="kubernetes", path="/version", status=200, body="text")
    api = Transport(read(world.kubeconfig), lambda: None)

    assert api.text("GET", "/version") == '"text"'
    with pytest.raises(NotFound):
        api.call("GET", "/api/v1/namespaces/default/configmaps/none")
    with pytest.raises(KubernetesFault, match="no JSON"):
        api.call("GET", "/healthz")
    api.close()


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


def test_a_log_that_the_node_does_not_give_is_no_fault(world: World, cluster: Kubernetes) -> None:
    """The state of the Job is worth more than its log."""
    space = world.namespace()
    job: dict[str, Any] = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "quick", "namespace": space},
        "spec": {
            "template": {
                "spec": {
                    "restartPolicy": "Never",
                    "containers": [{"name": "main", "image": "none", "command": ["true"]}],
                }
            }
        },
    }
    cluster.create(job)
    until(lambda: cluster.look_at_job(space, "quick").pods, bool)
    world.faults.add(server="kubernetes", path="/log", status=500, times=None)

    seen = until(
        lambda: cluster.look_at_job(space, "quick"),
        lambda look: look.state is not None and look.state.ended == "complete",
    )
    assert seen.lines is None


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


@pytest.mark.parametrize(
    ("user", "said"),
    [
        pytest.param({"exec": {"command": "kubelogin"}}, "exec", id="program"),
        pytest.param({"auth-provider": {"name": "azure"}}, "auth-provider", id="provider"),
        pytest.param({}, "no credential", id="nothing"),
    ],
)
def test_a_login_that_an_app_cannot_do_is_refused(
    world: World, user: dict[str, Any], said: str
) -> None:
    """Nothing that a kubeconfig names is ever run."""
    with pytest.raises(Refusal) as refusal:
        world.connect(with_user(world.kubeconfig, **user))

    assert refusal.value.code == "kubernetes-login-unsupported"
    assert said in refusal.value.reason


@pytest.mark.parametrize("text", [b"", b"a: [", b"clusters: []", b"\xff\xfe", b"- 1"])
def test_what_is_no_kubeconfig_is_a_fault_without_its_text(text: bytes) -> None:
    """It may hold half a credential."""
    with pytest.raises(ValueError, match="cannot be read") as fault:
        Kubernetes.connect(text)

    assert fault.value.__cause__ is None


def test_a_login_does_not_show_its_credential(world: World) -> None:
    """Neither in a traceback nor in a log."""
    login = read(world.kubeconfig)

    assert login.token
    assert login.token not in repr(login)
