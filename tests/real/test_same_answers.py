"""The emulated API server answers as the real one does."""

import json
import re
import ssl
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, cast

import pytest

from gateways.kubernetes._kubeconfig import Login, read
from tests.emulator_kubernetes.running import Cluster, eventually, official, running
from tests.real.requests import NAMESPACE, STEPS, Step

pytestmark = pytest.mark.real

_UID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def answers(cluster: Cluster) -> list[tuple[str, ...]]:
    """What the server says to each step, in a few words."""
    login = read(cluster.kubeconfig())
    said: list[tuple[str, ...]] = []
    with cluster.api() as api:
        core = official.CoreV1Api(api)
        for step in STEPS:
            said.append(answer(login, step))
            if step is STEPS[0]:  # the account of a new namespace comes a moment later
                eventually(lambda: core.list_namespaced_service_account(NAMESPACE).items)
    return said


def answer(login: Login, step: Step) -> tuple[str, ...]:
    """HTTP status, kind of the answer, and why it is a refusal, if it is one."""
    data = None if step.body is None else json.dumps(step.body).encode()
    request = urllib.request.Request(login.server + step.path, data, method=step.method)
    request.add_header("Authorization", f"Bearer {login.token}")
    if data is not None:
        request.add_header("Content-Type", step.kind)
    context = ssl.create_default_context(cadata=login.authority)
    try:
        with urllib.request.urlopen(request, context=context, timeout=20) as reply:
            return _told(reply.status, reply.read(), step)
    except urllib.error.HTTPError as refused:
        return _told(refused.code, refused.read(), step)


def _told(status: int, body: bytes, step: Step) -> tuple[str, ...]:
    try:
        read_as: Any = json.loads(body)
    except ValueError:
        return step.method, step.path, str(status), body.decode().strip()
    said = cast("dict[str, Any]", read_as)
    told = [str(said.get(name, "")) for name in ("kind", "reason")]
    if step.words and said.get("kind") == "Status":
        causes = said.get("details", {}).get("causes", [])
        told += [str(said.get("message", "")), json.dumps(causes, sort_keys=True)]
    return step.method, step.path, str(status), *(_UID.sub("UID", text) for text in told)


def test_both_say_the_same(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Status, kind, reason, words and causes, request by request."""
    said: dict[str, list[tuple[str, ...]]] = {}
    for backend in ("real", "emulated"):
        with running(Path(tmp_path_factory.mktemp(backend)), backend) as cluster:
            said[backend] = answers(cluster)

    differing = [
        pair for pair in zip(said["real"], said["emulated"], strict=True) if len({*pair}) > 1
    ]
    assert differing == []
