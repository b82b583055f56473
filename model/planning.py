"""From what was asked to what is done: the plan, computed before anything starts."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from model import plan as p
from model import wire
from model.actions import group_actions, subscription_actions
from model.cluster_body import cluster_body
from model.kots_files import secret_names
from model.offering import OFFERINGS, SPARE_NODES
from model.request import ComponentSection, InstallRequest
from model.settings import Settings

_HASH_LENGTH = 16
_NOT_DECIDED = ("attempt", "submittedAt", "pace", "succeeded")
_RUN_LENGTH = 8
_NETWORK_SUFFIX = "-vnet"
_SUBNET = "nodes"

CERTIFICATE_MARGIN = timedelta(days=14)
"""A certificate must outlive the installation and leave time for its renewal."""
APPROVAL_PATIENCE = timedelta(days=7)
GATE_PATIENCE = timedelta(days=7)
APPLICATION_PATIENCE = timedelta(minutes=60)
"""Of one Job; the guide's own installation takes about half an hour."""
COMPONENT_PATIENCE = timedelta(minutes=20)
"""Of one Job; helm's own default of 5 minutes is known to be too short."""

_DEADLINES = {
    "observe_cluster": timedelta(minutes=90),  # what Terraform and Cluster API allow
    "ensure_cluster": timedelta(minutes=90),  # another operation may be running
    "observe_nodes": timedelta(minutes=20),
    "observe_component": timedelta(minutes=40),
    "observe_application": timedelta(minutes=80),  # more than the Job's own patience
    "observe_load_balancer": timedelta(
        minutes=250
    ),  # outlasts three Jobs of the application, whose
    # reason tells more than an address that is missing
    "observe_dns_records": timedelta(minutes=60),
    "observe_removal": timedelta(minutes=60),
    "remove_resource_group": timedelta(minutes=60),
    "verify_installation": timedelta(minutes=30),
}
MANUAL_DNS_PATIENCE = timedelta(days=7)
"""A person at another company may have to create the records."""


def run_id_of(name: str, plan_hash: str, submitted_at: str) -> str:
    """Eight hexadecimal digits that tell this run's Jobs from those of other runs."""
    text = f"{name}\n{plan_hash}\n{submitted_at}"
    return hashlib.sha256(text.encode()).hexdigest()[:_RUN_LENGTH]


def build_plan(
    request: InstallRequest, settings: Settings, *, attempt: int, submitted_at: str
) -> p.InstallPlan:
    """The plan of a request; the same request gives the same ``plan_hash``.

    Args:
        request: What was asked, valid.
        settings: The app's; what they decide travels in the plan.
        attempt: Counts the runs of this name, from 1.
        submitted_at: ISO 8601 UTC time of the post.
    """
    draft = _draft(request, settings, attempt, submitted_at)
    plan_hash = _hash(draft)
    run_id = run_id_of(request.name, plan_hash, submitted_at)
    return _sealed(draft, plan_hash, run_id, settings.installer_id)


def _hash(draft: p.InstallPlan) -> str:
    encoded = wire.encode(draft)
    decided = {k: v for k, v in encoded.items() if k not in _NOT_DECIDED}
    text = json.dumps(decided, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_HASH_LENGTH]


def _sealed(draft: p.InstallPlan, plan_hash: str, run_id: str, installer: str) -> p.InstallPlan:
    """The draft with its own hash, run id and maker wherever they belong.

    The maker is no part of what was asked for, so it does not change the hash.
    """
    owner = replace(draft.group.owner, plan_hash=plan_hash, installer=installer)
    group = replace(draft.group, owner=owner)
    domain = replace(draft.domain, owner=owner)
    job = replace(draft.application.job, run_id=run_id)
    return replace(
        draft,
        plan_hash=plan_hash,
        run_id=run_id,
        group=group,
        network=replace(draft.network, group=group) if draft.network else None,
        cluster=replace(draft.cluster, group=group),
        checks=replace(draft.checks, group=group, domain=domain),
        domain=domain,
        application=replace(draft.application, job=job),
        components=tuple(
            replace(component, job=replace(component.job, run_id=run_id))
            for component in draft.components
        ),
    )


