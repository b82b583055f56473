"""Shell metacharacters on their way into the cluster: they arrive as text, or not at all."""

import json
import os
import re
import secrets
import stat
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.kubelet.environment import expand
from model import manifests
from model.manifests.job import JobKit
from model.plan import InstallPlan
from model.planning import build_plan
from model.request import InstallRequest, parse_request
from model.settings import Settings
from tests.hostile.places import changed, leaves
from tests.job_scripts.world import SCRIPTS
from tests.model.samples import NAMES, sample

PLANTED = "planted"
HOSTILE = (
    f"$(touch {PLANTED})",
    f"`touch {PLANTED}`",
    f"; touch {PLANTED} #",
    f"' ; touch {PLANTED} ; '",
    f'" ; touch {PLANTED} ; "',
    f"| touch {PLANTED}",
    f"&& touch {PLANTED}",
    f"x\ntouch {PLANTED}",
    f"x/;e touch {PLANTED}",
    f"a[$(touch {PLANTED})]",
    f"--post-renderer=touch {PLANTED}",
    "-f",
    "--kubeconfig=/etc/passwd",
    "$(KOTS_SHARED_PASSWORD)",
    "${KOTS_SHARED_PASSWORD}",
    "$$(HOME)",
    "%n%s",
    "*",
    "~root",
    "\\",
    "{{repl Namespace}}",
    "../../etc/passwd",
    "file:///etc/passwd",
    "ext::sh -c touch",
)
ADAPTED = (
    *HOSTILE,
    *(f"https://example.com/{text}" for text in HOSTILE),
    *(f"oci://example.com/{text}" for text in HOSTILE),
    *(f"a{text}a" for text in HOSTILE),
    *(f"1.2.3{text}" for text in HOSTILE),
)
PLACES = list({path: (name, path) for name in NAMES for path in leaves(sample(name))}.values())
NEW_PLACES = [
    ("standard", ("kots", "allowedPreflightWarnings", 0)),
    ("standard", ("kots", "appVersion")),
    ("standard", ("kots", "namespace")),
    ("standard", ("kots", "loadBalancerService")),
    ("standard", ("components", 0, "manifest")),
    ("standard", ("components", 0, "values", "added")),
    ("standard", ("identityProvider", "secret")),
    ("standard", ("identityProvider", "contextPath")),
    ("standard", ("identityProvider", "realm")),
    ("standard", ("cluster", "nodeResourceGroup")),
]
IMAGE = re.compile(r"[a-z0-9./-]+:v\d+\.\d+\.\d+", re.ASCII)
LABEL = re.compile(r"[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?")
POSITIONAL = ("COMPONENT", "CHART", "NAMESPACE", "APP_SLUG", "APP_UPSTREAM", "APP_NAMESPACE")
"""Variables that stand on a command line without an option's name before them."""
OPERANDS = (*POSITIONAL, "REPOSITORY", "VERSION", "APP_VERSION")
INNOCENT = re.compile(r"[A-Za-z0-9_.~%+=,:/@-]*")
FREE_TEXT = {"ALLOWED_WARNINGS"}
"""Variables that hold people's words; scripts only compare with them."""


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    place=st.sampled_from([*PLACES, *NEW_PLACES]),
    text=st.sampled_from(ADAPTED)
    | st.text(max_size=40)
    | st.from_regex(r"\A[-A-Za-z0-9./:$`;'\"\\(){}\n ]{1,30}\Z"),
)
def test_what_the_request_lets_through_is_harmless_in_a_job(
    place: tuple[str, tuple[str | int, ...]], text: str
) -> None:
    """Script and command stay what they are; operands are plain words and never options."""
    _judge(changed(sample(place[0]), place[1], text))


@pytest.mark.parametrize("place", [*PLACES, *NEW_PLACES], ids=str)
def test_no_field_takes_a_hostile_text_into_an_operand(
    place: tuple[str, tuple[str | int, ...]],
) -> None:
    """Every string of every sample, replaced by each hostile text in each of its disguises."""
    for text in ADAPTED:
        _judge(changed(sample(place[0]), place[1], text))


def _judge(request: dict[str, Any]) -> None:
    parsed = parse_request(request)
    if not isinstance(parsed, InstallRequest):
        return
    plan = build_plan(parsed, Settings(), attempt=1, submitted_at="2030-01-01T00:00:00Z")
    for kit, script in _kits(plan):
        _assert_harmless(kit, script)


