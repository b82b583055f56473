"""The emulated cloud, and the real az and kubectl pointed at it.

az takes about a second a command, so its tests run only where ``TEST_CLIENTS=1`` asks for them;
``test_installed.py`` stands for them elsewhere.
"""

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.circumstances import Circumstances
from emulator.clock import Clock
from emulator.world import Cloud
from tests.clients.programs import AZ, WANTED, AzureCli, KubectlCli, missing
from tests.emulator_kubernetes.running import Background

SPEED = 1200.0
"""Eight minutes of a cluster's creation in 0.4 s."""

collect_ignore_glob = [] if WANTED and not missing() else ["test_az_*.py", "test_document.py"]
if shutil.which("kubectl") is None:
    collect_ignore_glob.append("test_kubectl*.py")

PATIENCE = 180
"""Real seconds for one test; a busy machine is slow, not wrong."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here runs a real client."""
    for item in items:
        if "tests/clients" in str(item.path):
            item.add_marker(pytest.mark.clients)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(PATIENCE))


@pytest.fixture(scope="session")
def background() -> Iterator[Background]:
    """The emulator's event loop."""
    background = Background()
    yield background
    background.end()


@pytest.fixture(scope="session")
def cloud(background: Background) -> Iterator[Cloud]:
    """Azure and its clusters, with quota for many of them."""
    cloud = Cloud(Circumstances(clock=Clock(SPEED)))
    background.run(cloud.__aenter__())
    for quota in ("standardDDSv5Family", "cores"):
        cloud.azure.state.set_quota("eastus", quota, 1000)
    yield cloud
    background.run(cloud.__aexit__())


@pytest.fixture(scope="session")
def az_environment(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A configuration folder of its own: nothing of the person who runs the tests is touched."""
    folder = tmp_path_factory.mktemp("az")
    return {
        "AZURE_CONFIG_DIR": str(folder),
        "AZURE_CORE_COLLECT_TELEMETRY": "false",
        "AZURE_CORE_INSTANCE_DISCOVERY": "false",
        "REQUESTS_CA_BUNDLE": str(cloud.ca_file),
        "HOME": str(folder),
    }


@pytest.fixture(scope="session")
def az(cloud: Cloud, az_environment: dict[str, str]) -> AzureCli:
    """The CLI on the emulated cloud, logged in as its operator."""
    az = AzureCli(str(AZ), az_environment)
    url = cloud.azure.url
    parts = (
        "resource-manager", "active-directory", "active-directory-resource-id",
        "active-directory-graph-resource-id", "management", "microsoft-graph-resource-id",
    )  # fmt: skip # a list of options
    endpoints = " ".join(f"--endpoint-{part} {url}" for part in parts)
    az(f"cloud register -n emulated {endpoints} --suffix-keyvault-dns /")
    # Without it the next command would turn to the public cloud.
    az("cloud set -n emulated")
    operator = cloud.service_principal
    az(
        f"login --service-principal --username {operator['clientId']} "
        f"--password={operator['clientSecret']} --tenant {operator['tenantId']}"
    )
    return az


@pytest.fixture
def group(az: AzureCli) -> str:
    """A new resource group."""
    name = f"rg-{uuid.uuid4().hex[:8]}"
    az(f"group create --name {name} --location eastus")
    return name


@pytest.fixture(scope="session")
def cluster_group(az: AzureCli) -> str:
    """The group of ``cluster``."""
    az("group create --name rg-shared --location eastus")
    return "rg-shared"


@pytest.fixture(scope="session")
def cluster(az: AzureCli, cluster_group: str) -> str:
    """A cluster with two nodes, created by az; tests leave it as it was."""
    az(
        f"aks create --resource-group {cluster_group} --name shared --node-count 2 "
        "--node-vm-size Standard_D4ds_v5 --no-ssh-key"
    )
    return "shared"


@pytest.fixture
def kubectl(az: AzureCli, cluster_group: str, cluster: str, tmp_path: Path) -> KubectlCli:
    """Kubectl with the kubeconfig that az fetched."""
    file = tmp_path / "kubeconfig"
    az(f"aks get-credentials --resource-group {cluster_group} --name {cluster} --file {file}")
    return KubectlCli("kubectl", {"KUBECONFIG": str(file), "HOME": str(tmp_path)})
