"""Packages of an app in the virtual environment that was active when the host started."""

import sys
import venv
from pathlib import Path

import pytest

from tests.functions_host.hosting import APPS, spawn, start_host

_APP = APPS / "packaged"


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A virtual environment that holds the package ``pantry``."""
    root = tmp_path / ".venv"
    venv.create(root, with_pip=False)
    (_site(root) / "pantry.py").write_text("FLOUR = 'rye'\n", encoding="utf-8")
    return root


def test_an_app_imports_from_the_active_virtual_environment(environment: Path) -> None:
    """``VIRTUAL_ENV`` names it, as activation does."""
    host = start_host(_APP, VIRTUAL_ENV=str(environment))
    try:
        assert host.call("GET", "/api/flour").text == "rye"
    finally:
        host.stop()


def test_packages_linked_into_the_virtual_environment_are_found(
    environment: Path, tmp_path: Path
) -> None:
    """A ``.pth`` file there counts, as it does for packages installed as editable."""
    linked = tmp_path / "linked"
    linked.mkdir()
    (_site(environment) / "pantry.py").rename(linked / "pantry.py")
    (_site(environment) / "linked.pth").write_text(f"{linked}\n", encoding="utf-8")
    host = start_host(_APP, VIRTUAL_ENV=str(environment))
    try:
        assert host.call("GET", "/api/flour").text == "rye"
    finally:
        host.stop()


def test_the_packages_of_the_host_come_before_those_of_the_environment(environment: Path) -> None:
    """A second copy of a package that the host has loaded is never mixed with the first."""
    for name in ("durabletask", "google/protobuf", "azure/functions"):
        second = _site(environment) / name
        second.mkdir(parents=True)
        (second / "__init__.py").write_text("raise ImportError('second copy')\n", encoding="utf-8")
    host = start_host(_APP, VIRTUAL_ENV=str(environment))
    try:
        assert host.call("GET", "/api/flour").text == "rye"
    finally:
        host.stop()


def test_without_its_environment_the_app_does_not_load(tmp_path: Path) -> None:
    """The missing package is named; an environment of no such Python adds none."""
    process = spawn(_APP, VIRTUAL_ENV=str(tmp_path / "none"))
    output, _ = process.communicate(timeout=30)

    assert process.returncode == 1
    assert "pantry" in output


def _site(root: Path) -> Path:
    """Where packages lie in a virtual environment of the running Python."""
    return root / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
