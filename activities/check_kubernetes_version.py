"""Stage ``check_kubernetes_version``: the region offers the version, and KOTS knows it."""

from typing import Any

from activities._optional import or_warning
from gateways import Gateways
from model.finding import Finding, Findings, error, info, warning
from model.plan import ChecksSpec

KOTS_NEWEST_MINOR = "1.36"
"""Newest Kubernetes that KOTS lists: https://docs.replicated.com/release-notes/rn-app-manager"""


def check_kubernetes_version(gateways: Gateways, spec: ChecksSpec) -> Findings:
    """Compare the wanted version with what AKS offers in the region."""
    rule = "kubernetes.readable"
    return Findings(findings=or_warning(rule, lambda: [_judge(gateways, spec)]))


def _judge(gateways: Gateways, spec: ChecksSpec) -> Finding:
    location = spec.group.location
    offered = gateways.clusters(spec.group.subscription_id).versions(location)
    if spec.kubernetes_version is None:
        default = next((v["version"] for v in offered if v.get("isDefault")), "its default")
        found = f"No version is asked for; {location} would take {default}."
        return info("kubernetes.version", found)
    wanted = spec.kubernetes_version
    minor = next((v for v in offered if _matches(wanted, v)), None)
    if minor is None:
        listed = ", ".join(sorted(str(v["version"]) for v in offered))
        found = f"{location} does not offer Kubernetes {wanted}; it offers {listed}."
        return error("kubernetes.version", "kubernetes-version-unavailable", found)
    if _number(str(minor["version"])) > _number(KOTS_NEWEST_MINOR):
        return warning(
            "kubernetes.version",
            f"Kubernetes {wanted} is newer than {KOTS_NEWEST_MINOR}, KOTS's newest.",
            f"Choose {KOTS_NEWEST_MINOR} or ask Plotly.",
        )
    return info("kubernetes.version", f"{location} offers {wanted}.")


def _matches(wanted: str, offered: dict[str, Any]) -> bool:
    minor = str(offered["version"])
    return wanted == minor or wanted in (offered.get("patchVersions") or {})


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])
