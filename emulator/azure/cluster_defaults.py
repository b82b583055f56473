"""What AKS fills in where a body is silent.

Source: recordings of Azure/azure-cli (src/azure-cli/azure/cli/command_modules/acs/tests), and
https://learn.microsoft.com/azure/aks/concepts-network-cni-overview for pods per node.
"""

import copy
import secrets
import uuid

from emulator.azure.calls import JsonObject, member, rows
from emulator.azure.kubernetes_versions import pool_version
from emulator.azure.sku_catalog import DEFAULT_SIZE

_NODE_IMAGE = "AKSUbuntu-{ubuntu}gen2containerd-202611.03.0"
_FIRST_ON_2404 = (1, 35)
_PODS_OVERLAY = 250
_PODS_NODE_SUBNET = 30
_PODS_KUBENET = 110
_OS_DISK_GB = 128


def pods_per_node(network: JsonObject) -> int:
    """The default of ``maxPods``."""
    plugin = str(network.get("networkPlugin", "azure")).lower()
    if plugin == "kubenet":
        return _PODS_KUBENET
    overlay = str(network.get("networkPluginMode", "")).lower() == "overlay"
    return _PODS_OVERLAY if overlay or plugin == "none" else _PODS_NODE_SUBNET


def network_profile(asked: JsonObject) -> JsonObject:
    """A complete network profile."""
    profile: JsonObject = {k: v for k, v in asked.items() if v is not None}
    if "networkPlugin" not in profile:
        profile["networkPlugin"] = "azure"
        profile.setdefault("networkPluginMode", "overlay")
    profile.setdefault("networkPolicy", "none")
    profile.setdefault("networkDataplane", "azure")
    profile["loadBalancerSku"] = str(profile.get("loadBalancerSku") or "standard").lower()
    profile.setdefault("outboundType", "loadBalancer")
    profile.setdefault("serviceCidr", "10.0.0.0/16")
    profile.setdefault("dnsServiceIP", "10.0.0.10")
    plugin = str(profile["networkPlugin"]).lower()
    overlay = str(profile.get("networkPluginMode", "")).lower() == "overlay"
    if plugin == "kubenet" or overlay:
        profile.setdefault("podCidr", "10.244.0.0/16")
        profile["podCidrs"] = [profile["podCidr"]]
    profile["serviceCidrs"] = [profile["serviceCidr"]]
    profile["ipFamilies"] = [_family(f) for f in profile.get("ipFamilies") or ["IPv4"]]
    if profile["outboundType"].lower() == "loadbalancer":
        balancer: JsonObject = member(profile, "loadBalancerProfile")
        if not balancer.get("outboundIPs") and not balancer.get("outboundIPPrefixes"):
            balancer.setdefault("managedOutboundIPs", {"count": 1})
        balancer.setdefault("backendPoolType", "nodeIPConfiguration")
        profile["loadBalancerProfile"] = balancer
    return profile


def _family(asked: str) -> str:
    return {"ipv4": "IPv4", "ipv6": "IPv6"}.get(asked.lower(), asked)


def pool(asked: JsonObject, network: JsonObject, version: str) -> JsonObject:
    """A complete agent pool profile of a cluster at full ``version``."""
    zones = asked.get("availabilityZones") or None
    filled: JsonObject = {
        "count": 1,
        "osDiskSizeGB": _OS_DISK_GB,
        "osDiskType": "Managed",
        "kubeletDiskType": "OS",
        "type": "VirtualMachineScaleSets",
        "mode": "User",
        "osType": "Linux",
        "osSKU": "Ubuntu",
        "enableAutoScaling": False,
        "enableFIPS": False,
        "enableNodePublicIP": False,
        "enableEncryptionAtHost": False,
        "enableUltraSSD": False,
        "scaleDownMode": "Delete",
        "upgradeSettings": {"maxSurge": "10%", "maxUnavailable": "0"},
        "securityProfile": {"enableVTPM": False, "enableSecureBoot": False},
    }
    filled |= {k: v for k, v in asked.items() if v not in (None, "", [], {})}
    filled["vmSize"] = asked.get("vmSize") or DEFAULT_SIZE
    filled["maxPods"] = asked.get("maxPods") or pods_per_node(network)
    filled["orchestratorVersion"] = asked.get("orchestratorVersion") or version
    filled["currentOrchestratorVersion"] = version
    filled["nodeImageVersion"] = _node_image(version)
    filled["powerState"] = {"code": "Running"}
    filled["eTag"] = str(uuid.uuid4())
    if zones:
        filled["availabilityZones"] = zones
    return filled


