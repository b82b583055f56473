"""DNS zones and record sets."""

from typing import Any

import dns.message
import dns.query
import dns.rdatatype

from emulator.world import ZONE_GROUP, Cloud
from tests.clients.programs import AzureCli
from tests.emulator_kubernetes.running import eventually

ZONE = "--zone-name example.org --resource-group dns"


def test_a_zone_is_created_with_its_own_records(az: AzureCli, group: str) -> None:
    """Name servers, and the two record sets that every zone has."""
    made = az.ask(f"network dns zone create --resource-group {group} --name apps.example.net")
    assert len(made["nameServers"]) == 4

    zones = az.ask("network dns zone list --query [].name")
    shown = az.ask(f"network dns zone show --resource-group {group} --name apps.example.net")
    records = az.ask(
        f"network dns record-set list --resource-group {group} --zone-name apps.example.net"
    )
    assert {"apps.example.net", "example.com"} <= set(zones)
    assert shown["numberOfRecordSets"] == 2
    assert [r["type"].rpartition("/")[2] for r in records] == ["NS", "SOA"]

    az(f"network dns zone delete --resource-group {group} --name apps.example.net --yes")
    assert az.ask(f"network dns zone list --resource-group {group}") == []


def test_an_address_is_added_and_answered_by_the_name_servers(az: AzureCli, cloud: Cloud) -> None:
    """What az writes, a resolver reads; the last address takes its record set with it."""
    a = f"network dns record-set a {{}} {ZONE} --record-set-name www"
    az(a.format("add-record") + " --ipv4-address 192.0.2.7 --ttl 60")
    az(a.format("add-record") + " --ipv4-address 192.0.2.8 --ttl 60")

    shown = az.ask(f"network dns record-set a show {ZONE} --name www")
    assert shown["TTL"] == 60
    assert [r["ipv4Address"] for r in shown["ARecords"]] == ["192.0.2.7", "192.0.2.8"]
    eventually(lambda: _addresses(cloud, "www.example.org") == {"192.0.2.7", "192.0.2.8"})

    az(a.format("remove-record") + " --ipv4-address 192.0.2.7")
    az(a.format("remove-record") + " --ipv4-address 192.0.2.8")
    assert az.ask(f"network dns record-set a list {ZONE} --query [].name") == []
    eventually(lambda: not _addresses(cloud, "www.example.org"))


def _addresses(cloud: Cloud, name: str) -> set[str]:
    host, _, port = cloud.dns.address.rpartition(":")
    asked = dns.message.make_query(name, dns.rdatatype.A)
    answer: Any = dns.query.udp(asked, host, port=int(port), timeout=5)
    return {str(row) for rows in answer.answer for row in rows}


def test_create_only_does_not_overwrite(az: AzureCli) -> None:
    """``--if-none-match '*'`` is refused once the record set is there."""
    line = f"network dns record-set a create {ZONE} --name once --if-none-match '*' --ttl 60"
    made = az.ask(line)
    said = az.refused(line)

    assert made["TTL"] == 60
    assert "(PreconditionFailed) The condition '*' in the If-None-Match header was not" in said

    az(f"network dns record-set a delete {ZONE} --name once --yes")
    missing = az.refused(f"network dns record-set a show {ZONE} --name once")
    assert "(NotFound) The resource record 'once' does not exist in resource group" in missing


def test_a_stale_etag_is_refused(az: AzureCli) -> None:
    """``--if-match`` lets only the writer through who saw the present state."""
    set_ = f"network dns record-set txt {{}} {ZONE} --name note"
    az(f"network dns record-set txt add-record {ZONE} --record-set-name note --value one")
    before = az.ask(set_.format("show"))["etag"]
    az(set_.format("update") + " --metadata owner=me")

    said = az.refused(set_.format("update") + f" --if-match {before} --metadata owner=you")

    assert "(PreconditionFailed)" in said
    assert az.ask(set_.format("show"))["metadata"] == {"owner": "me"}
    az(set_.format("delete") + " --yes")


def test_a_cname_does_not_share_its_name(az: AzureCli) -> None:
    """The DNS service tells of the other record."""
    az(f"network dns record-set a add-record {ZONE} --record-set-name both -a 192.0.2.9")

    said = az.refused(
        f"network dns record-set cname set-record {ZONE} --record-set-name both -c www.example.org"
    )

    assert "(Conflict) The CNAME record could not be created because another record" in said
    az(f"network dns record-set a delete {ZONE} --name both --yes")


def test_a_missing_zone_is_told(az: AzureCli) -> None:
    """A zone is a resource: ARM tells of it."""
    said = az.refused(f"network dns zone show --resource-group {ZONE_GROUP} --name example.net")

    assert "(ResourceNotFound) The Resource 'Microsoft.Network/dnsZones/example.net'" in said
