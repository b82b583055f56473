"""How the Kubernetes gateway takes a bad day, and what it makes of a kubeconfig."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from gateways.kubernetes import Kubernetes, KubernetesFault, Unreachable
from gateways.kubernetes._kubeconfig import read
from gateways.kubernetes._transport import NotFound, Transport
from model.errors import Busy, Refusal
from tests.gateways.kubeconfigs import with_user
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


@pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
def test_a_quota_that_is_not_counted_yet_is_waited_for(
    world: World, cluster: Kubernetes, kind: str
) -> None:
    """Its 403 ends when the cluster's own controller has looked."""
    said = {
        "kind": "Status", "status": "Failure", "reason": "Forbidden", "code": 403,
        "message": f'{kind} "x" is forbidden: status unknown for quota: limits, resources: pods',
    }  # fmt: skip # a document
    world.faults.add(server="kubernetes", method="POST", path="default", status=403, body=said)

    with pytest.raises(Busy, match="quota"):
        cluster.create(
            {"apiVersion": "v1", "kind": kind, "metadata": {"name": "x", "namespace": "default"}}
        )


def test_a_change_at_the_same_time_is_come_back_to(world: World, cluster: Kubernetes) -> None:
    """Its 409 says neither that the object exists nor that somebody owns a field."""
    manifest = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "contended", "namespace": world.namespace()},
    }
    said = {"kind": "Status", "status": "Failure", "reason": "Conflict", "code": 409}
    for method in ("PATCH", "POST"):
        world.faults.add(
            server="kubernetes", method=method, path="configmaps", status=409, body=said
        )

    with pytest.raises(Busy, match="another change"):
        cluster.apply(manifest)
    with pytest.raises(Busy, match="another change"):
        cluster.create(manifest)

    assert cluster.create(manifest)


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
