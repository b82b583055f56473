"""azd's project and its hooks: what azd up and azd down run."""

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, override

import pytest
import yaml

from model.ownership import TAG_INSTALLATION, TAG_INSTALLER
from tests.infra.bicep_source import BICEP, ROOT, read

HOOKS = ROOT / "infra" / "hooks"
PROJECT: dict[str, Any] = yaml.safe_load((ROOT / "azure.yaml").read_text())
OF_AZD = {"AZURE_ENV_NAME", "AZURE_LOCATION", "AZURE_SUBSCRIPTION_ID"}
"""What azd itself puts into every environment."""
ENVIRONMENT = {
    "AZURE_ENV_NAME": "trial",
    "AZURE_LOCATION": "eastus",
    "AZURE_SUBSCRIPTION_ID": "00000000-0000-0000-0000-000000000001",
    "AZURE_RESOURCE_GROUP": "rg-dash-installer-trial",
    "AZURE_KEY_VAULT_NAME": "kv-abc123",
    "AZURE_PRINCIPAL_OBJECT_ID": "00000000-0000-0000-0000-0000000000aa",
    "SERVICE_INSTALLER_NAME": "func-abc123",
}
STUB = """#!/bin/sh
printf '%s\\n' "$*" >>"$CALLS"
case "$*" in
  *"provider show --namespace Microsoft.App "*) echo NotRegistered ;;
  *"provider show"*) echo Registered ;;
  *"aks list"*) printf 'dash\\tdash-enterprise\\teastus\\n' ;;
esac
"""


class Hook:
    """Runs hooks with a stand-in for ``az`` that notes what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.calls = folder / "calls"
        self.calls.touch()
        stub = folder / "az"
        stub.write_text(STUB)
        stub.chmod(0o755)
        self.path = f"{folder}{os.pathsep}{os.environ['PATH']}"

    def run(self, name: str, **more: str) -> subprocess.CompletedProcess[str]:
        """The hook's result, however it ended."""
        environment = {**ENVIRONMENT, "PATH": self.path, "CALLS": str(self.calls), **more}
        command = ["/bin/sh", str(HOOKS / name)]
        return subprocess.run(  # noqa: S603 # the project's own scripts
            command, env=environment, capture_output=True, text=True, timeout=30, check=False
        )

    def asked(self) -> list[str]:
        """What ``az`` was asked."""
        return self.calls.read_text().splitlines()


@pytest.fixture
def hook(tmp_path: Path) -> Hook:
    """Hooks with their own stand-in."""
    return Hook(tmp_path)


@pytest.fixture
def waking() -> Iterator[str]:
    """A server that answers 503 twice, then 200; its address."""
    answers = iter([503, 503])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(next(answers, 200))
            self.send_header("Content-Length", "0")
            self.end_headers()

        @override
        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_project_names_what_exists() -> None:
    """Template, parameter file and hooks are there, and hooks can be run."""
    folder = ROOT / PROJECT["infra"]["path"]
    hooks = [ROOT / hook["run"] for hook in PROJECT["hooks"].values()]

    assert (folder / f"{PROJECT['infra']['module']}.bicep").is_file()
    assert (folder / f"{PROJECT['infra']['module']}.bicepparam").is_file()
    assert sorted(hooks) == sorted(HOOKS.glob("*.sh"))
    assert all(os.access(path, os.X_OK) for path in hooks)


def test_the_service_is_found_by_its_tag() -> None:
    """Azd deploys the code to the app that carries the service's name."""
    tags = re.findall(
        r"'azd-service-name': '(\w+)'", (BICEP / "modules" / "function-app.bicep").read_text()
    )

    assert tags == list(PROJECT["services"])
    assert "'azd-env-name': environmentName" in (BICEP / "main.bicep").read_text()


def test_hooks_read_only_what_azd_has() -> None:
    """Each variable is azd's own, an output of main.bicep, or one of ours with a default."""
    known = OF_AZD | set(read(BICEP / "main.bicep").outputs)
    for path in sorted(HOOKS.glob("*.sh")):
        text = path.read_text()
        defaulted = set(re.findall(r"\$\{([A-Z_]+):-", text))
        used = set(re.findall(r"\$\{?([A-Z][A-Z_]+)\b", text))

        assert used - defaulted - known == set(), path.name
        assert {name for name in defaulted - known if not name.startswith("DASH_")} == set()


