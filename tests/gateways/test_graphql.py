"""The GraphQL gateway runs an operator's document, and knows beforehand whether it can."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateways.graphql import GraphQl, GraphQlFault, RootField, mutation_fields
from gateways.keycloak import Keycloak
from model.errors import Busy, Refusal
from model.identity import NewUser
from tests.emulator_keycloak.world import BASE, World, running

DOCUMENT = """
mutation SetLimits($pods: Int!, $volumes: Int!) {
  updateSystemLimits(input: {maxPods: $pods, maxVolumes: $volumes}) { maxPods maxVolumes }
}
"""
READ_BACK = "query { systemLimits { maxPods maxVolumes } }"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An ingress with one installation."""
    with running(tmp_path) as made:
        yield made


def login(world: World, roles: set[str]) -> str:
    """An access token of a new user with these roles."""
    name, password = f"ada-{secrets.token_hex(4)}", secrets.token_urlsafe(16)
    keycloak = Keycloak.connect(
        world.endpoint(f"auth-{BASE}"),
        realm="dash",
        client_id="dash",
        admin_username=world.admin_username,
        admin_password=world.admin_password,
    )
    user = keycloak.create_user(
        NewUser(username=name, email=f"{name}@example.test", first_name="A", last_name="L"),
        password,
    )
    keycloak.assign_client_roles(user.user_id, roles)
    return keycloak.verify_login(name, password).token


@pytest.fixture
def api(world: World) -> GraphQl:
    """The API as the administrator reaches it."""
    return GraphQl(world.endpoint(f"api-{BASE}"), token=login(world, {"admin"}))


def test_limits_are_set_and_read_back(world: World, api: GraphQl) -> None:
    """The document's variables reach the server; a second run changes nothing."""
    variables = {"pods": 250, "volumes": 64}

    assert api.check_mutation(DOCUMENT)
    for _ in range(2):
        answer = api.run(DOCUMENT, variables)
        assert answer == {"updateSystemLimits": {"maxPods": 250, "maxVolumes": 64}}

    assert api.run(READ_BACK, {}) == {"systemLimits": {"maxPods": 250, "maxVolumes": 64}}
    assert (world.limits.pods, world.limits.volumes) == (250, 64)


@pytest.mark.parametrize(
    ("document", "told"),
    [
        pytest.param("mutation { setLimits(pods: 1) { ok } }", "no mutation setLimits", id="name"),
        pytest.param(
            "mutation { updateSystemLimits(pods: 1, input: {}) { maxPods } }",
            "takes no argument pods",
            id="argument",
        ),
        pytest.param(
            "mutation { updateSystemLimits { maxPods } }", "needs the argument input", id="absent"
        ),
        pytest.param(READ_BACK, "no complete mutation", id="a-query"),
        pytest.param("mutation { updateSystemLimits(", "no complete mutation", id="cut"),
    ],
)
def test_a_document_that_does_not_fit_the_schema_is_a_refusal(
    api: GraphQl, world: World, document: str, told: str
) -> None:
    """The refusal names what the API lacks; nothing was changed."""
    with pytest.raises(Refusal, match=told) as refused:
        api.check_mutation(document)

    assert refused.value.code == "limits-mutation-missing"
    assert world.limits.pods == 100


def test_a_silent_schema_is_no_refusal(api: GraphQl, world: World) -> None:
    """Where introspection is off, nothing can be told beforehand."""
    told = {"errors": [{"message": "GraphQL introspection is not allowed by Apollo Server"}]}
    world.faults.add(server="ingress", path="/graphql", status=400, body=told)

    assert not api.check_mutation(DOCUMENT)