def _kits(plan: InstallPlan) -> Iterator[tuple[JobKit, str]]:
    inputs = manifests.ApplicationInputs(
        script=manifests.script("kots.sh"),
        app_slug="dash-enterprise",
        license="license",
        config_values="values",
        admin_console_password=secrets.token_urlsafe(12),
    )
    yield manifests.application(plan.application, inputs), "kots.sh"
    for component in plan.components:
        yield manifests.component(component, manifests.script("helm.sh")), "helm.sh"


def _assert_harmless(kit: JobKit, script: str) -> None:
    config_map, secret = kit.inputs
    assert config_map["data"] == {script: (SCRIPTS / script).read_text()}
    assert set(secret["data"]) <= {
        "license.yaml", "config-values.yaml", "values.yaml", "KOTS_SHARED_PASSWORD",
    }  # fmt: skip # a set of names
    pod = kit.job["spec"]["template"]["spec"]
    container = pod["containers"][0]
    assert container["command"] == ["bash", f"/installer/scripts/{script}"]
    assert "args" not in container
    assert IMAGE.fullmatch(container["image"])
    for made in (*kit.before, *kit.inputs, kit.job):
        names = [made["metadata"]["name"], *made["metadata"].get("labels", {}).values()]
        assert all(LABEL.fullmatch(name) for name in names), names
    values = {entry["name"]: entry.get("value", "") for entry in container["env"]}
    for name, value in values.items():
        assert "\0" not in value
        assert expand(value, {"HOME": "no", "KOTS_SHARED_PASSWORD": "no"}) == value.replace(
            "$$", "$"
        ), "the kubelet would put another variable's value here"
        if name not in FREE_TEXT:
            assert INNOCENT.fullmatch(value), (name, value)
        if name in OPERANDS:
            assert not value.startswith("-"), (name, value)
            assert ".." not in value.split("/"), (name, value)


RECORDER = """#!/usr/bin/env bash
printf '%s\\0' "${0##*/}" "$@" >>"$RECORD"
printf '\\0' >>"$RECORD"
case "${0##*/} $*" in
  "kots get versions"*) printf '%s' "${VERSIONS-[$DEPLOYED]}" ;;
  "kots get apps"*) printf '%s' "$APPS" ;;
  curl*) printf '{"appstatus":{"resourceStates":[]}}' ;;
  "kubectl get deployment,"*) printf 'deployment.apps/a\\n' ;;
esac
"""
PROGRAMS = ("helm", "kubectl", "kots", "curl")


