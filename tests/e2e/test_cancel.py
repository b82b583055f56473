"""Cancelled at every stage of the story: the final status tells what is true in Azure then."""

import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest

from model.ownership import LABEL_MANAGED_BY, MANAGED_BY, TAG_INSTALLATION
from tests.e2e.driver import Driver, Reply
from tests.trust.reliability import write_section

pytestmark = [pytest.mark.trust, pytest.mark.timeout(120)]

NETWORK = "Microsoft.Network/virtualNetworks"
CLUSTER = "Microsoft.ContainerService/managedClusters"
JOBS = "/apis/batch/v1/namespaces/dash-enterprise-installer/jobs/"
ENDED = {"Completed", "Failed", "Terminated"}

type Trouble = Callable[[Driver], None]


def stuck(kind: str) -> Trouble:
    """Azure's next operation on a type goes on for ever."""
    return lambda driver: driver.world.cloud.azure.state.stick_next_operation(kind)


def busy(server: str, path: str, *, skip: int = 0) -> Trouble:
    """A server answers 503 to these looks of the app, all but the first ``skip``."""

    def arrange(driver: Driver) -> None:
        faults = driver.world.circumstances.faults
        app = {"server": server, "agent": MANAGED_BY, "method": "GET", "path": path}
        faults.add(**app, status=503, times=None, skip=skip)

    return arrange


def nothing(_: Driver) -> None:
    """The stage waits for a person anyway."""


@dataclass(frozen=True)
class Moment:
    """A stage in progress, and how it is kept there.

    Attributes:
        stage: Key in the status.
        events: Raised on the way there.
        going_on: What Azure still does after a cancellation, as the status ends its sentence.
    """

    title: str
    stage: str
    arrange: Trouble = nothing
    sample: str = "standard"
    changes: dict[str, Any] = field(default_factory=dict[str, Any])
    events: tuple[tuple[str, str], ...] = ()
    going_on: str = ""


OWN_NETWORK = {
    "cluster__network__addressSpace": "10.60.0.0/16",
    "cluster__network__subnetPrefix": "10.60.0.0/20",
}
MOMENTS = (
    Moment("approval", "approval", sample="approval"),
    Moment("preflight", "preflight", busy("arm", "/providers/Microsoft.Compute/skus")),
    Moment("network", "observe_network", stuck(NETWORK), changes=OWN_NETWORK),
    Moment("cluster creating", "observe_cluster", stuck(CLUSTER), going_on="is Creating"),
    Moment(
        "components",
        "observe_component/istio-base",
        busy("kubernetes", f"{JOBS}install-component-istio-base", skip=2),
    ),
    Moment(
        "KOTS Job", "observe_application", busy("kubernetes", f"{JOBS}install-application", skip=2)
    ),
    Moment("load balancer", "observe_load_balancer", busy("kubernetes", "/api/v1/services")),
    Moment("DNS wait", "observe_dns_records", sample="manual-dns"),
    Moment("identity provider", "observe_identity_provider", busy("keycloak", "/realms")),
    Moment("limits gate", "limits-set", sample="manual-dns", events=(("dnsRecords", "dns-ready"),)),
    Moment("verification", "verify_installation", busy("ingress", "/")),
)


@pytest.fixture(scope="module")
def world() -> Iterator[Driver]:
    """A world of its own: what is stuck in it stays stuck."""
    driver = Driver()
    yield driver
    driver.close()


@pytest.fixture(autouse=True)
def good_weather(world: Driver) -> Iterator[None]:
    """No fault outlives its test."""
    yield
    world.world.circumstances.faults.clear()


def reach(driver: Driver, name: str, moment: Moment) -> None:
    """Post an installation and wait until the stage is in progress."""
    moment.arrange(driver)
    request = driver.request(name, moment.sample, **moment.changes)
    assert driver.post(request).status == 202
    for shown, event in moment.events:
        driver.until(name, lambda status, shown=shown: shown in status)
        assert driver.ask("POST", f"installations/{name}/events/{event}").status == 202
    driver.until(name, lambda status: moment.stage in open_stages(status))


def open_stages(status: dict[str, Any]) -> list[str]:
    return [
        stage["stage"]
        for stage in status.get("stages", [])
        if stage["finishedAt"] is None and stage["state"] in ("waiting", "running")
    ]


def there(driver: Driver, name: str) -> set[str]:
    """Ids, in lower case, of everything in Azure that is marked as this installation's.

    Of the nodes' group only the group itself: what is in it is the cluster's own.
    """
    resources = driver.world.cloud.azure.state.resources
    found = {
        f"/subscriptions/{group.subscription}/resourceGroups/{group.name}".lower()
        for group in resources.groups.values()
        if (group.tags or {}).get(TAG_INSTALLATION) == name
    }
    for resource in resources.all.values():
        metadata: Any = resource.properties.get("metadata") or {}
        marked = {**(resource.tags or {}), **metadata}.get(TAG_INSTALLATION) == name
        if marked and not resource.group.lower().startswith("mc_"):
            found.add(resource.resource_id.lower())
    return found