@pytest.mark.parametrize(
    ("document", "variables", "told"),
    [
        pytest.param(DOCUMENT, {"pods": 0, "volumes": 1}, "must be positive", id="value"),
        pytest.param(DOCUMENT, {"pods": 1}, "volumes", id="variable"),
        pytest.param("mutation { nothing }", {}, "Cannot query field", id="field"),
    ],
)
def test_what_the_api_refuses_is_a_refusal_in_its_words(
    api: GraphQl, world: World, document: str, variables: dict[str, int], told: str
) -> None:
    """Whether in the schema or in the value: the API's own sentence is quoted."""
    with pytest.raises(Refusal, match=told) as refused:
        api.run(document, variables)

    assert refused.value.code == "limits-refused"
    assert world.limits.pods == 100


def test_a_user_without_the_role_is_refused(world: World) -> None:
    """Limits are the administrator's."""
    api = GraphQl(world.endpoint(f"api-{BASE}"), token=login(world, {"licensed_user"}))

    with pytest.raises(Refusal, match="Forbidden") as refused:
        api.run(DOCUMENT, {"pods": 5, "volumes": 5})

    assert refused.value.code == "limits-refused"


def test_a_token_of_an_ended_session_opens_nothing_and_is_not_told(
    world: World, api: GraphQl
) -> None:
    """The refusal is about the token and does not show it."""
    token = login(world, {"admin"})
    world.keycloak.end_sessions()
    api = GraphQl(world.endpoint(f"api-{BASE}"), token=token)

    with pytest.raises(Refusal, match="401") as refused:
        api.check_mutation(DOCUMENT)

    assert refused.value.code == "limits-refused"
    assert token not in str(refused.value)


def test_an_overloaded_api_is_busy_for_as_long_as_it_says(api: GraphQl, world: World) -> None:
    """``Retry-After`` is handed on."""
    world.faults.add(server="ingress", path="/graphql", status=503, retry_after=7)

    with pytest.raises(Busy, match="503") as busy:
        api.run(READ_BACK, {})

    assert busy.value.retry_after == 7


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": 500, "body": {"statusCode": 500}}, id="no-graphql"),
        pytest.param(
            {
                "status": 200,
                "body": {"errors": [{"extensions": {"code": "INTERNAL_SERVER_ERROR"}}]},
            },
            id="internal",
        ),
        pytest.param({"drop": "after"}, id="lost-reply"),
        pytest.param({"truncate": True}, id="half-reply"),
    ],
)
def test_a_broken_api_is_a_fault_and_a_repeat_ends_the_same(
    api: GraphQl, world: World, fault: dict[str, object]
) -> None:
    """Setting limits twice is harmless, so a lost reply is repeated."""
    world.faults.add(server="ingress", method="POST", path="/graphql", **fault)

    with pytest.raises(GraphQlFault):
        api.run(DOCUMENT, {"pods": 7, "volumes": 8})
    api.run(DOCUMENT, {"pods": 7, "volumes": 8})

    assert (world.limits.pods, world.limits.volumes) == (7, 8)


def test_nobody_at_the_address_is_a_fault(world: World) -> None:
    """A refused connection is retried like any other fault."""
    api = GraphQl(replace(world.endpoint(f"api-{BASE}"), port=1), token="")

    with pytest.raises(GraphQlFault, match="ConnectionRefused"):
        api.run(READ_BACK, {})


def test_the_root_fields_of_a_document_are_read_through_its_decoration() -> None:
    """Comments, strings, defaults, directives, aliases and nesting do not confuse."""
    document = """
    # mutation { commented }
    query Q($a: I = {a: 1}) { asked(x: 1) }
    mutation M($pods: Int! = 3, $more: [I!] = [{a: 1}]) @x(a: {b: "}"}) {
      alias: setLimits(input: {maxPods: $pods, list: [{a: 1}]}, id: "a) b: c", # note: this
        text: \"\"\" "quoted": ) \"\"\") @include(if: true) { maxPods maxVolumes(x: 1) { y } }
      second @skip third
    }
    """

    assert mutation_fields(document) == (
        RootField("setLimits", frozenset({"input", "id", "text"})),
        RootField("second", frozenset()),
        RootField("third", frozenset()),
    )
