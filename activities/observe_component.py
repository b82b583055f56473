"""Stage ``observe_component``: how the Job of one piece of supporting software gets on."""

from gateways import Gateways
from model import manifests
from model.job_end import judge, with_blocked
from model.outcome import Pending
from model.ownership import INSTALLER_NAMESPACE
from model.plan import ComponentSpec
from model.results import JobEnded


def observe_component(gateways: Gateways, spec: ComponentSpec) -> JobEnded | Pending:
    """Look once at this attempt's Job; while it runs, tell what it waits for.

    Raises:
        Refusal: helm or its script said no for good.
    """
    cluster = gateways.kubernetes(spec.target)
    job = manifests.component_job(spec)
    answer = judge(job, cluster.look_at_job(INSTALLER_NAMESPACE, job), "component-refused")
    if isinstance(answer, JobEnded):
        return answer
    return with_blocked(answer, spec.namespace, cluster.blocked_pods(spec.namespace))
