"""Secrets stay out, histories stay short and writes stay few."""

import json
import urllib.request
from typing import Any
from urllib.parse import quote

from tests.e2e.driver import Driver


def instances(driver: Driver) -> list[str]:
    """Ids of all instances of the task hub, through the durable management API."""
    key = driver.world.host.keys["durable"]
    base = f"{driver.world.host.url}/runtime/webhooks/durabletask/instances"
    with urllib.request.urlopen(f"{base}?code={key}&top=1000", timeout=30) as answer:
        return [instance["instanceId"] for instance in json.load(answer)]


def history(driver: Driver, instance: str) -> dict[str, Any]:
    """An instance with its whole history."""
    key = driver.world.host.keys["durable"]
    hub = f"{driver.world.host.url}/runtime/webhooks/durabletask"
    base = f"{hub}/instances/{quote(instance, safe='')}"
    query = f"?code={key}&showHistory=true&showHistoryOutput=true&showInput=true"
    with urllib.request.urlopen(base + query, timeout=30) as answer:
        return json.load(answer)


def test_canary_secrets_appear_nowhere(driver: Driver) -> None:
    """Inputs, outputs, histories, statuses, logs and Job specs hold no secret's value."""
    driver.install(driver.request("e2e-canary"))
    secrets = driver.world.cloud.secrets
    canaries = [
        secrets.certificate_key.splitlines()[1],
        secrets.admin_console_password,
        secrets.administrator_password,
        secrets.license.split("licenseID: ")[1].split("\n")[0],
    ]

    places = {i: json.dumps(history(driver, i)) for i in instances(driver) if "e2e-canary" in i}
    places["status"] = json.dumps(driver.status("e2e-canary"))
    places["log"] = (driver.world.cloud.folder / "host.log").read_text()
    store = next(
        s for k, s in driver.world.cloud.clusters.servers.items() if "aks-e2e-canary" in k
    ).store
    from emulator.kubernetes.resources import CONFIG_MAPS, JOBS, PODS

    for resource in (JOBS, PODS, CONFIG_MAPS):
        places[resource.plural] = json.dumps(store.objects(resource))

    assert len(places) > 8
    found = [(place, c) for place, text in places.items() for c in canaries if c in text]
    assert [place for place, _ in found] == []


def test_an_installation_writes_to_azure_no_more_than_it_must(driver: Driver) -> None:
    """Group, cluster and seven records: nine writes, and each once."""
    before = driver.journal_length

    driver.install(driver.request("e2e-writes"))

    writes = driver.writes(before)
    assert len(writes) == 9, writes
