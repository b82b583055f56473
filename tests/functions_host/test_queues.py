"""Queue triggers against Azurite, and without any storage."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.functions_host.queue_storage import Account, StorageError
from emulator.functions_host.queues import decode, encode
from tests.functions_host.hosting import APPS, ROOT, Host, eventually, start_host

_AZURITE = ROOT / ".cache" / "azurite" / "node_modules" / ".bin" / "azurite-queue"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Connection string of a fresh Azurite."""
    if not _AZURITE.exists() or shutil.which("node") is None:
        pytest.skip("Azurite is not there: npm install --prefix .cache/azurite azurite")
    port, folder = _free_port(), tmp_path_factory.mktemp("azurite")
    command = [str(_AZURITE), "--queuePort", str(port), "--location", str(folder), "--silent"]
    process = subprocess.Popen([*command, "--skipApiVersionCheck"])  # noqa: S603 - the emulator
    try:
        eventually(lambda: _answers(port), "Azurite", seconds=20)
        known = Account.parse("UseDevelopmentStorage=true")
        yield (
            f"AccountName={known.name};AccountKey={_base64(known.key)};"
            f"QueueEndpoint=http://127.0.0.1:{port}/{known.name}"
        )
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture(scope="module")
def mail(storage: str) -> Iterator[Host]:
    """The queue sample app, hosted on that Azurite."""
    host = start_host(APPS / "mail", AzureWebJobsStorage=storage)
    yield host
    assert host.stop() == 0


def _base64(raw: bytes) -> str:
    return encode(raw, base64_encoded=True)


def _seen(host: Host) -> list[list[object]]:
    return host.call("GET", "/api/seen").json()


def test_a_message_reaches_its_function(mail: Host) -> None:
    """What an output binding sends, the trigger of the queue receives once."""
    assert mail.call("POST", "/api/send", data="grüße".encode()).status_code == 202

    eventually(lambda: ["grüße", 1] in _seen(mail), "the letter")


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


def test_what_is_not_base64_is_refused_unless_text_is_agreed() -> None:
    """``messageEncoding`` decides how a message's text is read."""
    with pytest.raises(ValueError, match="base64"):
        decode("not base64!", base64_encoded=True)
    assert decode("plain", base64_encoded=False).value == "plain"
    assert decode(encode(b"\xff", base64_encoded=True), base64_encoded=True).value == b"\xff"


def test_sample_apps_are_where_the_tests_look() -> None:
    """Guards against a moved folder turning every test into a skip."""
    assert (Path(APPS) / "mail" / "function_app.py").is_file()
