"""Two who want the same: exactly one gets it, the other is refused, and nothing is half-adopted."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from emulator.world import ZONE_GROUP
from model.ownership import MANAGED_BY, TAG_INSTALLATION, TAG_INSTALLER
from tests.e2e.driver import Driver
from tests.e2e.installers import Installer, at_once, two_installers
from tests.trust.reliability import write_section

pytestmark = [pytest.mark.trust, pytest.mark.timeout(120)]

type Two = tuple[Driver, Installer, Installer]

ROUNDS = 4
CLUSTER = "Microsoft.ContainerService/managedClusters"
FOREIGN = {"cluster-foreign", "resource-group-foreign"}
LOOKS_AT_OWNER = ["preflight", "ensure_resource_group", "ensure_cluster"]
"""Where the loser of a free race may find the winner's mark."""
HAND_MADE = "192.0.2.7"
_ACCEPTED, _CONFLICT = 202, 409


@pytest.fixture(scope="module")
def two() -> Iterator[Two]:
    """One world, two apps."""
    with two_installers() as found:
        yield found


@pytest.fixture(autouse=True)
def good_weather(two: Two) -> Iterator[None]:
    """No fault outlives its test."""
    yield
    two[0].world.circumstances.faults.clear()


def clusters(driver: Driver, group: str) -> list[Any]:
    return [
        found
        for found in driver.world.cloud.azure.state.resources.of(CLUSTER)
        if found.group == group
    ]


def both_install(
    first: Installer, second: Installer, one: dict[str, Any], other: dict[str, Any]
) -> list[dict[str, Any]]:
    """Post at the same instant to each app; both statuses at the end."""
    posted = at_once(
        lambda: first.ask("POST", "installations", one),
        lambda: second.ask("POST", "installations", other),
    )
    assert [code for code, _ in posted] == [_ACCEPTED, _ACCEPTED]
    return [first.ended(one["name"]), second.ended(other["name"])]


