"""Whether a bill of materials is sound: ``python scripts/sbom_check.py FILE REQUIREMENTS``.

Judged by the schema that CycloneDX publishes, and by the list from which the app is deployed.
"""

import importlib
import json
import re
import sys
from pathlib import Path
from typing import Any


def schema_fault(text: str) -> str:
    """Why ``text`` is no CycloneDX document of the version that it names; empty when it is one."""
    versions: Any = importlib.import_module("cyclonedx.schema").SchemaVersion
    validators: Any = importlib.import_module("cyclonedx.validation.json")
    version = versions.from_version(json.loads(text)["specVersion"])
    fault = validators.JsonStrictValidator(version).validate_str(text)
    return "" if fault is None else str(fault)[:500]


def content_faults(document: dict[str, Any], requirements: str) -> list[str]:
    """What the bill leaves out, or has besides, of a list of pinned requirements."""
    listed = {part["name"]: part for part in document.get("components", ())}
    pins = dict(re.findall(r"^([a-z0-9._-]+)==([^\s;\\]+)", requirements, re.MULTILINE))
    wrong = [
        f"{name} {version} is deployed; the bill has {listed.get(name, {}).get('version')}"
        for name, version in pins.items()
        if listed.get(name, {}).get("version") != version
    ]
    wrong += [f"{name} is in the bill and is not deployed" for name in listed if name not in pins]
    wrong += [f"{name} has no hash" for name, part in listed.items() if not _hashes(part)]
    return wrong + ([] if pins else ["nothing is deployed"])


def _hashes(part: dict[str, Any]) -> list[Any]:
    """The SHA-256 of each distribution."""
    return [one for file in part.get("externalReferences", ()) for one in file.get("hashes", ())]


def main() -> int:
    """The command line; 1 when something is wrong."""
    text = Path(sys.argv[1]).read_text()
    fault = schema_fault(text)
    document = json.loads(text)
    faults = [fault] if fault else content_faults(document, Path(sys.argv[2]).read_text())
    version = document["specVersion"]
    said = faults or [f"{len(document['components'])} packages, sound CycloneDX {version}"]
    sys.stdout.write("\n".join(f"{sys.argv[1]}: {line}" for line in said) + "\n")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
