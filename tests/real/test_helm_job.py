"""``helm.sh`` under the real helm, against a real control plane, with charts from loopback."""

import json
import os
import subprocess
import tempfile
import uuid
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from emulator.charts import ChartServer
from emulator.cli.programs import write_programs
from emulator.durations import Durations
from emulator.kubelet import Kubelet, NodeSpec
from emulator.real import helm
from tests.emulator_kubernetes.running import Cluster, eventually, running
from tests.job_scripts.world import SCRIPTS, Run, kill, read
from tests.real.requirements import require

pytestmark = pytest.mark.real

_PODS = 10
"""Of the one node: more replicas than that never get ready."""


@dataclass(frozen=True)
class Charts:
    """A cluster, and what the script needs to install charts in it."""

    cluster: Cluster
    programs: Path

    def environment(self, namespace: str, **changes: str) -> dict[str, str]:
        """The environment of cert-manager, which installs well."""
        home = Path(tempfile.mkdtemp(dir=self.cluster.folder))
        (home / "kubeconfig").write_bytes(self.cluster.kubeconfig())
        values = {"replicaCount": int(changes.pop("replicas", "1"))}
        (home / "values.yaml").write_text(json.dumps(values))
        return {
            "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "TMPDIR": str(home),
            "LANG": "C.UTF-8",
            "KUBECONFIG": str(home / "kubeconfig"),
            "COMPONENT": "certs",
            "KIND": "chart",
            "CHART": "cert-manager",
            "REPOSITORY": "https://charts.jetstack.io",
            "VERSION": "v1.18.2",
            "NAMESPACE": namespace,
            "VALUES_FILE": str(home / "values.yaml"),
            "WAIT_SECONDS": "30",
            "POLL_SECONDS": "0.1",
            **changes,
        }

    def start(self, environment: dict[str, str]) -> subprocess.Popen[str]:
        """Start the script in a process group of its own."""
        return subprocess.Popen(  # noqa: S603 # our own script
            ["bash", str(SCRIPTS / "helm.sh")],  # noqa: S607 # whichever is installed
            env=environment, cwd=environment["HOME"], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip # one call

    def run(self, environment: dict[str, str]) -> Run:
        """Run the script to its end."""
        process = self.start(environment)
        text, _ = process.communicate(timeout=50)
        return read(process.returncode, text)


@contextmanager
def started(folder: Path) -> Generator[Charts]:
    """A cluster of one small node, and the chart repositories."""
    program = require(helm.find, "helm")
    with running(folder, "real") as cluster:
        charts = ChartServer()
        cluster.background.run(charts.start())
        kubelet = Kubelet(
            cluster.kubeconfig(),
            cluster.clock,
            Durations(),
            nodes=[NodeSpec(name="node", max_pods=_PODS)],
        )
        cluster.background.run(kubelet.start())
        programs = write_programs(folder / "programs", helm=program, repositories=charts.url)
        try:
            yield Charts(cluster, programs)
        finally:
            cluster.background.run(kubelet.stop())
            cluster.background.run(charts.stop())


@pytest.fixture(scope="module")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Charts]:
    """One cluster for all tests."""
    with started(tmp_path_factory.mktemp("charts")) as made:
        yield made


@pytest.fixture
def namespace(charts: Charts) -> Iterator[str]:
    """A namespace that the script makes; deleted afterwards, so that the node keeps room."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    yield name
    charts.cluster.kubectl("delete", "namespace", name, "--ignore-not-found")


def ends(run: Run, code: int, result: str) -> Run:
    """The run, which must have ended so."""
    assert (run.code, run.result["code"]) == (code, result), run.text
    return run


def test_a_chart_is_installed_with_its_values_and_again(charts: Charts, namespace: str) -> None:
    """Workloads are ready, the hook has run, and a second run ends as the first."""
    environment = charts.environment(namespace, replicas="2")

    first = ends(charts.run(environment), 0, "ready")
    again = ends(charts.run(environment), 0, "ready")

    assert (first.result["status"], again.result["status"]) == ("deployed", "deployed")
    assert first.said("look", "detail") == ["release certs is absent"]
    assert again.said("look", "detail") == ["release certs is deployed"]
    ready = "jsonpath={range .items[*]}{.metadata.name}={.status.readyReplicas} {end}"
    found = charts.cluster.kubectl("get", "deployments", "-n", namespace, "-o", ready)
    assert found.split() == [
        "cert-manager=2",
        "cert-manager-cainjector=2",
        "cert-manager-webhook=2",
    ]


def test_a_release_that_a_killed_run_left_pending_is_cleared_away(
    charts: Charts, namespace: str
) -> None:
    """Helm refuses such a release for ever; the script removes it and installs anew."""
    environment = charts.environment(namespace, replicas="9")  # 27 pods never get ready
    killed = charts.start(environment)
    look = ("get", "pods", "-n", namespace, "--no-headers")
    eventually(lambda: "Running" in charts.cluster.kubectl(*look))
    kill(killed)

    run = charts.run(charts.environment(namespace))

    ends(run, 0, "ready")
    assert run.said("look", "detail") == ["release certs is pending-install"]
    assert any("uninstalled" in line for line in run.said("helm", "line"))


def test_an_upgrade_that_was_killed_is_rolled_back_first(charts: Charts, namespace: str) -> None:
    """The release that stood stays the base of the new try."""
    ends(charts.run(charts.environment(namespace)), 0, "ready")
    killed = charts.start(charts.environment(namespace, replicas="9"))
    look = ("get", "secrets", "-n", namespace, "-o", "name")
    eventually(lambda: "certs.v2" in charts.cluster.kubectl(*look))
    kill(killed)

    run = charts.run(charts.environment(namespace))

    ends(run, 0, "ready")
    assert run.said("look", "detail") == ["release certs is pending-upgrade"]
    assert any("Rollback was a success" in line for line in run.said("helm", "line"))


def test_workloads_that_never_get_ready_end_in_the_deadline(charts: Charts, namespace: str) -> None:
    """Exit 20, and the waiting pods are named; a new run may go on."""
    run = charts.run(charts.environment(namespace, replicas="9", WAIT_SECONDS="6"))

    ends(run, 20, "deadline")
    assert "Pending" in "".join(run.said("wait", "detail"))
    ends(charts.run(charts.environment(namespace)), 0, "ready")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"CHART": "no-such-chart"}, id="chart"),
        pytest.param({"VERSION": "v0.0.1"}, id="version"),
        pytest.param({"REPOSITORY": "https://charts.example.com"}, id="repository"),
        pytest.param({"REPOSITORY": ""}, id="no-repository"),
    ],
)
def test_a_chart_that_is_not_there_is_a_no(
    charts: Charts, namespace: str, changes: dict[str, str]
) -> None:
    """In helm's own words; nothing of it is left."""
    run = charts.run(charts.environment(namespace, **changes))

    assert "Error" in ends(run, 10, "component-refused").result["detail"]


def test_an_api_server_that_cannot_be_reached_is_a_fault(charts: Charts, namespace: str) -> None:
    """Exit 20: a new run may succeed."""
    environment = charts.environment(namespace, KUBECONFIG="/nonexistent")

    ends(charts.run(environment), 20, "component-fault")
