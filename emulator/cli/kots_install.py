"""``kots install``: the objects it makes, in its order, and what it waits for."""

import json
import re
import secrets
import sys
from pathlib import Path
from typing import Any

from emulator.cli.arguments import Arguments
from emulator.cli.cluster import ApiError, Cluster, Unreachable, pause
from emulator.cli.console import Console, NoConsole
from emulator.cli.failed import Failed
from emulator.cli.kots_objects import CONSOLE, DATASTORES, Kind, first_objects, later_objects
from emulator.cli.license_server import LicenseServerDown, ask_license_server
from model.documents import part

_OK = 200
_ACCESS = "  • To access the Admin Console, run kubectl kots admin-console --namespace {}"
_CONFIGURE = (
    "  • Additional app configuration is required. Please login to the Admin Console to continue !"
)


def install(arguments: Arguments) -> int:
    """Install an application; the exit code, which is no proof of anything."""
    namespace = arguments.need("namespace")
    arguments.need("shared-password")
    upstream = arguments.words[1]
    slug, _, channel = upstream.partition("/")
    print("\x1b[?25l", end="")
    try:
        cluster = Cluster()
    except Unreachable as error:
        raise Failed(f"failed to check RBAC: failed to run subject review: {error}") from error
    _check_rights(cluster)
    license_text = _license(arguments)
    _step("Checking for license update")
    try:
        ask_license_server(license_text)
    except LicenseServerDown as down:
        raise Failed(
            "failed to verify and update license: failed to get latest license: "
            f"failed to get license from api: failed to execute get request: {down}"
        ) from down
    _step("Deploying Admin Console")
    _deploy_console(cluster, arguments, namespace, channel or "stable", license_text)
    _step("Waiting for installation to complete")
    return _await_result(cluster, arguments, namespace, slug)


def _check_rights(cluster: Cluster) -> None:
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {"group": "*", "resource": "*", "verb": "*"}},
    }
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    if not cluster.request("POST", path, review)["status"]["allowed"]:
        print("Current user has insufficient privileges to install Admin Console.")
        raise Failed("insufficient privileges")


def _license(arguments: Arguments) -> str:
    path = arguments.get("license-file")
    if not path:
        return ""
    try:
        text = Path(path).read_text()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        told = f"failed to get license: failed to read license file: open {path}: {why}"
        raise Failed(told) from error
    kind = re.search(r"""["']?kind["']?:\s*["']?(\w+)""", text)
    if kind is None or kind[1] != "License":
        raise Failed(
            "failed to get license: failed to parse license file: unexpected GVK: "
            f"kots.io/v1beta1, Kind={kind[1] if kind else ''}"
        )
    return text


def _deploy_console(
    cluster: Cluster, arguments: Arguments, namespace: str, channel: str, license_text: str
) -> None:
    _step("Creating namespace", 2)
    cluster.ensure("/api/v1/namespaces", {"metadata": {"name": namespace}})
    values_file = arguments.get("config-values")
    values = Path(values_file).read_text() if values_file and Path(values_file).is_file() else ""
    settings = {
        "requested-channel-slug": channel,
        "wait-duration": arguments.get("wait-duration", "2m"),
        "skip-preflights": str(arguments.flag("skip-preflights")).lower(),
        "app-version-label": arguments.get("app-version-label"),
        "kots-install-id": secrets.token_hex(8),
    }
    for kind, body in first_objects(namespace, license_text, values, settings):
        cluster.ensure(kind.collection(namespace), body)
    _step("Waiting for datastore to be ready", 2)
    for name in DATASTORES:
        _await_ready(cluster, arguments, namespace, Kind.STATEFUL_SET, name)
    for kind, body in later_objects(namespace, arguments.need("shared-password")):
        try:
            cluster.ensure(kind.collection(namespace), body)
        except ApiError as error:
            raise Failed(f"Failed to deploy: failed to deploy admin console: {error}") from error
    _step("Waiting for Admin Console to be ready", 2)
    _await_ready(cluster, arguments, namespace, Kind.DEPLOYMENT, CONSOLE)
    _await_console(cluster, arguments, namespace)


