"""A plan and the usual results of its stages, for tests of the story."""

from datetime import timedelta
from typing import Any

from model import plan as p
from model import results as r
from model.finding import Finding, Findings

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
QUICK = p.Pace(
    first_look=timedelta(0),
    longest_look=timedelta(0),
    retry_wait=timedelta(0),
    longest_retry=timedelta(0),
    job_poll=timedelta(0),
    deadline=timedelta(seconds=20),
)
WELL = Findings(
    findings=(Finding(rule="all.well", severity="info", code=None, found="well", remedy=""),)
)
HASH = "0123456789abcdef"


def install_plan(name: str) -> p.InstallPlan:
    """A complete plan; its waits are instant."""
    owner = p.Ownership(installation=name, plan_hash=HASH, tags={})
    group = p.GroupSpec(
        subscription_id=SUBSCRIPTION, resource_group="rg", location="eastus", owner=owner
    )
    target = p.ClusterTarget(
        subscription_id=SUBSCRIPTION, resource_group="rg", cluster=f"cluster-of-{name}"
    )
    secrets = p.SecretNames(
        vault_uri="https://v.vault.azure.net",
        license="license",
        certificate="certificate",
        certificate_key="key",
        admin_console_password="console",
        administrator_password="administrator",
    )
    identity = p.IdentitySpec(
        namespace=name,
        secret="keycloak-secrets",
        password_key="KEYCLOAK_PASSWORD",
        username_key="KEYCLOAK_USER",
        default_username="admin",
        context_path="/auth",
        realm="dash",
        client_id="dash",
    )
    domain = p.DomainSpec(
        subscription_id=SUBSCRIPTION,
        base_domain="dash.example.com",
        mode="azure",
        zone_id=None,
        ttl=300,
        overwrite=False,
        owner=owner,
    )
    job = p.JobRun(
        installation=name,
        run_id="0a1b2c3d",
        attempt=1,
        patience=timedelta(minutes=30),
        poll=timedelta(seconds=1),
    )
    components = tuple(
        p.ComponentSpec(
            target=target,
            name=component,
            kind="chart",
            chart=component,
            repository="https://charts.example.com",
            version="1.0.0",
            namespace=component,
            values={},
            after=after,
            image="image:v1",
            job=job,
        )
        for component, after in (("cert-manager", ()), ("istio", ("cert-manager",)))
    )
    return p.InstallPlan(
        name=name,
        plan_hash=HASH,
        run_id="0a1b2c3d",
        attempt=1,
        submitted_at="2026-01-02T03:04:05Z",
        offering="standard",
        group=group,
        network=None,
        cluster=p.ClusterSpec(group=group, name="cluster", body={}, subnet_id=None),
        checks=p.ChecksSpec(
            group=group,
            cluster="cluster",
            domain=domain,
            secrets=secrets,
            zone="1",
            vm_size="Standard_D8ds_v5",
            nodes=4,
            spare_nodes=2,
            kubernetes_version=None,
            actions=(),
            subscription_actions=(),
            virtual_network=None,
            subnet_id=None,
            max_pods=110,
            pods_needed=97,
            network_plugin="azure",
            network_plugin_mode="overlay",
            address_space=None,
            subnet_prefix=None,
            pod_cidr=None,
            service_cidr=None,
            outbound_type="loadBalancer",
            channel=None,
            certificate_margin=timedelta(days=30),
            allow_seed_role=False,
        ),
        nodes=p.NodesSpec(target=target, count=4),
        components=components,
        application=p.ApplicationSpec(
            target=target,
            base_domain="dash.example.com",
            secrets=secrets,
            kots=p.KotsSpec(
                version="1.131.4",
                image="image",
                channel=None,
                app_version=None,
                namespace="plotly-system",
                config_values={},
                allowed_preflight_warnings=(),
                skip_preflights=False,
            ),
            job=job,
        ),
        load_balancer=p.LoadBalancerSpec(
            target=target, namespace="plotly-system", service="ingress-nginx-controller"
        ),
        domain=domain,
        administrator=p.AdministratorSpec(
            target=target,
            base_domain="dash.example.com",
            address="",
            identity=identity,
            secrets=secrets,
            username="ada",
            email="ada@example.com",
            first_name="Ada",
            last_name="Lovelace",
            licensed_user=False,
        ),
        limits=p.LimitsSpec(
            target=target,
            base_domain="dash.example.com",
            address="",
            namespace="plotly-system",
            identity=identity,
            secrets=secrets,
            administrator="ada",
            pods=None,
            volumes=None,
            headroom=0.1,
            apply=("quota",),
            document=None,
            baseline_pods=97,
        ),
        verify=p.VerifySpec(
            target=target,
            base_domain="dash.example.com",
            address="",
            namespace="plotly-system",
            identity=identity,
            secrets=secrets,
            administrator="ada",
        ),
        approval="none",
        approval_patience=timedelta(seconds=20),
        gate_patience=timedelta(seconds=20),
        on_failure="keep",
        pace=QUICK,
    )


_MADE = r.Made(resource_id="id", changed=True)
_JOB = r.JobEnded(done=r.JobDone(job="job", detail="ready", version="5.7.0"), failed=None)
_RECORDS = r.DnsRecords(
    records=(
        r.DnsRecord(name="dash.example.com", kind="A", value="20.1.2.3", zone="", relative_name=""),
    ),
    written=1,
)

RESULTS: dict[str, Any] = {
    **dict.fromkeys(
        (
            "check_permissions",
            "check_compute",
            "check_kubernetes_version",
            "check_network",
            "check_ownership",
            "check_dns_zone",
            "check_certificate",
            "check_license",
            "check_secrets",
            "check_egress",
        ),
        WELL,
    ),
    "ensure_resource_group": _MADE,
    "ensure_network": _MADE,
    "observe_network": _MADE,
    "ensure_cluster": _MADE,
    "ensure_subnet_access": _MADE,
    "observe_cluster": r.ClusterFacts(
        resource_id="id", fqdn="f", kubernetes_version="1.36.1", node_resource_group="MC"
    ),
    "observe_nodes": r.Capacity(nodes=4, pods=440, volumes=64, pods_running=20),
    "ensure_component": _MADE,
    "observe_component": _JOB,
    "ensure_application": _MADE,
    "observe_application": _JOB,
    "observe_load_balancer": r.Address(address="20.1.2.3"),
    "ensure_dns_records": _RECORDS,
    "observe_dns_records": _RECORDS,
    "observe_identity_provider": r.Nothing(),
    "ensure_administrator": r.Administrator(
        user_id="u", username="ada", roles=("admin",), login_verified=True
    ),
    "ensure_limits": r.Limits(
        pods=396, volumes=57, baseline_pods=97, applied=("quota",), instructions=""
    ),
    "verify_installation": r.Verified(evidence=(r.Evidence(subject="tls", proof="verified"),)),
    "ensure_record": _MADE,
    "remove_installer_access": r.Nothing(),
    "remove_resource_group": _MADE,
    "observe_removal": r.Nothing(),
    "observe_leftovers": r.Leftovers(resources=("id",), busy=()),
}
