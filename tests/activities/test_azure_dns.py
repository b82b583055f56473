"""The seven records: all or none, nobody else's, and true to what the world sees."""

from collections.abc import Iterator
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError

from activities.check_dns_zone import check_dns_zone
from activities.ensure_dns_records import ensure_dns_records
from activities.observe_dns_records import observe_dns_records
from emulator.azure import Rbac
from model.domain_names import names
from model.errors import Busy, Refusal
from model.finding import Findings
from model.outcome import Pending
from model.ownership import TAG_INSTALLATION
from model.results import DnsRecords
from tests.activities.azure_specs import ADDRESS, BASE, checks_spec, records_spec
from tests.gateways.azure_world import Emulated, emulated, until

FOREIGN = {"TTL": 60, "ARecords": [{"ipv4Address": "203.0.113.9"}]}
FOREIGN_ALIAS = {"TTL": 60, "CNAMERecord": {"cname": "elsewhere.example.com"}}


@pytest.fixture
def world() -> Iterator[Emulated]:
    """One zone that holds all seven names."""
    with emulated() as up:
        up.azure.state.add_zone("example.com", "dns-group")
        yield up


def zone(world: Emulated, name: str = "example.com", group: str = "dns-group") -> Any:
    return world.azure.state.resources.find(
        world.subscription_id, group, "Microsoft.Network/dnsZones", name
    )


def records(world: Emulated) -> dict[str, str]:
    """Fully qualified name and value of every A and CNAME record set in Azure."""
    found: dict[str, str] = {}
    for resource in world.azure.state.resources.all.values():
        properties = resource.properties
        if resource.kind.endswith("/A"):
            found[properties["fqdn"].rstrip(".")] = properties["ARecords"][0]["ipv4Address"]
        elif resource.kind.endswith("/CNAME"):
            found[properties["fqdn"].rstrip(".")] = properties["CNAMERecord"]["cname"]
    return found


def codes(findings: Findings) -> set[str | None]:
    return {finding.code for finding in findings.findings if finding.severity == "error"}


def resolved(world: Emulated, **domain: Any) -> None:
    until(
        lambda: observe_dns_records(world.gateways, records_spec(world, **domain)),
        lambda seen: isinstance(seen, DnsRecords),
    )


def test_seven_records_are_written_and_resolve(world: Emulated) -> None:
    """An address for the base domain, and six aliases of it."""
    written = ensure_dns_records(world.gateways, records_spec(world))
    base, *others = names(BASE)

    assert written.written == 7
    assert {(r.name, r.zone) for r in written.records} == {
        (name, "example.com") for name in names(BASE)
    }
    assert records(world) == {base: ADDRESS} | dict.fromkeys(others, base)
    resolved(world)


def test_a_second_run_writes_nothing(world: Emulated) -> None:
    """Equal is done."""
    ensure_dns_records(world.gateways, records_spec(world))

    assert ensure_dns_records(world.gateways, records_spec(world)).written == 0


def test_a_run_that_was_cut_short_is_finished_by_the_next(world: Emulated) -> None:
    """The fourth write meets a server error; the rest is written later."""
    world.faults.add(server="arm", method="PUT", path="dnsZones", status=500, skip=3, times=1)
    with pytest.raises(HttpResponseError):
        ensure_dns_records(world.gateways, records_spec(world))

    assert ensure_dns_records(world.gateways, records_spec(world)).written == 4


def test_our_own_records_follow_a_new_address_and_a_new_ttl(world: Emulated) -> None:
    """The load balancer was made anew; what we wrote is ours to change."""
    state = world.azure.state
    mine = {"metadata": {TAG_INSTALLATION: "dash"}}
    state.add_record(zone(world), "A", "de", FOREIGN | mine)
    state.add_record(
        zone(world), "CNAME", "api-de", mine | {"TTL": 60, "CNAMERecord": {"cname": BASE}}
    )

    written = ensure_dns_records(world.gateways, records_spec(world))

    assert written.written == 7
    assert records(world)[BASE] == ADDRESS
    assert ensure_dns_records(world.gateways, records_spec(world)).written == 0


