"""Sizing, names, license, certificate, actions, zones, differences, Azure's errors."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from emulator.public_authority import PublicAuthority
from emulator.seed import license_document
from model.actions import granted
from model.azure_errors import AzureError, failure, meaning
from model.certificate import inspect_chain
from model.cluster_diff import differences
from model.dns_zone_choice import choose
from model.domain_names import names
from model.errors import Busy, Refusal
from model.license import inspect_license, parse_license
from model.sizing import automatic_limit, node_addresses_needed, pods_for_product, vcpus_needed

NOW = datetime.now(UTC)
NAMES = names("dash.example.com")


@given(st.integers(0, 100_000), st.floats(0, 0.9))
def test_an_automatic_limit_never_exceeds_what_there_is(capacity: int, headroom: float) -> None:
    """It is at least one, and at most the capacity."""
    assert 1 <= automatic_limit(capacity, headroom) <= max(1, capacity)


@given(st.integers(1, 100), st.integers(10, 250))
def test_a_flat_network_needs_more_addresses_than_an_overlay(nodes: int, pods: int) -> None:
    """Overlay pods take none of the subnet's."""
    flat = node_addresses_needed(nodes, pods, overlay=False)

    assert flat > node_addresses_needed(nodes, pods, overlay=True)


def test_the_guides_own_figures_come_out() -> None:
    """48 and 96 vCPUs for four and ten nodes; 97 pods fit on four nodes of 110."""
    assert vcpus_needed(4, 2, 8) == 48
    assert vcpus_needed(10, 2, 8) == 96
    assert pods_for_product(4, 110) >= 97


def test_seven_names_are_siblings_in_the_parent_zone() -> None:
    """The prefixes are joined with a hyphen."""
    assert NAMES[0] == "dash.example.com"
    assert len(set(NAMES)) == 7
    assert {name.partition(".")[2] for name in NAMES} == {"example.com"}


def test_each_record_is_placed_by_the_longest_zone_that_holds_it() -> None:
    """With both zones the base is at an apex and its siblings are in the parent."""
    zones = [("example.com", "parent"), ("dash.example.com", "child"), ("other.org", "x")]

    assert choose("dash.example.com", zones) == choose("DASH.example.com".lower(), zones)
    assert choose("dash.example.com", zones).relative_name == "@"
    assert choose("api-dash.example.com", zones).zones == ("parent",)
    assert choose("api-dash.example.com", zones[1:]).zones == ()
    assert choose("a.example.com", [*zones, ("example.com", "twin")]).zones == ("parent", "twin")
    assert choose("xexample.com", zones).zones == ()


@pytest.mark.parametrize(
    "text",
    ["", "[]", ": :", "kind: License", "apiVersion: kots.io/v1beta1\nkind: License",
     "apiVersion: kots.io/v1beta1\nkind: License\nspec: {appSlug: x}"],
)  # fmt: skip # six broken documents
def test_what_is_no_license_is_refused(text: str) -> None:
    """Broken YAML, another kind, missing fields: one code."""
    with pytest.raises(Refusal) as refusal:
        parse_license(text)

    assert refusal.value.code == "license-invalid"


@pytest.mark.parametrize(
    ("days", "severity"), [(None, "info"), (400, "info"), (10, "warning"), (-1, "error")]
)
def test_a_license_is_judged_by_its_end(days: int | None, severity: str) -> None:
    """None never ends; less than thirty days is worth a warning."""
    ends = None if days is None else NOW + timedelta(days=days)

    validity, _ = inspect_license(parse_license(license_document(ends)), None, NOW)

    assert validity.severity == severity


def test_a_channel_that_the_license_lacks_is_an_error() -> None:
    """The default channel is stable."""
    found = parse_license(license_document(None, channels=("beta",)))

    assert inspect_license(found, None, NOW)[1].code == "license-channel-missing"
    assert inspect_license(found, "beta", NOW)[1].severity == "info"


def test_a_license_of_one_channel_and_a_date_without_zone_is_read() -> None:
    """Older licenses name one channel and a bare date."""
    text = """
apiVersion: kots.io/v1beta1
kind: License
spec: {appSlug: a, licenseID: b, signature: c, channelName: My Channel,
       entitlements: {expires_at: {value: "2030-01-01"}}}
"""
    found = parse_license(text)

    assert found.channels == ("my-channel",)
    assert found.expires_at == datetime(2030, 1, 1, tzinfo=UTC)
    with pytest.raises(Refusal):
        parse_license(text.replace("2030-01-01", "never"))


AUTHORITY = PublicAuthority()
ISSUED = AUTHORITY.issue(*NAMES)
ROOT = AUTHORITY.root.pem.encode()


def codes(chain: str, key: str, trust: bytes = ROOT, now: datetime = NOW) -> set[str | None]:
    found = inspect_chain(chain, key, NAMES, trust, now, timedelta(days=14))
    return {finding.code for finding in found}


