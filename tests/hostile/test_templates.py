"""Template syntax inside values: carried letter by letter, and never expanded a second time."""

import base64
import copy
import json
import secrets
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from model import manifests
from model.errors import Refusal
from model.kots_files import PLACEHOLDERS, faults_of, render_config_values
from model.planning import build_plan
from model.request import InstallRequest, parse_request
from model.settings import Settings
from tests.hostile.places import changed, leaves
from tests.model.samples import sample

SYNTAX = (
    "${certificateKey}",
    "$${certificateKey}",
    "${",
    "$${${baseDomain}",
    '{{repl ConfigOption "tls_private_key"}}',
    'repl{{ LicenseFieldValue "x" }}',
    "{{ .Values.secret }}",
    "{% include x %}",
    "#{x}",
    "$(certificateKey)",
    "%(certificateKey)s",
    "{certificateKey}",
    "\\1\\g<0>",
    "a: b\n- c",
    "'\"",
    '"}, "injected": {"value": "x',
    "&a *a",
    "!!python/object/apply:os.system [id]",
    "---\n...\n",
    "# comment",
    "| \n  block",
    "null",
    "yes",
    "0x10",
    "1e3",
    "\u2028\u0085\x7f",
)


def template(**values: str) -> dict[str, Any]:
    """A sound template with these items."""
    made = copy.deepcopy(sample()["kots"]["configValues"])
    made["spec"]["values"] |= {name: {"value": value} for name, value in values.items()}
    return made


def rendered(document: dict[str, Any], chain: str = "c", key: str = "k") -> dict[str, Any]:
    """The items of the rendered file, by the readers that there are."""
    text = render_config_values(
        document, base_domain="dash.example.com", certificate=chain, certificate_key=key
    )
    assert yaml.safe_load(text) == json.loads(text)
    return json.loads(text)["spec"]["values"]


@pytest.mark.parametrize("text", SYNTAX, ids=ascii)
def test_a_secret_that_looks_like_a_template_is_carried_as_it_is(text: str) -> None:
    """Certificate and key are put in once; what is in them is nobody's placeholder."""
    document = template(
        plain="<${certificate}>", key="<${certificateKey}>", both="${certificateKey}"
    )

    found = rendered(document, chain=text, key=f"{text}{text}")

    assert found["plain"]["value"] == f"<{text}>"
    assert found["key"]["value"] == f"<{text}{text}>"
    assert found["both"]["value"] == f"{text}{text}"
    assert base64.b64decode(found["tls_certificate"]["value"]).decode() == text
    assert set(found) == set(document["spec"]["values"])


@pytest.mark.parametrize("text", SYNTAX, ids=ascii)
def test_a_value_of_the_template_is_carried_filled_once_or_refused(text: str) -> None:
    """Only ``${known}`` is filled and only ``$${`` is shortened; everything else stays."""
    document = template(value=text)
    secret = secrets.token_urlsafe(12)
    if faults_of(document):
        with pytest.raises(Refusal) as refused:
            rendered(document, key=secret)
        assert refused.value.code == "config-values-invalid"
        return

    expected = text.replace("$${", "\0").replace("${certificateKey}", secret)
    expected = expected.replace("${baseDomain}", "dash.example.com").replace("\0", "${")
    assert rendered(document, key=secret)["value"]["value"] == expected


@given(st.text(), st.text())
def test_whatever_a_secret_holds_the_other_items_stay(chain: str, key: str) -> None:
    """No secret changes another item, adds one, or is read back differently."""
    chain, key = (
        "".join(c for c in text if not 0xD800 <= ord(c) <= 0xDFFF and c not in "\ufffe\uffff")
        for text in (chain, key)
    )
    document = template(a="${certificate}", b="${certificateKey}", c="$${certificate}")

    found = rendered(document, chain, key)

    assert (found["a"]["value"], found["b"]["value"]) == (chain, key)
    assert found["c"]["value"] == "${certificate}"
    assert found["base_domain"]["value"] == "dash.example.com"


@given(st.lists(st.sampled_from(["${certificate}", "$${", "a", "}", " "])))
def test_what_a_placeholder_brings_is_never_looked_at_again(parts: list[str]) -> None:
    """Each part is filled by itself: the whole is the sum of its parts."""
    document = template(value="".join(parts))
    if faults_of(document):
        return

    found = rendered(document, chain="${certificateKey}", key="k")["value"]["value"]

    filled = {"${certificate}": "${certificateKey}", "$${": "${"}
    assert found == "".join(filled.get(part, part) for part in parts)


@pytest.mark.parametrize(
    "name", ["certificatekey", "CERTIFICATE", "", " certificate", "env.HOME", "a{b"]
)
def test_a_placeholder_of_any_other_name_is_refused(name: str) -> None:
    """Near misses too; the refusal names the place and the known names, not the text."""
    text = "${" + name + "}"
    faults = faults_of(template(value=text))

    assert faults
    assert all("spec.values.value" in fault for fault in faults)
    assert all(known in "".join(faults) for known in PLACEHOLDERS) or "brace" in "".join(faults)


PLACES = list(leaves(sample()))


@pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(map(str, place)))
def test_outside_the_template_nothing_is_expanded(place: tuple[str | int, ...]) -> None:
    """A request's other values reach the Jobs as they are, or the request is refused."""
    for text in SYNTAX:
        parsed = parse_request(changed(sample(), place, text))
        if not isinstance(parsed, InstallRequest) or place[0] == "kots":
            continue
        plan = build_plan(parsed, Settings(), attempt=1, submitted_at="2030-01-01T00:00:00Z")
        for component in plan.components:
            kit = manifests.component(component, manifests.script("helm.sh"))
            values = base64.b64decode(kit.inputs[1]["data"]["values.yaml"]).decode()
            assert yaml.safe_load(values) == json.loads(values) == component.values


@pytest.mark.parametrize("text", SYNTAX, ids=ascii)
def test_chart_values_are_carried_as_they_are(text: str) -> None:
    """Whatever it looks like, helm reads the very text."""
    asked = {"plain": text, "list": [text], "in": {"deep": text}}
    parsed = parse_request(changed(sample(), ("components", 0, "values"), asked))
    if not isinstance(parsed, InstallRequest):
        assert [problem.code for problem in parsed] == ["character"] * 3
        return
    plan = build_plan(parsed, Settings(), attempt=1, submitted_at="2030-01-01T00:00:00Z")
    kit = manifests.component(plan.components[0], "")

    values = base64.b64decode(kit.inputs[1]["data"]["values.yaml"]).decode()

    assert yaml.safe_load(values) == asked
