"""What a request may say, and that everything wrong is told at once."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.problem import Problem, pointer, problem_document
from model.request import InstallRequest, parse_request, request_schema
from tests.model.samples import NAMES, sample


def problems(request: Any) -> dict[str, Problem]:
    found = parse_request(request)
    assert isinstance(found, tuple)
    return {problem.pointer: problem for problem in found}


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_is_a_valid_request(name: str) -> None:
    """The samples are what the README sends people to."""
    assert isinstance(parse_request(sample(name)), InstallRequest)


def test_all_errors_are_told_at_once() -> None:
    """Shape, rule and unknown keys together, each at its place."""
    request = sample(
        offering="huge",
        cluster__nodeCont=3,
        cluster__maxPods="many",
        domain__baseDomain="example.com",
        administrator__email="nowhere",
        kots__version="latest",
    )

    found = problems({**request, "name": "Not Allowed"})

    assert set(found) == {
        "/name",
        "/offering",
        "/cluster/nodeCont",
        "/cluster/maxPods",
        "/domain/baseDomain",
        "/administrator/email",
        "/kots/version",
    }


def test_an_unknown_key_is_told_with_what_was_probably_meant() -> None:
    """A typing error costs one look."""
    assert "nodeCount" in problems(sample(cluster__nodeCont=5))["/cluster/nodeCont"].message
    assert "known here" in problems(sample(domain__xyzzy=5))["/domain/xyzzy"].message


@pytest.mark.parametrize("key", ["license", "certificateKey", "adminConsolePassword"])
def test_an_inline_secret_is_refused_with_the_way_into_key_vault(key: str) -> None:
    """The message says how to store it, and never repeats it."""
    value = "-----BEGIN PRIVATE KEY-----\nMIIcanary\n-----END PRIVATE KEY-----"

    found = problems(sample(**{f"secrets__{key}": value}))[f"/secrets/{key}"]

    assert "az keyvault secret set" in found.message
    assert "canary" not in json.dumps(problem_document((found,)))


@pytest.mark.parametrize(
    ("changes", "place", "code"),
    [
        ({"domain__baseDomain": "example.com"}, "/domain/baseDomain", "base-domain-apex"),
        (
            {"domain__baseDomain": f"{'a' * 60}.example.com"},
            "/domain/baseDomain",
            "base-domain-long",
        ),
        ({"cluster__nodeCount": 3}, "/cluster/nodeCount", "nodes-too-few"),
        ({"cluster__maxPods": 30}, "/cluster/maxPods", "pods-too-few"),
        (
            {"cluster__autoscaling": {"minCount": 5, "maxCount": 9}},
            "/cluster/autoscaling",
            "autoscaling-bounds",
        ),
        (
            {"cluster__network": {"podCidr": "10.0.0.0/8"}},
            "/cluster/network/podCidr",
            "cidr-overlap",
        ),
        (
            {"cluster__network": {"serviceCidr": "172.30.0.0/16"}},
            "/cluster/network/serviceCidr",
            "cidr-overlap",
        ),
        ({"cluster__network": {"podCidr": "ten"}}, "/cluster/network/podCidr", "cidr"),
        (
            {"cluster__network": {"addressSpace": "10.1.0.0/16", "subnetPrefix": "10.2.0.0/24"}},
            "/cluster/network/subnetPrefix",
            "subnet-outside",
        ),
        (
            {"cluster__network": {"dnsServiceIp": "10.9.9.9"}},
            "/cluster/network/dnsServiceIp",
            "dns-ip",
        ),
        (
            {"cluster__network": {"dnsServiceIp": "no address"}},
            "/cluster/network/dnsServiceIp",
            "dns-ip",
        ),
        (
            {"cluster__network": {"outboundType": "userDefinedRouting"}},
            "/cluster/network/outboundType",
            "outbound-needs-subnet",
        ),
        (
            {"cluster__network": {"privateCluster": True, "authorizedIpRanges": ["1.2.3.4/32"]}},
            "/cluster/network/authorizedIpRanges",
            "private-ranges",
        ),
        (
            {"cluster__identity": {"type": "userAssigned"}},
            "/cluster/identity/resourceId",
            "identity-missing",
        ),
        ({"kots__configValues": {"kind": "Config"}}, "/kots/configValues", "config-values"),
        (
            {"kots__configValues__spec__values__big": {"value": "x" * 5000}},
            "/kots/configValues",
            "config-values-size",
        ),
        (
            {"cluster__network": {"serviceCidr": "10.0.0.0/29"}},
            "/cluster/network/serviceCidr",
            "service-range-small",
        ),
        (
            {"cluster__network": {"authorizedIpRanges": ["zz"]}},
            "/cluster/network/authorizedIpRanges/0",
            "cidr",
        ),
        *(
            (
                {f"kots__configValues__spec__values__{item}": {field: value}},
                f"/kots/configValues/spec/values/{item}/{field}",
                "inline-secret",
            )
            for item, field, value in (
                ("key", "value", "-----BEGIN PRIVATE KEY-----"),
                ("smtp_password", "value", "anything"),
                ("ldap_bind", "valuePlaintext", "anything"),
            )
        ),
        ({"azure__tags": {"a": "x" * 300}}, "/azure/tags", "tag-long"),
        ({"azure__tags": {f"t{n}": "x" * 200 for n in range(20)}}, "/azure/tags", "tags-size"),
        ({"limits__apply": ["graphql"]}, "/limits/document", "limits-document"),
        ({"limits__document": "mutation { x }"}, "/limits/document", "limits-variables"),
    ],
)
def test_a_broken_rule_is_told_at_its_place(changes: dict[str, Any], place: str, code: str) -> None:
    """Each rule across fields has its own code."""
    assert problems(sample(**changes))[place].code == code


_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/x/y"
_KEY = "https://v.vault.azure.net/keys/k/1"


@pytest.mark.parametrize(
    ("cluster", "place", "code"),
    [
        ({"network": {"podSubnetId": _ID}}, "network/podSubnetId", "pod-subnet"),
        (
            {"network": {"apiServerSubnetId": _ID}},
            "network/apiServerSubnetId",
            "api-server-subnet",
        ),
        (
            {"network": {"outboundIpCount": 2, "outboundIpIds": [_ID]}},
            "network/outboundIpIds",
            "outbound-addresses",
        ),
        (
            {"network": {"outboundType": "managedNATGateway", "outboundPorts": 8}},
            "network/outboundPorts",
            "outbound-load-balancer",
        ),
        ({"fqdnSubdomain": "dash"}, "fqdnSubdomain", "fqdn-subdomain"),
        ({"fqdnSubdomain": "dash", "dnsPrefix": "dash"}, "dnsPrefix", "dns-prefix"),
        ({"nodes": {"publicIpPrefixId": _ID}}, "nodes/publicIpPrefixId", "feature-needs"),
        ({"addons": {"secretRotation": True}}, "addons/secretRotation", "feature-needs"),
        (
            {"addons": {"costAnalysis": True}, "tier": "Free"},
            "addons/costAnalysis",
            "feature-needs",
        ),
        (
            {"addons": {"keyVaultKms": {"keyId": _KEY, "networkAccess": "Private"}}},
            "addons/keyVaultKms/vaultResourceId",
            "feature-needs",
        ),
    ],
)
def test_an_option_of_the_cluster_that_needs_another_says_which(
    cluster: dict[str, Any], place: str, code: str
) -> None:
    """As AKS would refuse it, ten minutes later."""
    identity = {"type": "userAssigned", "resourceId": _ID}
    asked = sample()
    asked["cluster"] |= {"identity": identity, **cluster}

    assert problems(asked)[f"/cluster/{place}"].code == code


@pytest.mark.parametrize(
    ("cluster", "place"),
    [
        ({"network": {"podSubnetId": _ID, "subnetId": _ID, "mode": "flat"}}, "network/podSubnetId"),
        (
            {"network": {"apiServerSubnetId": _ID, "apiServerVnetIntegration": True}},
            "network/apiServerSubnetId",
        ),
        ({"addons": {"keyVaultKms": {"keyId": _KEY}}}, "addons/keyVaultKms"),
    ],
)
def test_what_aks_does_under_the_clusters_identity_needs_one_that_is_there(
    cluster: dict[str, Any], place: str
) -> None:
    """One that is made with the cluster has no rights while that is made."""
    asked = sample()
    asked["cluster"] |= cluster

    assert problems(asked)[f"/cluster/{place}"].code == "identity-needed"


def test_ultra_disks_need_a_zone() -> None:
    """A region without zones has none."""
    asked = sample(cluster__nodes={"ultraSsd": True})
    asked["azure"]["zone"] = None

    assert problems(asked)["/cluster/nodes/ultraSsd"].code == "feature-needs"


@pytest.mark.parametrize(
    ("changes", "place", "told"),
    [
        ({"cluster__maxPods": 9}, "/cluster/maxPods", "Give 10 or more."),
        ({"cluster__maxPods": 251}, "/cluster/maxPods", "Give 250 or less."),
        ({"limits__headroom": 0.95}, "/limits/headroom", "Give 0.9 or less."),
        (
            {"cluster__network": {"outboundPorts": 9}},
            "/cluster/network/outboundPorts",
            "Give a multiple of 8.",
        ),
        (
            {"administrator__firstName": ""},
            "/administrator/firstName",
            "Give at least 1 characters.",
        ),
        (
            {"administrator__firstName": "a" * 101},
            "/administrator/firstName",
            "Give at most 100 characters.",
        ),
        ({"cluster__nodeTaints": ["a:NoExecute"] * 21}, "/cluster/nodeTaints", "Give at most 20"),
    ],
)
def test_a_bound_is_told_in_plain_words(changes: dict[str, Any], place: str, told: str) -> None:
    """What to give, instead of what a validator thinks."""
    assert problems(sample(**changes))[place].message.startswith(told)


def test_subnet_and_address_space_exclude_each_other() -> None:
    """Either an existing subnet or a network of our own."""
    network = {
        "addressSpace": "10.1.0.0/16",
        "subnetId": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/x/y",
    }

    assert problems(sample(cluster__network=network))["/cluster/network/subnetId"]


def test_components_need_one_source_a_name_of_their_own_and_known_predecessors() -> None:
    """Order is what the list and ``after`` say; both are checked."""
    base = {"name": "a", "version": "1.0.0", "namespace": "a"}
    components = [
        {**base, "chart": "x", "manifest": "https://example.com/x.yaml"},
        {**base, "chart": "x", "values": {"x": "y" * 5000}},
        {**base, "name": "b", "chart": "x", "after": ["later"]},
        "no object",
    ]

    found = problems(sample(components=components))

    assert found["/components/0"].code == "component-source"
    assert found["/components/1/name"].code == "component-twice"
    assert found["/components/1/values"].code == "component-size"
    assert found["/components/2/after"].code == "component-order"
    assert "/components/3" in found


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(payload=_JSON)
def test_no_payload_makes_parsing_raise(payload: Any) -> None:
    """Whatever JSON comes in, the answer is a request or a list of problems."""
    assert isinstance(parse_request(payload), InstallRequest | tuple)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), junk=_JSON)
def test_junk_anywhere_in_a_request_is_told_at_its_place(data: st.DataObject, junk: Any) -> None:
    """A broken value never hides, never raises, and never is repeated in a message."""
    request = sample()
    section = data.draw(st.sampled_from(sorted(request)))
    if isinstance(request[section], dict):
        key = data.draw(st.sampled_from(sorted(request[section])))
        request[section][key] = junk
    else:
        request[section] = junk

    found = parse_request(request)

    if isinstance(found, tuple):
        assert all(problem.pointer.startswith(f"/{section}") for problem in found)
        assert all(
            problem.message.endswith((".", "?")) or ":" in problem.message for problem in found
        )


def test_a_request_that_is_no_object_is_told_so() -> None:
    """Lists, texts and numbers are no requests."""
    assert problems([])[""].code == "not-an-object"


def test_pointers_are_escaped_as_the_rfc_says() -> None:
    """Tilde and slash are the two characters that JSON pointers escape."""
    assert pointer(["a/b", "c~d", 0]) == "/a~1b/c~0d/0"


def test_the_schema_knows_every_key_of_every_sample() -> None:
    """The published schema and the parser agree on the top level."""
    assert set(sample()) <= set(request_schema()["properties"])


def test_all_components_together_have_a_budget() -> None:
    """The plan that carries them must stay within 24 KB."""
    components = [
        {
            "name": f"c{number}",
            "version": "1.0.0",
            "namespace": "n",
            "chart": "c",
            "values": {"x": "y" * 3000},
        }
        for number in range(4)
    ]

    assert problems(sample(components=components))["/components"].code == "components-size"