def _looks(arguments: Arguments) -> int:
    """Looks, one emulated second apart, until ``--wait-duration`` ends."""
    text = arguments.get("wait-duration", "2m")
    units = {"h": 3600, "m": 60, "s": 1}
    return sum(int(n) * units[u] for n, u in re.findall(r"(\d+)([hms])", text))


def _await_ready(
    cluster: Cluster, arguments: Arguments, namespace: str, kind: Kind, name: str
) -> None:
    for _ in range(max(1, _looks(arguments))):
        found = cluster.find(f"{kind.collection(namespace)}/{name}") or {}
        if part(found, "status").get("readyReplicas", 0) >= 1:
            return
        pause(1)
    what = {"kotsadm-rqlite": "rqlite", "kotsadm-minio": "minio", "kotsadm": "web"}[name]
    sort = "statefulset" if kind is Kind.STATEFUL_SET else "deployment"
    raise Failed(
        f"Failed to deploy: failed to deploy admin console: failed to wait for {what}: timeout "
        f"waiting for {sort} to become ready. Use the --wait-duration flag to increase timeout."
    )


def _await_console(cluster: Cluster, arguments: Arguments, namespace: str) -> None:
    for _ in range(max(1, _looks(arguments))):
        try:
            status, _answer = Console(cluster, namespace).request("GET", "/healthz")
        except NoConsole:
            status = 0
        if status == _OK:
            return
        pause(1)
    raise Failed(
        "Failed to deploy: failed to deploy admin console: failed to wait for web: timeout waiting "
        "for deployment to become ready. Use the --wait-duration flag to increase timeout."
    )


def _await_result(cluster: Cluster, arguments: Arguments, namespace: str, slug: str) -> int:
    console = Console(cluster, namespace)
    for _ in range(max(1, _looks(arguments))):
        _, answer = console.request("GET", f"/api/v1/app/{slug}/automated/status")
        row: dict[str, Any] = answer or {}
        if row.get("status") == "failed":
            raise Failed(f"failed to validate installation: {json.loads(row['message'])['error']}")
        if not row.get("status"):
            raise Failed(
                "failed to validate installation: failed to unmarshal automated install task "
                "message: unexpected end of JSON input"
            )
        if row["status"] == "success":
            return _end(console, namespace, slug, json.loads(row["message"])["versionStatus"])
        pause(1)
    raise Failed(
        "timeout waiting for automated install. Use the --wait-duration flag to increase timeout."
    )


def _end(console: Console, namespace: str, slug: str, version_status: str) -> int:
    if version_status == "pending_preflight":
        return _preflights(console, slug, namespace)
    print("\x1b[?25h")
    if version_status == "pending_config":
        print(_CONFIGURE)
    print(_ACCESS.format(namespace))
    return 0


def _preflights(console: Console, slug: str, namespace: str) -> int:
    _step("Waiting for preflight checks to complete", 2)
    while True:
        _, answer = console.request("GET", f"/api/v1/app/{slug}/preflight/result")
        text = str(part(answer or {}, "preflightResult").get("result") or "")
        if text:
            break
        pause(1)
    results = json.loads(text)["results"]
    bad = [r for r in results if not r.get("isPass")]
    if not bad:
        print("\n" + _ACCESS.format(namespace))
        return 0
    worst = "errors" if any(r.get("isFail") for r in bad) else "warnings"
    print(f"\nThere are preflight check {worst} for the application. The app was not deployed.\n")
    print("STATE    TITLE    MESSAGE")
    for result in bad:
        state = "FAIL" if result.get("isFail") else "WARN"
        print(f"{state}    {result['title']}    {result['message']}")
    return 1


def _step(text: str, deeper: int = 0) -> None:
    print(f"{' ' * deeper}  • {text}")
    sys.stdout.flush()
