"""The sample requests, for tests of the rules."""

import copy
import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "samples"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def sample(name: str = "standard", **changes: Any) -> dict[str, Any]:
    """A sample; ``changes`` are paths joined by two underscores, None removes a key."""
    request = json.loads((FOLDER / f"{name}.json").read_text())
    for path, value in changes.items():
        *parents, last = path.split("__")
        here = request
        for parent in parents:
            here = here.setdefault(parent, {})
        if value is None:
            here.pop(last, None)
        else:
            here[last] = copy.deepcopy(value)
    return request