def told_apart(ended: list[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
    """The index of the one that succeeded, and the other one's status."""
    assert Counter(one["state"] for one in ended) == {"Succeeded": 1, "Failed": 1}, [
        one.get("failure") for one in ended
    ]
    winner = next(i for i, one in enumerate(ended) if one["state"] == "Succeeded")
    loser = ended[1 - winner]
    assert loser["failure"]["code"] in FOREIGN
    return winner, loser


def whole(driver: Driver, name: str, group: str) -> dict[str, str]:
    """The tags of the one cluster, which still works, with its seven records."""
    [cluster] = clusters(driver, group)
    assert cluster.state == "Succeeded"
    records = records_of(driver, name)
    assert len(records) == 7  # the seven names
    return cluster.tags


def records_of(driver: Driver, name: str) -> dict[str, Any]:
    state = driver.world.cloud.azure.state
    return {
        record.own_name: record
        for kind in ("A", "CNAME")
        for record in state.resources.of(f"Microsoft.Network/dnsZones/{kind}", group=ZONE_GROUP)
        if record.own_name.endswith(name)
    }


def both_make(driver: Driver, group: str) -> None:
    """Hold both writes of a group back, until both apps have seen that there is none."""
    faults = driver.world.circumstances.faults
    faults.add(server="arm", method="PUT", path=rf"/resourcegroups/{group}\?", delay=5, times=2)


@pytest.mark.parametrize("on_failure", ["keep", "clean"])
@pytest.mark.parametrize("held", [False, True], ids=["as-it-comes", "both-make-the-group"])
@pytest.mark.parametrize("again", range(ROUNDS // 2))
def test_of_two_apps_with_one_name_and_one_cluster_one_installs_and_one_is_refused(
    two: Two, on_failure: str, held: bool, again: int
) -> None:
    """The tag names the app; the loser's clean-up leaves the winner's cluster alone.

    A group can be made by both, for Azure overwrites its tags; then the cluster decides.
    """
    driver, first, second = two
    name = f"same-{on_failure}-{'held' if held else 'free'}-{again}"
    request = driver.request(name, onFailure=on_failure)
    if held:
        both_make(driver, f"rg-{name}")

    ended = both_install(first, second, request, request)

    winner, loser = told_apart(ended)
    tags = whole(driver, name, f"rg-{name}")
    assert (tags[TAG_INSTALLATION], tags[TAG_INSTALLER]) == (name, ("app-a", "app-b")[winner])
    assert loser["failure"]["stage"] in (["ensure_cluster"] if held else LOOKS_AT_OWNER)
    left = loser.get("leftovers", {}).get("resources", [])
    assert [found for found in left if "/managedClusters/" in found or "/dnsZones/" in found] == []


@pytest.mark.parametrize("again", range(ROUNDS))
def test_of_two_names_with_one_cluster_one_installs_and_one_is_refused(
    two: Two, again: int
) -> None:
    """In one app as in two: the group, or at the latest the cluster, has one owner."""
    driver, first, second = two
    one, other = f"one-{again}", f"other-{again}"
    requests = [driver.request(name) for name in (one, other)]
    for request in requests:
        request["azure"]["resourceGroup"] = f"rg-shared-{again}"
        request["cluster"]["name"] = f"aks-shared-{again}"

    ended = both_install(first, first if again % 2 else second, *requests)

    winner, _ = told_apart(ended)
    name = (one, other)[winner]
    assert whole(driver, name, f"rg-shared-{again}")[TAG_INSTALLATION] == name
    assert records_of(driver, (other, one)[winner]) == {}


def test_an_app_that_comes_later_is_refused_before_anything_is_created(two: Two) -> None:
    """The preflight names whose it is, and the remedy; the first one's records stay as they are."""
    driver, first, second = two
    request = driver.request("later")
    first.ask("POST", "installations", request)
    assert first.ended("later")["state"] == "Succeeded"
    before = driver.journal_length

    second.ask("POST", "installations", request)
    refused = second.ended("later")

    assert refused["failure"]["stage"] == "preflight"
    assert refused["failure"]["code"] in FOREIGN
    assert any("of installer app-a" in finding["found"] for finding in refused["findings"])
    assert driver.writes(before) == []


@pytest.mark.parametrize("again", range(ROUNDS))
def test_of_two_posts_of_one_name_at_the_same_instant_one_starts(two: Two, again: int) -> None:
    """One 202, one 409 with the same status URL; one run of one attempt."""
    driver, first, _ = two
    request = driver.request(f"twins-{again}", approval="beforeCreate")

    def post() -> tuple[int, Any]:
        return first.ask("POST", "installations", request)

    answers = sorted(at_once(post, post), key=lambda answer: answer[0])

    assert [code for code, _ in answers] == [_ACCEPTED, _CONFLICT]
    assert answers[0][1]["statusUrl"] == answers[1][1]["statusUrl"]
    driver.until(f"twins-{again}", lambda status: status["state"] == "WaitingForApproval")
    assert driver.status(f"twins-{again}")["attempt"] == 1
    driver.ask("POST", f"installations/twins-{again}/cancel")
    driver.ended(f"twins-{again}")


def before_the_names(driver: Driver, name: str) -> None:
    """Post, and stop where the load balancer has no address yet and no record is written."""
    driver.world.circumstances.faults.add(
        server="kubernetes", agent=MANAGED_BY, method="GET", path="/services", status=503,
        times=None,
    )  # fmt: skip # one rule
    assert driver.post(driver.request(name)).status == _ACCEPTED
    driver.until(
        name,
        lambda status: any(
            stage["stage"] == "observe_load_balancer" for stage in status.get("stages", [])
        ),
    )


def by_hand(driver: Driver, name: str, address: str) -> None:
    """What an operator writes into the zone: no metadata of ours."""
    state = driver.world.cloud.azure.state
    zone = next(
        z for z in state.resources.of("Microsoft.Network/dnsZones") if z.name == "example.com"
    )
    state.add_record(zone, "A", name, {"TTL": 60, "ARecords": [{"ipv4Address": address}]})


def test_a_record_that_an_operator_made_meanwhile_is_refused_and_left_alone(two: Two) -> None:
    """The preflight saw none; the write looks again, at all seven before the first."""
    driver, *_ = two
    before_the_names(driver, "hand-foreign")
    by_hand(driver, "hand-foreign", HAND_MADE)
    driver.world.circumstances.faults.clear()

    ended = driver.ended("hand-foreign")

    assert ended["failure"]["code"] == "dns-record-foreign"
    [record] = records_of(driver, "hand-foreign").values()
    assert record.properties["ARecords"] == [{"ipv4Address": HAND_MADE}]


def test_an_equal_record_that_an_operator_made_meanwhile_is_accepted_as_it_is(two: Two) -> None:
    """It points to where it should; it stays the operator's, and no leftover of ours."""
    driver, *_ = two
    before_the_names(driver, "hand-equal")
    by_hand(driver, "hand-equal", service_address(driver, "hand-equal"))
    driver.world.circumstances.faults.clear()

    assert driver.ended("hand-equal")["state"] == "Succeeded"

    records = records_of(driver, "hand-equal")
    assert len(records) == 7  # the seven names
    assert TAG_INSTALLATION not in (records["hand-equal"].properties.get("metadata") or {})


def service_address(driver: Driver, name: str) -> str:
    """The load balancer's address, once there is one."""
    from emulator.kubernetes.resources import SERVICES

    def ingress() -> list[str]:
        server = next(
            s for k, s in driver.world.cloud.clusters.servers.items() if k.endswith(f"/aks-{name}")
        )
        return [
            address["ip"]
            for service in server.store.objects(SERVICES)
            for address in service.get("status", {}).get("loadBalancer", {}).get("ingress", [])
        ]

    driver.until(name, lambda _: bool(ingress()))
    return ingress()[0]


def test_our_record_that_an_operator_changed_is_set_right_at_the_next_run(two: Two) -> None:
    """It still carries our mark: ours and outdated, so the resumed run writes it anew."""
    driver, *_ = two
    name = "hand-changed"
    driver.world.circumstances.faults.add(
        server="ingress", agent=MANAGED_BY, path="/", status=503, times=None
    )
    assert driver.post(driver.request(name)).status == _ACCEPTED
    driver.until(name, lambda s: any(x["stage"] == "verify_installation" for x in s["stages"]))
    driver.ask("POST", f"installations/{name}/cancel")
    driver.ended(name)
    driver.world.circumstances.faults.clear()
    record = records_of(driver, name)[name]
    right = record.properties["ARecords"]
    record.properties["ARecords"] = [{"ipv4Address": HAND_MADE}]

    assert driver.post(driver.request(name)).status == _ACCEPTED

    assert driver.ended(name)["state"] == "Succeeded"
    assert records_of(driver, name)[name].properties["ARecords"] == right


def test_the_page_tells_what_a_person_sees() -> None:
    """Case by case, as the tests above prove it."""
    write_section("Two installers", page())


CASES = {
    f"one name, one cluster, two apps ({2 * ROUNDS} races)": (
        "one `Succeeded`; the other `Failed` with `cluster-foreign` or `resource-group-foreign`;"
        " its `onFailure: clean` leaves the winner's group, cluster and records alone"
    ),
    f"two names, one cluster ({ROUNDS} races, in one app and in two)": (
        "the same; the loser wrote no DNS record"
    ),
    "a second app comes later": (
        "refused by the preflight, which names the first one; nothing is created"
    ),
    f"one name posted twice at the same instant ({ROUNDS} races)": (
        "one 202, one 409 with the same status URL; one instance"
    ),
    "a foreign DNS record appears during the installation": (
        "`Failed` with `dns-record-foreign`; the record is untouched, none of the seven is written"
    ),
    "an equal record appears": "accepted and left as it is, the operator's own",
    "our record is changed by hand": (
        "it carries our mark still: the next run of the installation sets it right"
    ),
}


def page() -> str:
    """The section."""
    return "\n".join(
        [
            "Two apps with a task hub each, in one Azure, posted to at the same instant",
            "(`tests/e2e/test_two_installers.py`, `make test-trust`). What an app makes carries",
            f"its name (tag `{TAG_INSTALLER}`: `INSTALLER_ID`, else `WEBSITE_SITE_NAME`) beside",
            "the installation's.",
            "",
            "| case | what a person sees |",
            "|---|---|",
            *(f"| {case} | {seen} |" for case, seen in CASES.items()),
            "",
            "A race is decided where the second one looks: at the group, or, when both had asked",
            "for the group before either saw it, at the cluster, of which Azure makes one. In that",
            "case the group may carry the loser's tag; a clean-up removes a group only when",
            "nothing in it is marked as somebody else's.",
            "",
            "An app that takes over another one's installations gets that one's name as",
            "`INSTALLER_ID`. Apps without any name (on a developer's machine) are told apart by",
            "the installation's name only.",
        ]
    )
