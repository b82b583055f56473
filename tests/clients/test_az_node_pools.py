"""Node pools, and the nodes that follow them."""

import pytest

from tests.clients.programs import AzureCli, KubectlCli
from tests.emulator_kubernetes.running import eventually


@pytest.fixture
def where(cluster_group: str, cluster: str) -> str:
    """The cluster on the command line."""
    return f"--resource-group {cluster_group} --cluster-name {cluster}"


def _nodes(kubectl: KubectlCli, pool: str) -> int:
    found = kubectl.ask(f"get nodes --selector kubernetes.azure.com/agentpool={pool}")["items"]
    return len(found)


def test_a_pool_comes_grows_and_goes(az: AzureCli, kubectl: KubectlCli, where: str) -> None:
    """Nodes follow each step."""
    made = az.ask(
        f"aks nodepool add {where} --name extra --node-count 1 --labels team=dash "
        "--node-vm-size Standard_D4ds_v5 --mode User"
    )
    assert (made["name"], made["count"], made["mode"]) == ("extra", 1, "User")
    assert az.ask(f"aks nodepool list {where} --query [].name") == ["nodepool1", "extra"]
    eventually(lambda: _nodes(kubectl, "extra") == 1)

    az(f"aks nodepool scale {where} --name extra --node-count 2")
    assert az.ask(f"aks nodepool show {where} --name extra")["count"] == 2
    eventually(lambda: _nodes(kubectl, "extra") == 2)

    az(f"aks nodepool delete {where} --name extra")
    assert az.ask(f"aks nodepool list {where} --query [].name") == ["nodepool1"]
    eventually(lambda: _nodes(kubectl, "extra") == 0)
    assert _nodes(kubectl, "nodepool1") == 2


def test_a_missing_pool_is_told(az: AzureCli, where: str) -> None:
    """In the words of AKS, not of ARM."""
    ended = az.run(f"aks nodepool show {where} --name nothing")

    assert ended.code == 3
    assert "(NotFound) Could not find the agentpool" in ended.said


def test_the_last_system_pool_stays(az: AzureCli, where: str) -> None:
    """A cluster needs one."""
    said = az.refused(f"aks nodepool delete {where} --name nodepool1")

    assert "system" in said.lower()
    assert az.ask(f"aks nodepool list {where} --query [].name") == ["nodepool1"]


def test_a_bad_name_is_refused(az: AzureCli, where: str) -> None:
    """Before or behind the wire, az ends badly and nothing is added."""
    az.refused(f"aks nodepool add {where} --name Bad_Name --node-count 1")

    assert az.ask(f"aks nodepool list {where} --query [].name") == ["nodepool1"]
