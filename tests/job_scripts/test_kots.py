"""What ``kots.sh`` makes of everything that ``kots install`` can end in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.emulator_kubernetes.running import eventually
from tests.job_scripts.world import Run, World, kill, read


def ends(run: Run, code: int, result: str) -> dict[str, Any]:
    assert (run.code, run.result["code"]) == (code, result), run.text
    return run.result


def installs(run: Run) -> int:
    """How often ``kots install`` was called."""
    return len(run.said("kots", "exit"))


def test_an_application_ends_deployed_and_ready(world: World, namespace: str) -> None:
    """Exit 0 comes only with both of KOTS's truths, and every change on the way is told."""
    run = world.run("kots.sh", world.application(namespace))

    result = ends(run, 0, "ready")
    assert (result["status"], result["state"], result["version"]) == ("deployed", "ready", "5.7.0")
    assert run.events[0]["event"] == "look"
    assert run.said("app", "status")[-1] == "deployed"


def test_a_second_run_finds_the_work_done(world: World, namespace: str) -> None:
    """``kots install`` over a finished installation would fail; it is not called."""
    environment = world.application(namespace)
    world.run("kots.sh", environment)

    again = world.run("kots.sh", environment)

    ends(again, 0, "ready")
    assert installs(again) == 0


def test_missing_configuration_names_the_items(world: World, namespace: str) -> None:
    """``kots install`` exits 0 then; the refusal says what to add."""
    config = world.config(f"{namespace}.example.com", "tls_private_key")
    environment = world.application(namespace, config=config)

    first = world.run("kots.sh", environment)
    again = world.run("kots.sh", environment)

    for run in (first, again):
        assert "tls_private_key" in ends(run, 10, "kots-config-required")["detail"]
    assert (installs(first), installs(again)) == (1, 0)


def test_configuration_given_later_completes_the_installation(world: World, namespace: str) -> None:
    """A new run with the missing item sets it instead of installing anew."""
    config = world.config(f"{namespace}.example.com", "tls_private_key")
    world.run("kots.sh", world.application(namespace, config=config))

    run = world.run("kots.sh", world.application(namespace))

    ends(run, 0, "ready")
    assert installs(run) == 0


@pytest.mark.parametrize(
    ("kind", "word"),
    [pytest.param("warning", "warning", id="warns"), pytest.param("failure", "failed", id="fails")],
)
def test_a_preflight_check_that_does_not_pass_is_a_no(
    world: World, namespace: str, kind: str, word: str
) -> None:
    """KOTS deploys nothing then; the refusal names the check and what it says."""
    setattr(world.behaviour, f"preflight_{kind}", 'Memory "of" a node')

    run = world.run("kots.sh", world.application(namespace))

    detail = ends(run, 10, "kots-preflight-refused")["detail"]
    assert f'{word}: Memory "of" a node: Less than' in detail


def test_an_allowed_warning_does_not_stop_the_deployment(world: World, namespace: str) -> None:
    """A title on the list is deployed in spite of, and the log says so."""
    world.behaviour.preflight_warning = "Memory"

    run = world.run("kots.sh", world.application(namespace, ALLOWED_WARNINGS="CPU\nMemory"))

    ends(run, 0, "ready")
    assert any("Memory" in line for line in run.said("kots", "line"))


def test_allowing_a_warning_does_not_allow_a_failure(world: World, namespace: str) -> None:
    """A failing check is refused even when its title is on the list."""
    world.behaviour.preflight_failure = "Memory"

    run = world.run("kots.sh", world.application(namespace, ALLOWED_WARNINGS="Memory"))

    ends(run, 10, "kots-preflight-refused")


def test_an_expired_license_is_a_no_in_the_words_of_kots(world: World, namespace: str) -> None:
    """The automated install fails, and its reason is the refusal's."""
    old = replace(world, expires=datetime.now(UTC) - timedelta(days=2))

    run = world.run("kots.sh", old.application(namespace))

    assert "license is expired" in ends(run, 10, "license-expired")["detail"]


def test_a_renewed_license_mends_a_failed_installation(world: World, namespace: str) -> None:
    """The console that the failed run left is restarted, so that it takes up the new license."""
    old = replace(world, expires=datetime.now(UTC) - timedelta(days=2))
    world.run("kots.sh", old.application(namespace))

    run = world.run("kots.sh", world.application(namespace))

    ends(run, 0, "ready")


def test_a_version_that_cannot_be_deployed_is_a_no(world: World, namespace: str) -> None:
    """KOTS's own word for it is the version's status ``failed``."""
    world.behaviour.deploy_failure = True

    run = world.run("kots.sh", world.application(namespace))

    ends(run, 10, "kots-deploy-failed")


def test_a_new_run_tries_a_failed_version_again(world: World, namespace: str) -> None:
    """Once its cause is mended, the same request completes."""
    world.behaviour.deploy_failure = True
    environment = world.application(namespace)
    world.run("kots.sh", environment)
    world.behaviour.deploy_failure = False

    ends(world.run("kots.sh", environment), 0, "ready")


