"""One stage per file, thin; this file lists them all and binds them to the durable world."""

from activities._bind import Bound, bind
from activities.check_certificate import check_certificate
from activities.check_compute import check_compute
from activities.check_dns_zone import check_dns_zone
from activities.check_egress import check_egress
from activities.check_kubernetes_version import check_kubernetes_version
from activities.check_license import check_license
from activities.check_network import check_network
from activities.check_ownership import check_ownership
from activities.check_permissions import check_permissions
from activities.check_secrets import check_secrets
from activities.ensure_administrator import ensure_administrator
from activities.ensure_application import ensure_application
from activities.ensure_cluster import ensure_cluster
from activities.ensure_component import ensure_component
from activities.ensure_dns_records import ensure_dns_records
from activities.ensure_limits import ensure_limits
from activities.ensure_network import ensure_network
from activities.ensure_record import ensure_record
from activities.ensure_resource_group import ensure_resource_group
from activities.ensure_subnet_access import ensure_subnet_access
from activities.observe_application import observe_application
from activities.observe_cluster import observe_cluster
from activities.observe_component import observe_component
from activities.observe_dns_records import observe_dns_records
from activities.observe_identity_provider import observe_identity_provider
from activities.observe_leftovers import observe_leftovers
from activities.observe_load_balancer import observe_load_balancer
from activities.observe_network import observe_network
from activities.observe_nodes import observe_nodes
from activities.observe_removal import observe_removal
from activities.remove_installer_access import remove_installer_access
from activities.remove_resource_group import remove_resource_group
from activities.verify_installation import verify_installation
from model import stages

__all__ = ["ALL", "Bound"]

ALL: tuple[Bound, ...] = (
    bind(stages.CHECK_PERMISSIONS, check_permissions),
    bind(stages.CHECK_COMPUTE, check_compute),
    bind(stages.CHECK_KUBERNETES_VERSION, check_kubernetes_version),
    bind(stages.CHECK_NETWORK, check_network),
    bind(stages.CHECK_OWNERSHIP, check_ownership),
    bind(stages.CHECK_DNS_ZONE, check_dns_zone),
    bind(stages.CHECK_CERTIFICATE, check_certificate),
    bind(stages.CHECK_LICENSE, check_license),
    bind(stages.CHECK_SECRETS, check_secrets),
    bind(stages.CHECK_EGRESS, check_egress),
    bind(stages.ENSURE_RESOURCE_GROUP, ensure_resource_group),
    bind(stages.ENSURE_NETWORK, ensure_network),
    bind(stages.OBSERVE_NETWORK, observe_network),
    bind(stages.ENSURE_CLUSTER, ensure_cluster),
    bind(stages.ENSURE_SUBNET_ACCESS, ensure_subnet_access),
    bind(stages.OBSERVE_CLUSTER, observe_cluster),
    bind(stages.OBSERVE_NODES, observe_nodes),
    bind(stages.ENSURE_COMPONENT, ensure_component),
    bind(stages.OBSERVE_COMPONENT, observe_component),
    bind(stages.ENSURE_APPLICATION, ensure_application),
    bind(stages.OBSERVE_APPLICATION, observe_application),
    bind(stages.OBSERVE_LOAD_BALANCER, observe_load_balancer),
    bind(stages.ENSURE_DNS_RECORDS, ensure_dns_records),
    bind(stages.OBSERVE_DNS_RECORDS, observe_dns_records),
    bind(stages.OBSERVE_IDENTITY_PROVIDER, observe_identity_provider),
    bind(stages.ENSURE_ADMINISTRATOR, ensure_administrator),
    bind(stages.ENSURE_LIMITS, ensure_limits),
    bind(stages.VERIFY_INSTALLATION, verify_installation),
    bind(stages.ENSURE_RECORD, ensure_record),
    bind(stages.REMOVE_INSTALLER_ACCESS, remove_installer_access),
    bind(stages.REMOVE_RESOURCE_GROUP, remove_resource_group),
    bind(stages.OBSERVE_REMOVAL, observe_removal),
    bind(stages.OBSERVE_LEFTOVERS, observe_leftovers),
)
