"""What was decided: everything an installation does, computed before it starts.

The plan travels in the orchestration's input, so that a replay sees the same plan after new code
was deployed. Every stage request below is self-contained and small (8 KB at most on the wire) and
holds names of secrets, never values. A new field has a default, for the plans of
running installations lack it.
"""

from dataclasses import field
from datetime import timedelta
from typing import Any, Literal

from model import wire


@wire.record
class Pace:
    """How a run waits.

    Attributes:
        first_look: Pause between the first two looks of a wait.
        longest_look: The pause grows by a quarter each look, up to this.
        retry_wait: Pause before the second attempt after a fault; doubles each time.
        longest_retry: Ceiling of that pause.
        job_poll: Pause between two looks of a Job's own script inside the cluster.
        deadlines: Patience per stage name; a stage not named has ``deadline``.
        deadline: Patience of every other stage.
        governed: Whether the subscription's governor is asked before requests to ARM.
    """

    first_look: timedelta = timedelta(seconds=5)
    longest_look: timedelta = timedelta(seconds=20)
    retry_wait: timedelta = timedelta(seconds=5)
    longest_retry: timedelta = timedelta(seconds=60)
    job_poll: timedelta = timedelta(seconds=10)
    deadline: timedelta = timedelta(minutes=15)
    deadlines: dict[str, timedelta] = field(default_factory=dict[str, timedelta])
    governed: bool = False


@wire.record
class Ownership:
    """Whose a resource is: the tags that every resource of an installation carries.

    Attributes:
        installation: The installation's name.
        plan_hash: Of the plan that made the resource; informative, never compared for ownership.
        tags: The customer's own tags.
        installer: The app that made it, so that two apps never share an installation; empty when
            the app has no name.
    """

    installation: str
    plan_hash: str
    tags: dict[str, str]
    installer: str = ""


@wire.record
class GroupSpec:
    """Request of ``ensure_resource_group`` and of the removal."""

    subscription_id: str
    resource_group: str
    location: str
    owner: Ownership


@wire.record
class NetworkSpec:
    """A virtual network of our own with one subnet; request of the network stages.

    Attributes:
        address_space: CIDR of the virtual network.
        subnet_prefix: CIDR of the node subnet inside it.
    """

    group: GroupSpec
    virtual_network: str
    subnet: str
    address_space: str
    subnet_prefix: str


@wire.record
class ClusterSpec:
    """Request of the cluster stages.

    Attributes:
        name: The managed cluster's name.
        body: The REST body of the PUT without ``location`` and ``tags`` (api-version of the pinned
            SDK): ``identity``, ``sku``, ``properties``. Its ``vnetSubnetID`` is final: the plan
            knows the resource ids of a network of our own beforehand.
        subnet_id: A subnet that is not managed by AKS: ours or an existing one; None when AKS makes
            its own network. With a system-assigned identity the cluster needs a role on it.
    """

    group: GroupSpec
    name: str
    body: dict[str, Any]
    subnet_id: str | None


@wire.record
class ClusterTarget:
    """Enough to reach a cluster's Kubernetes API through its user credential."""

    subscription_id: str
    resource_group: str
    cluster: str


@wire.record
class SecretNames:
    """Names of Key Vault secrets, never values."""

    vault_uri: str
    license: str
    certificate: str
    certificate_key: str
    admin_console_password: str
    administrator_password: str


@wire.record
class JobRun:
    """Which run of a Job this is; makes its name deterministic.

    Attributes:
        run_id: Eight hexadecimal digits, one value per posted run of an installation.
        attempt: Counts from 1 within the run; a Job that gave up is followed by the next.
        patience: ``activeDeadlineSeconds`` of the Job and the script's own patience.
        poll: Pause between two looks of the script.
    """

    installation: str
    run_id: str
    attempt: int
    patience: timedelta
    poll: timedelta


@wire.record
class KotsSpec:
    """How Dash Enterprise is installed through KOTS.

    Attributes:
        version: KOTS version, which is the image tag without its ``v``.
        image: Image that carries the KOTS CLI, without tag.
        channel: Channel slug; None for ``stable``.
        app_version: Version label to pin; None for the channel's newest.
        namespace: Where the application and its Admin Console live.
        config_values: The ``ConfigValues`` document with placeholders.
        allowed_preflight_warnings: Titles of KOTS preflight checks whose warnings are accepted.
        skip_preflights: Skip all checks that are not strict.
    """

    version: str
    image: str
    channel: str | None
    app_version: str | None
    namespace: str
    config_values: dict[str, Any]
    allowed_preflight_warnings: tuple[str, ...]
    skip_preflights: bool


