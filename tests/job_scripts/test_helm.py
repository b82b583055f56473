"""What ``helm.sh`` makes of a component's chart or manifest."""

import json
import secrets
from typing import Any

import pytest

from tests.job_scripts.world import Run, World


def component(world: World, namespace: str, **changes: str) -> dict[str, str]:
    """The environment of a chart that installs well."""
    return {
        **world.environment(),
        "COMPONENT": "cert-manager",
        "KIND": "chart",
        "CHART": "cert-manager",
        "REPOSITORY": "https://charts.example.com",
        "VERSION": "v1.18.2",
        "NAMESPACE": namespace,
        "VALUES_FILE": "",
        "WAIT_SECONDS": "20",
        "POLL_SECONDS": "0.05",
        **changes,
    }


def ends(run: Run, code: int, result: str) -> dict[str, Any]:
    assert (run.code, run.result["code"]) == (code, result), run.text
    return run.result


def test_a_chart_ends_installed_and_ready(world: World, namespace: str) -> None:
    """The namespace is made, and the workload is ready before the end."""
    run = world.run("helm.sh", component(world, namespace))

    assert ends(run, 0, "ready")["status"] == "deployed"
    found = world.cluster.kubectl(
        "get",
        "deployment",
        "cert-manager",
        "-n",
        namespace,
        "-o",
        "jsonpath={.status.readyReplicas}",
    )
    assert found == "1"


def test_a_chart_may_be_installed_again(world: World, namespace: str) -> None:
    """A second run ends as the first did."""
    environment = component(world, namespace)
    world.run("helm.sh", environment)

    ends(world.run("helm.sh", environment), 0, "ready")


def test_a_release_that_a_killed_run_left_pending_is_cleared_away(
    world: World, namespace: str
) -> None:
    """Such a release helm refuses for ever; the script removes it first."""
    environment = component(world, namespace)
    world.run("helm.sh", environment)
    name = "sh.helm.release.v1.cert-manager.v1"
    world.cluster.kubectl(
        "label", "secret", name, "-n", namespace, "status=pending-install", "--overwrite"
    )

    run = world.run("helm.sh", environment)

    ends(run, 0, "ready")
    assert "pending-install" in run.said("look", "detail")[0]


def test_a_chart_that_does_not_exist_is_a_no(world: World, namespace: str) -> None:
    """The program's own words are the reason."""
    run = world.run("helm.sh", component(world, namespace, REPOSITORY=""))

    assert "not found" in ends(run, 10, "component-refused")["detail"]


@pytest.mark.parametrize("lost", [{"KIND": "other"}, {"VALUES_FILE": "/nonexistent/values.yaml"}])
def test_a_wrong_input_is_a_no(world: World, namespace: str, lost: dict[str, str]) -> None:
    """Nothing is asked of the cluster then."""
    ends(world.run("helm.sh", component(world, namespace, **lost)), 10, "component-refused")


def test_an_api_server_that_cannot_be_reached_is_a_fault(world: World, namespace: str) -> None:
    """Exit 20: a new run may succeed."""
    environment = component(world, namespace, KUBECONFIG="/nonexistent")

    ends(world.run("helm.sh", environment), 20, "component-fault")


def test_a_manifest_is_applied_and_its_workloads_are_waited_for(
    world: World, namespace: str
) -> None:
    """An object without a namespace goes into the component's."""
    environment = component(world, namespace, KIND="manifest")
    manifest = f"{environment['HOME']}/manifest.json"
    name = f"controller-{secrets.token_hex(3)}"
    labels = {"app": name}
    document = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "main", "image": "controller:1"}]},
            },
        },
    }
    with open(manifest, "w") as file:  # noqa: PTH123 # a path that the script gets as text
        json.dump(document, file)

    run = world.run("helm.sh", {**environment, "CHART": manifest})

    assert ends(run, 0, "ready")["status"] == "applied"
    assert any("successfully rolled out" in line for line in run.said("helm", "line"))
