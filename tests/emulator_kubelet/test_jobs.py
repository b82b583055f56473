"""Jobs run their real command."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.emulator_kubernetes.running import Cluster, Refused, eventually


def job(script: str, **spec: Any) -> dict[str, Any]:
    """A Job of one bash script."""
    container = {"name": "main", "image": "tools:1", "command": ["bash", "-c", script]}
    container |= spec.pop("container", {})
    pod = {"restartPolicy": "Never", "containers": [container]} | spec.pop("pod", {})
    return {
        "metadata": {"name": "work"},
        "spec": {"backoffLimit": 0, "template": {"spec": pod}} | spec,
    }


def ended(batch: Any, namespace: str) -> tuple[str, str]:
    """Type and reason of a Job's final condition."""

    def look() -> tuple[str, str] | None:
        conditions: list[Any] = batch.read_namespaced_job("work", namespace).status.conditions or []
        final = [(c.type, c.reason) for c in conditions if c.type in ("Complete", "Failed")]
        return final[0] if final else None

    found = eventually(look)
    assert found is not None
    return found


def log(core: Any, namespace: str, **options: Any) -> str:
    """What the Job's pod has said."""
    pod = core.list_namespaced_pod(namespace, label_selector="job-name=work").items[0]
    return core.read_namespaced_pod_log(pod.metadata.name, namespace, **options)


def test_a_job_reads_its_mounted_secret(core: Any, batch: Any, namespace: str) -> None:
    """Files, variables and the mount path in the script are where the manifest says."""
    license_text, password = secrets.token_urlsafe(8), secrets.token_urlsafe(8)
    core.create_namespaced_secret(
        namespace,
        {"metadata": {"name": "s"}, "stringData": {"license": license_text, "password": password}},
    )
    reference = {"secretKeyRef": {"name": "s", "key": "password"}}
    body = job(
        'cat /etc/installer/license; echo; echo "$PASSWORD"; test -w "$HOME" && test -w "$TMPDIR"',
        container={
            "env": [{"name": "PASSWORD", "valueFrom": reference}],
            "volumeMounts": [{"name": "v", "mountPath": "/etc/installer"}],
        },
        pod={"volumes": [{"name": "v", "secret": {"secretName": "s"}}]},
    )
    batch.create_namespaced_job(namespace, body)

    assert ended(batch, namespace) == ("Complete", "CompletionsReached")
    assert log(core, namespace).splitlines() == [license_text, password]
    assert log(core, namespace, tail_lines=1).strip() == password
    assert batch.read_namespaced_job("work", namespace).status.succeeded == 1


def test_a_failing_command_fails_its_job(core: Any, batch: Any, namespace: str) -> None:
    """The exit code is in the pod's status, the reason in the Job's."""
    batch.create_namespaced_job(namespace, job("exit 3"))

    assert ended(batch, namespace) == ("Failed", "BackoffLimitExceeded")
    pod = core.list_namespaced_pod(namespace).items[0]
    assert pod.status.phase == "Failed"
    assert pod.status.container_statuses[0].state.terminated.exit_code == 3


def test_a_failed_job_is_tried_again_up_to_its_limit(batch: Any, namespace: str) -> None:
    """A backoff limit of one means two pods."""
    batch.create_namespaced_job(namespace, job("exit 1", backoffLimit=1))

    assert ended(batch, namespace) == ("Failed", "BackoffLimitExceeded")
    assert batch.read_namespaced_job("work", namespace).status.failed == 2


def test_a_deadline_ends_the_command(core: Any, batch: Any, namespace: str) -> None:
    """The process is told to end, and the Job says why it failed."""
    script = "trap 'echo told; exit 0' TERM; sleep 60 & wait"
    batch.create_namespaced_job(namespace, job(script, activeDeadlineSeconds=1))

    assert ended(batch, namespace) == ("Failed", "DeadlineExceeded")
    eventually(lambda: not core.list_namespaced_pod(namespace).items)


def test_a_pod_speaks_to_the_api_as_its_account(core: Any, batch: Any, namespace: str) -> None:
    """The mounted token is the account's own."""
    script = (
        'curl -s --cacert "$D/ca.crt" -H "Authorization: Bearer $(cat $D/token)" '
        '"https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT/api/v1/namespaces/'
        '$(cat $D/namespace)/secrets"'
    )
    account = "/var/run/secrets/kubernetes.io/serviceaccount"
    batch.create_namespaced_job(
        namespace, job(script, container={"env": [{"name": "D", "value": account}]})
    )

    ended(batch, namespace)
    assert f'User \\"system:serviceaccount:{namespace}:default\\" cannot list' in log(
        core, namespace
    )


