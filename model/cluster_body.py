"""The AKS REST body that a request asks for (api-version 2026-08-01, that of the pinned SDK)."""

import ipaddress
from typing import Any

from model.cluster_request import ClusterSection, SshSection
from model.network_request import NetworkSection
from model.plan import GroupSpec
from model.request import InstallRequest

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
                "dnsPrefix": None
                if cluster.fqdn_subdomain
                else cluster.dns_prefix or _dns_prefix(cluster.name, group),
                "fqdnSubdomain": cluster.fqdn_subdomain,
                "enableRBAC": True,
                "supportPlan": cluster.support_plan,
                "nodeResourceGroup": cluster.node_resource_group,
                "nodeResourceGroupProfile": _set(
                    {"restrictionLevel": cluster.node_resource_group_restriction}
                ),
                "disableLocalAccounts": bool(
                    cluster.directory and cluster.directory.disable_local_accounts
                ),
                "diskEncryptionSetID": cluster.os_disk.encryption_set_id,
                "agentPoolProfiles": [_pool(cluster, request.azure.zone, subnet_id, nodes)],
                "networkProfile": _network(cluster.network),
                "apiServerAccessProfile": _access(cluster),
                "aadProfile": _directory(cluster),
                "linuxProfile": _linux(cluster.ssh),
                "oidcIssuerProfile": _on(enabled=cluster.oidc_issuer),
                "securityProfile": _security(cluster),
                "autoUpgradeProfile": _set(
                    {
                        "upgradeChannel": cluster.upgrade_channel,
                        "nodeOSUpgradeChannel": cluster.node_os_upgrade_channel,
                    }
                ),
                "autoScalerProfile": (cluster.autoscaling and cluster.autoscaling.profile) or None,
                **_extras(cluster),
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
            "podSubnetID": cluster.network.pod_subnet_id,
            "orchestratorVersion": cluster.kubernetes_version,
            "enableAutoScaling": True if scaling else None,
            "minCount": scaling.min_count if scaling else None,
            "maxCount": scaling.max_count if scaling else None,
            "enableEncryptionAtHost": cluster.encryption_at_host or None,
            "enableFIPS": cluster.fips or None,
            "nodeLabels": cluster.node_labels or None,
            "nodeTaints": list(cluster.node_taints) or None,
            "tags": cluster.nodes.tags or None,
            "enableNodePublicIP": cluster.nodes.public_ip or None,
            "nodePublicIPPrefixID": cluster.nodes.public_ip_prefix_id,
            "enableUltraSSD": cluster.nodes.ultra_ssd or None,
            "proximityPlacementGroupID": cluster.nodes.proximity_placement_group_id,
            "securityProfile": _set(
                {
                    "enableSecureBoot": cluster.nodes.secure_boot or None,
                    "enableVTPM": cluster.nodes.vtpm or None,
                }
            ),
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
    if network.outbound_type == "loadBalancer":
        profile["loadBalancerProfile"] = _load_balancer(network)
    if network.outbound_type == "managedNATGateway":
        profile["natGatewayProfile"] = _set(
            {
                "managedOutboundIPProfile": _set({"count": network.outbound_ip_count}),
                "idleTimeoutInMinutes": network.idle_timeout_minutes,
            }
        )
    return _without_none(profile)


def _load_balancer(network: NetworkSection) -> dict[str, Any] | None:
    addresses = [{"id": each} for each in network.outbound_ip_ids]
    prefixes = [{"id": each} for each in network.outbound_ip_prefix_ids]
    return _set(
        {
            "managedOutboundIPs": _set({"count": network.outbound_ip_count}),
            "outboundIPs": _set({"publicIPs": addresses or None}),
            "outboundIPPrefixes": _set({"publicIPPrefixes": prefixes or None}),
            "allocatedOutboundPorts": network.outbound_ports,
            "idleTimeoutInMinutes": network.idle_timeout_minutes,
        }
    )


def _access(cluster: ClusterSection) -> dict[str, Any] | None:
    network = cluster.network
    return _set(
        {
            "enablePrivateCluster": True if network.private_cluster else None,
            "privateDNSZone": network.private_dns_zone,
            "enablePrivateClusterPublicFQDN": False if network.disable_public_fqdn else None,
            "authorizedIPRanges": list(network.authorized_ip_ranges) or None,
            "disableRunCommand": None if cluster.run_command else True,
            "enableVnetIntegration": network.api_server_vnet_integration or None,
            "subnetId": network.api_server_subnet_id,
        }
    )


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


def _linux(ssh: SshSection | None) -> dict[str, Any] | None:
    if ssh is None:
        return None
    return {"adminUsername": ssh.username, "ssh": {"publicKeys": [{"keyData": ssh.public_key}]}}


def _security(cluster: ClusterSection) -> dict[str, Any] | None:
    hours, kms = cluster.addons.image_cleaner_hours, cluster.addons.key_vault_kms
    return _set(
        {
            "workloadIdentity": _on(enabled=cluster.workload_identity),
            "imageCleaner": {"enabled": True, "intervalHours": hours} if hours else None,
            "azureKeyVaultKms": _without_none(
                {
                    "enabled": True,
                    "keyId": kms.key_id,
                    "keyVaultNetworkAccess": kms.network_access,
                    "keyVaultResourceId": kms.vault_resource_id,
                }
            )
            if kms
            else None,
        }
    )


def _extras(cluster: ClusterSection) -> dict[str, Any]:
    """Add-ons and drivers, where the request says other than AKS does by itself."""
    addons, drivers = cluster.addons, cluster.storage_drivers
    rotation = {"enableSecretRotation": str(addons.secret_rotation).lower()}
    return {
        "addonProfiles": _set(
            {
                "azurepolicy": _on(enabled=addons.azure_policy),
                "azureKeyvaultSecretsProvider": {
                    "enabled": True,
                    "config": {**rotation, "rotationPollInterval": "2m"},  # as the Azure CLI does
                }
                if addons.key_vault_secrets_provider
                else None,
            }
        ),
        "storageProfile": _set(
            {
                "blobCSIDriver": _on(enabled=drivers.blob),
                "fileCSIDriver": None if drivers.file else {"enabled": False},
                "snapshotController": None if drivers.snapshot_controller else {"enabled": False},
            }
        ),
        "workloadAutoScalerProfile": _set(
            {
                "keda": _on(enabled=addons.keda),
                "verticalPodAutoscaler": _on(enabled=addons.vertical_pod_autoscaler),
            }
        ),
        "metricsProfile": _set({"costAnalysis": _on(enabled=addons.cost_analysis)}),
    }


def _on(*, enabled: bool) -> dict[str, bool] | None:
    return {"enabled": True} if enabled else None


def _set(fields: dict[str, Any]) -> dict[str, Any] | None:
    """What is set of an object; None when nothing is, for Azure is then asked for nothing."""
    return _without_none(fields) or None


def _without_none(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}
