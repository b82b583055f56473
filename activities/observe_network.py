"""Stage ``observe_network``: our virtual network is provisioned."""

from gateways import Gateways
from model.azure_errors import failure
from model.outcome import Pending
from model.plan import NetworkSpec
from model.results import Made


def observe_network(gateways: Gateways, spec: NetworkSpec) -> Made | Pending:
    """Look once.

    Raises:
        Refusal: Azure could not make it.
    """
    found = gateways.networks(spec.group.subscription_id).find(
        spec.group.resource_group, spec.virtual_network
    )
    state = (found or {}).get("properties", {}).get("provisioningState", "absent")
    if found is not None and state == "Succeeded":
        return Made(resource_id=found["id"], changed=False)
    if state == "Failed":
        raise failure(
            "ProvisioningFailed", "Azure names no reason", f"network {spec.virtual_network}"
        )
    return Pending(detail=f"virtual network {spec.virtual_network} is {state}")
