"""Whole installations over HTTP, through the real SDKs, TLS on loopback, and real Jobs."""

from datetime import timedelta
from typing import Any

import dns.resolver

from emulator.kubernetes.resources import BUILT_IN as RESOURCES
from emulator.world import VAULT
from model.domain_names import names
from tests.e2e.driver import Driver


def cluster_of(driver: Driver, name: str) -> Any:
    return next(
        server for key, server in driver.world.cloud.clusters.servers.items() if name in key
    )


def test_a_standard_installation_succeeds_with_all_its_evidence(driver: Driver) -> None:
    """Application ready, seven verified names, an administrator with its roles, limits."""
    status = driver.install(driver.request("e2e-standard"))

    assert status["state"] == "Succeeded", status.get("failure")
    assert status["percent"] == 100
    subjects: list[str] = [proof["subject"] for proof in status["evidence"]]
    expected = [f"tls:{name}" for name in names("e2e-standard.example.com")]
    assert [s for s in subjects if s.startswith("tls:")] == expected
    assert status["administratorRoles"] == ["admin", "licensed_user"]
    assert status["nodes"] == 4
    assert status["podLimit"] == 396


def test_seven_records_are_served_by_the_zones_own_name_server(driver: Driver) -> None:
    """Every name of the finished installation resolves to one address."""
    driver.install(driver.request("e2e-names"))

    host, _, port = driver.world.cloud.dns.address.rpartition(":")
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = [host], int(port)
    answers: list[Any] = [resolver.resolve(n, "A") for n in names("e2e-names.example.com")]
    found = {str(answer[0]) for answer in answers}

    assert len(found) == 1


def test_nothing_of_the_installer_stays_but_its_record(driver: Driver) -> None:
    """No Secret, Job or cluster-admin binding of ours is left; the record is."""
    driver.install(driver.request("e2e-tidy"))

    store = cluster_of(driver, "e2e-tidy").store
    label, us = "app.kubernetes.io/managed-by", "dash-enterprise-installer"
    ours = [
        item["metadata"]["name"]
        for resource in RESOURCES
        for item in store.objects(resource)
        if item["metadata"].get("labels", {}).get(label) == us
    ]
    assert sorted(ours) == [
        "dash-enterprise-installation-e2e-tidy",
        "dash-enterprise-installer",
        "dash-enterprise-limits",
    ]


def test_a_premium_installation_sets_its_limits_through_graphql(driver: Driver) -> None:
    """Ten nodes; the product's own limits are those that the live nodes allow."""
    request = driver.request("e2e-premium", "premium")
    request["domain"]["baseDomain"] = "e2e-premium.example.org"

    status = driver.install(request)

    assert status["state"] == "Succeeded", status.get("failure")
    assert status["nodes"] == 10
    consoles = driver.world.cloud.clusters.consoles
    console = next(console for key, console in consoles.items() if key.endswith("aks-e2e-premium"))
    given = console.applications["plotly-system"].values["smtp_password"]
    assert given == driver.world.cloud.secrets.smtp_password
    limits = driver.world.cloud.ingress.limits("e2e-premium.example.org")
    assert (limits.pods, limits.volumes) == (status["podLimit"], status["volumeLimit"])


def test_an_existing_subnet_is_used_and_the_cluster_may_use_it(driver: Driver) -> None:
    """Nodes are in the given subnet, and the cluster's identity has its role on it."""
    driver.world.cloud.azure.state.add_vnet(
        "corporate", "network", address_space="10.40.0.0/16", subnets={"aks": "10.40.0.0/20"}
    )

    status = driver.install(driver.request("e2e-subnet", "existing-subnet"))

    assert status["state"] == "Succeeded", status.get("failure")
    stages = {stage["stage"] for stage in status["stages"]}
    assert "ensure_subnet_access" in stages
    assert "ensure_network" not in stages


def test_manual_dns_waits_for_a_persons_word_and_so_do_manual_limits(driver: Driver) -> None:
    """The status shows records and limits to set by hand; two events let it go on."""
    name = "e2e-manual"
    assert driver.post(driver.request(name, "manual-dns")).status == 202
    status = driver.until(name, lambda status: "dnsRecords" in status)
    assert len(status["dnsRecords"]) == 7

    assert driver.ask("POST", f"installations/{name}/events/dns-ready").status == 202
    driver.until(name, lambda status: "todo" in status)
    assert driver.ask("POST", f"installations/{name}/events/limits-set").status == 202

    assert driver.ended(name)["state"] == "Succeeded"


