"""Stage ``observe_nodes``: the nodes are Ready."""

from gateways import Gateways
from model.outcome import Pending
from model.plan import NodesSpec
from model.results import Capacity


def observe_nodes(gateways: Gateways, spec: NodesSpec) -> Capacity | Pending:
    """Look once; done when as many nodes as planned are Ready."""
    capacity = gateways.kubernetes(spec.target).capacity()
    if capacity.nodes < spec.count:
        return Pending(detail=f"{capacity.nodes} of {spec.count} nodes are Ready")
    return capacity
