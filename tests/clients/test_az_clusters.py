"""Managed clusters: creation in several forms, credentials, changes, refusals, deletion."""

import base64
from pathlib import Path

from emulator.world import Cloud
from tests.clients.programs import AzureCli, KubectlCli, Program

SIZE = "--node-vm-size Standard_D4ds_v5"


def test_a_cluster_without_options_gets_the_defaults(az: AzureCli, group: str) -> None:
    """Three nodes in one pool, a managed identity, and a group of its own for the nodes."""
    made = az.ask(f"aks create --resource-group {group} --name plain --no-ssh-key")

    (pool,) = made["agentPoolProfiles"]
    assert (pool["name"], pool["count"], pool["mode"]) == ("nodepool1", 3, "System")
    assert made["provisioningState"] == "Succeeded"
    assert made["powerState"]["code"] == "Running"
    assert made["identity"]["type"] == "SystemAssigned"
    assert made["networkProfile"]["networkPluginMode"] == "overlay"
    assert made["nodeResourceGroup"] == f"MC_{group}_plain_eastus"
    assert az.ask(f"group exists --name MC_{group}_plain_eastus") is True
    assert az.ask(f"aks show --resource-group {group} --name plain")["id"] == made["id"]
    assert az.ask(f"aks list --resource-group {group} --query [].name") == ["plain"]


def test_a_cluster_in_a_subnet_and_zones_gets_what_was_asked(az: AzureCli, group: str) -> None:
    """The forms that installations use: own subnet, zones, version, labels, tags, tier."""
    az(
        f"network vnet create --resource-group {group} --name net --address-prefixes 10.1.0.0/16 "
        "--subnet-name nodes --subnet-prefixes 10.1.0.0/22"
    )
    subnet = az.ask(
        f"network vnet subnet show --resource-group {group} --vnet-name net --name nodes"
    )["id"]

    made = az.ask(
        f"aks create --resource-group {group} --name full --node-count 3 {SIZE} --zones 1 2 3 "
        f"--vnet-subnet-id {subnet} --nodepool-name system --nodepool-labels team=dash "
        "--node-osdisk-size 256 --max-pods 60 --kubernetes-version 1.35 --tier standard "
        "--network-plugin azure --service-cidr 10.200.0.0/16 --dns-service-ip 10.200.0.10 "
        "--enable-oidc-issuer --enable-workload-identity --tags env=test --no-ssh-key --yes"
    )

    (pool,) = made["agentPoolProfiles"]
    assert pool["availabilityZones"] == ["1", "2", "3"]
    assert pool["vnetSubnetId"] == subnet
    assert (pool["maxPods"], pool["osDiskSizeGb"]) == (60, 256)
    assert pool["nodeLabels"] == {"team": "dash"}
    assert made["sku"] == {"name": "Base", "tier": "Standard"}
    assert made["networkProfile"]["serviceCidr"] == "10.200.0.0/16"
    assert made["oidcIssuerProfile"]["issuerUrl"].startswith("https://")
    assert made["tags"] == {"env": "test"}
    assert made["currentKubernetesVersion"].startswith("1.35.")
    # az gives the cluster's identity the right to join the subnet.
    granted = az.ask(f"role assignment list --scope {subnet}")
    assert made["identity"]["principalId"] in [row["principalId"] for row in granted]
    said = az.refused(
        f"network vnet subnet delete --resource-group {group} --vnet-name net --name nodes"
    )
    assert "(InUseSubnetCannotBeDeleted)" in said


def test_a_user_assigned_identity_and_autoscaling_are_kept(az: AzureCli, group: str) -> None:
    """Two more forms of creation."""
    identity = az.ask(f"identity create --resource-group {group} --name cluster")["id"]

    made = az.ask(
        f"aks create --resource-group {group} --name scaling --node-count 1 {SIZE} "
        f"--assign-identity {identity} --enable-cluster-autoscaler --min-count 1 --max-count 4 "
        "--no-ssh-key"
    )

    (pool,) = made["agentPoolProfiles"]
    assert (pool["enableAutoScaling"], pool["minCount"], pool["maxCount"]) == (True, 1, 4)
    assert made["identity"]["type"] == "UserAssigned"
    assert [key.lower() for key in made["identity"]["userAssignedIdentities"]] == [identity.lower()]


def test_credentials_open_the_cluster(kubectl: KubectlCli) -> None:
    """The kubeconfig that az wrote leads to Ready nodes."""
    kubectl("wait --for=condition=Ready nodes --all --timeout=20s")

    nodes = kubectl.ask("get nodes")["items"]

    names = [node["metadata"]["name"] for node in nodes]
    assert len(names) == 2
    assert all(name.startswith("aks-nodepool1-") for name in names)


def test_contexts_are_named_as_on_azure(
    az: AzureCli, cluster_group: str, cluster: str, tmp_path: Path
) -> None:
    """User and administrator get contexts of their own in one file."""
    file = tmp_path / "both"
    where = f"--resource-group {cluster_group} --name {cluster} --file {file}"
    az(f"aks get-credentials {where}")
    az(f"aks get-credentials {where} --admin")

    kubectl = Program("kubectl", {"KUBECONFIG": str(file), "HOME": str(tmp_path)})
    assert kubectl("config get-contexts --output name").split() == [cluster, f"{cluster}-admin"]
    assert kubectl("config current-context").strip() == f"{cluster}-admin"
    users = kubectl("config view --output 'jsonpath={.users[*].name}'").split()
    assert users == [
        f"clusterAdmin_{cluster_group}_{cluster}", f"clusterUser_{cluster_group}_{cluster}"
    ]  # fmt: skip # two names
    assert kubectl("get namespace default --output name").strip() == "namespace/default"