def _draft(
    request: InstallRequest, settings: Settings, attempt: int, submitted_at: str
) -> p.InstallPlan:
    group = _group(request)
    network = _network(request, group)
    subnet_id = request.cluster.network.subnet_id or (_subnet_id(network) if network else None)
    nodes = request.cluster.node_count or OFFERINGS[request.offering].nodes
    target = p.ClusterTarget(
        subscription_id=group.subscription_id,
        resource_group=group.resource_group,
        cluster=request.cluster.name,
    )
    secrets = p.SecretNames(**_fields(request.secrets, p.SecretNames))
    domain = _domain(request, group)
    identity = _identity(request)
    pace = _pace(settings, manual_dns=domain.mode == "manual")
    administrator = request.administrator.username
    return p.InstallPlan(
        name=request.name,
        plan_hash="",
        run_id="",
        attempt=attempt,
        submitted_at=submitted_at,
        offering=request.offering,
        group=group,
        network=network,
        cluster=p.ClusterSpec(
            group=group,
            name=request.cluster.name,
            body=cluster_body(request, group, subnet_id, nodes),
            subnet_id=subnet_id,
        ),
        checks=_checks(request, group, domain, secrets, nodes),
        nodes=p.NodesSpec(target=target, count=nodes),
        components=_components(request, settings, target, pace),
        application=p.ApplicationSpec(
            target=target,
            base_domain=domain.base_domain,
            secrets=secrets,
            kots=_kots(request, settings),
            job=_job(request.name, APPLICATION_PATIENCE, pace),
        ),
        load_balancer=p.LoadBalancerSpec(
            target=target,
            namespace=request.kots.namespace,
            service=request.kots.load_balancer_service,
        ),
        domain=domain,
        administrator=p.AdministratorSpec(
            target=target,
            base_domain=domain.base_domain,
            address="",
            identity=identity,
            secrets=secrets,
            **_fields(request.administrator, p.AdministratorSpec),
        ),
        limits=p.LimitsSpec(
            target=target,
            base_domain=domain.base_domain,
            address="",
            namespace=request.kots.namespace,
            identity=identity,
            secrets=secrets,
            administrator=administrator,
            baseline_pods=OFFERINGS[request.offering].core_pods,
            **_fields(request.limits, p.LimitsSpec),
        ),
        verify=p.VerifySpec(
            target=target,
            base_domain=domain.base_domain,
            address="",
            namespace=request.kots.namespace,
            identity=identity,
            secrets=secrets,
            administrator=administrator,
        ),
        approval=request.approval,
        approval_patience=APPROVAL_PATIENCE,
        gate_patience=GATE_PATIENCE,
        on_failure=request.on_failure,
        pace=pace,
    )


def _fields(section: object, target: type) -> dict[str, Any]:
    """The fields of a section that a record of the plan has under the same name."""
    wanted = set(getattr(target, "__dataclass_fields__", {}))
    own = getattr(section, "__dataclass_fields__", {})
    return {name: getattr(section, name) for name in own if name in wanted}


def _group(request: InstallRequest) -> p.GroupSpec:
    azure = request.azure
    owner = p.Ownership(installation=request.name, plan_hash="", tags=azure.tags)
    return p.GroupSpec(
        subscription_id=azure.subscription_id.lower(),
        resource_group=azure.resource_group,
        location=azure.location,
        owner=owner,
    )


def _network(request: InstallRequest, group: p.GroupSpec) -> p.NetworkSpec | None:
    network = request.cluster.network
    if network.address_space is None:
        return None
    return p.NetworkSpec(
        group=group,
        virtual_network=f"{request.cluster.name}{_NETWORK_SUFFIX}",
        subnet=_SUBNET,
        address_space=network.address_space,
        subnet_prefix=network.subnet_prefix or network.address_space,
    )


def _subnet_id(network: p.NetworkSpec) -> str:
    group = network.group
    return (
        f"/subscriptions/{group.subscription_id}/resourceGroups/{group.resource_group}"
        f"/providers/Microsoft.Network/virtualNetworks/{network.virtual_network}"
        f"/subnets/{network.subnet}"
    )


def _domain(request: InstallRequest, group: p.GroupSpec) -> p.DomainSpec:
    dns = request.domain.dns
    return p.DomainSpec(
        subscription_id=group.subscription_id,
        base_domain=request.domain.base_domain,
        mode=dns.mode,
        zone_id=dns.zone_id,
        ttl=dns.ttl,
        overwrite=dns.overwrite,
        owner=group.owner,
    )


