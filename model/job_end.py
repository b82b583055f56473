"""How a Job ended, or what it waits for: the judgement on one look at it."""

from dataclasses import replace

from model import job_log
from model.cluster_state import JobLook, JobState, PodState
from model.error_codes import CODES
from model.errors import Refusal
from model.job_log import JobSays
from model.outcome import Pending
from model.results import JobDone, JobEnded, JobFailed

PERMANENT = 10
"""Exit code of our scripts for a permanent no; its code is in the result line."""

_ENDED_FROM_OUTSIDE = {
    "DeadlineExceeded": "the Job's deadline ended it",
    "Evicted": "its pod was evicted from its node",
    "OOMKilled": "it ran out of memory and was killed",
    "NodeLost": "its node was lost",
    "Shutdown": "its node was shut down",
    "Terminated": "its node was shut down",
}


def judge(job: str, look: JobLook, general_no: str) -> JobEnded | Pending:
    """Decide what one look at a Job means.

    Args:
        job: Its name.
        look: What was seen.
        general_no: Error code for a permanent no whose own code is not on the list.

    Raises:
        Refusal: The script ended with a permanent no.
    """
    says = job_log.read(look.lines or ())
    if look.state is None:
        return _failed(job, "the Job is gone: somebody deleted it, or it ended more than a day ago")
    match look.state.ended:
        case "complete":
            detail = says.result.detail if says.result else "the Job is complete"
            version = says.result.version if says.result else ""
            return JobEnded(done=JobDone(job=job, detail=detail, version=version), failed=None)
        case "failed":
            return _judge_failure(job, look, look.state, says, general_no)
        case _:
            return Pending(detail=_waits_for(look, says))


def with_blocked(answer: Pending, namespace: str, blocked: tuple[PodState, ...]) -> Pending:
    """What a Job waits for, together with the pods in its namespace that cannot run."""
    if not blocked:
        return answer
    first, many = blocked[0], "pods" if blocked[1:] else "pod"
    detail = (
        f"{answer.detail}; {len(blocked)} {many} of {namespace} cannot run, "
        f"{first.name}: {'; '.join(first.reasons)}"
    )
    return replace(answer, detail=job_log.safe(detail))


def _judge_failure(
    job: str, look: JobLook, state: JobState, says: JobSays, general_no: str
) -> JobEnded | Pending:
    newest = look.pods[-1] if look.pods else None
    if newest is not None and newest.exit_code == PERMANENT:
        if look.lines is None:
            return Pending(detail="the Job said no; its log cannot be read yet")
        code = says.result.code if says.result else ""
        reason = says.result.detail if says.result else says.now
        raise Refusal(_known(code, general_no), reason or f"Job {job} ended with exit code 10")
    return _failed(job, _why(state, newest, says))


def _known(code: str, general_no: str) -> str:
    """The code of the list that a script's code means; the scripts may leave its prefix out."""
    prefix = general_no.partition("-")[0]
    return next((c for c in (code, f"{prefix}-{code}") if c in CODES), general_no)


def _why(state: JobState, newest: PodState | None, says: JobSays) -> str:
    if says.result is not None:
        return says.result.detail
    ended_by = state.reason if state.reason in _ENDED_FROM_OUTSIDE else ""
    ended_by = ended_by or (newest.ended_by if newest is not None else "")
    exit_code = "" if newest is None or newest.exit_code is None else newest.exit_code
    why = _ENDED_FROM_OUTSIDE.get(ended_by) or (
        f"its script ended with exit code {exit_code}" if exit_code != "" else state.message
    )
    last = f"; last seen: {says.now}" if says.now else ""
    return f"{why or 'the Job failed'}{last}"


def _waits_for(look: JobLook, says: JobSays) -> str:
    """What holds the pod up comes first: while it does, the log says nothing."""
    if not look.pods:
        return "the Job's pod is not created yet" + (look.trouble and f" ({look.trouble})")
    newest = look.pods[-1]
    if newest.reasons:
        return f"the Job's pod cannot run: {job_log.safe('; '.join(newest.reasons))}"
    if newest.phase == "Pending":
        return "the Job's pod is starting"
    return says.now or "the Job runs and has not said anything yet"


def _failed(job: str, detail: str) -> JobEnded:
    return JobEnded(done=None, failed=JobFailed(job=job, detail=job_log.safe(detail)))
