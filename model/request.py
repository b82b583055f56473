"""What is asked for: the JSON body of ``POST /api/installations``, field by field."""

from dataclasses import field
from functools import cache
from typing import Annotated, Any, Literal, cast

from pydantic import Field

from model import wire
from model.installation_name import NAME
from model.problem import Problem
from model.request_errors import shape_problems
from model.request_rules import rule_problems
from model.request_text import text_problems

_UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_GROUP = r"^[A-Za-z0-9_.()-]{0,89}[A-Za-z0-9_()-]$"
_CLUSTER = r"^[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$"
_POOL = r"^[a-z][a-z0-9]{0,11}$"
_SECRET = r"^[0-9A-Za-z-]{1,127}$"  # noqa: S105 # the form of a name
_DNS_LABEL = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
_DOMAIN = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$"
_VERSION = r"^[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}$"  # not \d, which takes digits of any script
_KUBERNETES = r"^1\.[0-9]{2}(\.[0-9]{1,9})?$"
_RESOURCE = (  # no segment begins with a dot, so none leads upwards
    r"/subscriptions/[A-Za-z0-9-]{1,36}/resourceGroups/[A-Za-z0-9_.()-]{0,89}[A-Za-z0-9_()-]"
    r"/providers/[A-Za-z][A-Za-z0-9.]{0,99}(/[A-Za-z0-9_][A-Za-z0-9_.()-]{0,127}){0,9}"
)
_RESOURCE_ID = f"^{_RESOURCE}$"
_URL = r"^https://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?(/[A-Za-z0-9_~+=,:-][A-Za-z0-9_.~+=,:-]*)*/?$"
"""Neither user nor query: both are where passwords and signatures stand."""
_CHART = (  # never an option: it begins with a letter or a digit
    r"^((oci|https)://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?(/[A-Za-z0-9_][A-Za-z0-9_.+-]*)+"
    r"|[A-Za-z0-9][A-Za-z0-9_.-]{0,127})$"
)
_WORD = r"^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,127}$"
_LABEL_KEY = (
    r"^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$"
)
_LABEL_VALUE = r"^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$"
_TAINT = (
    r"^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
    r"(=[A-Za-z0-9_.-]{0,63})?:(NoSchedule|PreferNoSchedule|NoExecute)$"
)
_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"

type Word = Annotated[str, Field(pattern=_WORD)]
"""A name that goes into other systems' paths and command lines: never an option, never ``..``."""

type SecretName = Annotated[str, Field(pattern=_SECRET)]
"""The name of a Key Vault secret, never a value."""


@wire.record
class AzureSection:
    """Where in Azure."""

    subscription_id: Annotated[str, Field(pattern=_UUID, description="Subscription id.")]
    resource_group: Annotated[
        str, Field(pattern=_GROUP, description="Created when absent; removed only when ours.")
    ]
    location: Annotated[
        str, Field(pattern=r"^[a-z0-9]{3,30}$", description="Region, for example eastus.")
    ]
    zone: Annotated[
        Literal["1", "2", "3"] | None,
        Field(description="One availability zone for all nodes; null in a region without zones."),
    ] = "1"
    tags: Annotated[
        dict[Annotated[str, Field(pattern=r"^[^<>%&\\?/]{1,512}$")], str],
        Field(max_length=40, description="Your own tags, on every resource."),
    ] = field(default_factory=dict[str, str])
    minimum_role: Annotated[
        bool,
        Field(description="Go on without the rights that only checks and clean-ups need."),
    ] = False


@wire.record
class NetworkSection:
    """The cluster's network. Without ``subnetId`` and ``addressSpace`` AKS makes its own."""

    subnet_id: Annotated[
        str | None, Field(pattern=_RESOURCE_ID, description="Existing subnet for the nodes.")
    ] = None
    address_space: Annotated[
        str | None, Field(description="CIDR of a virtual network that we create.")
    ] = None
    subnet_prefix: Annotated[
        str | None, Field(description="CIDR of its node subnet; the whole space when absent.")
    ] = None
    plugin: Literal["azure", "kubenet", "none"] = "azure"
    mode: Annotated[
        Literal["overlay", "flat"], Field(description="overlay spends node addresses only.")
    ] = "overlay"
    policy: Literal["none", "azure", "calico", "cilium"] = "none"
    dataplane: Literal["azure", "cilium"] = "azure"
    pod_cidr: str | None = "10.244.0.0/16"
    service_cidr: str = "10.0.0.0/16"
    dns_service_ip: Annotated[
        str | None, Field(description="Tenth address of serviceCidr when absent.")
    ] = None
    outbound_type: Literal[
        "loadBalancer", "userDefinedRouting", "managedNATGateway", "userAssignedNATGateway"
    ] = "loadBalancer"
    outbound_ip_count: Annotated[int | None, Field(ge=1, le=100)] = None
    idle_timeout_minutes: Annotated[int | None, Field(ge=4, le=120)] = None
    private_cluster: bool = False
    private_dns_zone: Annotated[
        str | None, Field(pattern=f"^(system|none|{_RESOURCE})$", description="Or its resource id.")
    ] = None
    disable_public_fqdn: bool = False
    authorized_ip_ranges: Annotated[tuple[str, ...], Field(max_length=200)] = ()


