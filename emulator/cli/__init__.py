"""Stand-ins of the programs of the installer's image: kots, helm, and kubectl where there is none.

Each starts anew for every call, as the real one does: only the standard library and yaml
are used.
"""

import shutil
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent.parent


def write_programs(folder: Path) -> Path:
    """Put executables into ``folder`` for a kubelet's PATH; a real kubectl is left to serve."""
    names = ["kots", "helm"] + ([] if shutil.which("kubectl") else ["kubectl"])
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        program = folder / name
        program.write_text(
            f'#!/bin/sh\nPYTHONPATH="{_ROOT}" exec "{sys.executable}" -m emulator.cli.{name} "$@"\n'
        )
        program.chmod(0o755)
    return folder