def bindings(driver: Driver, name: str) -> list[str]:
    """Objects in the cluster that let the installer act; empty without a cluster."""
    from emulator.kubernetes.resources import BUILT_IN

    return [
        item["metadata"]["name"]
        for key, server in driver.world.cloud.clusters.servers.items()
        if key.endswith(f"/aks-{name}")
        for resource in BUILT_IN
        if resource.plural in ("jobs", "secrets", "clusterrolebindings", "serviceaccounts")
        for item in server.store.objects(resource)
        if item["metadata"].get("labels", {}).get(LABEL_MANAGED_BY) == MANAGED_BY
    ]


def waiting(driver: Driver, name: str) -> list[str]:
    """Orchestrations of the installation that have not ended."""
    key = driver.world.host.keys["durable"]
    hub = f"{driver.world.host.url}/runtime/webhooks/durabletask/instances"
    url = f"{hub}?code={key}&top=1000&instanceIdPrefix={quote(name)}"
    with urllib.request.urlopen(url, timeout=30) as answer:
        return [i["instanceId"] for i in json.load(answer) if i["runtimeStatus"] not in ENDED]


def cancelled(driver: Driver, name: str, body: Any = None) -> dict[str, Any]:
    """The status at the end of a cancellation."""
    answer: Reply = driver.ask("POST", f"installations/{name}/cancel", body)
    assert answer.status == 202, answer
    status = driver.ended(name, 90)
    assert status["state"] == "Cancelled"
    assert status["failure"]["code"] == "cancelled"
    assert open_stages(status) == []
    return status


def eventually(holds: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether it holds at last."""
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        threading.Event().wait(0.1)
    return holds()


def ids(status: dict[str, Any], what: str) -> set[str]:
    return {found.lower() for found in status.get("leftovers", {}).get(what, [])}


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.title)
def test_a_cancellation_tells_what_exists_and_what_azure_still_does(
    world: Driver, moment: Moment
) -> None:
    """Every marked id and no other; nothing acts in the cluster; nobody goes on waiting."""
    name = f"keep{MOMENTS.index(moment)}"
    reach(world, name, moment)

    status = cancelled(world, name)

    assert ids(status, "resources") == there(world, name)
    assert ids(status, "removed") == set()
    going_on = status.get("leftovers", {}).get("busy", [])
    assert [text.rpartition(" is ")[2] for text in going_on] == (
        [moment.going_on.removeprefix("is ")] if moment.going_on else []
    )
    assert bindings(world, name) == []
    world.world.circumstances.faults.clear()
    assert eventually(lambda: not waiting(world, name)), waiting(world, name)


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.title)
def test_a_cancellation_with_clean_tells_what_was_removed(world: Driver, moment: Moment) -> None:
    """What was marked before is either gone and told as removed, or there and told as left."""
    name = f"clean{MOMENTS.index(moment)}"
    reach(world, name, moment)
    before = there(world, name)

    status = cancelled(world, name, {"clean": True})

    after = there(world, name)
    assert ids(status, "resources") == after
    assert not {found for found in after if "/dnszones/" not in found}
    assert ids(status, "removed") >= before - after
    assert not ids(status, "removed") & after
    assert status.get("leftovers", {}).get("busy", []) == []


def test_after_a_cancellation_the_same_request_resumes(world: Driver) -> None:
    """The second attempt finds the first one's work and succeeds."""
    moment = next(moment for moment in MOMENTS if moment.title == "KOTS Job")
    reach(world, "resumed", moment)
    cancelled(world, "resumed")
    world.world.circumstances.faults.clear()

    assert world.post(world.request("resumed")).status == 202
    ended = world.ended("resumed")

    assert (ended["state"], ended["attempt"]) == ("Succeeded", 2)


def test_the_page_tells_what_a_person_sees() -> None:
    """The table is the suite's own list of moments."""
    write_section("Cancel", table())


def table() -> str:
    """What is left after a cancellation at each moment, as the tests above prove it."""
    left = {
        "approval": "nothing was made, and the status says nothing of leftovers",
        "preflight": "nothing was made, and the status says nothing of leftovers",
        "network": "group and network",
        "cluster creating": "group, cluster, its nodes' group; busy: the cluster `is Creating`",
    }
    late = "group, cluster, its nodes' group, and the DNS records written so far"
    rows = [f"| {m.title} | `{m.stage}` | {left.get(m.title, late)} |" for m in MOMENTS]
    return "\n".join(
        [
            "`POST /api/installations/{name}/cancel` while a stage is in progress",
            "(`tests/e2e/test_cancel.py`, `make test-trust`). The final status names what exists",
            "by id (`leftovers.resources`), what Azure is still doing (`leftovers.busy`) and what",
            "a clean-up removed (`leftovers.removed`); in the tests each list equals what Azure",
            "has. Nothing of the installer acts in the cluster any longer, and no orchestration",
            "goes on waiting.",
            "",
            "| in progress | stage | `leftovers.resources` |",
            "|---|---|---|",
            *rows,
            "",
            'With `{"clean": true}` all of it is gone and listed as removed, except DNS records:',
            "they are told, never deleted. A cancellation of what has ended, or is ending already,",
            "answers 409. The same request posted again resumes.",
        ]
    )
