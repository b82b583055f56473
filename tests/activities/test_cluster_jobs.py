"""The Jobs that install: started once, watched to their end, judged rightly."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from activities.ensure_application import ensure_application
from activities.ensure_component import ensure_component
from activities.observe_application import observe_application
from activities.observe_component import observe_component
from activities.remove_installer_access import remove_installer_access
from model import manifests
from model.errors import Refusal
from model.outcome import Pending
from model.ownership import INSTALLER_NAMESPACE
from model.plan import AccessSpec, ApplicationSpec
from model.results import JobEnded
from tests.activities.cluster_gateways import (
    TARGET,
    OneCluster,
    application,
    component,
    fresh_run,
    next_run,
)
from tests.gateways.kubernetes_world import World, running, until


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One cluster for all tests; each works in an installation of its own."""
    with running() as up:
        yield up


@pytest.fixture
def gateways(world: World) -> OneCluster:
    """Fresh connections and a vault that was never asked."""
    return OneCluster(world)


def play(gateways: OneCluster, spec: ApplicationSpec, script: str) -> None:
    """Start the application's Job with another script."""
    inputs = manifests.ApplicationInputs(
        script=f"#!/usr/bin/env bash\n{script}\n",
        app_slug="dash-enterprise",
        license="l",
        config_values="c",
        admin_console_password="p",
    )
    assert gateways.cluster.start_job(manifests.application(spec, inputs))


def says(event: str, **fields: str) -> str:
    """A command that prints one line as the scripts do."""
    return f"echo '{json.dumps({'event': event, **fields})}'"


def ended(gateways: OneCluster, spec: ApplicationSpec) -> JobEnded:
    """How the Job ended, once it has."""
    seen = until(
        lambda: observe_application(gateways, spec), lambda answer: isinstance(answer, JobEnded)
    )
    assert isinstance(seen, JobEnded)
    return seen


def found(gateways: OneCluster, kind: str, name: str) -> dict[str, Any] | None:
    """An object of the installer's namespace."""
    return gateways.cluster.find(kind, INSTALLER_NAMESPACE, name)


def test_the_application_is_started_once(gateways: OneCluster) -> None:
    """A repeat finds the Job, and asks for no secret."""
    spec = application(fresh_run())

    first = ensure_application(gateways, spec)
    asked = len(gateways.vault.asked)
    second = ensure_application(gateways, spec)

    name = f"install-application-{spec.job.run_id}-1"
    assert first.resource_id == second.resource_id == f"{INSTALLER_NAMESPACE}/{name}"
    assert (first.changed, second.changed) == (True, False)
    assert asked == len(gateways.vault.asked) == 4


def test_the_job_gets_license_values_and_password(gateways: OneCluster) -> None:
    """The license byte for byte, the ConfigValues filled in, the password beside them."""
    spec = application(fresh_run())
    ensure_application(gateways, spec)

    kept = gateways.cluster.secret(INSTALLER_NAMESPACE, manifests.application_job(spec.job)) or {}
    values = json.loads(kept["config-values.yaml"])["spec"]["values"]
    assert kept["license.yaml"] == gateways.vault.secrets["license"]
    assert kept["KOTS_SHARED_PASSWORD"] == gateways.vault.secrets["console"]
    assert values["domain"] == {"value": "dash.example.com"}
    assert values["key"] == {"value": gateways.vault.secrets["key"]}


def test_an_unsound_template_starts_nothing(gateways: OneCluster) -> None:
    """The refusal comes before anything is made."""
    spec = application(fresh_run())
    spec = replace(spec, kots=replace(spec.kots, config_values={"kind": "Config"}))

    with pytest.raises(Refusal) as refusal:
        ensure_application(gateways, spec)

    assert refusal.value.code == "config-values-invalid"
    assert found(gateways, "Job", manifests.application_job(spec.job)) is None


def test_a_component_is_started_once(gateways: OneCluster) -> None:
    """With its helm values in the Secret."""
    spec = component(fresh_run())

    assert ensure_component(gateways, spec).changed
    assert not ensure_component(gateways, spec).changed

    kept = gateways.cluster.secret(INSTALLER_NAMESPACE, manifests.component_job(spec)) or {}
    assert json.loads(kept["values.yaml"]) == {"replicas": 2}


@pytest.mark.parametrize("by", ["application", "component"])
def test_a_later_run_ends_the_jobs_of_earlier_ones(gateways: OneCluster, by: str) -> None:
    """Two scripts never work at once."""
    run = fresh_run()
    old = application(run)
    play(gateways, old, "sleep 60")

    if by == "application":
        ensure_application(gateways, application(next_run(run)))
    else:
        ensure_component(gateways, component(next_run(run)))

    old_job = manifests.application_job(old.job)
    until(lambda: found(gateways, "Job", old_job), lambda job: job is None)


@pytest.mark.parametrize("first", ["application", "component"])
def test_jobs_of_one_run_leave_each_other_alone(gateways: OneCluster, first: str) -> None:
    """Components are installed side by side."""
    run = fresh_run()
    dash, part = application(run), component(run)
    if first == "application":
        ensure_application(gateways, dash)
    ensure_component(gateways, part)
    ensure_application(gateways, dash)

    assert found(gateways, "Job", manifests.component_job(part)) is not None
    assert found(gateways, "Job", manifests.application_job(dash.job)) is not None


