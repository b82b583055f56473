"""Queue triggers against Azurite, and without any storage."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.functions_host.queue_storage import Account, StorageError
from emulator.functions_host.queues import decode, encode
from tests.functions_host.hosting import APPS, Host, eventually, start_host
from tests.real.azurite import azurite


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def storage() -> Iterator[str]:
    """Connection string of a fresh Azurite."""
    with azurite() as connection:
        yield connection


@pytest.fixture(scope="module")
def mail(storage: str) -> Iterator[Host]:
    """The queue sample app, hosted on that Azurite."""
    host = start_host(APPS / "mail", AzureWebJobsStorage=storage)
    yield host
    assert host.stop() == 0


def _seen(host: Host) -> list[list[object]]:
    return host.call("GET", "/api/seen").json()


@pytest.mark.real
def test_a_message_reaches_its_function(mail: Host) -> None:
    """What an output binding sends, the trigger of the queue receives once."""
    assert mail.call("POST", "/api/send", data="grüße".encode()).status_code == 202

    eventually(lambda: ["grüße", 1] in _seen(mail), "the letter")


@pytest.mark.real
def test_a_message_that_always_fails_is_poison_after_five_tries(mail: Host) -> None:
    """Five tries, then the poison queue."""
    mail.call("POST", "/api/send", data=b"bad")

    eventually(lambda: ["poison:bad", 1] in _seen(mail), "the poison", seconds=20)
    assert [count for text, count in _seen(mail) if text == "bad"] == [1, 2, 3, 4, 5]


def test_a_host_without_storage_says_so_once_and_serves_the_rest() -> None:
    """Storage that is not reachable costs the queue triggers only."""
    nowhere = f"AccountName=a;AccountKey=AA==;QueueEndpoint=http://127.0.0.1:{_free_port()}/a"
    host = start_host(APPS / "mail", AzureWebJobsStorage=nowhere)
    try:
        assert _seen(host) == []
        eventually(lambda: any("'read' waits for its storage" in x for x in host.lines), "the line")
    finally:
        assert host.stop() == 0
    assert sum("'read' waits for its storage" in line for line in host.lines) == 1


@pytest.mark.parametrize("text", ["", "AccountName=a", "rubbish"])
def test_a_connection_string_without_a_key_is_refused(text: str) -> None:
    """An account cannot be opened without its key."""
    with pytest.raises(StorageError):
        Account.parse(text)


def test_development_storage_is_the_account_that_azurite_was_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The variable that makes Azurite's account names it to the host too; without it, a no."""
    monkeypatch.setenv("AZURITE_ACCOUNTS", "mine:AAEC")
    account = Account.parse("UseDevelopmentStorage=true")
    monkeypatch.delenv("AZURITE_ACCOUNTS")

    assert account == Account("mine", b"\x00\x01\x02", "http://127.0.0.1:10001/mine")
    with pytest.raises(StorageError, match="AZURITE_ACCOUNTS"):
        Account.parse("UseDevelopmentStorage=true")


def test_what_is_not_base64_is_refused_unless_text_is_agreed() -> None:
    """``messageEncoding`` decides how a message's text is read."""
    with pytest.raises(ValueError, match="base64"):
        decode("not base64!", base64_encoded=True)
    assert decode("plain", base64_encoded=False).value == "plain"
    assert decode(encode(b"\xff", base64_encoded=True), base64_encoded=True).value == b"\xff"


def test_sample_apps_are_where_the_tests_look() -> None:
    """Guards against a moved folder turning every test into a skip."""
    assert (Path(APPS) / "mail" / "function_app.py").is_file()
