"""Stage ``ensure_cluster``: the AKS managed cluster is there, or on its way."""

from typing import Any

from gateways import Gateways
from model.cluster_diff import differences
from model.errors import Busy, Refusal
from model.ownership import owned_by, tags
from model.plan import ClusterSpec
from model.results import Made

_SOON = 5
"""Seconds until a cluster that somebody just changed is looked at again."""


def ensure_cluster(gateways: Gateways, spec: ClusterSpec) -> Made:
    """Look, and ask for the cluster only when it is absent or ended Failed.

    Never asks while Azure is busy with it, never adopts one without our tag, never changes one
    that differs. Of two callers at the same time Azure lets one create it (``If-None-Match: *``).

    Raises:
        Refusal: cluster-foreign, cluster-differs, or Azure refused the body.
        Busy: It is being deleted, or a twin just created it.
    """
    group, owner = spec.group, spec.group.owner
    clusters = gateways.clusters(group.subscription_id)
    found = clusters.find(group.resource_group, spec.name)
    body = {
        "location": group.location,
        "tags": tags(owner),
        **spec.body,
    }
    if found is None:
        if not clusters.create(group.resource_group, spec.name, body):
            raise Busy(f"cluster {spec.name} was just created by somebody else", _SOON)
        return Made(resource_id=_id(spec), changed=True)
    if not owned_by(owner, found.get("tags")):
        raise Refusal(
            "cluster-foreign",
            f"Cluster {spec.name} exists in {group.resource_group} without our tag.",
        )
    match found["properties"].get("provisioningState"):
        case "Succeeded":
            _check_equal(spec, found)
        case "Failed" | "Canceled":
            if not clusters.repair(group.resource_group, spec.name, body, found.get("eTag")):
                raise Busy(f"cluster {spec.name} was changed by somebody else just now", _SOON)
            return Made(resource_id=found["id"], changed=True)
        case "Deleting":
            raise Busy(f"cluster {spec.name} is being deleted")
        case _:
            pass  # busy: observe_cluster waits
    return Made(resource_id=found["id"], changed=False)


def _check_equal(spec: ClusterSpec, found: dict[str, Any]) -> None:
    differing = differences(spec.body, found)
    if differing:
        raise Refusal(
            "cluster-differs",
            f"Cluster {spec.name} is not what the request asks for: {'; '.join(differing[:5])}.",
        )


def _id(spec: ClusterSpec) -> str:
    group = spec.group
    return (
        f"/subscriptions/{group.subscription_id}/resourceGroups/{group.resource_group}"
        f"/providers/Microsoft.ContainerService/managedClusters/{spec.name}"
    )
