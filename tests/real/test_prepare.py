"""Making real servers ready: what is found, what is built, and what is said when it cannot be."""

import shutil
from pathlib import Path

import pytest

from emulator.real import helm, kubernetes
from emulator.real.__main__ import line
from emulator.real.readiness import Readiness


def program(path: Path) -> Path:
    """An executable that does nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_a_folder_that_a_person_names_comes_first(tmp_path: Path) -> None:
    """As setup-envtest fills it; one that lacks a program is passed over."""
    for name in ("etcd", "kube-apiserver", "kube-controller-manager"):
        program(tmp_path / "whole" / name)
    program(tmp_path / "partial" / "etcd")

    assert kubernetes.find({"KUBEBUILDER_ASSETS": str(tmp_path / "whole")}) == tmp_path / "whole"
    partial = {"KUBEBUILDER_ASSETS": str(tmp_path / "partial")}
    assert kubernetes.find(partial) != tmp_path / "partial"


def test_a_named_helm_comes_first(tmp_path: Path) -> None:
    """A file that cannot be run is passed over."""
    named = program(tmp_path / "helm")
    assert helm.find({"HELM_TEST_PROGRAM": str(named)}) == named

    named.chmod(0o644)
    assert helm.find({"HELM_TEST_PROGRAM": str(named)}) != named


def test_without_go_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And where to get it."""
    monkeypatch.setenv("PATH", str(tmp_path))

    for (server,) in (kubernetes.prepare(tmp_path), helm.prepare(tmp_path)):
        assert server.where is None
        assert server.why == "Go is missing: https://go.dev/dl/"


@pytest.mark.skipif(shutil.which("go") is None, reason="go is not on PATH")
def test_without_a_registry_it_says_what_go_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is left that a later call would take for the program."""
    monkeypatch.setenv("GOPROXY", "off")
    monkeypatch.setenv("GOFLAGS", "-modcacherw")
    monkeypatch.setenv("GOMODCACHE", str(tmp_path / "modules"))

    for prepare in (kubernetes.prepare, helm.prepare):
        (server,) = prepare(tmp_path / "servers")
        assert server.where is None
        assert "GOPROXY=off" in server.why

    assert not list((tmp_path / "servers").rglob("version.txt"))
    assert not list((tmp_path / "servers").rglob("source.sha256"))


def test_what_is_there_is_not_built_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even Go is needed; another version would be built."""
    program(tmp_path / "helm" / "helm")
    version = tmp_path / "helm" / "version.txt"
    monkeypatch.setenv("PATH", str(tmp_path))

    version.write_text(helm.VERSION)
    assert helm.prepare(tmp_path)[0].where == tmp_path / "helm" / "helm"

    version.write_text("v0.0.1")
    assert helm.prepare(tmp_path)[0].where is None


def test_a_line_tells_where_or_why_not(tmp_path: Path) -> None:
    """One line a server."""
    ready = Readiness(server="S 1", where=tmp_path)

    assert line(ready) == f"S 1: ready in {tmp_path}"
    assert line(Readiness(server="S 1", where=None, why="no")) == "S 1: not ready: no"
