"""Rules across the fields of a request; each is judged even when other fields are wrong."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from model.cluster_request_rules import CLUSTER_RULES
from model.documents import part
from model.domain_names import PREFIXES
from model.draft import Draft
from model.kots_files import faults_of
from model.problem import Problem, pointer

CONFIG_VALUES_LIMIT = 4096
"""Bytes of the encoded template; the plan travels in history."""
COMPONENT_VALUES_LIMIT = 4096
_LABEL_LIMIT = 63
_PASSWORD = re.compile(r"(password|passwd|secret|(api|access|private)_?key|token)$", re.IGNORECASE)
"""Names of configuration items whose value nobody should read."""
TAG_LIMIT = 256
"""Characters of an Azure tag's value:
https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources"""
TAGS_LIMIT = 2048
"""Bytes of all tags: they travel in every stage that makes something."""
COMPONENTS_LIMIT = 8192
"""Bytes of all components, for the plan's 24 KB."""
_MIN_LABELS = 3


def rule_problems(payload: Mapping[str, Any]) -> Iterator[Problem]:
    """Every broken rule."""
    draft = Draft(payload)
    for rule in _RULES:
        yield from rule(draft)


def _base_domain(draft: Draft) -> Iterator[Problem]:
    base = draft.text("/domain/baseDomain")
    if base is None:
        return
    labels = base.split(".")
    longest = max(len(prefix) for prefix in PREFIXES) + 1
    if len(labels) < _MIN_LABELS:
        yield Problem(
            "/domain/baseDomain",
            "base-domain-apex",
            "Give a host under your domain, such as dash.example.com: six more names, such as"
            " api-dash.example.com, stand beside it, and beside an apex they would not be yours.",
        )
    elif len(labels[0]) + longest > _LABEL_LIMIT:
        yield Problem(
            "/domain/baseDomain",
            "base-domain-long",
            f"Its first label has at most {_LABEL_LIMIT - longest} characters,"
            " for prefixes are put before it.",
        )


def _config_values(draft: Draft) -> Iterator[Problem]:
    values = draft.at("/kots/configValues")
    if not isinstance(values, Mapping):
        return
    template = cast("dict[str, Any]", values)
    yield from _inline_secrets(template)
    for fault in faults_of(template):
        yield Problem("/kots/configValues", "config-values", f"{fault}.")
    if len(json.dumps(template)) > CONFIG_VALUES_LIMIT:
        yield Problem(
            "/kots/configValues",
            "config-values-size",
            f"It may have {CONFIG_VALUES_LIMIT} bytes; keep large values in the certificate"
            " placeholders.",
        )


def _inline_secrets(template: dict[str, Any]) -> Iterator[Problem]:
    for name, item in part(template, "spec", "values").items():
        fields = cast("dict[str, Any]", item).items() if isinstance(item, dict) else ()
        for key, value in fields:
            place = pointer(("kots", "configValues", "spec", "values", name, key))
            if not isinstance(value, str) or "${" in value:
                continue
            if "PRIVATE KEY-----" in value:
                told = "It holds a private key: use ${certificateKey}, or ${certificateKeyBase64}."
                yield Problem(place, "inline-secret", told)
            elif value and _is_password(name, key):
                yield Problem(
                    place,
                    "inline-secret",
                    "Store it in Key Vault and write ${secret:NAME}: what stands here is kept in"
                    " histories.",
                )


def _is_password(item: str, key: str) -> bool:
    """Whether a configuration item's value is one that KOTS encrypts, or is named like one."""
    return key.endswith("Plaintext") or (
        key in ("value", "data") and _PASSWORD.search(item) is not None
    )


def _components(draft: Draft) -> Iterator[Problem]:
    earlier: list[str] = []
    for number, component in enumerate(draft.objects("/components")):
        place = f"/components/{number}"
        if (component.get("chart") is None) == (component.get("manifest") is None):
            yield Problem(place, "component-source", "Give either chart or manifest.")
        name = component.get("name")
        if name in earlier:
            yield Problem(f"{place}/name", "component-twice", "Another component has this name.")
        after: Any = component.get("after")
        for wanted in cast("list[Any]", after) if isinstance(after, list) else []:
            if wanted not in earlier:
                yield Problem(
                    f"{place}/after", "component-order", "Name components that stand before it."
                )
        if len(json.dumps(component.get("values", {}))) > COMPONENT_VALUES_LIMIT:
            yield Problem(
                f"{place}/values", "component-size", f"At most {COMPONENT_VALUES_LIMIT} bytes."
            )
        if isinstance(name, str):
            earlier.append(name)


def _sizes(draft: Draft) -> Iterator[Problem]:
    tags = draft.at("/azure/tags")
    if isinstance(tags, Mapping):
        known = cast("Mapping[str, Any]", tags)
        if any(len(str(value)) > TAG_LIMIT for value in known.values()):
            yield Problem("/azure/tags", "tag-long", f"A tag has at most {TAG_LIMIT} characters.")
        elif len(json.dumps(dict(known))) > TAGS_LIMIT:
            yield Problem("/azure/tags", "tags-size", f"Tags have {TAGS_LIMIT} bytes in all.")
    if len(json.dumps(draft.at("/components"))) > COMPONENTS_LIMIT:
        told = f"All components together have at most {COMPONENTS_LIMIT} bytes."
        yield Problem("/components", "components-size", told)


def _limits(draft: Draft) -> Iterator[Problem]:
    apply = draft.at("/limits/apply")
    document = draft.text("/limits/document")
    ways = cast("list[Any]", apply) if isinstance(apply, list) else []
    if "graphql" in ways and document is None:
        yield Problem("/limits/document", "limits-document", "Give the GraphQL mutation to run.")
    if document is not None and not ("$pods" in document and "$volumes" in document):
        yield Problem(
            "/limits/document", "limits-variables", "It must use the variables $pods and $volumes."
        )


_RULES: tuple[Callable[[Draft], Iterator[Problem]], ...] = (
    _base_domain,
    *CLUSTER_RULES,
    _config_values,
    _components,
    _limits,
    _sizes,
)
