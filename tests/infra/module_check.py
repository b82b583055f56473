"""What a module file may lack, call wrongly, or hold that it must not."""

import re

from tests.infra.bicep_source import Declared, Module, read

FORBIDDEN = {
    "a key": re.compile(
        r"\blist(?:\w*Keys|AccountSas|ServiceSas|Credentials?|Secrets?)\b", re.IGNORECASE
    ),
    "a literal location": re.compile(r"^\s*location: '(?!global')", re.MULTILINE),
    "a registry module": re.compile(r"'(?:br|ts)[:/]"),
    "an experiment": re.compile(r"\bresource(?:Input|Output)<"),
}


def undescribed(module: Module) -> list[str]:
    """What lacks a description, or has one that does not begin as it should."""
    found = [f"output {o.name}" for o in module.outputs.values() if not o.description]
    found += [f"metadata {m}" for m in ("name", "description") if _lacks(module, m)]
    for name, parameter in module.parameters.items():
        if not parameter.description.startswith(_beginning(parameter)):
            found.append(f"param {name}")
    for type_name, properties in module.types.items():
        for name, declared in properties.items():
            wanted = "" if not name else _beginning(declared)
            if not declared.description or not declared.description.startswith(wanted):
                found.append(f"type {type_name}.{name}")
    return found


def _lacks(module: Module, metadata: str) -> bool:
    return module.path.stem != "types" and metadata not in module.metadata


def _beginning(declared: Declared) -> str:
    return "Optional. " if declared.optional else "Required. "


def miscalled(module: Module) -> list[str]:
    """Module calls that give too much or too little."""
    found: list[str] = []
    for call in module.calls:
        target = (module.path.parent / call.path).resolve()
        if not target.is_file():
            found.append(f"{call.symbol}: no {call.path}")
            continue
        wanted = read(target).parameters
        required = {name for name, parameter in wanted.items() if not parameter.optional}
        given = set(call.parameters)
        found += [f"{call.symbol}: unknown {name}" for name in sorted(given - set(wanted))]
        found += [f"{call.symbol}: lacks {name}" for name in sorted(required - given)]
        if module.scope == "subscription" and read(target).scope == "resourceGroup":
            found += [] if call.scoped else [f"{call.symbol}: no scope"]
    return found


def unread_outputs(module: Module) -> list[str]:
    """Outputs of called modules that are read, and do not exist."""
    found: list[str] = []
    for call in module.calls:
        has = read((module.path.parent / call.path).resolve()).outputs
        used = set(re.findall(rf"\b{call.symbol}!?\.outputs\.(\w+)", module.text))
        found += [f"{call.symbol}.outputs.{name}" for name in sorted(used - set(has))]
    return found