def _identity(request: InstallRequest) -> p.IdentitySpec:
    provider = request.identity_provider
    return p.IdentitySpec(
        namespace=request.kots.namespace,
        secret=provider.secret,
        password_key=provider.password_key,
        username_key=provider.username_key,
        default_username=provider.username,
        context_path=provider.context_path,
        realm=provider.realm,
        client_id=provider.client_id,
    )


def _kots(request: InstallRequest, settings: Settings) -> p.KotsSpec:
    return p.KotsSpec(image=settings.installer_image, **_fields(request.kots, p.KotsSpec))


def _job(installation: str, patience: timedelta, pace: p.Pace) -> p.JobRun:
    return p.JobRun(
        installation=installation, run_id="", attempt=1, patience=patience, poll=pace.job_poll
    )


def _components(
    request: InstallRequest, settings: Settings, target: p.ClusterTarget, pace: p.Pace
) -> tuple[p.ComponentSpec, ...]:
    image = f"{settings.installer_image}:v{request.kots.version}"
    before: tuple[str, ...] = ()
    planned: list[p.ComponentSpec] = []
    for component in request.components:
        planned.append(
            p.ComponentSpec(
                target=target,
                name=component.name,
                kind="chart" if component.chart else "manifest",
                chart=_source(component),
                repository=component.repository,
                version=component.version,
                namespace=component.namespace,
                values=component.values,
                after=before if component.after is None else component.after,
                image=image,
                job=_job(request.name, COMPONENT_PATIENCE, pace),
            )
        )
        before = (component.name,)
    return tuple(planned)


def _source(component: ComponentSection) -> str:
    return component.chart or component.manifest or ""


def _checks(
    request: InstallRequest,
    group: p.GroupSpec,
    domain: p.DomainSpec,
    secrets: p.SecretNames,
    nodes: int,
) -> p.ChecksSpec:
    network = request.cluster.network
    own_network = network.address_space is not None
    return p.ChecksSpec(
        group=group,
        cluster=request.cluster.name,
        domain=domain,
        secrets=secrets,
        zone=request.azure.zone,
        vm_size=request.cluster.vm_size,
        nodes=nodes,
        spare_nodes=SPARE_NODES,
        kubernetes_version=request.cluster.kubernetes_version,
        actions=group_actions(
            own_network=own_network,
            system_identity=request.cluster.identity.type == "systemAssigned",
        ),
        system_identity=request.cluster.identity.type == "systemAssigned",
        identity_id=request.cluster.identity.resource_id,
        pod_subnet_id=network.pod_subnet_id,
        api_server_subnet_id=network.api_server_subnet_id,
        config_secrets=secret_names(request.kots.config_values),
        outbound_addresses=(*network.outbound_ip_ids, *network.outbound_ip_prefix_ids),
        long_term_support=request.cluster.support_plan == "AKSLongTermSupport",
        os_disk_type=request.cluster.os_disk.type,
        os_disk_gb=request.cluster.os_disk.size_gb,
        subscription_actions=subscription_actions(
            azure_dns=domain.mode == "azure" and domain.zone_id is None
        ),
        virtual_network=f"{request.cluster.name}{_NETWORK_SUFFIX}" if own_network else None,
        subnet_id=network.subnet_id,
        max_pods=request.cluster.max_pods,
        pods_needed=OFFERINGS[request.offering].core_pods,
        network_plugin=network.plugin,
        network_plugin_mode="overlay" if network.mode == "overlay" else None,
        address_space=network.address_space,
        subnet_prefix=network.subnet_prefix or network.address_space,
        pod_cidr=network.pod_cidr,
        service_cidr=network.service_cidr,
        outbound_type=network.outbound_type,
        channel=request.kots.channel,
        certificate_margin=CERTIFICATE_MARGIN,
        allow_seed_role=request.azure.minimum_role,
    )


def _pace(settings: Settings, *, manual_dns: bool) -> p.Pace:
    """The pace of this app; deadlines stay, only pauses are divided."""
    divisor = float(settings.pace_divisor)
    usual = p.Pace()
    deadlines = dict(_DEADLINES)
    if manual_dns:
        deadlines["observe_dns_records"] = MANUAL_DNS_PATIENCE
    return p.Pace(
        first_look=usual.first_look / divisor,
        longest_look=usual.longest_look / divisor,
        retry_wait=usual.retry_wait / divisor,
        longest_retry=usual.longest_retry / divisor,
        job_poll=usual.job_poll / divisor,
        deadlines=deadlines,
        governed=settings.arm_governor == "on",
    )
