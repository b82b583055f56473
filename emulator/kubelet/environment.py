"""The variables of a container, as its manifest asks for them."""

import re
from collections.abc import Mapping

from emulator.kubelet.api_client import JsonObject
from emulator.kubelet.documents import listed
from emulator.kubelet.sources import Missing, Sources

_REFERENCE = re.compile(r"\$\$|\$\(([A-Za-z_.-][A-Za-z0-9_.-]*)\)")


async def variables(container: JsonObject, sources: Sources) -> dict[str, str]:
    """``envFrom`` first, then ``env`` in order, with ``$(NAME)`` expanded.

    Raises:
        Missing: A Secret, ConfigMap or key does not exist and is not optional.
    """
    found: dict[str, str] = {}
    for source in listed(container, "envFrom"):
        found |= await _all_of(source, sources)
    for variable in listed(container, "env"):
        if "valueFrom" in variable:
            value = await _value_from(variable["valueFrom"], sources)
            if value is not None:
                found[variable["name"]] = value
        else:
            found[variable["name"]] = expand(str(variable.get("value", "")), found)
    return found


def expand(text: str, known: Mapping[str, str]) -> str:
    """``$(NAME)`` replaced where the name is known; ``$$`` is a dollar sign."""

    def replaced(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        return known.get(match[1], match[0])

    return _REFERENCE.sub(replaced, text)


async def _all_of(source: JsonObject, sources: Sources) -> dict[str, str]:
    prefix = source.get("prefix", "")
    if reference := source.get("secretRef"):
        data = await sources.secret(reference["name"], optional=reference.get("optional", False))
    else:
        reference = source["configMapRef"]
        data = await sources.config_map(
            reference["name"], optional=reference.get("optional", False)
        )
    return {prefix + k: v.decode() for k, v in data.items()}


async def _value_from(source: JsonObject, sources: Sources) -> str | None:
    if reference := source.get("fieldRef"):
        return sources.field(reference["fieldPath"])
    for kind, word in (("secretKeyRef", "secret"), ("configMapKeyRef", "configmap")):
        reference = source.get(kind)
        if reference is None:
            continue
        optional = reference.get("optional", False)
        read = sources.secret if word == "secret" else sources.config_map
        data = await read(reference["name"], optional=optional)
        if reference["key"] in data:
            return data[reference["key"]].decode()
        if optional:
            return None
        home = sources.field("metadata.namespace")
        shown = "Secret" if word == "secret" else "ConfigMap"
        raise Missing(f"couldn't find key {reference['key']} in {shown} {home}/{reference['name']}")
    return ""
