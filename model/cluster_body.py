"""The AKS REST body that a request asks for (api-version 2026-08-01, that of the pinned SDK)."""

import ipaddress
from typing import Any

from model.plan import GroupSpec
from model.request import ClusterSection, InstallRequest, NetworkSection

_DNS_SERVICE_HOST = 10
"""AKS's own convention: the tenth address of the service range answers DNS."""


def cluster_body(
    request: InstallRequest, group: GroupSpec, subnet_id: str | None, nodes: int
) -> dict[str, Any]:
    """``identity``, ``sku`` and ``properties`` of the PUT; location and tags are added there."""
    cluster = request.cluster
    return {
        "identity": _identity(cluster),
        "sku": {"name": "Base", "tier": cluster.tier},
        "properties": _without_none(
            {
                "kubernetesVersion": cluster.kubernetes_version,
                "dnsPrefix": cluster.dns_prefix or _dns_prefix(cluster.name, group),
                "enableRBAC": True,
                "supportPlan": cluster.support_plan,
                "nodeResourceGroup": cluster.node_resource_group,
                "disableLocalAccounts": bool(
                    cluster.directory and cluster.directory.disable_local_accounts
                ),
                "diskEncryptionSetID": cluster.os_disk.encryption_set_id,
                "agentPoolProfiles": [_pool(cluster, request.azure.zone, subnet_id, nodes)],
                "networkProfile": _network(cluster.network),
                "apiServerAccessProfile": _access(cluster),
                "aadProfile": _directory(cluster),
                "oidcIssuerProfile": {"enabled": True} if cluster.oidc_issuer else None,
                "securityProfile": {"workloadIdentity": {"enabled": True}}
                if cluster.workload_identity
                else None,
                "autoUpgradeProfile": _without_none(
                    {
                        "upgradeChannel": cluster.upgrade_channel,
                        "nodeOSUpgradeChannel": cluster.node_os_upgrade_channel,
                    }
                )
                or None,
            }
        ),
    }


def _identity(cluster: ClusterSection) -> dict[str, Any]:
    if cluster.identity.type == "systemAssigned":
        return {"type": "SystemAssigned"}
    return {
        "type": "UserAssigned",
        "userAssignedIdentities": {cluster.identity.resource_id or "": {}},
    }


def _dns_prefix(name: str, group: GroupSpec) -> str:
    """As the Azure CLI makes it: letters, digits and hyphens of name, group and subscription."""
    letters = "".join(c for c in name if c.isalnum() or c == "-")[:10].strip("-") or "a"
    prefix = letters if letters[0].isalpha() else f"a{letters}"
    rest = "".join(c for c in group.resource_group if c.isalnum() or c == "-")[:16].strip("-")
    return f"{prefix}-{rest}-{group.subscription_id[:6]}"


def _pool(
    cluster: ClusterSection, zone: str | None, subnet_id: str | None, nodes: int
) -> dict[str, Any]:
    scaling = cluster.autoscaling
    return _without_none(
        {
            "name": cluster.pool_name,
            "mode": "System",
            "type": "VirtualMachineScaleSets",
            "count": nodes,
            "vmSize": cluster.vm_size,
            "osType": "Linux",
            "osSKU": cluster.os_sku,
            "osDiskType": cluster.os_disk.type,
            "osDiskSizeGB": cluster.os_disk.size_gb,
            "availabilityZones": [zone] if zone else None,
            "maxPods": cluster.max_pods,
            "vnetSubnetID": subnet_id,
            "orchestratorVersion": cluster.kubernetes_version,
            "enableAutoScaling": True if scaling else None,
            "minCount": scaling.min_count if scaling else None,
            "maxCount": scaling.max_count if scaling else None,
            "enableEncryptionAtHost": cluster.encryption_at_host or None,
            "enableFIPS": cluster.fips or None,
            "nodeLabels": cluster.node_labels or None,
            "nodeTaints": list(cluster.node_taints) or None,
        }
    )


def _network(network: NetworkSection) -> dict[str, Any]:
    service = ipaddress.IPv4Network(network.service_cidr)
    overlay = network.plugin == "azure" and network.mode == "overlay"
    profile: dict[str, Any] = {
        "networkPlugin": network.plugin,
        "networkPluginMode": "overlay" if overlay else None,
        "networkPolicy": network.policy,
        "networkDataplane": network.dataplane,
        "podCidr": network.pod_cidr if overlay or network.plugin == "kubenet" else None,
        "serviceCidr": network.service_cidr,
        "dnsServiceIP": network.dns_service_ip or str(service[_DNS_SERVICE_HOST]),
        "outboundType": network.outbound_type,
        "loadBalancerSku": "standard",
    }
    count, idle = network.outbound_ip_count, network.idle_timeout_minutes
    if network.outbound_type == "loadBalancer" and (count or idle):
        profile["loadBalancerProfile"] = _without_none(
            {
                "managedOutboundIPs": {"count": count} if count else None,
                "idleTimeoutInMinutes": idle,
            }
        )
    if network.outbound_type == "managedNATGateway" and (count or idle):
        profile["natGatewayProfile"] = _without_none(
            {
                "managedOutboundIPProfile": {"count": count} if count else None,
                "idleTimeoutInMinutes": idle,
            }
        )
    return _without_none(profile)


def _access(cluster: ClusterSection) -> dict[str, Any] | None:
    network = cluster.network
    profile = _without_none(
        {
            "enablePrivateCluster": True if network.private_cluster else None,
            "privateDNSZone": network.private_dns_zone,
            "enablePrivateClusterPublicFQDN": False if network.disable_public_fqdn else None,
            "authorizedIPRanges": list(network.authorized_ip_ranges) or None,
            "disableRunCommand": None if cluster.run_command else True,
        }
    )
    return profile or None


def _directory(cluster: ClusterSection) -> dict[str, Any] | None:
    directory = cluster.directory
    if directory is None:
        return None
    return _without_none(
        {
            "managed": True,
            "enableAzureRBAC": directory.azure_rbac,
            "adminGroupObjectIDs": list(directory.admin_group_object_ids) or None,
            "tenantID": directory.tenant_id,
        }
    )


def _without_none(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}
