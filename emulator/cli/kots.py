"""The kots CLI as it was seen to behave, case by case: what it does, prints, and exits with.

Facts: replicatedhq/kots v1.131.4, cmd/kots/cli; its documentation at
https://docs.replicated.com/reference/kots-cli-install
"""

import base64
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from emulator.cli.arguments import Arguments, parse
from emulator.cli.cluster import ApiError, Cluster, Unreachable
from emulator.cli.console import Console, NoConsole
from emulator.cli.failed import Failed
from model.documents import entries, part

VERSION = "1.131.4"
_SERVER_ERROR = 500


def main(words: list[str]) -> int:
    """Run one command; the exit code."""
    arguments = parse(words, prefix="KOTS")
    command = " ".join(arguments.words[:2])
    run = (
        next((_COMMANDS[c] for c in (command, arguments.words[0]) if c in _COMMANDS), None)
        if arguments.words
        else None
    )
    if run is None:
        print(f"Error: unknown command {command!r}", file=sys.stderr)
        return 1
    try:
        return run(arguments)
    except (Failed, NoConsole, ApiError, Unreachable) as error:
        print(f"\x1b[?25hError: {error}", file=sys.stderr)
        return 1


def _console(arguments: Arguments) -> Console:
    return Console(Cluster(), arguments.need("namespace"))


def _install(arguments: Arguments) -> int:
    from emulator.cli.kots_install import install  # noqa: PLC0415 # only this command needs it

    return install(arguments)


def _get_apps(arguments: Arguments) -> int:
    _, answer = _console(arguments).request("GET", "/api/v1/apps")
    rows = [
        {
            "slug": app["slug"],
            "state": app["appState"],
            "versionlabel": part(app, "downstream", "currentVersion").get("versionLabel", ""),
        }
        for app in entries(answer or {}, "apps")  # whatever the status: a 401 prints []
    ]
    return _print(rows)


def _get_versions(arguments: Arguments) -> int:
    slug = arguments.words[2]
    status, answer = _console(arguments).request(
        "GET", f"/api/v1/app/{slug}/versions?currentPage=0&pageSize=20"
    )
    if status != 200 or answer is None:  # noqa: PLR2004 # HTTP's OK
        raise Failed(f"failed to get app versions: unexpected status code {status}")
    rows = [
        {
            "versionLabel": version["versionLabel"],
            "sequence": version["sequence"],
            "status": version["status"],
        }
        for version in answer["versionHistory"]
    ]
    return _print(rows)


def _get_config(arguments: Arguments) -> int:
    slug = arguments.need("appslug")
    _, answer = _console(arguments).request("GET", f"/api/v1/app/{slug}/config/0")
    values: dict[str, Any] = {
        item["name"]: {"value": item.get("value", "")}
        for group in entries(answer or {}, "configGroups")
        for item in entries(group, "items")
    }
    return _print(
        {"apiVersion": "kots.io/v1beta1", "kind": "ConfigValues", "spec": {"values": values}}
    )


def _set_config(arguments: Arguments) -> int:
    slug = arguments.words[2]
    raw = Path(arguments.need("config-file")).read_bytes()
    body = {
        "configValues": base64.b64encode(raw).decode(),
        "merge": arguments.flag("merge"),
        "deploy": arguments.flag("deploy"),
        "skipPreflights": arguments.flag("skip-preflights"),
        "sequence": -1,
    }
    _, answer = _console(arguments).request("POST", f"/api/v1/app/{slug}/config/values", body)
    told: dict[str, Any] = answer or {}
    if not told.get("success"):
        missing: list[str] = told.get("requiredItems") or []
        raise Failed(f"The following fields are required: {', '.join(missing)}")
    return 0


def _upgrade(arguments: Arguments) -> int:
    slug = arguments.words[2]
    label = arguments.get("deploy-version-label")
    _, answer = _console(arguments).request(
        "POST", f"/api/v1/app/{slug}/updatecheck?deploy=true&wait=true&versionLabel={label}", {}
    )
    told = answer or {"success": False, "error": "unexpected answer of the Admin Console"}
    _print(told)
    return 0  # whatever the server said


def _app_status(arguments: Arguments) -> int:
    slug = arguments.words[1]
    status, answer = _console(arguments).request("GET", f"/api/v1/app/{slug}/status")
    if status >= _SERVER_ERROR or answer is None:
        raise Failed(f"unexpected status code {status}")
    return _print(answer)


def _version(_: Arguments) -> int:
    print(f"Replicated KOTS {VERSION}")
    return 0


def _print(document: Any) -> int:
    print(json.dumps(document, indent=4))
    return 0


_COMMANDS: dict[str, Callable[[Arguments], int]] = {
    "install": _install,
    "get apps": _get_apps,
    "get versions": _get_versions,
    "get config": _get_config,
    "set config": _set_config,
    "upstream upgrade": _upgrade,
    "app-status": _app_status,
    "version": _version,
}

if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)  # nothing to tidy; a slow interpreter end is no part of the stand-in