def test_a_running_job_tells_what_kots_waits_for(world: World, gateways: OneCluster) -> None:
    """The script's last word, and the application's pods that cannot run."""
    spec = application(fresh_run())
    play(gateways, spec, f"{says('kots', line='Waiting for datastore to be ready')}; sleep 60")

    def detail() -> str:
        answer = observe_application(gateways, spec)
        assert isinstance(answer, Pending)
        return answer.detail

    until(detail, lambda text: text == "KOTS: Waiting for datastore to be ready")

    world.call("POST", "/api/v1/namespaces", {"metadata": {"name": spec.kots.namespace}})
    pod = {
        "metadata": {"name": "rqlite-0", "annotations": {"emulator/image-pull-error": "true"}},
        "spec": {"containers": [{"name": "rqlite", "image": "none"}]},
    }
    world.call("POST", f"/api/v1/namespaces/{spec.kots.namespace}/pods", pod)
    told = until(detail, lambda text: "rqlite-0" in text)
    assert told.startswith("KOTS: Waiting for datastore")
    assert "ImagePullBackOff" in told
    gateways.cluster.remove("Job", manifests.every_run(spec.job.installation), INSTALLER_NAMESPACE)


def test_a_job_that_reaches_its_goal_is_done(gateways: OneCluster) -> None:
    """With the version that the script read."""
    spec = application(fresh_run())
    play(gateways, spec, says("result", code="ready", detail="deployed and ready", version="5.7.0"))

    answer = ended(gateways, spec)

    assert answer.failed is None
    assert answer.done is not None
    assert (answer.done.version, answer.done.detail) == ("5.7.0", "deployed and ready")


def test_a_permanent_no_is_a_refusal(gateways: OneCluster) -> None:
    """Exit code 10: the code of the result line, if it is on the list."""
    spec = application(fresh_run())
    line = says("result", code="config-values-invalid", detail="hostname: not a host name")
    play(gateways, spec, f"{line}; exit 10")

    with pytest.raises(Refusal) as refusal:
        ended(gateways, spec)

    assert refusal.value.code == "config-values-invalid"
    assert refusal.value.reason == "hostname: not a host name"


@pytest.mark.parametrize(
    ("script", "told"),
    [
        pytest.param(
            f"{says('result', code='deadline', detail='not ready after 5 s')}; exit 20",
            "not ready after 5 s",
            id="patience-ended",
        ),
        pytest.param("no-such-program", "exit code 127", id="crash"),
        pytest.param("kill -9 $$", "exit code 137", id="killed"),
    ],
)
def test_any_other_end_lets_the_story_decide(gateways: OneCluster, script: str, told: str) -> None:
    """It is a result, with what is known of the cause."""
    spec = application(fresh_run())
    play(gateways, spec, script)

    answer = ended(gateways, spec)

    assert answer.done is None
    assert answer.failed is not None
    assert told in answer.failed.detail


@pytest.mark.parametrize("what", ["application", "component"])
def test_a_job_that_somebody_deleted_has_failed(gateways: OneCluster, what: str) -> None:
    """Nobody would ever end it otherwise."""
    run = fresh_run()
    answer = (
        observe_application(gateways, application(run))
        if what == "application"
        else observe_component(gateways, component(run))
    )

    assert isinstance(answer, JobEnded)
    assert answer.failed is not None
    assert "gone" in answer.failed.detail


def test_a_component_is_watched_the_same_way(gateways: OneCluster) -> None:
    """Its own script, its own name."""
    spec = component(fresh_run())
    script = f"#!/usr/bin/env bash\n{says('result', code='done', detail='installed')}\n"
    gateways.cluster.start_job(manifests.component(spec, script))

    answer = until(
        lambda: observe_component(gateways, spec), lambda seen: isinstance(seen, JobEnded)
    )
    assert isinstance(answer, JobEnded)
    assert answer.done is not None
    assert answer.done.detail == "installed"


def test_nothing_of_any_run_is_left_when_access_is_removed(gateways: OneCluster) -> None:
    """Earlier failed runs included, other installations excluded; a repeat is fine."""
    run = fresh_run()
    specs = [application(run), application(next_run(run))]
    for spec in specs:
        play(gateways, spec, "true")
    other = application(fresh_run())
    play(gateways, other, "true")

    access = AccessSpec(target=TARGET, installation=run.installation, run_id=run.run_id)
    remove_installer_access(gateways, access)
    remove_installer_access(gateways, access)

    for spec in specs:
        account = f"dash-enterprise-installer-{spec.job.run_id}"
        assert gateways.cluster.find("ClusterRoleBinding", "", account) is None
        assert found(gateways, "ServiceAccount", account) is None
        for kind in ("Job", "Secret", "ConfigMap"):
            name = manifests.application_job(spec.job)
            until(lambda k=kind, n=name: found(gateways, k, n), lambda seen: seen is None)
    for kind in ("Job", "Secret", "ConfigMap"):
        assert found(gateways, kind, manifests.application_job(other.job)) is not None
