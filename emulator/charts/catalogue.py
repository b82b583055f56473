"""Which charts there are: names and versions of public ones, with small contents of our own.

They have what makes helm's work differ: definitions, values, several workloads, a hook.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One chart of one version.

    Attributes:
        workloads: Names of its Deployments.
        definitions: Kinds that it defines, as ``Kind.group``; installed before everything else.
        hook: Whether a Job must succeed after the installation.
    """

    name: str
    version: str
    workloads: tuple[str, ...] = ()
    definitions: tuple[str, ...] = ()
    hook: bool = False


REPOSITORIES: dict[str, tuple[Chart, ...]] = {
    "charts.jetstack.io": (
        Chart(
            name="cert-manager",
            version="v1.18.2",
            workloads=("cert-manager", "cert-manager-cainjector", "cert-manager-webhook"),
            definitions=("Certificate.cert-manager.io", "Issuer.cert-manager.io"),
            hook=True,
        ),
    ),
    "istio-release.storage.googleapis.com/charts": (
        Chart(
            name="base",
            version="1.27.1",
            definitions=("Gateway.networking.istio.io", "VirtualService.networking.istio.io"),
        ),
        Chart(name="istiod", version="1.27.1", workloads=("istiod",)),
    ),
}
"""By address without ``https://``."""
