"""The real control plane that tests start: it comes up, lets the right people in, and goes."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from emulator.real.kubernetes import VERSION, ControlPlane, find
from emulator.real.process import ProcessEnded
from gateways.kubernetes import Kubernetes, Unreachable
from gateways.kubernetes._kubeconfig import read
from gateways.kubernetes._transport import Transport
from model.errors import Busy, Refusal
from tests.emulator_kubernetes.running import Background, eventually
from tests.real.requirements import require

pytestmark = pytest.mark.real

_LOOKS = 2000
_BINDINGS = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"


@contextmanager
def started(**options: Any) -> Generator[ControlPlane]:
    """A control plane in a thread of its own."""
    background = Background()
    plane = ControlPlane(require(find, "Kubernetes"), **options)
    try:
        background.run(plane.start())
        yield plane
    finally:
        background.run(plane.stop())
        background.end()


def transport(plane: ControlPlane, user: str = "clusterUser") -> Transport:
    """A connection of one user."""
    return Transport(read(plane.kubeconfig(user)), lambda: None)


def test_it_is_the_version_that_the_module_names_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """After its end nobody listens, and its folder with keys and tokens is gone."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with started() as plane:
        api = transport(plane)
        version = api.call("GET", "/version")
        assert list(tmp_path.iterdir()) != []

    with pytest.raises(Unreachable):
        api.call("GET", "/version")
    api.close()
    assert version["gitVersion"] == f"v{VERSION}"
    assert list(tmp_path.iterdir()) == []


def test_a_user_may_do_what_a_role_gives_and_nothing_else() -> None:
    """Names are what authorization sees."""
    group = "rbac.authorization.k8s.io"
    binding = {
        "metadata": {"name": "readers"},
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "view"},
        "subjects": [{"apiGroup": group, "kind": "User", "name": "reader"}],
    }
    with started(users={"reader": (), "nobody": ()}) as plane:
        administrator, reader, nobody = (
            transport(plane, user) for user in ("clusterAdmin", "reader", "nobody")
        )
        administrator.call("POST", _BINDINGS, body=binding)

        eventually(lambda: lets(reader, "/api/v1/pods"))
        assert not lets(reader, "/api/v1/secrets")
        assert not lets(nobody, "/api/v1/pods")
        for api in (administrator, reader, nobody):
            api.close()


def lets(api: Transport, path: str) -> bool:
    """Whether the user may read."""
    try:
        api.call("GET", path)
    except Refusal as refused:
        if refused.code != "kubernetes-forbidden":
            raise
        return False
    return True


def test_a_part_that_ends_early_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its own last lines are in the error; the parts that had started are gone, too."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with (
        pytest.raises(ProcessEnded, match=r"kube-apiserver: [^$]*no-such-option"),
        started(options=["--no-such-option"]),
    ):
        pass

    assert list(tmp_path.iterdir()) == []


def test_a_server_with_too_many_requests_asks_the_gateway_to_come_back() -> None:
    """A true 429 becomes Busy with the server's own pause."""
    few = [
        "--enable-priority-and-fairness=false",  # which would let them wait in a queue instead
        "--max-requests-inflight=1",
        "--max-mutating-requests-inflight=1",
    ]
    found: list[Busy] = []
    seen = Event()

    def ask(kubeconfig: bytes) -> None:
        cluster = Kubernetes.connect(kubeconfig)
        for _ in range(_LOOKS):
            try:
                cluster.find("Namespace", "", "default")
            except Busy as busy:
                found.append(busy)
                seen.set()
            except Refusal:  # this user has no rights, which is no matter here
                pass
            if seen.is_set():
                break
        cluster.close()

    with (
        started(users={"ordinary": ()}, options=few) as plane,
        ThreadPoolExecutor(max_workers=8) as pool,
    ):
        list(pool.map(ask, [plane.kubeconfig("ordinary")] * 8))

    assert seen.is_set()
    assert {busy.retry_after for busy in found} == {1}