def test_an_unreachable_license_server_is_a_fault(world: World, namespace: str) -> None:
    """Exit 20: the same run may succeed a minute later."""
    world.behaviour.license_server_down = True

    run = world.run("kots.sh", world.application(namespace))

    assert "license" in ends(run, 20, "kots-fault")["detail"]


def test_an_account_without_rights_is_a_no(world: World, namespace: str) -> None:
    """KOTS asks for all rights and says so when they are missing."""
    kubeconfig = world.cluster.kubeconfig("guest")

    run = world.run("kots.sh", world.application(namespace, kubeconfig=kubeconfig))

    assert ends(run, 10, "kots-refused")["detail"] == "insufficient privileges"


@pytest.mark.parametrize("lost", ["LICENSE_FILE", "CONFIG_VALUES_FILE", "KOTS_SHARED_PASSWORD"])
def test_a_missing_input_ends_the_run_at_once(world: World, namespace: str, lost: str) -> None:
    """KOTS passes over a missing file in silence and prompts for a password for ever."""
    run = world.run("kots.sh", world.application(namespace, **{lost: ""}))

    ends(run, 10, "kots-input-missing")
    assert installs(run) == 0


def test_a_version_that_nobody_deploys_ends_in_the_deadline(world: World, namespace: str) -> None:
    """``kots install`` exits 0 and nothing runs: patience ends, and a new run may go on."""
    world.behaviour.never_deploys = True

    run = world.run("kots.sh", world.application(namespace, WAIT_SECONDS="8"))

    assert "pending" in ends(run, 20, "deadline")["detail"]


def test_a_workload_that_never_gets_ready_is_named(world: World, namespace: str) -> None:
    """A person sees which resource KOTS waits for."""
    world.behaviour.stuck_workload = "gitea"

    run = world.run("kots.sh", world.application(namespace, WAIT_SECONDS="10"))

    assert "gitea is unavailable" in ends(run, 20, "deadline")["detail"]


def test_an_installation_that_was_killed_is_taken_up(world: World, namespace: str) -> None:
    """The console goes on alone; the next run watches it to the end and installs nothing."""
    environment = world.application(namespace)
    first = world.start("kots.sh", environment)
    look = ("get", "deployments", "-n", namespace, "-o", "name")
    eventually(lambda: "deployment.apps/" in world.cluster.kubectl(*look), 20)
    kill(first)

    run = world.run("kots.sh", environment)

    ends(run, 0, "ready")
    assert installs(run) == 0


def test_another_version_is_reached_by_an_upgrade(world: World, namespace: str) -> None:
    """A run for a newer version upgrades what is there."""
    world.run("kots.sh", world.application(namespace, APP_VERSION="5.6.0"))

    run = world.run("kots.sh", world.application(namespace, APP_VERSION="5.7.0"))

    assert ends(run, 0, "ready")["version"] == "5.7.0"
    assert installs(run) == 0


def test_an_upgrade_that_the_server_refuses_is_a_no(world: World, namespace: str) -> None:
    """``kots upstream upgrade`` exits 0 on every error; its JSON is what counts."""
    world.run("kots.sh", world.application(namespace))

    run = world.run("kots.sh", world.application(namespace, APP_VERSION="9.9.9"))

    assert "9.9.9" in ends(run, 10, "kots-refused")["detail"]


def test_no_secret_is_printed(world: World, namespace: str) -> None:
    """Neither the password nor the console's token nor the private key is in the log."""
    world.behaviour.preflight_warning = "Memory"
    environment = world.application(namespace, ALLOWED_WARNINGS="Memory")

    run = world.run("kots.sh", environment)

    ends(run, 0, "ready")
    assert environment["KOTS_SHARED_PASSWORD"] not in run.text
    assert "Kots " not in run.text
    assert "PRIVATE KEY" not in run.text


def test_a_run_that_is_asked_to_end_says_so(world: World, namespace: str) -> None:
    """A pod that is taken away leaves a result line, and a new run goes on."""
    world.behaviour.stuck_workload = "gitea"
    world.run("kots.sh", world.application(namespace, WAIT_SECONDS="3"))
    process = world.start("kots.sh", world.application(namespace))
    assert process.stdout is not None
    line = process.stdout.readline()

    process.terminate()

    text, _ = process.communicate(timeout=20)
    ends(read(process.returncode, line + text), 20, "ended-from-outside")


def test_a_configuration_with_other_values_is_applied_to_what_is_deployed(
    world: World, namespace: str
) -> None:
    """A renewed certificate has the old one's name; what is equal changes nothing."""
    world.run("kots.sh", world.application(namespace))
    other = world.config(f"other-{namespace}.example.com")

    changed = world.run("kots.sh", world.application(namespace, config=other))
    again = world.run("kots.sh", world.application(namespace, config=other))

    for run in (changed, again):
        ends(run, 0, "ready")
        assert installs(run) == 0
    told = [line for run in (changed, again) for line in run.said("kots", "line")]
    assert told == ["applying the configuration, which is another than the one applied last"]
    application = world.kotsadm.applications[namespace]
    assert application.values["base_domain"] == f"other-{namespace}.example.com"