def test_a_chain_of_a_public_authority_is_accepted() -> None:
    """One info finding and nothing else."""
    assert codes(ISSUED.chain, ISSUED.key_pem) == {None}


def test_each_fault_of_a_chain_has_its_own_code() -> None:
    """Order, key, passphrase, trust, names, validity, form."""
    other = AUTHORITY.issue("*.example.net")
    locked = ISSUED.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"made up"),
    ).decode()
    end = "-----END CERTIFICATE-----\n"
    leaf, issuer, root = (part + end for part in ISSUED.chain.split(end)[:3])

    assert codes(leaf + root + issuer, ISSUED.key_pem) == {"certificate-order"}
    assert codes(ISSUED.chain, other.key_pem) == {"certificate-key-mismatch"}
    assert codes(ISSUED.chain, locked) == {"certificate-key-encrypted"}
    assert codes(ISSUED.chain, "no key") == {"certificate-invalid"}
    assert codes("no chain", ISSUED.key_pem) == {"certificate-invalid"}
    assert codes(other.chain, other.key_pem) == {"certificate-names-missing"}
    assert codes(ISSUED.chain, ISSUED.key_pem, PublicAuthority().root.pem.encode()) == {
        "certificate-untrusted"
    }
    assert codes(ISSUED.chain, ISSUED.key_pem, now=NOW + timedelta(days=80)) == {
        "certificate-expiring"
    }
    assert "certificate-expiring" in codes(
        ISSUED.chain, ISSUED.key_pem, now=NOW - timedelta(days=2)
    )
    assert codes(AUTHORITY.root.pem, AUTHORITY.root.key_pem) == {"certificate-self-signed"}
    assert "certificate-names-missing" in codes(
        AUTHORITY.intermediate.pem, AUTHORITY.intermediate.key_pem
    )


@pytest.mark.parametrize(
    ("actions", "not_actions", "held"),
    [
        (["*"], [], True),
        (["Microsoft.ContainerService/managedClusters/*"], [], True),
        (["microsoft.containerservice/MANAGEDCLUSTERS/write"], [], True),
        (["*/read"], [], False),
        (["*"], ["*/write"], False),
    ],
)
def test_wildcards_and_not_actions_are_read_as_azure_does(
    actions: list[str], not_actions: list[str], held: bool
) -> None:
    """Names are compared without case."""
    action = "Microsoft.ContainerService/managedClusters/write"

    assert granted(action, actions, not_actions) is held


def test_a_cluster_differs_only_where_the_plan_says_something_else() -> None:
    """Azure's own defaults, case and patch versions are no differences."""
    wanted = {
        "sku": {"tier": "Standard"},
        "properties": {
            "kubernetesVersion": "1.36",
            "disableLocalAccounts": False,
            "dnsPrefix": "mine",
            "agentPoolProfiles": [{"name": "p", "count": 4, "availabilityZones": ["1"]}],
        },
    }
    found: dict[str, Any] = {
        "sku": {"tier": "standard", "name": "Base"},
        "properties": {
            "kubernetesVersion": "1.36.3",
            "dnsPrefix": "other",
            "agentPoolProfiles": [{"name": "p", "count": 4, "availabilityZones": ["1"], "x": 1}],
        },
    }

    assert differences(wanted, found) == ()
    found["properties"]["agentPoolProfiles"][0].update(count=5, availabilityZones=["2"])
    assert len(differences(wanted, found)) == 2
    assert len(differences(wanted, {})) > 2


@pytest.mark.parametrize(
    ("status", "code", "message", "meant"),
    [
        (429, "TooManyRequests", "", Busy),
        (503, "", "", Busy),
        (409, "OperationNotAllowed", "Another operation (Creating) is in progress", Busy),
        (409, "OperationNotAllowed", "exceeding approved Total Cores quota", "quota-insufficient"),
        (400, "ErrCode_InsufficientVCPUQuota", "", "quota-insufficient"),
        (403, "AuthorizationFailed", "", "permission-missing"),
        (403, "Strange", "", "permission-missing"),
        (400, "BadRequest", "The VM size of X is not allowed", "vm-size-unavailable"),
        (400, "BadRequest", "something else", "azure-refused"),
        (500, "InternalServerError", "", None),
        (404, "NotFound", "", None),
    ],
)
def test_azures_errors_are_no_later_or_a_fault(
    status: int, code: str, message: str, meant: object
) -> None:
    """One code may mean two things; the message decides then."""
    found = meaning(AzureError(status=status, code=code, message=message), "create it")

    if isinstance(meant, str):
        assert isinstance(found, Refusal)
        assert found.code == meant
    else:
        assert (found if meant is None else type(found)) == meant


def test_a_late_failure_is_always_a_refusal_with_azures_own_words() -> None:
    """Even a code that would mean later at the request means no at the end."""
    found = failure("Throttled", "too much", "cluster c")

    assert found.code == "azure-refused"
    assert "too much" in found.reason
