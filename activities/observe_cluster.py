"""Stage ``observe_cluster``: the cluster is provisioned."""

from gateways import Gateways
from model.azure_errors import failure
from model.errors import Refusal
from model.outcome import Pending
from model.plan import ClusterSpec
from model.results import ClusterFacts


def observe_cluster(gateways: Gateways, spec: ClusterSpec) -> ClusterFacts | Pending:
    """Look once at the cluster's provisioning state; needs only the right to read it.

    Raises:
        Refusal: Azure could not make it, or it vanished: seen again and again, for Azure may
            show late what it accepted.
    """
    found = gateways.clusters(spec.group.subscription_id).find(spec.group.resource_group, spec.name)
    if found is None:
        reason = f"Cluster {spec.name} is not to be seen, though Azure accepted it."
        raise Refusal("cluster-missing", reason, passing=True)
    properties = found["properties"]
    match properties.get("provisioningState"):
        case "Succeeded":
            return ClusterFacts(
                resource_id=found["id"],
                fqdn=properties.get("fqdn") or properties.get("privateFQDN") or "",
                kubernetes_version=properties.get("currentKubernetesVersion")
                or properties.get("kubernetesVersion")
                or "",
                node_resource_group=properties.get("nodeResourceGroup") or "",
            )
        case "Failed" | "Canceled":
            status: dict[str, dict[str, str]] = properties.get("status") or {}
            error = status.get("provisioningError") or {}
            raise failure(
                error.get("code", "ProvisioningFailed"),
                error.get("message", "Azure names no reason"),
                f"cluster {spec.name}",
            )
        case state:
            return Pending(detail=f"cluster {spec.name} is {state}")
