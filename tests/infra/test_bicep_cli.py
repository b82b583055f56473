"""The Bicep compiler's own word, where there is one."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.infra.bicep_source import BICEP, label, parameter_files

COMPILER = shutil.which("bicep", path=None) or shutil.which(str(Path.home() / ".azure/bin/bicep"))
ENVIRONMENT = {
    "AZURE_ENV_NAME": "trial",
    "AZURE_LOCATION": "eastus",
    "AZURE_PRINCIPAL_OBJECT_ID": "00000000-0000-0000-0000-0000000000aa",
    "AZURE_KEY_VAULT_RESOURCE_ID": "",
    "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1",
}

pytestmark = pytest.mark.skipif(COMPILER is None, reason="no bicep on PATH nor in ~/.azure/bin")


def bicep(*arguments: str) -> None:
    """Run the compiler; what it says is the failure's text."""
    assert COMPILER is not None
    command = [COMPILER, *arguments]
    result = subprocess.run(  # noqa: S603 # the compiler that was looked for
        command, env=ENVIRONMENT, capture_output=True, text=True, timeout=50, check=False
    )
    assert result.returncode == 0, result.stderr
    assert "Warning" not in result.stderr, result.stderr


@pytest.mark.parametrize("name", ["main.bicep", "rights.bicep"])
def test_a_template_builds_and_lints(name: str) -> None:
    """With every module below it, by the rules of bicepconfig.json."""
    bicep("build", str(BICEP / name), "--stdout")
    bicep("lint", str(BICEP / name))


@pytest.mark.parametrize("path", parameter_files(), ids=label)
def test_a_parameter_file_builds(path: Path) -> None:
    """Its values fit the types of the template's parameters."""
    bicep("build-params", str(path), "--stdout")
