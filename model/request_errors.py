"""Turns faults of a request's shape into sentences for people."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from model.problem import Problem, pointer
from model.wire import JsonObject, WireFault

_STORE_IT = (  # a sentence
    "Give the name of a Key Vault secret (letters, digits, hyphens), never its value:"
    " az keyvault secret set --vault-name VAULT --name NAME --file FILE"
)
_MESSAGES = {
    "string_type": "Give text in quotes.",
    "int_type": "Give a whole number without quotes.",
    "int_from_float": "Give a whole number.",
    "float_type": "Give a number without quotes.",
    "bool_type": "Give true or false without quotes.",
    "dict_type": "Give an object in braces.",
    "dataclass_type": "Give an object in braces.",
    "tuple_type": "Give a list in brackets.",
    "missing": "This is required.",
}
_BOUNDS = {
    "greater_than_equal": "Give {} or more.",
    "less_than_equal": "Give {} or less.",
    "multiple_of": "Give a multiple of {}.",
    "string_too_long": "Give at most {} characters.",
    "string_too_short": "Give at least {} characters.",
    "too_long": "Give at most {} of them.",
}
"""By kind of fault; the first number of pydantic's own message goes in."""
_PATTERNS = {
    "name": "Use lower-case letters, digits and inner hyphens, at most 40 characters.",
    "subscriptionId": "Give the subscription's id, a UUID; az account show prints it.",
    "resourceGroup": "Use letters, digits and _ . ( ) -, at most 90, not ending with a dot.",
    "location": "Give the region's short name, for example eastus.",
    "baseDomain": "Give a lower-case host name such as dash.example.com.",
    "vaultUri": "Give the vault's URI, for example https://NAME.vault.azure.net.",
    "kubernetesVersion": "Give 1.NN or 1.NN.N; az aks get-versions lists what the region offers.",
    "version": "Give a pinned version such as 1.131.4.",
    "email": "Give an e-mail address.",
    "username": "Use lower-case letters, digits and . _ @ -.",
    "zoneId": "Give the full resource id of the DNS zone.",
    "subnetId": "Give the full resource id of the subnet.",
    "podSubnetId": "Give the full resource id of the subnet.",
    "apiServerSubnetId": "Give the full resource id of the subnet.",
    "publicKey": "Give the line of a public key file, such as id_ed25519.pub.",
    "keyId": "Give the key's identifier, https://VAULT.vault.azure.net/keys/NAME/VERSION.",
    "repository": "Give an https URL without user, query and fragment.",
    "manifest": "Give an https URL without user, query and fragment.",
    "chart": "Give an oci:// reference, or a chart's name and its repository.",
}


def shape_problems(
    faults: Sequence[WireFault], payload: Any, schema: JsonObject
) -> Iterator[Problem]:
    """One problem per place, in words that say what is allowed.

    Args:
        faults: From the decoder.
        payload: What was sent; only its keys are used.
        schema: The request's JSON Schema, for the keys that exist.
    """
    seen: set[str] = set()
    for fault in faults:
        path = _real_path(fault, payload)
        place = pointer(path)
        if place in seen:
            continue  # a union tells each of its members' complaints
        seen.add(place)
        yield Problem(place, fault.kind.replace("_", "-"), _message(fault, path, schema))


def _real_path(fault: WireFault, payload: Any) -> tuple[str | int, ...]:
    """The path without the names of union members that pydantic appends."""
    path: list[str | int] = []
    here: Any = payload
    for step in fault.path:
        if isinstance(here, Mapping):
            path.append(step)
            here = cast("Mapping[str, Any]", here).get(str(step))
        elif isinstance(here, list) and isinstance(step, int):
            path.append(step)
            items = cast("list[Any]", here)
            here = items[step] if step < len(items) else None
        else:
            break
    return tuple(path)


def _message(fault: WireFault, path: tuple[str | int, ...], schema: JsonObject) -> str:
    last = str(path[-1]) if path else ""
    named = len(path) > 1 and path[0] == "secrets" and last != "vaultUri"
    if named and fault.kind == "string_pattern_mismatch":
        return _STORE_IT
    match fault.kind:
        case "extra_forbidden" | "unexpected_keyword_argument":
            return _unknown_key(last, _keys(path[:-1], schema))
        case "string_pattern_mismatch":
            return _PATTERNS.get(last, f"This has a wrong form. {_expected(fault.message)}")
        case "literal_error":
            return f"Allowed: {fault.message.partition('should be ')[2]}."
        case kind if kind in _BOUNDS:
            return _BOUNDS[kind].format(*re.findall(r"-?\d+(?:\.\d+)?", fault.message)[:1])
        case _:
            return _MESSAGES.get(fault.kind, f"{fault.message}.")


def _expected(message: str) -> str:
    found = re.search(r"'(.*)'", message)
    return f"It must match: {found[1]}" if found else ""


def _unknown_key(key: str, known: list[str]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    if close:
        return f"There is no such key; did you mean {close[0]}?"
    return f"There is no such key; known here: {', '.join(known)}."


def _keys(path: Sequence[str | int], schema: JsonObject) -> list[str]:
    """The keys that the schema knows at a path."""
    here = schema
    for step in path:
        here = _resolved(here, schema)
        child: JsonObject = (
            here.get("items", {})
            if isinstance(step, int)
            else here.get("properties", {}).get(step, {})
        )
        here = child
    return sorted(_resolved(here, schema).get("properties", {}))


def _resolved(node: JsonObject, schema: JsonObject) -> JsonObject:
    for option in [node, *node.get("anyOf", []), *node.get("allOf", [])]:
        if "$ref" in option:
            return schema["$defs"][option["$ref"].rpartition("/")[2]]
    return node