def test_a_command_runs_inside(az: AzureCli, cluster_group: str, cluster: str) -> None:
    """``command invoke`` prints what the command printed and how it ended."""
    said = az(
        f"aks command invoke --resource-group {cluster_group} --name {cluster} "
        "--command 'kubectl get namespaces; exit 3'"
    )

    assert "with exitcode=3" in said
    assert "kube-system" in said


def test_tags_and_versions_are_updated(az: AzureCli, group: str) -> None:
    """An upgrade goes to a version that ``get-upgrades`` offers."""
    where = f"--resource-group {group} --name changing"
    az(f"aks create {where} --node-count 1 {SIZE} --kubernetes-version 1.35 --no-ssh-key")

    assert az.ask(f"aks update {where} --tags owner=me")["tags"] == {"owner": "me"}
    offered = az.ask(f"aks get-upgrades {where}")["controlPlaneProfile"]["upgrades"]
    newest = max(row["kubernetesVersion"] for row in offered)
    az(f"aks upgrade {where} --kubernetes-version {newest} --yes")

    shown = az.ask(f"aks show {where}")
    assert shown["currentKubernetesVersion"] == newest
    assert shown["tags"] == {"owner": "me"}

    az(f"aks delete {where} --yes")
    assert az.run(f"aks show {where}").code == 3
    assert az.ask(f"group exists --name MC_{group}_changing_eastus") is False


def test_versions_of_a_region_are_listed(az: AzureCli) -> None:
    """One of them is the default."""
    rows = az.ask("aks get-versions --location eastus")["values"]

    assert [row["version"] for row in rows if row.get("isDefault")] == ["1.35"]


def test_a_missing_cluster_and_a_missing_group_are_told(az: AzureCli, group: str) -> None:
    """Both with ARM's codes."""
    cluster = az.refused(f"aks show --resource-group {group} --name nothing")
    nowhere = az.refused(f"aks create --resource-group nowhere --name c {SIZE} --no-ssh-key")

    assert "(ResourceNotFound) The Resource 'Microsoft.ContainerService/managedClusters/" in cluster
    assert "(ResourceGroupNotFound) Resource group 'nowhere' could not be found." in nowhere


def test_a_size_that_does_not_exist_is_refused(az: AzureCli, group: str) -> None:
    """AKS lists what it has instead."""
    said = az.refused(
        f"aks create --resource-group {group} --name c --node-vm-size Standard_D9zz --no-ssh-key"
    )

    assert "(BadRequest) The VM size of Standard_D9zz is not allowed in your subscription" in said
    assert "Code: BadRequest" in said
    assert az.ask(f"aks list --resource-group {group}") == []


def test_too_little_quota_is_refused(az: AzureCli, cloud: Cloud, group: str) -> None:
    """AKS tells what is left and what was asked for."""
    cloud.azure.state.set_quota("uksouth", "cores", 10, used=6)

    said = az.refused(
        f"aks create --resource-group {group} --name c --location uksouth --node-count 2 "
        f"{SIZE} --no-ssh-key"
    )

    assert "(ErrCode_InsufficientVCPUQuota) Insufficient regional vcpu quota left for" in said
    assert "left regional vcpu quota 4, requested quota 8" in said


def test_a_zone_that_does_not_exist_is_refused(az: AzureCli, group: str) -> None:
    """In a region without zones."""
    said = az.refused(
        f"aks create --resource-group {group} --name c --location westus --zones 1 {SIZE} "
        "--no-ssh-key"
    )

    assert "(AvailabilityZoneNotSupported)" in said


def test_a_late_failure_is_told_at_the_end(az: AzureCli, cloud: Cloud, group: str) -> None:
    """The CLI waits, then prints the operation's own error; the cluster stays, failed."""
    cloud.azure.state.fail_next_operation(
        "Microsoft.ContainerService/managedClusters", "CreateVMSSAgentPoolFailed", "No capacity."
    )

    said = az.refused(f"aks create --resource-group {group} --name c {SIZE} --no-ssh-key")

    assert "(CreateVMSSAgentPoolFailed) No capacity." in said
    shown = az.ask(f"aks show --resource-group {group} --name c")
    assert shown["provisioningState"] == "Failed"


def test_a_kubeconfig_is_what_plain_requests_get(
    az: AzureCli, cluster_group: str, cluster: str
) -> None:
    """``az rest`` shows the answer that the SDKs decode."""
    path = f"/subscriptions/{{subscriptionId}}/resourceGroups/{cluster_group}/providers/"
    path += f"Microsoft.ContainerService/managedClusters/{cluster}/listClusterUserCredential"

    (row,) = az.ask(f"rest --method post --url '{path}?api-version=2026-06-01'")["kubeconfigs"]

    assert row["name"] == "clusterUser"
    assert base64.b64decode(row["value"]).startswith(b"apiVersion: v1")
