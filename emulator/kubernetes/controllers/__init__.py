"""The built-in controllers: what kube-controller-manager does, on the store itself."""

from emulator.clock import Clock
from emulator.kubernetes.controllers.daemon_sets import DaemonSets
from emulator.kubernetes.controllers.deployments import Deployments
from emulator.kubernetes.controllers.endpoints import ServiceEndpoints
from emulator.kubernetes.controllers.jobs import Jobs
from emulator.kubernetes.controllers.loop import ControlLoop
from emulator.kubernetes.controllers.namespaces import NamespaceContents, NamespaceLifecycle
from emulator.kubernetes.controllers.quotas import QuotaStatus
from emulator.kubernetes.controllers.replica_sets import ReplicaSets
from emulator.kubernetes.controllers.stateful_sets import StatefulSets
from emulator.kubernetes.controllers.token_secrets import TokenSecrets
from emulator.kubernetes.operations import Operations
from emulator.kubernetes.users import Users


class Controllers(ControlLoop):
    """All controllers of one cluster.

    Args:
        ca: PEM of the cluster's authority, published into every namespace.
    """

    def __init__(self, operations: Operations, users: Users, clock: Clock, ca: str) -> None:
        super().__init__(
            operations.store,
            [
                NamespaceContents(operations, ca),
                NamespaceLifecycle(operations),
                Jobs(operations, clock),
                Deployments(operations),
                ReplicaSets(operations),
                StatefulSets(operations),
                DaemonSets(operations),
                ServiceEndpoints(operations),
                QuotaStatus(operations),
                TokenSecrets(operations, users, ca),
            ],
        )


__all__ = ["Controllers"]