@pytest.fixture
def pod(tmp_path: Path) -> dict[str, str]:
    """A pod's environment, in which every program only notes how it was called."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in PROGRAMS:
        path = programs / name
        path.write_text(RECORDER)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    for name in ("values.yaml", "license.yaml"):
        (tmp_path / name).write_text("{}")
    (tmp_path / "work").mkdir()
    return {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path / "work"),
        "TMPDIR": str(tmp_path / "work"),
        "RECORD": str(tmp_path / "record"),
        "WAIT_SECONDS": "3",
        "POLL_SECONDS": "0.01",
        "DEPLOYED": json.dumps({"sequence": 0, "status": "deployed", "versionLabel": "1"}),
    }


@pytest.mark.parametrize("kind", ["chart", "manifest"])
@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_helm_sh_hands_every_value_on_as_one_word(
    pod: dict[str, str], kind: str, text: str
) -> None:
    """Even what no request may hold is never taken apart and never run."""
    told = {
        name: f"{text}<{name}>"
        for name in ("COMPONENT", "CHART", "REPOSITORY", "VERSION", "NAMESPACE")
    }
    calls = _run("helm.sh", {**pod, **told, "KIND": kind, "VALUES_FILE": ""})

    used = ("CHART", "NAMESPACE") if kind == "manifest" else tuple(told)
    words = {word for call in calls for word in call}
    assert {told[name] for name in used} <= words


def told_to_kots(pod: dict[str, str], text: str) -> dict[str, str]:
    """What ``kots.sh`` is told, with a hostile text in each of its operands."""
    slug, files = f"{text}<slug>", Path(pod["HOME"]).parent
    return {
        **pod,
        "APP_SLUG": slug,
        "APP_UPSTREAM": f"{slug}/{text}",
        "APP_NAMESPACE": f"{text}<namespace>",
        "APP_VERSION": "",
        "ALLOWED_WARNINGS": f"{text}\n{text}",
        "APPS": json.dumps([{"slug": slug, "state": "missing"}]),
        "LICENSE_FILE": str(files / "license.yaml"),
        "CONFIG_VALUES_FILE": str(files / "values.yaml"),
        "KOTS_SHARED_PASSWORD": text,
        "SKIP_PREFLIGHTS": "false",
        "KOTS_FLAGS": "",
        "WAIT_SECONDS": "1",
    }


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_kots_sh_hands_every_value_on_as_one_word(pod: dict[str, str], text: str) -> None:
    """The same for the application, with the slug of a hostile license and hostile titles."""
    told = told_to_kots(pod, text)

    calls = _run("kots.sh", told)

    words = {word for call in calls for word in call}
    assert {told["APP_SLUG"], told["APP_NAMESPACE"]} <= words
    assert not any(word == text for call in calls for word in call), "a password on a command line"


PENDING = json.dumps([{"sequence": 0, "status": "pending_config", "versionLabel": "1"}])
WAYS = {
    "install": ({"VERSIONS": ""}, ["kots", "install"], ("APP_UPSTREAM", "APP_NAMESPACE")),
    "install-a-version": (
        {"VERSIONS": "", "APP_VERSION": "<version>"},
        ["kots", "install"],
        ("APP_UPSTREAM", "APP_NAMESPACE", "APP_VERSION"),
    ),
    "configure": ({"VERSIONS": PENDING}, ["kots", "set", "config"], ("APP_SLUG", "APP_NAMESPACE")),
    "upgrade": (
        {"APP_VERSION": "<version>"},
        ["kots", "upstream", "upgrade"],
        ("APP_SLUG", "APP_NAMESPACE", "APP_VERSION"),
    ),
}
"""What ``kots.sh`` finds, the command that it gives then, and the operands of that."""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("text", [*HOSTILE[:9], "*", "\\"], ids=ascii)
def test_every_command_of_kots_sh_has_its_operands_whole(
    pod: dict[str, str], way: str, text: str
) -> None:
    """Installing, configuring and upgrading: the operands are words of that very command."""
    found, command, operands = WAYS[way]
    told = told_to_kots(pod, text) | found
    told |= {"APP_VERSION": f"{text}{found['APP_VERSION']}"} if "APP_VERSION" in found else {}

    calls = _run("kots.sh", told)

    given = [call for call in calls if call[: len(command)] == command]
    assert given
    assert all({told[name] for name in operands} <= set(call) for call in given)
    assert not any(word == text for call in calls for word in call), "a password on a command line"


@pytest.mark.parametrize("script", ["helm.sh", "kots.sh"])
def test_no_script_evaluates_text(script: str) -> None:
    """No ``eval``, no ``source``, no second shell, no variable inside a sed or awk program."""
    text = (SCRIPTS / script).read_text()

    assert not re.search(r"^\s*(eval|source|\.)\s", text, re.MULTILINE)
    assert not re.search(r"\b(ba)?sh -c\b|\bxargs\b", text)
    programs = re.findall(r"\b(?:sed|awk)(?: -\w+)* \"[^\"\n]*\$[^\"\n]*\"", text)
    assert all("root\\\\." in program for program in programs), "only paths that the script names"


def _run(script: str, environment: dict[str, str]) -> list[list[str]]:
    """Run a script; every line that it prints is JSON, and nothing was planted."""
    done = subprocess.run(  # noqa: S603 # our own script
        ["bash", str(SCRIPTS / script)],  # noqa: S607 # whichever is installed
        env=environment, cwd=environment["HOME"], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        timeout=timedelta(seconds=30).total_seconds(),
    )  # fmt: skip # one call
    events = [cast("dict[str, Any]", json.loads(line)) for line in done.stdout.splitlines()]
    assert events[-1]["event"] == "result"
    top = Path(environment["RECORD"]).parent
    assert not list(top.rglob(PLANTED)), "a value was run"
    record = Path(environment["RECORD"]).read_bytes().decode()
    return [call.split("\0") for call in record.split("\0\0")]
