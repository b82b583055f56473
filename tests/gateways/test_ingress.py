"""The ingress gateway tells what a browser would meet at a host, before DNS knows the name."""

import secrets
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from emulator.ingress import PREFIXES
from gateways.ingress import Ingress, Unreachable
from tests.emulator_keycloak.world import BASE, World, running


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An ingress with one installation."""
    with running(tmp_path) as made:
        yield made


@pytest.fixture
def ingress() -> Ingress:
    """The gateway."""
    return Ingress(timeout=5)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_each_of_the_seven_names_is_verified(world: World, ingress: Ingress, prefix: str) -> None:
    """A right certificate gives protocol, issuer and end of validity."""
    seen = ingress.handshake(world.endpoint(f"{prefix}{BASE}"))

    assert (seen.verified, seen.reason, seen.protocol) == (True, "", "TLSv1.3")
    assert "trustme" in seen.issuer
    assert seen.not_after is not None
    assert seen.not_after > datetime.now(UTC)


def test_an_unknown_name_shows_the_controllers_own_certificate(
    world: World, ingress: Ingress
) -> None:
    """A host that nobody published is evidence of that, not an exception."""
    seen = ingress.handshake(world.endpoint("elsewhere.example.test"))

    assert not seen.verified
    assert seen.issuer == "Kubernetes Ingress Controller Fake Certificate"
    assert "self-signed certificate" in seen.reason


def test_a_certificate_for_other_names_is_not_verified(world: World, ingress: Ingress) -> None:
    """A certificate that lacks a name is told with the issuer that made it."""
    world.publish("half.example.test", world.another_keycloak(), "half.example.test")

    assert ingress.handshake(world.endpoint("half.example.test")).verified
    seen = ingress.handshake(world.endpoint("api-half.example.test"))

    assert not seen.verified
    assert "ostname mismatch" in seen.reason
    assert "trustme" in seen.issuer


def test_an_authority_that_is_not_trusted_is_not_verified(world: World, ingress: Ingress) -> None:
    """Trust is the endpoint's CA file, or the system's store without one."""
    seen = ingress.handshake(replace(world.endpoint(BASE), ca_file=""))

    assert not seen.verified
    assert "unable to get local issuer certificate" in seen.reason
    assert seen.not_after is not None


def test_a_server_without_tls_is_no_handshake(ingress: Ingress, world: World) -> None:
    """Something else on the port is evidence without certificate."""
    with socket.create_server(("127.0.0.1", 0)) as plain:
        port = int(plain.getsockname()[1])

        async def answer() -> None:
            connection, _ = await world.loop.sock_accept(plain)
            with connection:
                await world.loop.sock_sendall(connection, b"HTTP/1.1 400 Bad Request\r\n\r\n" * 9)

        plain.setblocking(False)
        told = world.start(answer())
        seen = ingress.handshake(replace(world.endpoint(BASE), port=port))
        told.result(timeout=5)

    assert (seen.verified, seen.not_after, seen.protocol) == (False, None, "")
    assert seen.reason


def test_nobody_at_the_address_is_a_fault(world: World, ingress: Ingress) -> None:
    """A refused connection names the host and where it was sought."""
    nowhere = replace(world.endpoint(BASE), port=1)

    with pytest.raises(Unreachable, match=r"dash\.example\.test at 127\.0\.0\.1:1: Conn"):
        ingress.handshake(nowhere)
    with pytest.raises(Unreachable, match="Conn"):
        ingress.get(nowhere)


def test_a_silent_server_is_a_fault_after_the_timeout(world: World) -> None:
    """Whoever accepts and says nothing is not waited for longer than told."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = int(silent.getsockname()[1])

        with pytest.raises(Unreachable, match="TimeoutError"):
            Ingress(timeout=0.2).handshake(replace(world.endpoint(BASE), port=port))


@pytest.mark.parametrize(
    ("where", "status", "told"),
    [
        pytest.param("/", 200, "Dash Enterprise", id="portal"),
        pytest.param("admin-/", 200, "KOTS Admin Console", id="console"),
        pytest.param("registry-/v2/", 401, "UNAUTHORIZED", id="registry"),
        pytest.param("auth-/auth/realms/dash", 200, '"realm": "dash"', id="keycloak"),
        pytest.param("auth-/auth/realms/no", 404, "Realm does not exist", id="no-realm"),
        pytest.param("api-/", 404, "Not Found", id="api-root"),
    ],
)
def test_a_get_tells_status_and_beginning(
    world: World, ingress: Ingress, where: str, status: int, told: str
) -> None:
    """Each name answers for itself, by its Host header."""
    prefix, slash, rest = where.partition("/")

    seen = ingress.get(world.endpoint(f"{prefix}{BASE}"), f"{slash}{rest}")

    assert (seen.host, seen.path, seen.status) == (f"{prefix}{BASE}", f"{slash}{rest}", status)
    assert told in seen.excerpt


def test_a_get_does_not_trust_a_wrong_certificate(world: World, ingress: Ingress) -> None:
    """Without verified TLS there is no answer worth telling."""
    with pytest.raises(Unreachable, match="self-signed"):
        ingress.get(world.endpoint("elsewhere.example.test"))


def test_a_redirect_is_told_and_not_followed(world: World, ingress: Ingress) -> None:
    """The portal may send the visitor to the login page; that is an answer."""
    world.faults.add(server="ingress", status=302, body={})

    seen = ingress.get(world.endpoint(BASE))

    assert seen.status == 302
    assert len(world.journal.of("ingress")) == 1


def test_a_cut_connection_is_a_fault(world: World, ingress: Ingress) -> None:
    """A reply that never came is retried by whoever asked."""
    world.faults.add(server="ingress", drop="before")

    with pytest.raises(Unreachable):
        ingress.get(world.endpoint(BASE))
    assert ingress.get(world.endpoint(BASE)).status == 200


def test_installations_at_one_port_do_not_mix(world: World, ingress: Ingress) -> None:
    """Two installations have their own certificate, Keycloak and life."""
    other = f"{secrets.token_hex(4)}.example.test"
    keycloak = world.another_keycloak()
    del keycloak.realms["dash"]
    world.publish(other, keycloak)
    assert ingress.get(world.endpoint(f"auth-{BASE}"), "/auth/realms/dash").status == 200
    assert ingress.get(world.endpoint(f"auth-{other}"), "/auth/realms/dash").status == 404

    world.do(world.ingress.withdraw(BASE))

    assert ingress.handshake(world.endpoint(other)).verified
    assert not ingress.handshake(world.endpoint(BASE)).verified


def test_a_withdrawn_installation_can_be_published_again(world: World, ingress: Ingress) -> None:
    """A cluster that comes back answers as before, its Keycloak with what it kept."""
    world.do(world.ingress.withdraw(BASE))
    world.do(world.ingress.withdraw(BASE))
    world.publish(BASE, world.keycloak)

    assert ingress.get(world.endpoint(f"auth-{BASE}"), "/auth/realms/dash").status == 200
