"""Files that a Bicep file takes in while it is compiled."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

from tests.infra.bicep_source import Module, Tree, literal, walk

LARGEST_TEXT = 131_072
"""Characters that ``loadTextContent`` takes.

https://learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-functions-files
"""


def loaded(module: Module) -> Iterator[Path]:
    """Every file that ``loadTextContent`` or ``loadJsonContent`` names."""
    bodies = [resource.body for resource in module.resources]
    for node in walk([*module.variables.values(), *bodies]):
        if isinstance(node, dict) and "file_path" in node:
            named = literal(cast("Tree", node)["file_path"])
            assert named is not None, f"{module.path.name}: a file's name is no literal"
            yield (module.path.parent / named).resolve()


def unloadable(module: Module) -> list[str]:
    """Those that are missing, or too large to be taken in."""
    found: list[str] = []
    for path in loaded(module):
        if not path.is_file():
            found.append(f"no {path.name}")
        elif len(path.read_text()) > LARGEST_TEXT:
            found.append(f"{path.name} is too large")
    return found
