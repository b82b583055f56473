"""Stage ``ensure_record``: a record of what was done stays in the cluster."""

from gateways import Gateways
from model import manifests
from model.ownership import INSTALLER_NAMESPACE
from model.plan import RecordSpec
from model.results import Made


def ensure_record(gateways: Gateways, spec: RecordSpec) -> Made:
    """Write the record; a later run of the same installation replaces it."""
    cluster = gateways.kubernetes(spec.target)
    wanted = manifests.record(spec)
    name = wanted["metadata"]["name"]
    found = cluster.find("ConfigMap", INSTALLER_NAMESPACE, name)
    changed = found is None or found.get("data") != wanted["data"]
    if changed:
        cluster.apply(manifests.installer_namespace())
        cluster.apply(wanted)
    return Made(resource_id=manifests.shown(name), changed=changed)
