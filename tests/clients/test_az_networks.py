"""Virtual networks and subnets."""

from tests.clients.programs import AzureCli


def test_a_network_gets_and_loses_a_subnet(az: AzureCli, group: str) -> None:
    """Each step shows in what the next command answers."""
    made = az.ask(
        f"network vnet create --resource-group {group} --name net --address-prefixes 10.1.0.0/16 "
        "--subnet-name first --subnet-prefixes 10.1.0.0/24"
    )
    assert made["newVNet"]["addressSpace"]["addressPrefixes"] == ["10.1.0.0/16"]

    where = f"--resource-group {group} --vnet-name net"
    az(f"network vnet subnet create {where} --name nodes --address-prefixes 10.1.4.0/22")
    shown = az.ask(f"network vnet subnet show {where} --name nodes")
    assert shown["addressPrefix"] == "10.1.4.0/22"
    assert shown["provisioningState"] == "Succeeded"
    assert az.ask(f"network vnet subnet list {where} --query [].name") == ["first", "nodes"]

    az(f"network vnet subnet delete {where} --name first")
    network = az.ask(f"network vnet show --resource-group {group} --name net")
    assert [s["name"] for s in network["subnets"]] == ["nodes"]

    az(f"network vnet delete --resource-group {group} --name net")
    assert az.ask(f"network vnet list --resource-group {group}") == []


def test_a_missing_network_and_a_missing_subnet_are_told(az: AzureCli, group: str) -> None:
    """ARM tells of the network, the network service of what is in one."""
    az(f"network vnet create --resource-group {group} --name net")

    network = az.refused(f"network vnet show --resource-group {group} --name other")
    subnet = az.refused(
        f"network vnet subnet show --resource-group {group} --vnet-name net --name other"
    )

    assert "(ResourceNotFound) The Resource 'Microsoft.Network/virtualNetworks/other'" in network
    assert "(NotFound) Resource /subscriptions/" in subnet
    assert "/subnets/other not found." in subnet


def test_a_subnet_outside_of_its_network_is_refused(az: AzureCli, group: str) -> None:
    """The code is that of Azure's network service."""
    az(f"network vnet create --resource-group {group} --name net --address-prefixes 10.1.0.0/16")

    said = az.refused(
        f"network vnet subnet create --resource-group {group} --vnet-name net --name far "
        "--address-prefixes 10.9.0.0/24"
    )

    assert "(NetcfgInvalidSubnet)" in said or "(NetcfgSubnetRangeOutsideVnet)" in said


def test_network_limits_are_listed(az: AzureCli) -> None:
    """With what is used of them."""
    rows = {r["localName"]: r for r in az.ask("network list-usages --location eastus")}

    assert int(rows["Virtual Networks"]["limit"]) == 1000
