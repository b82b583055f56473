"""Stage ``observe_application``: how the Job that installs Dash Enterprise gets on."""

from gateways import Gateways
from model import manifests
from model.job_end import judge, with_blocked
from model.outcome import Pending
from model.ownership import INSTALLER_NAMESPACE
from model.plan import ApplicationSpec
from model.results import JobEnded


def observe_application(gateways: Gateways, spec: ApplicationSpec) -> JobEnded | Pending:
    """Look once at this attempt's Job; while it runs, tell what KOTS waits for.

    Raises:
        Refusal: KOTS or its script said no for good.
    """
    cluster = gateways.kubernetes(spec.target)
    job = manifests.application_job(spec.job)
    answer = judge(job, cluster.look_at_job(INSTALLER_NAMESPACE, job), "kots-refused")
    if isinstance(answer, JobEnded):
        return answer
    return with_blocked(answer, spec.kots.namespace, cluster.blocked_pods(spec.kots.namespace))