@wire.record
class ApplicationSpec:
    """Request of ``ensure_application`` and ``observe_application``."""

    target: ClusterTarget
    base_domain: str
    secrets: SecretNames
    kots: KotsSpec
    job: JobRun


@wire.record
class ComponentSpec:
    """One piece of supporting software; request of the component stages.

    Attributes:
        name: Also the helm release's name.
        chart: Chart reference (``oci://…``, or a chart name with ``repository``) or, for
            ``kind`` manifest, the https URL of a manifest.
        repository: Chart repository URL; None for OCI and URLs.
        values: Helm values.
        after: Names of components that must be done before this one begins.
        image: Image that carries helm and kubectl, with tag.
    """

    target: ClusterTarget
    name: str
    kind: Literal["chart", "manifest"]
    chart: str
    repository: str | None
    version: str
    namespace: str
    values: dict[str, Any]
    after: tuple[str, ...]
    image: str
    job: JobRun


@wire.record
class NodesSpec:
    """Request of ``observe_nodes``: wait until ``count`` nodes are Ready."""

    target: ClusterTarget
    count: int


@wire.record
class LoadBalancerSpec:
    """Request of ``observe_load_balancer``."""

    target: ClusterTarget
    namespace: str
    service: str


@wire.record
class DomainSpec:
    """The seven names and how their records come to be.

    Attributes:
        mode: ``azure`` writes record sets; ``manual`` shows them and waits.
        zone_id: Resource id of the one zone to use; None to search the subscription per record.
        ttl: Seconds.
        overwrite: Whether a foreign record of the same name may be replaced.
        owner: Marks our records in their metadata.
    """

    subscription_id: str
    base_domain: str
    mode: Literal["azure", "manual"]
    zone_id: str | None
    ttl: int
    overwrite: bool
    owner: Ownership


@wire.record
class LeftoversSpec(GroupSpec):
    """Request of ``observe_leftovers``: a group, and the names whose records we may have written.

    Attributes:
        domain: None when no record can be ours.
    """

    domain: DomainSpec | None = None


@wire.record
class RecordsSpec:
    """Request of ``ensure_dns_records`` and ``observe_dns_records``: the domain and its address."""

    domain: DomainSpec
    address: str


@wire.record
class IdentitySpec:
    """Where the product's Keycloak is and what its objects are called."""

    namespace: str
    secret: str
    password_key: str
    username_key: str
    default_username: str
    context_path: str
    realm: str
    client_id: str


@wire.record
class AdministratorSpec:
    """Request of ``ensure_administrator``; ``address`` is the load balancer's.

    Attributes:
        licensed_user: Whether the administrator also takes a license seat.
    """

    target: ClusterTarget
    base_domain: str
    address: str
    identity: IdentitySpec
    secrets: SecretNames
    username: str
    email: str
    first_name: str
    last_name: str
    licensed_user: bool


@wire.record
class LimitsSpec:
    """Request of ``ensure_limits``; ``address`` is the load balancer's.

    Attributes:
        pods: Number, or None for the live sum of the nodes minus ``headroom``.
        volumes: The same for persistent volume claims.
        headroom: Fraction that stays free when a number is computed.
        apply: Ways to apply: a ResourceQuota, an operator's GraphQL document, a person at a gate.
        document: The GraphQL mutation with variables ``$pods`` and ``$volumes``; None without.
        baseline_pods: Core pods of the offering, shown beside the numbers.
    """

    target: ClusterTarget
    base_domain: str
    address: str
    namespace: str
    identity: IdentitySpec
    secrets: SecretNames
    administrator: str
    pods: int | None
    volumes: int | None
    headroom: float
    apply: tuple[Literal["quota", "graphql", "gate"], ...]
    document: str | None
    baseline_pods: int


@wire.record
class VerifySpec:
    """Request of ``verify_installation``."""

    target: ClusterTarget
    base_domain: str
    address: str
    namespace: str
    identity: IdentitySpec
    secrets: SecretNames
    administrator: str


@wire.record
class AccessSpec:
    """Request of ``remove_installer_access``: which run's Secrets, bindings and Jobs go."""

    target: ClusterTarget
    installation: str
    run_id: str