def _node_image(version: str) -> str:
    minor = tuple(int(part) for part in version.split(".")[:2])
    return _NODE_IMAGE.format(ubuntu="2404" if minor >= _FIRST_ON_2404 else "2204")


def cluster_properties(
    asked: JsonObject, *, name: str, group: str, location: str, version: str
) -> JsonObject:
    """Complete properties of a new cluster; what must not be echoed is left out."""
    properties = {k: v for k, v in copy.deepcopy(asked).items() if v is not None}
    pools: list[JsonObject] = rows(properties, "agentPoolProfiles")
    network = network_profile(member(properties, "networkProfile"))
    properties["networkProfile"] = network
    properties["agentPoolProfiles"] = [pool(p, network, pool_version(p, version)) for p in pools]
    properties["kubernetesVersion"] = asked.get("kubernetesVersion") or version
    properties["currentKubernetesVersion"] = version
    defaults: JsonObject = {
        "nodeResourceGroup": f"MC_{group}_{name}_{location}"[:80],
        "enableRBAC": True,
        "disableLocalAccounts": False,
        "maxAgentPools": 100,
        "supportPlan": "KubernetesOfficial",
        "powerState": {"code": "Running"},
        "resourceUID": secrets.token_hex(12),
        "bootstrapProfile": {"artifactSource": "Direct"},
        "nodeProvisioningProfile": {"mode": "Manual", "defaultNodePools": "Auto"},
        "metricsProfile": {"costAnalysis": {"enabled": False}},
        "workloadAutoScalerProfile": {},
        "securityProfile": {},
    }
    for key, value in defaults.items():
        if not properties.get(key):
            properties[key] = value if properties.get(key) is not False else False
    _upgrades_and_storage(properties, location)
    _endpoints(properties, location)
    forget_secrets(properties)
    return properties


def forget_secrets(properties: JsonObject) -> None:
    """Take out what AKS never gives back."""
    for profile, secret in (
        ("servicePrincipalProfile", "secret"),
        ("windowsProfile", "adminPassword"),
    ):
        member(properties, profile).pop(secret, None)


def _upgrades_and_storage(properties: JsonObject, location: str) -> None:
    upgrades: JsonObject = member(properties, "autoUpgradeProfile")
    upgrades.setdefault("nodeOSUpgradeChannel", "NodeImage")
    properties["autoUpgradeProfile"] = upgrades
    storage: JsonObject = member(properties, "storageProfile")
    for driver in ("diskCSIDriver", "fileCSIDriver", "snapshotController"):
        storage.setdefault(driver, {"enabled": True})
    properties["storageProfile"] = storage
    issuer: JsonObject = properties.setdefault("oidcIssuerProfile", {"enabled": False})
    if issuer.get("enabled") and not issuer.get("issuerURL"):
        path = f"{uuid.uuid4()}/{uuid.uuid4()}"
        issuer["issuerURL"] = f"https://{location}.oic.prod-aks.azure.com/{path}/"
    if "servicePrincipalProfile" not in properties:
        properties["servicePrincipalProfile"] = {"clientId": "msi"}


def _endpoints(properties: JsonObject, location: str) -> None:
    prefix = properties.get("dnsPrefix") or properties.get("fqdnSubdomain")
    unique = f"{prefix}-{secrets.token_hex(4)}"
    access: JsonObject = member(properties, "apiServerAccessProfile")
    if access.get("enablePrivateCluster"):
        zone = f"{uuid.uuid4()}.privatelink.{location}.azmk8s.io"
        properties["privateFQDN"] = f"{unique}.{zone}"
        access.setdefault("privateDNSZone", "system")
        access.setdefault("enablePrivateClusterPublicFQDN", True)
        if not access["enablePrivateClusterPublicFQDN"]:
            properties["azurePortalFQDN"] = f"{unique}.portal.hcp.{location}.azmk8s.io"
            return
    properties["fqdn"] = f"{unique}.hcp.{location}.azmk8s.io"
    properties["azurePortalFQDN"] = f"{unique}.portal.hcp.{location}.azmk8s.io"