def test_an_approval_is_bound_to_the_plan_that_was_read(driver: Driver) -> None:
    """Another plan's hash is refused; this plan's lets it create network and cluster."""
    name = "e2e-approval"
    assert driver.post(driver.request(name, "approval")).status == 202
    status = driver.until(name, lambda status: status["state"] == "WaitingForApproval")

    wrong = driver.ask("POST", f"installations/{name}/events/approve", {"planHash": "x"})
    assert wrong.status == 409
    right = {"planHash": status["planHash"], "by": "ada"}
    assert driver.ask("POST", f"installations/{name}/events/approve", right).status == 202

    status = driver.ended(name)
    assert status["state"] == "Succeeded", status.get("failure")
    assert status["approvedBy"] == "ada (not signed in)"


def test_a_second_post_while_running_answers_with_the_status_url(driver: Driver) -> None:
    """409, problem+json, Location."""
    request = driver.request("e2e-twice", approval="beforeCreate")
    driver.post(request)

    again = driver.post(request)

    assert again.status == 409
    assert again.headers["location"].endswith("/api/installations/e2e-twice")
    driver.ask("POST", "installations/e2e-twice/cancel")
    assert driver.ended("e2e-twice")["state"] == "Cancelled"


def test_posting_again_after_success_changes_nothing(driver: Driver) -> None:
    """200 with the finished installation, and the journal shows no write."""
    request = driver.request("e2e-again")
    driver.install(request)
    before = driver.journal_length

    again = driver.post(request)

    assert (again.status, again.body["state"]) == (200, "Succeeded")
    assert driver.writes(before) == []


def test_a_renewed_certificate_reaches_the_product_when_the_request_runs_again(
    driver: Driver,
) -> None:
    """Under the name of the old one; the plan is the same, so a person has to ask for the run."""
    world = driver.world
    vault, authority = world.cloud.azure.state.vaults[VAULT], world.cloud.public_authority
    request = driver.request("e2e-renewed")
    for name in ("certificate", "certificateKey"):
        request["secrets"][name] = f"renewed-{name}"
    days: list[str] = []
    for days_left, path in ((60, ""), (80, "?again=true")):
        issued = authority.issue("*.example.com", lifetime=timedelta(days=days_left))
        vault.set_secret("renewed-certificate", issued.chain)
        vault.set_secret("renewed-certificateKey", issued.key_pem)

        assert driver.ask("POST", f"installations{path}", request).status == 202

        status = driver.ended("e2e-renewed")
        assert status["state"] == "Succeeded", status.get("failure")
        proofs = " ".join(each["proof"] for each in status["evidence"])
        days.append(f"{issued.certificate.not_valid_after_utc:%Y-%m-%d}")
        assert days[-1] in proofs
    assert days[0] not in proofs


def test_a_later_run_that_fails_leaves_what_succeeded_as_it_is(driver: Driver) -> None:
    """Whatever ``onFailure`` says: cluster, report and status remember the success."""
    request = driver.request("e2e-kept")
    driver.install(request)
    changed = {**request, "onFailure": "clean"}
    changed["cluster"] = {**request["cluster"], "maxPods": 60}

    driver.post(changed)

    failed = driver.ended("e2e-kept")
    assert (failed["state"], failed["failure"]["code"]) == ("Failed", "cluster-differs")
    assert "succeeded before" in failed["kept"]
    assert failed["lastSucceeded"]["endpoints"]["portal"] == "https://e2e-kept.example.com"
    state = driver.world.cloud.azure.state
    clusters = state.resources.of("Microsoft.ContainerService/managedClusters", group="rg-e2e-kept")
    assert [cluster.name for cluster in clusters] == ["aks-e2e-kept"]
    orphans = driver.ask("GET", "orphans").body["orphans"]
    assert "e2e-kept" not in [orphan["installation"] for orphan in orphans]


def test_a_failed_installation_resumes_where_it_failed(driver: Driver) -> None:
    """A cluster that fails late is repaired by the second post, which converges."""
    state = driver.world.cloud.azure.state
    kind = "Microsoft.ContainerService/managedClusters"
    state.fail_next_operation(kind, "AllocationFailed", "No capacity.")
    request = driver.request("e2e-resume")
    failed = driver.install(request)
    assert failed["state"] == "Failed"
    assert failed["failure"]["code"] == "vm-size-unavailable"
    assert "No capacity." in failed["failure"]["reason"]

    assert driver.post(request).status == 202
    resumed = driver.ended("e2e-resume")

    assert resumed["state"] == "Succeeded", resumed.get("failure")
    assert resumed["attempt"] == 2


def test_a_cancelled_installation_with_clean_leaves_no_group(driver: Driver) -> None:
    """Cancel with clean removes the group that carries our tag, and says what was left."""
    name = "e2e-clean"
    driver.post(driver.request(name))
    driver.until(
        name, lambda s: any(stage["stage"] == "ensure_application" for stage in s.get("stages", []))
    )

    driver.ask("POST", f"installations/{name}/cancel", {"clean": True})

    assert driver.ended(name)["state"] == "Cancelled"
    groups = [str(key).lower() for key in driver.world.cloud.azure.state.resources.groups]
    assert not [group for group in groups if "rg-e2e-clean" in group]