@wire.record
class IdentityChoice:
    """The cluster's own identity."""

    type: Literal["systemAssigned", "userAssigned"] = "systemAssigned"
    resource_id: Annotated[str | None, Field(pattern=_RESOURCE_ID)] = None


@wire.record
class DirectorySection:
    """Microsoft Entra ID integration."""

    azure_rbac: bool = False
    admin_group_object_ids: Annotated[tuple[Word, ...], Field(max_length=20)] = ()
    tenant_id: Annotated[str | None, Field(pattern=_UUID)] = None
    disable_local_accounts: bool = False


@wire.record
class DiskSection:
    """The nodes' operating system disk."""

    type: Literal["Managed", "Ephemeral"] | None = None
    size_gb: Annotated[int | None, Field(ge=30, le=2048)] = None
    encryption_set_id: Annotated[str | None, Field(pattern=_RESOURCE_ID)] = None


@wire.record
class AutoscalingSection:
    """The cluster autoscaler's bounds."""

    min_count: Annotated[int, Field(ge=1, le=1000)]
    max_count: Annotated[int, Field(ge=1, le=1000)]


@wire.record
class ClusterSection:
    """The AKS cluster: what an Installation Plan's ``az aks create`` can set."""

    name: Annotated[str, Field(pattern=_CLUSTER)]
    kubernetes_version: Annotated[
        str | None, Field(pattern=_KUBERNETES, description="The region's default when absent.")
    ] = None
    node_count: Annotated[
        int | None, Field(ge=1, le=1000, description="4 (standard) or 10 (premium) when absent.")
    ] = None
    vm_size: Annotated[str, Field(pattern=_WORD)] = "Standard_D8ds_v5"
    max_pods: Annotated[int, Field(ge=10, le=250, description="Per node; fixed for ever.")] = 110
    pool_name: Annotated[str, Field(pattern=_POOL)] = "nodepool1"
    os_disk: DiskSection = field(default_factory=DiskSection)
    os_sku: Literal["Ubuntu", "AzureLinux"] | None = None
    tier: Literal["Free", "Standard", "Premium"] = "Standard"
    support_plan: Literal["KubernetesOfficial", "AKSLongTermSupport"] = "KubernetesOfficial"
    identity: IdentityChoice = field(default_factory=IdentityChoice)
    network: NetworkSection = field(default_factory=NetworkSection)
    directory: DirectorySection | None = None
    autoscaling: AutoscalingSection | None = None
    node_labels: Annotated[
        dict[
            Annotated[str, Field(pattern=_LABEL_KEY)], Annotated[str, Field(pattern=_LABEL_VALUE)]
        ],
        Field(max_length=20),
    ] = field(default_factory=dict[str, str])
    node_taints: Annotated[
        tuple[Annotated[str, Field(pattern=_TAINT)], ...], Field(max_length=20)
    ] = ()
    node_resource_group: Annotated[str | None, Field(pattern=_GROUP)] = None
    dns_prefix: Annotated[str | None, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,53}$")] = None
    oidc_issuer: bool = False
    workload_identity: bool = False
    encryption_at_host: bool = False
    fips: bool = False
    run_command: Annotated[bool, Field(description="az aks command invoke.")] = True
    upgrade_channel: Literal["none", "patch", "stable", "rapid", "node-image"] | None = None
    node_os_upgrade_channel: Literal["None", "Unmanaged", "NodeImage", "SecurityPatch"] | None = (
        None
    )


@wire.record
class DnsSection:
    """How the seven names get into DNS."""

    mode: Annotated[
        Literal["azure", "manual"],
        Field(description="manual: the status shows the records, and waits until they resolve."),
    ] = "azure"
    zone_id: Annotated[str | None, Field(pattern=_RESOURCE_ID)] = None
    ttl: Annotated[int, Field(ge=30, le=86400, description="Seconds.")] = 300
    overwrite: Annotated[bool, Field(description="Replace foreign records of our names.")] = False


@wire.record
class DomainSection:
    """The name under which Dash Enterprise is reached; it cannot be changed later."""

    base_domain: Annotated[
        str, Field(pattern=_DOMAIN, max_length=200, description="For example dash.example.com.")
    ]
    dns: DnsSection = field(default_factory=DnsSection)


@wire.record
class SecretsSection:
    """Names of Key Vault secrets, never values."""

    vault_uri: Annotated[str, Field(pattern=r"^https://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?/?$")]
    license: SecretName
    certificate: SecretName
    certificate_key: SecretName
    admin_console_password: SecretName
    administrator_password: SecretName


@wire.record
class KotsSection:
    """The KOTS release to install."""

    version: Annotated[
        str, Field(pattern=_VERSION, description="KOTS version that suits the app; never latest.")
    ]
    config_values: Annotated[
        dict[str, Any],
        Field(description="ConfigValues document with ${baseDomain}, ${certificateBase64}, ..."),
    ]
    channel: Annotated[str | None, Field(pattern=_DNS_LABEL)] = None
    app_version: Annotated[str | None, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z.+-]{0,63}$")] = None
    namespace: Annotated[str, Field(pattern=_DNS_LABEL)] = "plotly-system"
    load_balancer_service: Annotated[str, Field(pattern=_DNS_LABEL)] = "ingress-nginx-controller"
    allowed_preflight_warnings: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=200)], ...], Field(max_length=20)
    ] = ()
    skip_preflights: bool = False


