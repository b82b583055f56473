"""Each refusal of the preflight: its own code, a reason, a remedy, and nothing created."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from emulator.seed import license_document
from emulator.world import SUBSCRIPTION, VAULT
from tests.e2e.driver import Driver

type Trouble = Callable[[Driver, dict[str, Any]], None]


def _secret(driver: Driver, request: dict[str, Any], key: str, value: str) -> None:
    name = f"{request['name']}-{key.lower()}"
    driver.world.cloud.azure.state.vaults[VAULT].set_secret(name, value)
    request["secrets"][key] = name


def wrong_order(driver: Driver, request: dict[str, Any]) -> None:
    end = "-----END CERTIFICATE-----\n"
    leaf, issuer, root = driver.world.cloud.secrets.certificate.split(end)[:3]
    _secret(driver, request, "certificate", leaf + end + root + end + issuer + end)


def foreign_key(driver: Driver, request: dict[str, Any]) -> None:
    other = driver.world.cloud.public_authority.issue("*.example.com")
    _secret(driver, request, "certificateKey", other.key_pem)


def expiring(driver: Driver, request: dict[str, Any]) -> None:
    soon = driver.world.cloud.public_authority.issue("*.example.com", lifetime=timedelta(days=3))
    _secret(driver, request, "certificate", soon.chain)
    _secret(driver, request, "certificateKey", soon.key_pem)


def other_names(driver: Driver, request: dict[str, Any]) -> None:
    other = driver.world.cloud.public_authority.issue("*.example.net")
    _secret(driver, request, "certificate", other.chain)
    _secret(driver, request, "certificateKey", other.key_pem)


def expired_license(driver: Driver, request: dict[str, Any]) -> None:
    _secret(driver, request, "license", license_document(datetime.now(UTC) - timedelta(days=2)))


def other_channel(_: Driver, request: dict[str, Any]) -> None:
    request["kots"]["channel"] = "nightly"


def no_license(_: Driver, request: dict[str, Any]) -> None:
    request["secrets"]["license"] = "nobody-made-this"


def short_password(driver: Driver, request: dict[str, Any]) -> None:
    _secret(driver, request, "adminConsolePassword", "abc")


def foreign_cluster(driver: Driver, request: dict[str, Any]) -> None:
    state = driver.world.cloud.azure.state
    group = request["azure"]["resourceGroup"]
    state.add_group(group, "eastus")
    state.add_cluster(request["cluster"]["name"], group, tags={})


def no_quota(driver: Driver, request: dict[str, Any]) -> None:
    request["azure"]["location"] = "northeurope"
    state = driver.world.cloud.azure.state
    state.set_quota("northeurope", "standardDDSv5Family", 0, 0)


def no_zone(driver: Driver, request: dict[str, Any]) -> None:
    request["azure"]["location"] = "northeurope"
    state = driver.world.cloud.azure.state
    state.set_quota("northeurope", "standardDDSv5Family", 500, 0)
    state.restrict_sku("Standard_D8ds_v5", "northeurope", zones=("2",))
    request["azure"]["zone"] = "2"


def old_kubernetes(_: Driver, request: dict[str, Any]) -> None:
    request["cluster"]["kubernetesVersion"] = "1.20"


def unknown_size(_: Driver, request: dict[str, Any]) -> None:
    request["cluster"]["vmSize"] = "Standard_Imaginary"


def no_zone_for_the_names(_: Driver, request: dict[str, Any]) -> None:
    request["domain"]["baseDomain"] = "dash.apex.example.edu"


def foreign_record(driver: Driver, request: dict[str, Any]) -> None:
    state = driver.world.cloud.azure.state
    zones = state.resources.of("Microsoft.Network/dnsZones")
    zone = next(z for z in zones if z.name == "example.com")
    label = request["domain"]["baseDomain"].split(".")[0]
    state.add_record(zone, "A", label, {"TTL": 60, "ARecords": [{"ipv4Address": "192.0.2.7"}]})


REFUSALS: list[tuple[str, Trouble]] = [
    ("certificate-order", wrong_order),
    ("certificate-key-mismatch", foreign_key),
    ("certificate-expiring", expiring),
    ("certificate-names-missing", other_names),
    ("license-expired", expired_license),
    ("license-channel-missing", other_channel),
    ("secret-missing", no_license),
    ("secret-unusable", short_password),
    ("cluster-foreign", foreign_cluster),
    ("quota-insufficient", no_quota),
    ("zone-unavailable", no_zone),
    ("kubernetes-version-unavailable", old_kubernetes),
    ("vm-size-unavailable", unknown_size),
    ("dns-zone-missing", no_zone_for_the_names),
    ("dns-record-foreign", foreign_record),
]


@pytest.mark.parametrize(
    ("code", "trouble"), REFUSALS, ids=[trouble.__name__ for _, trouble in REFUSALS]
)
def test_a_refusal_of_the_preflight_creates_nothing(
    driver: Driver, code: str, trouble: Trouble
) -> None:
    """The status names code, reason and remedy; ARM saw no write at all."""
    name = f"no-{trouble.__name__.replace('_', '-')}"[:38]
    request = driver.request(name)
    trouble(driver, request)
    before = driver.journal_length

    status = driver.install(request)

    codes = {f["code"] for f in status["findings"] if f["severity"] == "error"}
    assert code in codes, status
    assert status["failure"]["code"] in codes
    assert status["failure"]["stage"] == "preflight"
    assert status["failure"]["reason"]
    assert status["failure"]["remedy"]
    assert driver.writes(before) == []


def test_a_missing_right_is_named_before_anything_is_created(driver: Driver) -> None:
    """With a role that lacks one action the finding names that action and the scope."""
    from emulator.azure import Rbac, Role

    azure = driver.world.cloud.azure
    request = driver.request("no-right")
    azure.state.add_group(request["azure"]["resourceGroup"], "eastus")
    rbac = Rbac()
    role = Role(
        name="too little",
        actions=("*/read", "Microsoft.Resources/*", "Microsoft.ContainerService/*/action"),
        data_actions=("*",),
    )
    scope = f"/subscriptions/{SUBSCRIPTION.subscription_id}"
    rbac.grant(azure.directory.app.object_id, role, scope)
    azure.rbac = rbac
    before = driver.journal_length
    try:
        status = driver.install(request)
    finally:
        azure.rbac = None

    failure = status["failure"]
    assert failure["code"] == "permission-missing"
    assert "Microsoft.ContainerService/managedClusters/write" in failure["reason"]
    assert driver.writes(before) == []


def test_an_apex_and_an_unknown_key_are_told_together_at_the_post(driver: Driver) -> None:
    """Bad input never starts anything: 400 with every error and its pointer."""
    request = driver.request("no-apex", domain__baseDomain="example.com", cluster__nodeCont=3)

    reply = driver.post(request)

    assert reply.status == 400
    assert reply.headers["content-type"].startswith("application/problem+json")
    errors = {error["pointer"]: error for error in reply.body["errors"]}
    assert errors["/domain/baseDomain"]["code"] == "base-domain-apex"
    assert "nodeCount" in errors["/cluster/nodeCont"]["message"]
    assert driver.ask("GET", "installations/no-apex").status == 404


def test_a_preflight_alone_shows_all_findings_and_the_plan(driver: Driver) -> None:
    """POST /api/preflights: the same checks, the plan's hash, and nothing created."""
    request = driver.request("only-checks")
    before = driver.journal_length

    reply = driver.ask("POST", "preflights", request)
    assert reply.status == 202
    while True:
        found = driver.ask("GET", reply.body["statusUrl"]).body
        if found["state"] != "Running":
            break

    assert found["state"] == "Succeeded"
    assert len(found["planHash"]) == 16
    assert {f["severity"] for f in found["findings"]} <= {"info", "warning"}
    assert driver.writes(before) == []