@wire.record
class ChecksSpec:
    """Request of every ``check_`` stage: one shape, so that a new check changes no other.

    Attributes:
        vm_size: Of every node.
        nodes: Nodes of the plan.
        spare_nodes: Further nodes whose quota must be free for rotation.
        kubernetes_version: ``major.minor`` or full; None for the region's default.
        virtual_network: Name of a network of our own; None for AKS's or an existing one.
        actions: ARM actions that the plan needs at the resource group's scope.
        subscription_actions: The same at the subscription's.
        system_identity: Whether the cluster makes its own identity, which needs a role on a subnet.
        identity_id: The identity that the cluster runs under instead; None for its own.
        pod_subnet_id: Where pods get their addresses; None for the nodes' subnet, or an overlay.
        api_server_subnet_id: An existing subnet that the API server is put into.
        config_secrets: Names of Key Vault secrets that the application's configuration takes.
        outbound_addresses: Ids of public addresses and prefixes of the customer's, to be joined.
        long_term_support: Whether versions count that only that support plan has.
        os_disk_type / os_disk_gb: Of every node; None for Azure's choice.
        max_pods: Per node.
        pods_needed: Core pods of the offering.
        node_addresses / pod_cidr / service_cidr / address_space: The address plan, see ``sizing``.
        outbound_type: Decides what egress must be opened by the customer.
        channel: The license must offer it; None for ``stable``.
        certificate_margin: A certificate that ends sooner is refused.
        allow_seed_role: Whether rights that only checks and clean-ups need may be missing.
    """

    group: GroupSpec
    cluster: str
    domain: DomainSpec
    secrets: SecretNames
    zone: str | None
    vm_size: str
    nodes: int
    spare_nodes: int
    kubernetes_version: str | None
    actions: tuple[str, ...]
    subscription_actions: tuple[str, ...]
    virtual_network: str | None = None
    system_identity: bool = True
    identity_id: str | None = None
    pod_subnet_id: str | None = None
    api_server_subnet_id: str | None = None
    outbound_addresses: tuple[str, ...] = ()
    config_secrets: tuple[str, ...] = ()
    long_term_support: bool = False
    os_disk_type: str | None = None
    os_disk_gb: int | None = None
    subnet_id: str | None
    max_pods: int
    pods_needed: int
    network_plugin: str
    network_plugin_mode: str | None
    address_space: str | None
    subnet_prefix: str | None
    pod_cidr: str | None
    service_cidr: str | None
    outbound_type: str
    channel: str | None
    certificate_margin: timedelta
    allow_seed_role: bool


@wire.record
class RecordSpec:
    """Request of ``ensure_record``: the record that stays in the cluster when all is done.

    Attributes:
        text: The record as JSON text (plan hash, versions, timings, evidence, who approved), at
            most 6 KB; free of secrets.
    """

    target: ClusterTarget
    installation: str
    run_id: str
    text: str


@wire.record
class LastSuccess:
    """The last run of an installation that succeeded, as far as the task hub remembers.

    Attributes:
        ended_at: ISO 8601 UTC time.
        endpoints: What the seven names are for, to URLs.
    """

    run_id: str
    plan_hash: str
    ended_at: str
    endpoints: dict[str, str]


@wire.record
class InstallPlan:
    """One installation, decided.

    ``address`` fields are empty in the plan: the orchestrator fills them in when the load
    balancer has one.

    Attributes:
        name: The installation's name and instance id.
        plan_hash: SHA-256 (first 16 hexadecimal digits) over everything below except ``attempt``,
            ``run_id``, ``submitted_at`` and ``pace``; an approval is bound to it.
        attempt: Counts the posts of this name that started a run, from 1.
        submitted_at: ISO 8601 UTC time of the post.
        approval_patience: How long the gate before creation waits.
        gate_patience: How long ``dns-ready`` and ``limits-set`` wait.
        succeeded: Decides what a failure may remove; no part of the hash. None when no run of this
            name succeeded, or none is remembered.
    """

    name: str
    plan_hash: str
    run_id: str
    attempt: int
    submitted_at: str
    offering: Literal["standard", "premium"]
    group: GroupSpec
    network: NetworkSpec | None
    cluster: ClusterSpec
    checks: ChecksSpec
    nodes: NodesSpec
    components: tuple[ComponentSpec, ...]
    application: ApplicationSpec
    load_balancer: LoadBalancerSpec
    domain: DomainSpec
    administrator: AdministratorSpec
    limits: LimitsSpec
    verify: VerifySpec
    approval: Literal["none", "beforeCreate"]
    approval_patience: timedelta
    gate_patience: timedelta
    on_failure: Literal["keep", "clean"]
    pace: Pace
    succeeded: LastSuccess | None = None