def test_a_conflict_at_the_last_name_leaves_all_untouched(world: Emulated) -> None:
    """All seven are looked at before any is written; all conflicts are told at once."""
    world.azure.state.add_record(zone(world), "CNAME", "admin-de", FOREIGN_ALIAS)
    world.azure.state.add_record(zone(world), "A", "ws-de", FOREIGN)

    with pytest.raises(Refusal) as refused:
        ensure_dns_records(world.gateways, records_spec(world))

    assert refused.value.code == "dns-record-foreign"
    assert "admin-de.example.com" in refused.value.reason
    assert "ws-de.example.com" in refused.value.reason
    assert world.writes() == []


def test_with_overwrite_foreign_records_give_way(world: Emulated) -> None:
    """Of the same type they are replaced, of the other type removed first."""
    world.azure.state.add_record(zone(world), "CNAME", "admin-de", FOREIGN_ALIAS)
    world.azure.state.add_record(zone(world), "A", "ws-de", FOREIGN)

    written = ensure_dns_records(world.gateways, records_spec(world, overwrite=True))

    assert written.written == 7
    assert set(records(world)) == set(names(BASE))
    assert records(world)["ws-de.example.com"] == BASE


def test_equal_records_of_a_person_are_left_as_they_are(world: Emulated) -> None:
    """They do what is wanted; to mark them as ours would let us remove them."""
    right = {"TTL": 60, "ARecords": [{"ipv4Address": ADDRESS}]}
    world.azure.state.add_record(zone(world), "A", "de", right)

    assert ensure_dns_records(world.gateways, records_spec(world)).written == 6
    assert zone(world) is not None


def test_a_record_that_changes_between_look_and_write_is_looked_at_again(world: Emulated) -> None:
    """412: somebody was quicker, and only another look tells what to do."""
    world.faults.add(
        server="arm",
        method="PUT",
        path="dnsZones",
        status=412,
        body={"code": "PreconditionFailed", "message": "not satisfied"},
    )

    with pytest.raises(Busy):
        ensure_dns_records(world.gateways, records_spec(world))

    assert ensure_dns_records(world.gateways, records_spec(world)).written == 7


def test_each_record_goes_into_its_own_zone(world: Emulated) -> None:
    """The base domain is the apex of a zone of its own; its siblings are in the parent."""
    world.azure.state.add_zone(BASE, "other-group")

    written = ensure_dns_records(world.gateways, records_spec(world))

    placed = {r.name: (r.zone, r.relative_name) for r in written.records}
    assert placed[BASE] == (BASE, "@")
    assert placed[f"auth-{BASE}"] == ("example.com", "auth-de")
    resolved(world)


def test_an_apex_without_its_parent_zone_is_refused(world: Emulated) -> None:
    """The six siblings have no place; nothing is written."""
    del world.azure.state.resources.all[zone(world).resource_id.lower()]
    world.azure.state.add_zone(BASE, "other-group")

    with pytest.raises(Refusal) as refused:
        ensure_dns_records(world.gateways, records_spec(world))

    assert refused.value.code == "dns-zone-missing"
    assert "example.com" in refused.value.reason
    assert world.writes() == []


def test_two_zones_of_one_name_need_a_choice(world: Emulated) -> None:
    """The zone's id decides; without it nobody knows which one is delegated to."""
    world.azure.state.add_zone("example.com", "second-group")
    chosen = zone(world, group="second-group").resource_id

    with pytest.raises(Refusal) as refused:
        ensure_dns_records(world.gateways, records_spec(world))
    written = ensure_dns_records(world.gateways, records_spec(world, zone_id=chosen))

    assert refused.value.code == "dns-zone-ambiguous"
    assert written.written == 7
    assert {e.path.split("/")[4] for e in world.writes()} == {"second-group"}


def test_in_manual_mode_a_person_gets_the_records(world: Emulated) -> None:
    """Nothing is asked of Azure; the world is looked at all the same."""
    told = ensure_dns_records(world.gateways, records_spec(world, mode="manual"))
    seen = observe_dns_records(world.gateways, records_spec(world, mode="manual"))

    assert told.written == 0
    assert [(r.name, r.kind, r.value) for r in told.records] == [
        (name, "A" if name == BASE else "CNAME", ADDRESS if name == BASE else BASE)
        for name in names(BASE)
    ]
    assert {r.zone for r in told.records} == {""}
    assert isinstance(seen, Pending)
    assert world.journal.of("arm") == []


