"""Stage ``check_kubernetes_version``: the region offers the version, and KOTS knows it."""

from collections.abc import Iterator
from typing import Any

from activities._optional import or_warning
from gateways import Gateways
from model.finding import Finding, Findings, error, info, warning
from model.plan import ChecksSpec

KOTS_NEWEST_MINOR = "1.36"
"""Newest Kubernetes that KOTS lists: https://docs.replicated.com/release-notes/rn-app-manager"""

_RULE = "kubernetes.version"
_OFFICIAL, _LONG_TERM = "KubernetesOfficial", "AKSLongTermSupport"


def check_kubernetes_version(gateways: Gateways, spec: ChecksSpec) -> Findings:
    """Compare the wanted version, or the region's default, with what AKS offers and KOTS knows."""
    return Findings(findings=or_warning("kubernetes.readable", lambda: _judge(gateways, spec)))


def _judge(gateways: Gateways, spec: ChecksSpec) -> Iterator[Finding]:
    location, wanted = spec.group.location, spec.kubernetes_version
    offered = gateways.clusters(spec.group.subscription_id).versions(location)
    row = next((row for row in offered if _is_meant(wanted, row)), None)
    if row is None:
        listed = ", ".join(sorted(map(_version, offered), key=_number))
        found = f"{location} does not offer Kubernetes {wanted}; it offers {listed}."
        yield error(_RULE, "kubernetes-version-unavailable", found)
        return
    minor = _version(row)
    plan = _LONG_TERM if spec.long_term_support else _OFFICIAL
    if not _has(row, plan):
        found = f"{location} offers Kubernetes {minor} without the support plan {plan}."
        remedy = f"Choose a version of {plan}, or {_LONG_TERM} with tier Premium."
        yield error(_RULE, "kubernetes-version-unavailable", found, remedy)
        return
    yield from _reservations(row, offered, plan)
    if wanted is None:
        yield info(_RULE, f"No version is asked for; {location} takes its default, {minor}.")
    else:
        yield info(_RULE, f"{location} offers Kubernetes {wanted}.")


def _reservations(
    row: dict[str, Any], offered: list[dict[str, Any]], plan: str
) -> Iterator[Finding]:
    minor = _version(row)
    if row.get("isPreview"):
        found = f"Kubernetes {minor} is a preview, which Azure does not support."
        yield warning("kubernetes.preview", found, "Choose a version that is no preview.")
    if _number(minor) > _number(KOTS_NEWEST_MINOR):
        found = f"Kubernetes {minor} is newer than {KOTS_NEWEST_MINOR}, the newest that KOTS lists."
        yield warning("kubernetes.kots", found, f"Choose {KOTS_NEWEST_MINOR}, or ask Plotly.")
    supported = [other for other in offered if _has(other, plan)]
    newer = [other for other in supported if _number(_version(other)) > _number(minor)]
    if newer and len(newer) == len(supported) - 1:
        found = f"Kubernetes {minor} is the oldest that {plan} has: its support ends next."
        yield warning("kubernetes.support", found, "Choose a newer one, or upgrade soon after.")


def _is_meant(wanted: str | None, row: dict[str, Any]) -> bool:
    if wanted is None:
        return bool(row.get("isDefault"))
    return wanted == _version(row) or wanted in (row.get("patchVersions") or {})


def _has(row: dict[str, Any], plan: str) -> bool:
    """Whether a support plan has the version; a region that tells no plans has the official one."""
    capabilities: dict[str, Any] = row.get("capabilities") or {}
    return plan in (capabilities.get("supportPlan") or [_OFFICIAL])


def _version(row: dict[str, Any]) -> str:
    return str(row["version"])


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])
