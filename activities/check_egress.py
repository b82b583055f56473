"""Stage ``check_egress``: the hosts that the cluster must reach are known, and who opens them."""

from urllib.parse import urlsplit

from activities._secret_checks import read
from gateways import Gateways
from model.errors import Refusal
from model.finding import Finding, Findings
from model.license import parse_license
from model.plan import ChecksSpec

REGISTRIES = (
    "docker.io",
    "ghcr.io",
    "gcr.io",
    "quay.io",
    "registry.opensource.zalan.do",
    "registry.replicated.com",
    "replicated.com",
)
"""Image hosts of Dash Enterprise 5: https://dash.plotly.com/dash-enterprise/install-multi-node-aks"""

_CLOSED = ("userDefinedRouting", "none")


def check_egress(gateways: Gateways, spec: ChecksSpec) -> Findings:
    """List the hosts; with a route of the customer's own nobody but the customer can open them.

    Nothing is dialled: the function's network is not the cluster's.
    """
    hosts = sorted({*REGISTRIES, *_license_hosts(gateways, spec)})
    listed = ", ".join(hosts)
    if spec.outbound_type in _CLOSED:
        finding = Finding(
            rule="egress.hosts",
            severity="warning",
            code=None,
            found=f"Outbound type {spec.outbound_type}: your firewall decides about egress.",
            remedy=f"Allow HTTPS from the cluster's subnet to: {listed}.",
        )
    else:
        finding = Finding(
            rule="egress.hosts",
            severity="info",
            code=None,
            found=f"The cluster must reach, through Azure's own egress: {listed}.",
            remedy="",
        )
    return Findings(findings=(finding,))


def _license_hosts(gateways: Gateways, spec: ChecksSpec) -> set[str]:
    """Hosts that the license names; none when it cannot be read, which ``check_license`` tells."""
    text = read(gateways, spec, spec.secrets.license, "egress.license")
    if isinstance(text, Finding):
        return set()
    try:
        found = parse_license(text)
    except Refusal:
        return set()
    return {host for host in (urlsplit(found.endpoint).hostname, found.proxy_domain) if host}
