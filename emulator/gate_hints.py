"""What a person types to let an installation that waits for them go on."""

import json
import shlex
from collections.abc import Mapping
from typing import Any


def hints(status: Mapping[str, Any], location: str, key: str) -> dict[str, list[str]]:
    """Lines to show for each gate that waits now, by the event that opens it.

    Args:
        status: The installation's status.
        location: Its URL.
        key: A function key that may raise events.
    """
    waiting = {stage["stage"] for stage in status.get("stages", []) if stage["state"] == "waiting"}
    found: dict[str, list[str]] = {}

    def add(event: str, text: list[str], body: Mapping[str, Any]) -> None:
        found[event] = [*text, f"  {_curl(f'{location}/events/{event}', key, body)}"]

    if "approval" in waiting:
        text = ["It waits for an approval of its plan. To approve:"]
        add("approve", text, {"planHash": status["planHash"]})
    if records := status.get("dnsRecords"):
        shown = [f"  {record}" for record in records]
        add("dns-ready", ["These records are yours to make:", *shown, "When they are:"], {})
    if "limits-set" in waiting:
        todo = f"It waits for a person: {status.get('todo', 'set the limits')}"
        add("limits-set", [todo, "When that is done:"], {})
    return found


def _curl(url: str, key: str, body: Mapping[str, Any]) -> str:
    return shlex.join([
        "curl", "--request", "POST",
        "--header", f"x-functions-key: {key}",
        "--header", "Content-Type: application/json",
        "--data", json.dumps(body),
        url,
    ])  # fmt: skip # a command line
