"""How a look at a Job is judged."""

import json
from dataclasses import replace

import pytest

from model.cluster_state import JobLook, JobState, PodState
from model.errors import Refusal
from model.job_end import judge, with_blocked
from model.outcome import Pending
from model.results import JobEnded

RUNS = JobState(
    name="job",
    uid="u",
    active=1,
    succeeded=0,
    failed=0,
    ended="",
    reason="",
    message="",
    started_at=None,
)
FAILED = replace(
    RUNS, active=0, failed=1, ended="failed", reason="BackoffLimitExceeded", message="limit"
)
POD = PodState(namespace="n", name="pod", phase="Running", exit_code=None, reasons=(), ended_by="")


def result(code: str, detail: str) -> tuple[str, ...]:
    """A log whose last line is a result."""
    return (json.dumps({"event": "result", "code": code, "detail": detail, "version": "5.7.0"}),)


def look(
    state: JobState | None, pod: PodState | None = None, lines: tuple[str, ...] | None = ()
) -> JobLook:
    """One look."""
    return JobLook(state=state, pods=(pod,) if pod else (), lines=lines)


def failure(answer: JobEnded | Pending) -> str:
    """Why the Job failed."""
    assert isinstance(answer, JobEnded)
    assert answer.failed is not None
    assert answer.done is None
    return answer.failed.detail


def waits(answer: JobEnded | Pending) -> str:
    """What is waited for."""
    assert isinstance(answer, Pending)
    return answer.detail


def test_a_complete_job_is_done_with_its_version() -> None:
    """The result line tells which version runs."""
    ended = judge(
        "job",
        look(replace(RUNS, ended="complete"), replace(POD, exit_code=0), result("ready", "ready")),
        "kots-refused",
    )

    assert isinstance(ended, JobEnded)
    assert ended.done is not None
    assert ended.failed is None
    assert (ended.done.version, ended.done.detail) == ("5.7.0", "ready")


def test_a_complete_job_is_done_even_when_its_log_is_gone() -> None:
    """Success is Kubernetes' word; the log only adds to it."""
    ended = judge("job", look(replace(RUNS, ended="complete"), POD, None), "kots-refused")

    assert isinstance(ended, JobEnded)
    assert ended.done is not None


@pytest.mark.parametrize(
    ("code", "general", "told"),
    [
        pytest.param("kots-config-required", "kots-refused", "kots-config-required", id="listed"),
        pytest.param("config-required", "kots-refused", "kots-config-required", id="no-prefix"),
        pytest.param("never-heard-of", "kots-refused", "kots-refused", id="unknown"),
        pytest.param("never-heard-of", "component-refused", "component-refused", id="component"),
    ],
)
def test_exit_code_10_is_a_refusal(code: str, general: str, told: str) -> None:
    """A permanent no carries the code of the result line, or the general one."""
    with pytest.raises(Refusal) as refusal:
        judge("job", look(FAILED, replace(POD, exit_code=10), result(code, "no")), general)

    assert refusal.value.code == told
    assert refusal.value.reason == "no"


def test_a_no_without_words_is_still_a_no() -> None:
    """The log may be empty; the exit code is enough."""
    with pytest.raises(Refusal, match="exit code 10"):
        judge("job", look(FAILED, replace(POD, exit_code=10)), "kots-refused")


def test_a_no_whose_words_cannot_be_read_is_asked_again() -> None:
    """The node may answer at the next look; the reason is worth waiting for."""
    answer = judge("job", look(FAILED, replace(POD, exit_code=10), None), "kots-refused")

    assert "cannot be read yet" in waits(answer)


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        pytest.param(look(None), "the Job is gone", id="gone"),
        pytest.param(
            look(FAILED, replace(POD, exit_code=20), result("deadline", "not ready after 5 s")),
            "not ready after 5 s",
            id="patience-ended",
        ),
        pytest.param(
            look(FAILED, replace(POD, exit_code=137, ended_by="OOMKilled")), "memory", id="oom"
        ),
        pytest.param(look(FAILED, replace(POD, ended_by="Evicted")), "evicted", id="evicted"),
        pytest.param(
            look(FAILED, replace(POD, exit_code=2), ("boom",)),
            "exit code 2; last seen: boom",
            id="crash",
        ),
        pytest.param(
            look(replace(FAILED, reason="DeadlineExceeded")), "deadline ended it", id="deadline"
        ),
        pytest.param(look(FAILED), "limit", id="no-pod-left"),
    ],
)
def test_any_other_end_may_be_tried_again(seen: JobLook, told: str) -> None:
    """It is a result with its cause, not a refusal."""
    assert told in failure(judge("job", seen, "kots-refused"))


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        pytest.param(look(RUNS), "not created yet", id="no-pod"),
        pytest.param(
            replace(look(RUNS), trouble="FailedCreate: exceeded quota"), "exceeded quota", id="why"
        ),
        pytest.param(
            look(RUNS, replace(POD, phase="Pending", reasons=("installer: ImagePullBackOff",))),
            "cannot run: installer: ImagePullBackOff",
            id="image",
        ),
        pytest.param(look(RUNS, replace(POD, phase="Pending")), "starting", id="starting"),
        pytest.param(look(RUNS, POD), "not said anything", id="silent"),
        pytest.param(
            look(RUNS, POD, ('{"event":"kots","line":"Deploying"}',)), "KOTS: Deploying", id="log"
        ),
    ],
)
def test_a_running_job_says_what_it_waits_for(seen: JobLook, told: str) -> None:
    """The cause nearest to the pod comes first."""
    assert told in waits(judge("job", seen, "kots-refused"))


def test_pods_that_cannot_run_are_told_with_it() -> None:
    """What KOTS waits for is often a pod of the application."""
    blocked = (replace(POD, name="redis-0", reasons=("Unschedulable: no disk",)), POD)

    told = with_blocked(Pending(detail="KOTS: x"), "plotly-system", blocked).detail

    assert told == ("KOTS: x; 2 pods of plotly-system cannot run, redis-0: Unschedulable: no disk")
    assert with_blocked(Pending(detail="x"), "n", ()) == Pending(detail="x")