def test_only_a_missing_provider_is_registered(hook: Hook) -> None:
    """A registered provider is not touched: registering needs a right that a look does not."""
    result = hook.run("preprovision.sh")

    assert result.returncode == 0, result.stderr
    registered = [call for call in hook.asked() if call.startswith("provider register")]
    assert len(registered) == 1
    assert "--namespace Microsoft.App " in registered[0]


def test_without_the_azure_cli_the_first_hook_says_so(hook: Hook, tmp_path: Path) -> None:
    """Before anything is created."""
    empty = tmp_path / "empty"
    empty.mkdir()

    result = hook.run("preprovision.sh", PATH=str(empty))

    assert result.returncode == 1
    assert "install-azure-cli" in result.stderr


def test_the_rights_are_a_deployment_of_their_own(hook: Hook) -> None:
    """One deployment, of the file that exists, in the environment's name."""
    result = hook.run("postprovision.sh", DASH_RESOURCE_GROUPS="dash-enterprise")

    assert result.returncode == 0, result.stderr
    assert "dash-enterprise" in result.stdout
    (call,) = hook.asked()
    assert call.startswith("deployment sub create --name dash-installer-rights-trial ")
    parameters = re.search(r"--parameters (\S+)", call)
    assert parameters is not None
    assert Path(parameters.group(1)) == BICEP / "rights.bicepparam"


def test_the_rights_can_be_left_to_somebody_else(hook: Hook) -> None:
    """Then nothing is deployed, and the command is told."""
    result = hook.run("postprovision.sh", DASH_SKIP_RIGHTS="true")

    assert result.returncode == 0
    assert hook.asked() == []
    assert "--parameters infra/bicep/rights.bicepparam" in result.stdout


def test_a_misspelt_model_of_rights_is_refused(hook: Hook) -> None:
    """The parameter file would take everything that is not seedMinimum for split."""
    result = hook.run("postprovision.sh", DASH_RIGHTS_MODEL="seedminimum")

    assert result.returncode == 1
    assert hook.asked() == []
    assert "split or seedMinimum" in result.stderr


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
def test_the_endpoint_is_printed_once_the_app_answers(hook: Hook, waking: str) -> None:
    """Two refusals are waited out; the key is not printed, the command for it is."""
    result = hook.run(
        "postdeploy.sh", SERVICE_INSTALLER_ENDPOINT=waking, DASH_HEALTH_PAUSE_SECONDS="0"
    )

    assert result.returncode == 0, result.stderr
    assert f"endpoint  {waking}" in result.stdout
    assert "az functionapp keys list" in result.stdout
    assert hook.asked() == []


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
def test_an_app_that_never_answers_ends_azd_up_with_an_error(hook: Hook) -> None:
    """After the deadline, with where to look."""
    result = hook.run(
        "postdeploy.sh",
        SERVICE_INSTALLER_ENDPOINT="http://127.0.0.1:9",
        DASH_HEALTH_DEADLINE_SECONDS="0",
    )

    assert result.returncode == 1
    assert "does not answer" in result.stderr


@pytest.mark.parametrize("name", ["predown.sh", "postdown.sh"])
def test_azd_down_deletes_no_installation(hook: Hook, name: str) -> None:
    """The hooks look, and tell; nothing that az is asked changes anything."""
    result = hook.run(name)

    assert result.returncode == 0, result.stderr
    assert "installation" in result.stdout
    assert [call for call in hook.asked() if not re.match(r"\w+ list\b", call)] == []


def test_the_clusters_that_stay_are_named(hook: Hook) -> None:
    """Found by the tag that each installation puts on its cluster."""
    result = hook.run("predown.sh")

    assert "dash\tdash-enterprise\teastus" in result.stdout
    assert f'tags."{TAG_INSTALLATION}"' in hook.asked()[0]


def test_the_way_to_remove_a_finished_installation_is_told(hook: Hook) -> None:
    """Only a running one can be cancelled; a finished one is deleted with its group."""
    told = hook.run("predown.sh").stdout

    assert "still running" in told
    assert "az group delete --name GROUP" in told
    assert TAG_INSTALLER in told
