"""The ConfigValues document: the operator's template, checked, with its placeholders filled in.

Field names: https://docs.replicated.com/reference/custom-resource-configvalues
"""

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from model.documents import part
from model.errors import Refusal

API_VERSION = "kots.io/v1beta1"
KIND = "ConfigValues"

PLACEHOLDERS = (
    "baseDomain",
    "certificate",
    "certificateKey",
    "certificateBase64",
    "certificateKeyBase64",
)
"""What a template may name as ``${…}``; ``$${`` stands for the two characters ``${``."""
SECRET_PREFIX = "secret:"  # noqa: S105 # a word of the template
"""``${secret:NAME}`` stands for any other secret of the vault, such as a mail server's password."""

_SECRET = re.compile(r"secret:(?P<name>[0-9A-Za-z-]{1,127})")

_ESCAPED_IN_YAML = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff]")
"""Characters that JSON takes as they are; YAML folds some of them as line ends and refuses others:
https://yaml.org/spec/1.1/#id868518"""
_CODE = "config-values-invalid"
_PLACEHOLDER = re.compile(r"(?P<escaped>\$\$\{)|\$\{(?P<name>[^{}]*)\}|(?P<open>\$\{)")


def render_config_values(
    template: dict[str, Any],
    *,
    base_domain: str,
    certificate: str,
    certificate_key: str,
    secrets: Mapping[str, str] | None = None,
) -> str:
    """The ConfigValues file for an installation.

    Only text inside the document is replaced, in one pass: a value that itself looks like a
    placeholder, or like YAML, stays what it is. The text is JSON, which every YAML reader takes
    without guessing types.

    Args:
        template: See ``faults_of``.
        base_domain: Fully qualified, without the last dot.
        certificate: PEM text, the leaf first.
        certificate_key: PEM text.
        secrets: The values of ``secret_names``; None when it names none.

    Raises:
        Refusal: The template is not sound; the reason names every fault and no value.
    """
    faults = faults_of(template)
    if faults:
        raise Refusal(_CODE, "; ".join(faults))
    values = {
        "baseDomain": base_domain,
        "certificate": certificate,
        "certificateKey": certificate_key,
        "certificateBase64": _base64(certificate),
        "certificateKeyBase64": _base64(certificate_key),
        **{f"{SECRET_PREFIX}{name}": value for name, value in (secrets or {}).items()},
    }
    return as_yaml(_on_text(template, lambda text: _fill(text, values)))


def secret_names(template: dict[str, Any]) -> tuple[str, ...]:
    """The Key Vault secrets that a template names, each once, in alphabetical order."""
    found: set[str] = set()

    def note(text: str) -> str:
        for placeholder in _PLACEHOLDER.finditer(text):
            named = _SECRET.fullmatch(placeholder["name"] or "")
            if named:
                found.add(named["name"])
        return text

    _on_text(template, note)
    return tuple(sorted(found))


def as_yaml(document: Any) -> str:
    """A document as text that YAML 1.1 and 1.2 readers take for the same values."""
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    return _ESCAPED_IN_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def faults_of(template: dict[str, Any]) -> tuple[str, ...]:
    """Everything wrong with a template, one sentence each; names items, never their values."""
    return tuple(_shape_faults(template)) or tuple(_placeholder_faults(template, "template"))


def _shape_faults(template: dict[str, Any]) -> Iterator[str]:
    if template.get("apiVersion") != API_VERSION:
        yield f"apiVersion is not {API_VERSION}"
    if template.get("kind") != KIND:
        yield f"kind is not {KIND}"
    if not isinstance(part(template, "spec").get("values"), dict):
        yield "spec.values is not an object"
    for name, item in part(template, "spec", "values").items():
        if not isinstance(item, dict):
            yield f"spec.values.{name} is not an object such as {{value: text}}"
            continue
        for field, content in cast("dict[str, Any]", item).items():
            if not isinstance(content, str):
                yield f"spec.values.{name}.{field} is not text: quote numbers, booleans as '0', '1'"


def _placeholder_faults(node: Any, path: str) -> Iterator[str]:
    match node:
        case dict():
            for key, child in cast("dict[str, Any]", node).items():
                yield from _placeholder_faults(child, f"{path}.{key}")
        case list():
            for index, child in enumerate(cast("list[Any]", node)):
                yield from _placeholder_faults(child, f"{path}.{index}")
        case str():
            for found in _PLACEHOLDER.finditer(node):
                if found["open"]:
                    yield f"{path} has a placeholder without its closing brace"
                elif found["name"] is not None and not _is_known(found["name"]):
                    known = ", ".join((*PLACEHOLDERS, "secret:NAME"))
                    yield f"{path} names an unknown placeholder (known: {known})"
        case _:
            return


def _is_known(placeholder: str) -> bool:
    return placeholder in PLACEHOLDERS or _SECRET.fullmatch(placeholder) is not None


def _on_text(node: Any, change: Callable[[str], str]) -> Any:
    """The same document with every string leaf changed; keys stay."""
    match node:
        case dict():
            document = cast("dict[str, Any]", node)
            return {key: _on_text(child, change) for key, child in document.items()}
        case list():
            return [_on_text(child, change) for child in cast("list[Any]", node)]
        case str():
            return change(node)
        case _:
            return node


def _fill(text: str, values: dict[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda m: "${" if m["escaped"] else values[m["name"]], text)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
