"""Where an app's own packages are found, besides those that the host runs on."""

import os
import site
import sys
from pathlib import Path


def find_packages(app_dir: Path) -> None:
    """Make the app folder and the app's packages importable; to be called once, before its import.

    The folder and what is deployed with it come first
    (https://learn.microsoft.com/azure/azure-functions/python-build-options). The active virtual
    environment, where the worker of ``func start`` looks
    (https://github.com/Azure/azure-functions-python-worker/wiki/Python-Packages-Loading-Order-and-Sys-Path),
    comes last here: worker and host share this process, and two copies of one package must never
    mix in it.
    """
    deployed = app_dir / ".python_packages" / "lib" / "site-packages"
    sys.path[:0] = [str(app_dir), *([str(deployed)] if deployed.is_dir() else [])]
    active = os.environ.get("VIRTUAL_ENV")
    if active:
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        site.addsitedir(str(Path(active) / "lib" / version / "site-packages"))