@wire.record
class ComponentSection:
    """One piece of supporting software, from a chart or from a manifest."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$")]
    version: Annotated[str, Field(pattern=r"^v?[0-9][0-9A-Za-z.+-]{0,63}$")]
    namespace: Annotated[str, Field(pattern=_DNS_LABEL)]
    chart: Annotated[
        str | None,
        Field(
            pattern=_CHART, max_length=512, description="oci:// reference, or name in repository."
        ),
    ] = None
    repository: Annotated[str | None, Field(pattern=_URL, max_length=512)] = None
    manifest: Annotated[str | None, Field(pattern=_URL, max_length=512)] = None
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    after: Annotated[
        tuple[str, ...] | None,
        Field(description="Components that must be done first; the one before it when absent."),
    ] = None


@wire.record
class AdministratorSection:
    """The first administrator."""

    username: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._@-]{0,98}$")]
    email: Annotated[str, Field(pattern=_EMAIL, max_length=200)]
    first_name: Annotated[str, Field(min_length=1, max_length=100)]
    last_name: Annotated[str, Field(min_length=1, max_length=100)]
    licensed_user: Annotated[bool, Field(description="Also takes a license seat.")] = False


@wire.record
class LimitsSection:
    """Pod and volume limits; null is computed from the live nodes."""

    pods: Annotated[int | None, Field(ge=1, le=250_000)] = None
    volumes: Annotated[int | None, Field(ge=1, le=100_000)] = None
    headroom: Annotated[float, Field(ge=0, le=0.9)] = 0.1
    apply: Annotated[
        tuple[Literal["quota", "graphql", "gate"], ...],
        Field(description="ResourceQuota, your GraphQL document, or a person at a gate."),
    ] = ("quota",)
    document: Annotated[
        str | None, Field(max_length=2000, description="Mutation with $pods and $volumes.")
    ] = None


@wire.record
class IdentityProviderSection:
    """What the product's Keycloak and its objects are called; the defaults are DE5's."""

    secret: Annotated[str, Field(pattern=_DNS_LABEL)] = "keycloak-secrets"  # noqa: S105 # its name
    password_key: Word = "KEYCLOAK_PASSWORD"  # noqa: S105 # a key's name
    username_key: Word = "KEYCLOAK_USER"
    username: Word = "admin"
    context_path: Annotated[
        str, Field(pattern=r"^((/[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}){1,4}|/?)$")
    ] = "/auth"
    realm: Word = "dash"
    client_id: Word = "dash"


@wire.record
class InstallRequest:
    """One installation of Dash Enterprise 5, as asked for."""

    name: Annotated[
        str, Field(pattern=NAME, description="Lower case, digits, hyphens; at most 40 characters.")
    ]
    offering: Literal["standard", "premium"]
    azure: AzureSection
    cluster: ClusterSection
    domain: DomainSection
    secrets: SecretsSection
    kots: KotsSection
    administrator: AdministratorSection
    components: tuple[ComponentSection, ...] = ()
    limits: LimitsSection = field(default_factory=LimitsSection)
    identity_provider: IdentityProviderSection = field(default_factory=IdentityProviderSection)
    approval: Literal["none", "beforeCreate"] = "none"
    on_failure: Literal["keep", "clean"] = "keep"


PROBLEMS_LIMIT = 100
"""Errors in one answer: a person mends a few; wording ten thousand would take seconds."""


def parse_request(payload: Any) -> InstallRequest | tuple[Problem, ...]:
    """The request, or everything wrong with it at once; never raises, never echoes a value."""
    if not isinstance(payload, dict):
        return (Problem("", "not-an-object", "Send one JSON object."),)
    asked = cast("wire.JsonObject", payload)
    misread = tuple(text_problems(asked))
    if misread:  # nothing else may walk such a payload
        return misread[:PROBLEMS_LIMIT]
    found: list[Problem] = []
    request: InstallRequest | None = None
    try:
        request = wire.decode(InstallRequest, asked)
    except wire.Undecodable as undecodable:
        faults = undecodable.faults[:PROBLEMS_LIMIT]
        found.extend(shape_problems(faults, asked, _known_schema()))
    known = {problem.pointer for problem in found}
    found.extend(p for p in rule_problems(asked) if p.pointer not in known)
    if request is None or found:
        return tuple(sorted(found, key=lambda problem: problem.pointer))[:PROBLEMS_LIMIT]
    return request


def request_schema() -> wire.JsonObject:
    """JSON Schema of a request."""
    return {"title": "Dash Enterprise installation", **wire.schema(InstallRequest)}


@cache
def _known_schema() -> wire.JsonObject:
    """The same, made once and never changed: most of a refusal's time went into it."""
    return request_schema()
