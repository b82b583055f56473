"""What the product pulls from elsewhere is pinned, and every suppressed security rule says why."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, cast

import pytest

from model import manifests
from model.planning import build_plan
from model.request import InstallRequest, parse_request
from model.settings import Settings
from tests.model.samples import NAMES, sample

ROOT = Path(__file__).resolve().parents[2]
CODE = (
    "model",
    "activities",
    "orchestrators",
    "gateways",
    "triggers",
    "emulator",
    "tests",
    "scripts",
)
PINNED = re.compile(
    r"[a-z0-9.-]+(:\d+)?(/[a-z0-9._-]+)+(:v?\d+(\.\d+){1,3}[0-9A-Za-z.-]*|@sha256:[0-9a-f]{64})"
)
SUPPRESSED = re.compile(r"#\s*noqa:\s*(?P<rules>[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)(?P<rest>.*)$")
SECURITY = re.compile(r"S\d{3}")


def test_images_are_recognized_as_pinned_or_not() -> None:
    """The rule below can fail."""
    assert PINNED.fullmatch("docker.io/kotsadm/kotsadm:v1.131.4")
    assert PINNED.fullmatch("ghcr.io/x/y@sha256:" + "0" * 64)
    for loose in (
        "kotsadm/kotsadm",
        "docker.io/kotsadm/kotsadm:latest",
        "docker.io/x/y:v1",
        "x:1.2",
    ):
        assert not PINNED.fullmatch(loose)


@pytest.mark.parametrize("name", NAMES)
def test_every_container_of_a_job_has_a_pinned_image(name: str) -> None:
    """Registry, repository and a whole version, for the application and each component."""
    parsed = parse_request(sample(name))
    assert isinstance(parsed, InstallRequest)
    plan = build_plan(parsed, Settings(), attempt=1, submitted_at="2030-01-01T00:00:00Z")
    inputs = manifests.ApplicationInputs(
        script="", app_slug="a", license="", config_values="", admin_console_password=""
    )
    kits = [manifests.application(plan.application, inputs)]
    kits += [manifests.component(component, "") for component in plan.components]

    found = [image for kit in kits for image in _images(kit.job)]

    assert found
    assert [image for image in found if not PINNED.fullmatch(image)] == []


def _images(node: Any) -> list[str]:
    if isinstance(node, dict):
        document = cast("dict[str, Any]", node)
        own = [document["image"]] if isinstance(document.get("image"), str) else []
        return own + [image for child in document.values() for image in _images(child)]
    if isinstance(node, list):
        return [image for child in cast("list[Any]", node) for image in _images(child)]
    return []


@pytest.mark.parametrize(
    "version", ["latest", "1", "1.131", "v1.131.4", "1.131.4-latest", "stable"]
)
def test_a_request_cannot_ask_for_a_floating_image(version: str) -> None:
    """``kots.version`` is the image's tag: a whole version only."""
    found = parse_request(sample(kots__version=version))

    assert isinstance(found, tuple)
    assert [problem.pointer for problem in found] == ["/kots/version"]


@pytest.mark.parametrize("name", NAMES)
def test_samples_pin_every_version(name: str) -> None:
    """Charts and KOTS by version; no sample says latest anywhere."""
    request = sample(name)

    assert "latest" not in json.dumps(request)
    assert all(re.search(r"\d+\.\d+\.\d+", part["version"]) for part in request["components"])


def test_the_installer_image_setting_has_no_tag() -> None:
    """The tag is the request's KOTS version, so that CLI and Admin Console always agree."""
    repository = Settings().installer_image.rpartition("/")[2]

    assert ":" not in repository
    assert "@" not in repository


def test_the_deployed_list_is_the_locked_one() -> None:
    """A remote build reads ``requirements.txt`` alone: each package as the lock pins it."""
    locked = {p["name"]: p["version"] for p in _locked()}
    text = (ROOT / "requirements.txt").read_text().replace("\\\n", " ")
    pins = [line.split()[0] for line in text.splitlines() if re.match(r"[a-z0-9]", line)]

    assert pins
    assert [pin for pin in pins if locked.get(pin.split("==")[0]) != pin.partition("==")[2]] == []


def _locked() -> list[dict[str, Any]]:
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    return [package for package in lock["package"] if "virtual" not in package["source"]]


def test_the_lock_takes_packages_from_one_registry() -> None:
    """No package comes from a URL, a repository or another index; each file has its hash."""
    packages = _locked()

    assert {str(package["source"].get("registry")) for package in packages} == {
        "https://pypi.org/simple"
    }
    files = [
        f for p in packages for f in (*p.get("wheels", ()), *([p["sdist"]] if "sdist" in p else ()))
    ]
    assert all(file["hash"].startswith("sha256:") for file in files)


def suppressions() -> list[tuple[str, str, str]]:
    """Place, rules and what follows, of every suppression of a security rule."""
    found: list[tuple[str, str, str]] = []
    for path in (p for folder in CODE for p in (ROOT / folder).rglob("*.py")):
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            match = SUPPRESSED.search(line)
            if match and SECURITY.search(match["rules"]):
                found.append((f"{path.relative_to(ROOT)}:{number}", match["rules"], match["rest"]))
    return found


def test_every_suppressed_security_rule_names_its_reason() -> None:
    """A reason is words after the rules' names."""
    without = [place for place, _, rest in suppressions() if not re.search(r"[A-Za-z]{2,}", rest)]

    assert suppressions()
    assert without == []


def test_every_security_rule_that_is_off_for_a_folder_names_its_reason() -> None:
    """In ``pyproject.toml`` a comment stands beside each."""
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    off = [line for line in lines if re.match(r'\s*"S\d{3}"', line)]

    assert off
    assert [line for line in off if not re.search(r"#\s*\w{2,}", line)] == []
    assert not any(line.split('"')[1] in _PRODUCT_MUST_KEEP for line in _ignored_everywhere())


_PRODUCT_MUST_KEEP = {"S102", "S301", "S307", "S501", "S506", "S602", "S604", "S605", "S608"}
"""exec, pickle, eval, unverified TLS, unsafe YAML, shells, SQL by concatenation."""


def _ignored_everywhere() -> list[str]:
    text = (ROOT / "pyproject.toml").read_text()
    return re.findall(
        r'^\s*"[A-Z]+\d*".*$', text.split("ignore = [")[1].split("]")[0], re.MULTILINE
    )


def test_no_security_rule_is_off_in_the_product() -> None:
    """Ruff finds none of the grave ones in the deployed code, suppressions or not."""
    rules = ",".join(sorted(_PRODUCT_MUST_KEEP))
    done = subprocess.run(  # noqa: S603 # the linter of this environment
        [sys.executable, "-m", "ruff", "check", "--isolated", "--ignore-noqa", "--select", rules,
         "model", "activities", "orchestrators", "gateways", "triggers", "function_app.py"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip # one call

    assert done.returncode == 0, done.stdout
