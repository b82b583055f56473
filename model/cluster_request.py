"""The part of a request that says what the AKS cluster is like: an Installation Plan's command."""

from dataclasses import field
from typing import Annotated, Literal

from pydantic import Field

from model import wire
from model.network_request import NetworkSection
from model.request_patterns import (
    CLUSTER,
    DNS_LABEL,
    GROUP,
    KUBERNETES,
    LABEL_KEY,
    LABEL_VALUE,
    POOL,
    RESOURCE_ID,
    SSH_PUBLIC_KEY,
    TAG_NAME,
    TAINT,
    UUID,
    WORD,
    Word,
)


@wire.record
class IdentityChoice:
    """The cluster's own identity."""

    type: Literal["systemAssigned", "userAssigned"] = "systemAssigned"
    resource_id: Annotated[str | None, Field(pattern=RESOURCE_ID)] = None


@wire.record
class DirectorySection:
    """Microsoft Entra ID integration."""

    azure_rbac: bool = False
    admin_group_object_ids: Annotated[tuple[Word, ...], Field(max_length=20)] = ()
    tenant_id: Annotated[str | None, Field(pattern=UUID)] = None
    disable_local_accounts: bool = False


@wire.record
class DiskSection:
    """The nodes' operating system disk."""

    type: Literal["Managed", "Ephemeral"] | None = None
    size_gb: Annotated[int | None, Field(ge=30, le=2048)] = None
    encryption_set_id: Annotated[str | None, Field(pattern=RESOURCE_ID)] = None


@wire.record
class AutoscalingSection:
    """The cluster autoscaler's bounds and habits."""

    min_count: Annotated[int, Field(ge=1, le=1000)]
    max_count: Annotated[int, Field(ge=1, le=1000)]
    profile: Annotated[
        dict[
            Annotated[str, Field(pattern=r"^[a-z][a-z-]{1,62}$")],
            Annotated[str, Field(pattern=r"^[A-Za-z0-9.,-]{1,64}$")],
        ],
        Field(max_length=20, description="Such as scan-interval: 30s."),
    ] = field(default_factory=dict[str, str])


@wire.record
class NodesSection:
    """What every node has besides its size."""

    tags: Annotated[
        dict[Annotated[str, Field(pattern=TAG_NAME)], Annotated[str, Field(max_length=256)]],
        Field(max_length=20, description="Besides the installation's own."),
    ] = field(default_factory=dict[str, str])
    public_ip: bool = False
    public_ip_prefix_id: Annotated[str | None, Field(pattern=RESOURCE_ID)] = None
    ultra_ssd: bool = False
    secure_boot: bool = False
    vtpm: bool = False
    proximity_placement_group_id: Annotated[str | None, Field(pattern=RESOURCE_ID)] = None


@wire.record
class SshSection:
    """Who may reach the nodes by SSH; nobody when absent."""

    username: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")] = "azureuser"
    public_key: Annotated[
        str,
        Field(
            pattern=SSH_PUBLIC_KEY,
            description="One line, as in id_ed25519.pub; never the private key.",
        ),
    ]


@wire.record
class KeyVaultKmsSection:
    """Encryption of etcd with a key of your own."""

    key_id: Annotated[
        str,
        Field(pattern=r"^https://[A-Za-z0-9.-]{1,253}/keys/[A-Za-z0-9-]{1,127}/[A-Za-z0-9]{1,64}$"),
    ]
    network_access: Literal["Public", "Private"] = "Public"
    vault_resource_id: Annotated[
        str | None, Field(pattern=RESOURCE_ID, description="Of the key's vault, for Private.")
    ] = None


@wire.record
class AddonsSection:
    """What AKS runs in the cluster from the first minute; other add-ons can be added later."""

    azure_policy: bool = False
    key_vault_secrets_provider: bool = False
    secret_rotation: bool = False
    keda: bool = False
    vertical_pod_autoscaler: bool = False
    cost_analysis: bool = False
    image_cleaner_hours: Annotated[int | None, Field(ge=24, le=2160)] = None
    key_vault_kms: KeyVaultKmsSection | None = None


@wire.record
class StorageDriversSection:
    """Drivers of volumes; that of disks is always there, for the product needs it."""

    blob: bool = False
    file: bool = True
    snapshot_controller: bool = True


@wire.record
class ClusterSection:
    """The AKS cluster: what an Installation Plan's ``az aks create`` can set."""

    name: Annotated[str, Field(pattern=CLUSTER)]
    kubernetes_version: Annotated[
        str | None, Field(pattern=KUBERNETES, description="The region's default when absent.")
    ] = None
    node_count: Annotated[
        int | None, Field(ge=1, le=1000, description="4 (standard) or 10 (premium) when absent.")
    ] = None
    vm_size: Annotated[str, Field(pattern=WORD)] = "Standard_D8ds_v5"
    max_pods: Annotated[int, Field(ge=10, le=250, description="Per node; fixed for ever.")] = 110
    pool_name: Annotated[str, Field(pattern=POOL)] = "nodepool1"
    os_disk: DiskSection = field(default_factory=DiskSection)
    os_sku: Literal["Ubuntu", "AzureLinux"] | None = None
    tier: Literal["Free", "Standard", "Premium"] = "Standard"
    support_plan: Literal["KubernetesOfficial", "AKSLongTermSupport"] = "KubernetesOfficial"
    identity: IdentityChoice = field(default_factory=IdentityChoice)
    network: NetworkSection = field(default_factory=NetworkSection)
    directory: DirectorySection | None = None
    autoscaling: AutoscalingSection | None = None
    node_labels: Annotated[
        dict[Annotated[str, Field(pattern=LABEL_KEY)], Annotated[str, Field(pattern=LABEL_VALUE)]],
        Field(max_length=20),
    ] = field(default_factory=dict[str, str])
    node_taints: Annotated[
        tuple[Annotated[str, Field(pattern=TAINT)], ...], Field(max_length=20)
    ] = ()
    node_resource_group: Annotated[str | None, Field(pattern=GROUP)] = None
    node_resource_group_restriction: Literal["ReadOnly", "Unrestricted"] | None = None
    nodes: NodesSection = field(default_factory=NodesSection)
    ssh: SshSection | None = None
    addons: AddonsSection = field(default_factory=AddonsSection)
    storage_drivers: StorageDriversSection = field(default_factory=StorageDriversSection)
    dns_prefix: Annotated[str | None, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,53}$")] = None
    fqdn_subdomain: Annotated[
        str | None,
        Field(pattern=DNS_LABEL, description="Of a private cluster in your own private DNS zone."),
    ] = None
    oidc_issuer: bool = False
    workload_identity: bool = False
    encryption_at_host: bool = False
    fips: bool = False
    run_command: Annotated[bool, Field(description="az aks command invoke.")] = True
    upgrade_channel: Literal["none", "patch", "stable", "rapid", "node-image"] | None = None
    node_os_upgrade_channel: Literal["None", "Unmanaged", "NodeImage", "SecurityPatch"] | None = (
        None
    )
