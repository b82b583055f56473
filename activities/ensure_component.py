"""Stage ``ensure_component``: a Job in the cluster installs one piece of supporting software."""

from gateways import Gateways
from model import manifests
from model.ownership import INSTALLER_NAMESPACE
from model.plan import ComponentSpec
from model.results import Made


def ensure_component(gateways: Gateways, spec: ComponentSpec) -> Made:
    """Start this attempt's Job, once: its name decides whether it was started."""
    cluster = gateways.kubernetes(spec.target)
    job = manifests.component_job(spec)
    if cluster.attach_job(INSTALLER_NAMESPACE, job):
        return Made(resource_id=manifests.shown(job), changed=False)
    others = manifests.earlier_runs(spec.job.installation, spec.job.run_id)
    cluster.remove("Job", others, INSTALLER_NAMESPACE)  # two scripts must not work at once
    kit = manifests.component(spec, manifests.script("helm.sh"))
    return Made(resource_id=manifests.shown(job), changed=cluster.start_job(kit))
