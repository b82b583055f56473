"""Every stage, declared once: the only place where orchestrators and activities meet.

Names are forever: histories record them.
"""

from dataclasses import dataclass
from typing import Any

from model import plan, results
from model.finding import Findings


@dataclass(frozen=True, slots=True)
class Stage[Q, R]:
    """One durable step.

    Attributes:
        name: Of the activity; its verb is check, ensure, observe, verify or remove.
        request: What goes in.
        result: What comes out when it is done.
        attempts: How often a *fault* is tried in all; a refusal is never tried again.
    """

    name: str
    request: type[Q]
    result: type[R]
    attempts: int = 5

    @property
    def writes(self) -> bool:
        """Whether it changes anything; what only looks may go on unheeded after an end."""
        return self.name.startswith(("ensure_", "remove_"))


CHECK_PERMISSIONS = Stage("check_permissions", plan.ChecksSpec, Findings)
CHECK_COMPUTE = Stage("check_compute", plan.ChecksSpec, Findings)
CHECK_KUBERNETES_VERSION = Stage("check_kubernetes_version", plan.ChecksSpec, Findings)
CHECK_NETWORK = Stage("check_network", plan.ChecksSpec, Findings)
CHECK_OWNERSHIP = Stage("check_ownership", plan.ChecksSpec, Findings)
CHECK_DNS_ZONE = Stage("check_dns_zone", plan.ChecksSpec, Findings)
CHECK_CERTIFICATE = Stage("check_certificate", plan.ChecksSpec, Findings)
CHECK_LICENSE = Stage("check_license", plan.ChecksSpec, Findings)
CHECK_SECRETS = Stage("check_secrets", plan.ChecksSpec, Findings)
CHECK_EGRESS = Stage("check_egress", plan.ChecksSpec, Findings)

CHECKS = (
    CHECK_PERMISSIONS,
    CHECK_COMPUTE,
    CHECK_KUBERNETES_VERSION,
    CHECK_NETWORK,
    CHECK_OWNERSHIP,
    CHECK_DNS_ZONE,
    CHECK_CERTIFICATE,
    CHECK_LICENSE,
    CHECK_SECRETS,
    CHECK_EGRESS,
)

ENSURE_RESOURCE_GROUP = Stage("ensure_resource_group", plan.GroupSpec, results.Made)
ENSURE_NETWORK = Stage("ensure_network", plan.NetworkSpec, results.Made)
OBSERVE_NETWORK = Stage("observe_network", plan.NetworkSpec, results.Made)
ENSURE_CLUSTER = Stage("ensure_cluster", plan.ClusterSpec, results.Made)
ENSURE_SUBNET_ACCESS = Stage("ensure_subnet_access", plan.ClusterSpec, results.Made)
OBSERVE_CLUSTER = Stage("observe_cluster", plan.ClusterSpec, results.ClusterFacts)
OBSERVE_NODES = Stage("observe_nodes", plan.NodesSpec, results.Capacity)
ENSURE_COMPONENT = Stage("ensure_component", plan.ComponentSpec, results.Made)
OBSERVE_COMPONENT = Stage("observe_component", plan.ComponentSpec, results.JobEnded)
ENSURE_APPLICATION = Stage("ensure_application", plan.ApplicationSpec, results.Made)
OBSERVE_APPLICATION = Stage("observe_application", plan.ApplicationSpec, results.JobEnded)
OBSERVE_LOAD_BALANCER = Stage("observe_load_balancer", plan.LoadBalancerSpec, results.Address)
ENSURE_DNS_RECORDS = Stage("ensure_dns_records", plan.RecordsSpec, results.DnsRecords)
OBSERVE_DNS_RECORDS = Stage("observe_dns_records", plan.RecordsSpec, results.DnsRecords)
OBSERVE_IDENTITY_PROVIDER = Stage(
    "observe_identity_provider", plan.AdministratorSpec, results.Nothing
)
ENSURE_ADMINISTRATOR = Stage("ensure_administrator", plan.AdministratorSpec, results.Administrator)
ENSURE_LIMITS = Stage("ensure_limits", plan.LimitsSpec, results.Limits)
VERIFY_INSTALLATION = Stage("verify_installation", plan.VerifySpec, results.Verified)
ENSURE_RECORD = Stage("ensure_record", plan.RecordSpec, results.Made)
REMOVE_INSTALLER_ACCESS = Stage("remove_installer_access", plan.AccessSpec, results.Nothing)
REMOVE_RESOURCE_GROUP = Stage("remove_resource_group", plan.GroupSpec, results.Made)
OBSERVE_REMOVAL = Stage("observe_removal", plan.GroupSpec, results.Nothing)
OBSERVE_LEFTOVERS = Stage("observe_leftovers", plan.LeftoversSpec, results.Leftovers)

STAGES = (
    *CHECKS,
    ENSURE_RESOURCE_GROUP,
    ENSURE_NETWORK,
    OBSERVE_NETWORK,
    ENSURE_CLUSTER,
    ENSURE_SUBNET_ACCESS,
    OBSERVE_CLUSTER,
    OBSERVE_NODES,
    ENSURE_COMPONENT,
    OBSERVE_COMPONENT,
    ENSURE_APPLICATION,
    OBSERVE_APPLICATION,
    OBSERVE_LOAD_BALANCER,
    ENSURE_DNS_RECORDS,
    OBSERVE_DNS_RECORDS,
    OBSERVE_IDENTITY_PROVIDER,
    ENSURE_ADMINISTRATOR,
    ENSURE_LIMITS,
    VERIFY_INSTALLATION,
    ENSURE_RECORD,
    REMOVE_INSTALLER_ACCESS,
    REMOVE_RESOURCE_GROUP,
    OBSERVE_REMOVAL,
    OBSERVE_LEFTOVERS,
)

STAGE_BY_NAME: dict[str, Stage[Any, Any]] = {stage.name: stage for stage in STAGES}