def test_what_is_missing_is_told_with_what_was_seen(world: Emulated) -> None:
    """A wrong address is shown beside the right one."""
    state = world.azure.state
    state.add_record(zone(world), "A", "de", FOREIGN)
    for name in names(BASE)[1:]:
        alias = {"TTL": 1, "CNAMERecord": {"cname": BASE}}
        state.add_record(zone(world), "CNAME", name.removesuffix(".example.com"), alias)

    seen = until(
        lambda: observe_dns_records(world.gateways, records_spec(world)),
        lambda it: isinstance(it, Pending) and "203.0.113.9" in it.detail,
    )

    assert isinstance(seen, Pending)
    assert f"203.0.113.9 instead of {ADDRESS}" in seen.detail
    assert "and 4 more" in seen.detail


def test_a_record_that_an_operator_removes_is_missed_again(world: Emulated) -> None:
    """Each look tells the truth of its moment, and the next ensure puts it right."""
    ensure_dns_records(world.gateways, records_spec(world))
    resolved(world)
    gone = zone(world).resource_id.lower() + "/cname/git-de"
    resource = world.azure.state.resources.all.pop(gone)
    world.azure.state.publish(zone(world), resource, deleted=True)

    seen = until(
        lambda: observe_dns_records(world.gateways, records_spec(world)),
        lambda it: isinstance(it, Pending),
    )
    again = ensure_dns_records(world.gateways, records_spec(world))

    assert isinstance(seen, Pending)
    assert "git-de.example.com" in seen.detail
    assert again.written == 1
    resolved(world)


def test_the_check_finds_all_well_and_writes_nothing(world: Emulated) -> None:
    """Before there is an address."""
    found = check_dns_zone(world.gateways, checks_spec(world))

    assert [finding.severity for finding in found.findings] == ["info"]
    assert world.writes() == []


def test_the_check_finds_each_foreign_record(world: Emulated) -> None:
    """All at once, so that one correction suffices; with overwrite they are warnings."""
    world.azure.state.add_record(zone(world), "A", "de", FOREIGN)
    world.azure.state.add_record(zone(world), "CNAME", "api-de", FOREIGN_ALIAS)

    found = check_dns_zone(world.gateways, checks_spec(world))
    accepted = check_dns_zone(world.gateways, checks_spec(world, domain={"overwrite": True}))

    assert [finding.code for finding in found.findings] == ["dns-record-foreign"] * 2
    assert {finding.severity for finding in accepted.findings} == {"warning"}


def test_the_check_finds_names_without_a_zone_or_with_two(world: Emulated) -> None:
    """Those without one are one finding, for they have one cause."""
    without = checks_spec(world, domain={"base_domain": "de.example.org"})
    missing = check_dns_zone(world.gateways, without)
    world.azure.state.add_zone("example.com", "second-group")
    ambiguous = check_dns_zone(world.gateways, checks_spec(world))

    assert [finding.code for finding in missing.findings] == ["dns-zone-missing"]
    assert all(name in missing.findings[0].found for name in names("de.example.org"))
    assert len(ambiguous.findings) == 7
    assert codes(ambiguous) == {"dns-zone-ambiguous"}


def test_a_base_domain_at_the_apex_of_its_zone_is_told_to_move_below(world: Emulated) -> None:
    """Six names have no zone for one reason; the seventh has."""
    apex = checks_spec(world, domain={"base_domain": "example.com"})

    [finding] = check_dns_zone(world.gateways, apex).findings

    assert finding.code == "dns-zone-missing"
    assert "api-example.com" in finding.found
    assert "dash.example.com" in finding.remedy


def test_the_check_names_the_right_that_it_lacks(world: Emulated) -> None:
    """Who may not look at the zone may not write into it either: an error, not a warning."""
    spec = checks_spec(world, domain={"zone_id": zone(world).resource_id})
    world.azure.rbac = Rbac()

    found = check_dns_zone(world.gateways, spec)

    assert [finding.code for finding in found.findings] == ["permission-missing"]
    assert "Microsoft.Network/dnsZones/read" in found.findings[0].remedy


def test_in_manual_mode_the_check_tells_what_a_person_will_do(world: Emulated) -> None:
    """Without a look at Azure."""
    found = check_dns_zone(world.gateways, checks_spec(world, domain={"mode": "manual"}))

    assert [finding.severity for finding in found.findings] == ["info"]
    assert all(name in found.findings[0].found for name in names(BASE))
    assert world.journal.of("arm") == []
