"""Stage ``remove_installer_access``: nothing in the cluster acts for the installer any longer."""

from gateways import Gateways
from model import manifests
from model.ownership import INSTALLER_NAMESPACE
from model.plan import AccessSpec
from model.results import Nothing

_IN_NAMESPACE = ("Job", "Secret", "ConfigMap", "ServiceAccount")


def remove_installer_access(gateways: Gateways, spec: AccessSpec) -> Nothing:
    """Delete Jobs, Secrets, scripts, accounts and bindings of every run of the installation.

    Earlier runs that failed are cleaned with it; the record stays, for it belongs to no run.
    Idempotent; what is gone already is passed over.
    """
    cluster = gateways.kubernetes(spec.target)
    runs = manifests.every_run(spec.installation)
    cluster.remove("ClusterRoleBinding", runs)
    for kind in _IN_NAMESPACE:
        cluster.remove(kind, runs, INSTALLER_NAMESPACE)
    return Nothing()
