"""Where Keycloak and Azurite are looked for, what is said when they are not there, how they end."""

import asyncio
import os
from pathlib import Path

import pytest

from emulator.real import azurite, keycloak
from emulator.real.keycloak_archive import fetch, version_of
from emulator.real.ports import free_port, until_listens
from emulator.real.process import Process, ProcessEnded


def distribution(folder: Path, version: str) -> Path:
    """As much of a Keycloak as is needed to recognise one."""
    folder.mkdir()
    (folder / "version.txt").write_text(f"Keycloak - Version {version}\n")
    return folder


def program(path: Path, text: str = "exit 0") -> Path:
    """A shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_keycloak_home_serves_its_own_version_alone(tmp_path: Path) -> None:
    """A person's server of one version does not pass for another."""
    home = distribution(tmp_path / "mine", "22.0.5")
    java = program(tmp_path / "bin" / "java")
    environ = {"KEYCLOAK_HOME": str(home), "PATH": str(java.parent)}

    assert keycloak.find("22.0.5", environ) == home
    assert keycloak.find("26.7.5", environ) != home
    assert keycloak.find("0.0.0", environ) is None


def test_without_java_no_keycloak_is_found(tmp_path: Path) -> None:
    """It could not run."""
    home = distribution(tmp_path / "mine", "22.0.5")

    assert keycloak.find("22.0.5", {"KEYCLOAK_HOME": str(home), "PATH": str(tmp_path)}) is None


def test_a_prepared_keycloak_is_not_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even Maven is needed then."""
    monkeypatch.setenv("PATH", "")
    home = distribution(tmp_path / "keycloak-22.0.5", "22.0.5")

    assert fetch("22.0.5", home).where == home


def test_what_is_missing_for_keycloak_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Maven, then a Java that is new enough."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "Maven is missing" in fetch("22.0.5", tmp_path / "k").why

    program(tmp_path / "mvn")
    assert "Java 17 or later is missing" in fetch("22.0.5", tmp_path / "k").why

    program(tmp_path / "java", "echo 'openjdk version \"11.0.2\" 2019-01-15' >&2")
    assert "Java 17 or later is missing" in fetch("22.0.5", tmp_path / "k").why


def test_what_maven_complains_of_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing half fetched is left."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    program(tmp_path / "java", "echo 'openjdk version \"17.0.2\" 2022-01-18' >&2")
    program(tmp_path / "mvn", "echo 'no route to the repository'; exit 1")

    said = fetch("22.0.5", tmp_path / "servers" / "keycloak-22.0.5")

    assert said.where is None
    assert "no route to the repository" in said.why
    assert list((tmp_path / "servers").iterdir()) == []


def test_without_node_no_azurite_is_found(tmp_path: Path) -> None:
    """A named home serves only with the program that runs it."""
    there = program(tmp_path / "node_modules" / ".bin" / "azurite-queue")
    environ = {"AZURITE_HOME": str(tmp_path), "PATH": str(tmp_path / "bin")}
    assert azurite.find(environ) is None

    program(tmp_path / "bin" / "node")
    assert azurite.find(environ) == there


def test_what_is_missing_for_azurite_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Node.js and npm."""
    monkeypatch.setenv("PATH", str(tmp_path))

    [said] = azurite.prepare(tmp_path / "servers")

    assert said.where is None
    assert "npm are missing" in said.why


def test_no_distribution_has_no_version(tmp_path: Path) -> None:
    """An empty folder, or none at all."""
    assert version_of(tmp_path) == ""
    assert version_of(tmp_path / "nowhere") == ""


async def _end_a_group(folder: Path) -> int:
    """Start a program that starts another, end the first; the id of the other."""
    note = folder / "child"
    parent = program(
        folder / "parent", f"sleep 300 & echo $! > {note}.new; mv {note}.new {note}; wait"
    )
    async with Process(parent, folder / "log", group=True):
        async with asyncio.timeout(10):
            while not note.exists():  # noqa: ASYNC110 # another process writes it
                await asyncio.sleep(0.02)
        return int(note.read_text())


def test_what_a_program_started_ends_with_it(tmp_path: Path) -> None:
    """A start script that dies would leave its server behind otherwise."""

    async def start_and_end() -> None:
        child = await _end_a_group(tmp_path)
        async with asyncio.timeout(10):
            while _runs(child):  # noqa: ASYNC110 # a kill is sent at once, and done a moment later
                await asyncio.sleep(0.02)

    asyncio.run(start_and_end())


def _runs(pid: int) -> bool:
    """Whether a process is there and no zombie that waits for its new parent."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_server_that_ends_is_not_waited_for(tmp_path: Path) -> None:
    """Its last words are the reason."""
    dying = program(tmp_path / "dying", "echo the port is taken; exit 1")

    async def wait() -> None:
        async with Process(dying, tmp_path / "log") as process:
            await until_listens(process, free_port(), patience=30)

    with pytest.raises(ProcessEnded, match="the port is taken"):
        asyncio.run(wait())
