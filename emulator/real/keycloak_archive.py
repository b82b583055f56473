"""Keycloak's distribution from Maven Central: fetched with Maven, unpacked."""

import re
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

from emulator.real.readiness import Readiness

_OLDEST_JAVA = 17
"""https://www.keycloak.org/docs/latest/release_notes/: 22 dropped 11, 26 still runs on 17."""
_PATIENCE = 900.0
"""Real seconds for 170 MB; seconds are usual."""


def version_of(home: Path) -> str:
    """What a distribution says of itself; empty when it is none."""
    said = home / "version.txt"
    return said.read_text().rpartition(" ")[2].strip() if said.is_file() else ""


def fetch(version: str, home: Path) -> Readiness:
    """Make ``home`` the distribution of ``version``; nothing happens when it is."""
    name = f"Keycloak {version}"
    if version_of(home) == version:
        return Readiness(server=name, where=home)
    missing = _missing()
    if missing:
        return Readiness(server=name, where=None, why=missing)
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=home.parent) as place:
        trouble = _download(version, Path(place))
        if trouble:
            return Readiness(server=name, where=None, why=trouble)
        _unpack(Path(place, f"keycloak-quarkus-dist-{version}.zip"), Path(place))
        shutil.rmtree(home, ignore_errors=True)  # what an interrupted attempt left
        Path(place, f"keycloak-{version}").rename(home)
    return Readiness(server=name, where=home)


def _missing() -> str:
    """Which program is not on this machine; empty when none is."""
    if shutil.which("mvn") is None:
        return "Maven is missing: https://maven.apache.org/install.html"
    java = shutil.which("java")
    told = "" if java is None else _run(java, "-version").stderr
    found = re.search(r'version "(\d+)', told)
    if found is None or int(found[1]) < _OLDEST_JAVA:
        return f"Java {_OLDEST_JAVA} or later is missing: https://adoptium.net/"
    return ""


def _download(version: str, place: Path) -> str:
    """Put the archive into ``place``; what went wrong, or nothing."""
    artifact = f"org.keycloak:keycloak-quarkus-dist:{version}:zip"
    goal = ("dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={place}")
    try:
        done = _run("mvn", "-q", "-B", "--strict-checksums", *goal, place=place)
    except subprocess.TimeoutExpired:
        return "Maven took too long"
    return f"Maven: {(done.stdout + done.stderr)[-500:]}" if done.returncode else ""


def _run(*command: str, place: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=place, capture_output=True, text=True, check=False, timeout=_PATIENCE
    )


def _unpack(archive: Path, place: Path) -> None:
    """Unpack with the programs' right to be run, which ``zipfile`` itself forgets."""
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(place)
        for entry in packed.infolist():
            mode = entry.external_attr >> 16
            if mode and not entry.is_dir():
                (place / entry.filename).chmod(mode & 0o777)
