"""Orphans: what costs money and belongs to no installation that runs or succeeded."""

from datetime import UTC, datetime

from model.orphans import Marked, orphans
from model.ownership import TAG_INSTALLATION, TAG_INSTALLER

GROUP = "/subscriptions/s1/resourceGroups/rg-acme"
CLUSTER = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/aks"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/a-net"
MAY = datetime(2026, 5, 1, tzinfo=UTC)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)


def marked(resource_id: str, created: datetime | None = None, **tags: str) -> Marked:
    """Of installation acme, unless ``installation`` says otherwise."""
    found = {TAG_INSTALLATION: tags.get("installation", "acme")}
    if "installer" in tags:
        found[TAG_INSTALLER] = tags["installer"]
    return Marked(resource_id, found, created)


def ids(*found: Marked, alive: tuple[str, ...] = (), installer: str = "app") -> list[str]:
    return [orphan.resource_id for orphan in orphans(found, alive, installer)]


def test_what_an_installation_needs_that_runs_or_succeeded_is_no_orphan() -> None:
    """The name in the tag decides."""
    found = (marked(GROUP), marked(CLUSTER))

    assert ids(*found, alive=("acme",)) == []
    assert ids(*found, alive=("other",)) == [GROUP, CLUSTER]


def test_groups_come_first_and_clusters_before_their_networks() -> None:
    """The order in which they can be removed."""
    assert ids(marked(NETWORK), marked(CLUSTER), marked(GROUP)) == [GROUP, CLUSTER, NETWORK]


def test_each_orphan_tells_since_when_whose_and_what_removes_it() -> None:
    """A group is as old as the oldest tagged resource in it; the commands quote what they name."""
    odd = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/it's"
    group, cluster, network = orphans(
        (marked(GROUP), marked(CLUSTER, JUNE), marked(odd, MAY)), (), ""
    )

    assert group.told() == {
        "resourceId": GROUP,
        "installation": "acme",
        "since": "2026-05-01T00:00:00+00:00",
        "command": "az group delete --subscription s1 --name rg-acme",
    }
    assert (cluster.since, cluster.command) == (JUNE, f"az resource delete --ids {CLUSTER}")
    assert network.command.endswith("""'"'"'s'""")


def test_a_group_of_unknown_age_says_so() -> None:
    """Azure tells no group's age."""
    [group] = orphans([marked(GROUP)], (), "")

    assert group.told()["since"] is None


def test_a_group_in_which_something_is_in_use_is_never_offered_for_removal() -> None:
    """What is lost in it is offered alone."""
    used = marked(NETWORK, installation="other")

    assert ids(marked(GROUP), marked(CLUSTER), used, alive=("other",)) == [CLUSTER]


def test_what_another_app_made_is_that_apps_to_judge() -> None:
    """Its hub may know the installation; an app without a name tells apps not apart."""
    theirs = marked(CLUSTER, installer="another-app")

    assert ids(marked(GROUP), theirs) == []
    assert ids(theirs, installer="") == [CLUSTER]


def test_what_a_cluster_manages_goes_with_the_cluster() -> None:
    """Azure copies tags to the nodes' group and what is in it."""
    nodes = "/subscriptions/s1/resourceGroups/MC_rg-acme_aks_eastus"
    group = Marked(nodes, {TAG_INSTALLATION: "acme"}, managed=True)
    disk = marked(f"{nodes}/providers/Microsoft.Compute/disks/d")

    assert ids(marked(CLUSTER), group, disk) == [CLUSTER]
