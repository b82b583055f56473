"""Puts the stand-ins' executables where a kubelet's PATH finds them."""

import shutil
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent.parent


_REAL_HELM = """#!/bin/sh
# What lies behind https in the world lies behind {repositories} here.
for word do
  shift
  case $word in https://*) word="{repositories}/${{word#https://}}" ;; esac
  set -- "$@" "$word"
done
exec "{helm}" "$@"
"""


def write_programs(folder: Path, *, helm: Path | None = None, repositories: str = "") -> Path:
    """Put executables into ``folder`` for a kubelet's PATH; a real kubectl is left to serve.

    Args:
        folder: Made when it is not there.
        helm: A real helm to use; None for the stand-in.
        repositories: Where a real helm finds chart repositories: an address to which theirs are
            appended.
    """
    names = ["kots", "helm"] + ([] if shutil.which("kubectl") else ["kubectl"])
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        program = folder / name
        program.write_text(
            f'#!/bin/sh\nPYTHONPATH="{_ROOT}" exec "{sys.executable}" -m emulator.cli.{name} "$@"\n'
        )
        program.chmod(0o755)
    if helm is not None:
        script = _REAL_HELM.format(helm=helm.resolve(), repositories=repositories)
        (folder / "helm").write_text(script)
    return folder