def test_programs_come_first(core: Any, batch: Any, namespace: str) -> None:
    """An image's absolute path means the program of that name."""
    container = {"command": ["/usr/local/bin/greet", "you"]}
    batch.create_namespaced_job(namespace, job("", container=container))

    assert ended(batch, namespace)[0] == "Complete"
    assert log(core, namespace) == "hello you\n"


def test_a_missing_secret_keeps_the_container_waiting(
    core: Any, batch: Any, namespace: str
) -> None:
    """A kubelet waits for a variable's Secret, and goes on when it appears."""
    source = {"secretRef": {"name": "later"}}
    batch.create_namespaced_job(namespace, job('echo "$K"', container={"envFrom": [source]}))

    def waiting() -> str:
        pods = core.list_namespaced_pod(namespace).items
        statuses = pods[0].status.container_statuses if pods else None
        state = statuses[0].state.waiting if statuses else None
        return state.message if state and state.reason == "CreateContainerConfigError" else ""

    assert eventually(waiting) == 'secret "later" not found'
    core.create_namespaced_secret(
        namespace, {"metadata": {"name": "later"}, "stringData": {"K": "v"}}
    )
    assert ended(batch, namespace)[0] == "Complete"
    assert log(core, namespace) == "v\n"


def test_a_log_can_be_followed(core: Any, batch: Any, namespace: str) -> None:
    """Following ends with the container and has all it said."""
    batch.create_namespaced_job(namespace, job("echo one; sleep 0.3; echo two"))
    eventually(
        lambda: [
            p for p in core.list_namespaced_pod(namespace).items if p.status.phase == "Running"
        ]
    )
    pod = core.list_namespaced_pod(namespace).items[0].metadata.name

    stream = core.read_namespaced_pod_log(pod, namespace, follow=True, _preload_content=False)

    assert stream.read() == b"one\ntwo\n"


@pytest.mark.parametrize("policy", ["Background", "Foreground"])
def test_a_deleted_job_leaves_nothing(
    cluster: Cluster, core: Any, batch: Any, namespace: str, policy: str
) -> None:
    """Deleting a running Job ends its process and removes its pod."""
    mark = f"mark-{secrets.token_hex(4)}"
    path = cluster.folder / mark
    batch.create_namespaced_job(namespace, job(f"echo $$ > {path}; sleep 60"))
    eventually(lambda: path.exists() and path.read_text())

    batch.delete_namespaced_job("work", namespace, propagation_policy=policy)

    eventually(lambda: not core.list_namespaced_pod(namespace).items)


def test_lines_of_a_log_have_times(core: Any, batch: Any, namespace: str) -> None:
    """They can be shown, and older lines be left out."""
    batch.create_namespaced_job(namespace, job("echo one; echo two"))
    assert ended(batch, namespace) == ("Complete", "CompletionsReached")

    before = datetime.now(UTC) - timedelta(minutes=5)
    stamped = [line.split(" ") for line in log(core, namespace, timestamps=True).splitlines()]
    assert [said for _, said in stamped] == ["one", "two"]
    assert all(datetime.fromisoformat(moment) > before for moment, _ in stamped)
    assert log(core, namespace, since_seconds=3600) == "one\ntwo\n"


def test_a_container_that_never_restarted_has_no_previous_log(
    core: Any, batch: Any, namespace: str
) -> None:
    """The refusal names the container and its pod."""
    batch.create_namespaced_job(namespace, job("echo one"))
    assert ended(batch, namespace) == ("Complete", "CompletionsReached")

    with pytest.raises(Refused) as refused:
        log(core, namespace, previous=True)
    pod = core.list_namespaced_pod(namespace).items[0].metadata.name
    assert refused.value.status == 400
    assert f'previous terminated container \\"main\\" in pod \\"{pod}\\" not found' in (
        refused.value.body
    )


def test_the_log_before_a_restart_is_kept(core: Any, batch: Any, namespace: str) -> None:
    """A container that failed once tells both of now and of before."""
    again = 'test -e "$HOME/seen" && { echo second; exit 0; }'
    script = f'{again}; touch "$HOME/seen"; echo first; false'
    restarting = {"restartPolicy": "OnFailure"}
    batch.create_namespaced_job(namespace, job(script, backoffLimit=3, pod=restarting))
    assert ended(batch, namespace) == ("Complete", "CompletionsReached")

    assert log(core, namespace) == "second\n"
    assert log(core, namespace, previous=True) == "first\n"
