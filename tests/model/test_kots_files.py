"""The ConfigValues document: checked as a whole, filled in without ever being read again."""

import base64
import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from model.errors import Refusal
from model.kots_files import as_yaml, faults_of, render_config_values, secret_names

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n"
KEY = "-----BEGIN PRIVATE KEY-----\n${certificate}: 'x'\n-----END PRIVATE KEY-----\n"


def template(**values: Any) -> dict[str, Any]:
    """A ConfigValues document with these items."""
    return {
        "apiVersion": "kots.io/v1beta1",
        "kind": "ConfigValues",
        "metadata": {"name": "dash"},
        "spec": {"values": values},
    }


def rendered(base_domain: str = "dash.example.com", **values: Any) -> dict[str, Any]:
    """The items of the rendered document, read as YAML."""
    text = render_config_values(
        template(**values), base_domain=base_domain, certificate=CERTIFICATE, certificate_key=KEY
    )
    return yaml.safe_load(text)["spec"]["values"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        pytest.param("${baseDomain}", "dash.example.com", id="whole"),
        pytest.param("https://${baseDomain}/x", "https://dash.example.com/x", id="inside"),
        pytest.param("${certificate}", CERTIFICATE, id="certificate"),
        pytest.param(
            "${certificateBase64}", base64.b64encode(CERTIFICATE.encode()).decode(), id="base64"
        ),
        pytest.param("${baseDomain},${baseDomain}", "dash.example.com,dash.example.com", id="two"),
        pytest.param("$${baseDomain}", "${baseDomain}", id="escaped"),
        pytest.param("$baseDomain {x} $", "$baseDomain {x} $", id="no-placeholder"),
    ],
)
def test_a_placeholder_is_filled_in(written: str, read: str) -> None:
    """Each name stands for its value; a doubled dollar sign keeps the text as it is."""
    assert rendered(item={"value": written})["item"]["value"] == read


def test_any_secret_of_the_vault_can_be_named() -> None:
    """Each once, wherever it stands; an escaped one is text."""
    document = template(
        smtp={"valuePlaintext": "${secret:smtp-password}"},
        ldap={"value": "cn=dash:${secret:ldap}:${secret:smtp-password}"},
        text={"value": "$${secret:no}"},
    )

    assert secret_names(document) == ("ldap", "smtp-password")
    values = {"ldap": "${baseDomain}", "smtp-password": "s"}
    text = render_config_values(
        document, base_domain="d", certificate="c", certificate_key="k", secrets=values
    )
    found = yaml.safe_load(text)["spec"]["values"]
    assert found["smtp"]["valuePlaintext"] == "s"
    assert found["ldap"]["value"] == "cn=dash:${baseDomain}:s"
    assert found["text"]["value"] == "${secret:no}"


@pytest.mark.parametrize("name", ["secret:", "secret:a_b", "secret:a/b", "Secret:a", "secret"])
def test_what_is_no_name_of_a_secret_is_refused(name: str) -> None:
    """Key Vault's names have letters, digits and hyphens."""
    assert faults_of(template(item={"value": "${" + name + "}"}))


def test_a_value_that_looks_like_a_placeholder_stays_as_it_is() -> None:
    """The key holds ``${certificate}``: nothing that was filled in is read again."""
    assert rendered(key={"value": "${certificateKey}"})["key"]["value"] == KEY


def test_a_value_cannot_add_structure() -> None:
    """Line breaks, quotes and colons of a value stay inside its own text."""
    evil = 'x"\n  admin: {value: "1"}\n# '
    assert rendered(base_domain=evil, a={"value": "${baseDomain}"}) == {"a": {"value": evil}}


def test_keys_are_left_alone() -> None:
    """Only text is replaced; an item may be called what it likes."""
    document = render_config_values(
        template(**{"${baseDomain}": {"value": "x"}}),
        base_domain="d",
        certificate="c",
        certificate_key="k",
    )
    assert "${baseDomain}" in json.loads(document)["spec"]["values"]


@pytest.mark.parametrize("text", ["1e3", "0o14", "yes", "~", "0x1f", "1_000", "2026-01-02", ""])
def test_text_that_looks_like_something_else_stays_text(text: str) -> None:
    """Every reader takes a value for the text it is, as KOTS demands."""
    document = render_config_values(
        template(item={"value": text}), base_domain="d", certificate="c", certificate_key="k"
    )
    assert f'"value": "{text}"' in document


@pytest.mark.parametrize(
    ("document", "said"),
    [
        pytest.param(template() | {"kind": "Config"}, "kind is not ConfigValues", id="kind"),
        pytest.param(
            template() | {"apiVersion": "v1"}, "apiVersion is not kots.io/v1beta1", id="version"
        ),
        pytest.param(template() | {"spec": None}, "spec.values is not an object", id="no-spec"),
        pytest.param(template(a="x"), "spec.values.a is not an object", id="item"),
        pytest.param(template(a={"value": 1}), "spec.values.a.value is not text", id="number"),
        pytest.param(template(a={"value": True}), "spec.values.a.value is not text", id="boolean"),
        pytest.param(template(a={"value": "${domain}"}), "unknown placeholder", id="unknown"),
        pytest.param(template(a={"value": "${base"}), "without its closing brace", id="open"),
    ],
)
def test_an_unsound_template_is_refused(document: dict[str, Any], said: str) -> None:
    """The reason says where the fault is."""
    with pytest.raises(Refusal) as refusal:
        render_config_values(document, base_domain="d", certificate="c", certificate_key="k")

    assert refusal.value.code == "config-values-invalid"
    assert said in refusal.value.reason


def test_every_fault_is_named_and_no_value() -> None:
    """Two faults are told at once, and what the items hold is not."""
    faults = faults_of(template(a={"value": 12345}, b={"value": ["s3cret"]}))

    assert len(faults) == 2
    assert not any("12345" in fault or "s3cret" in fault for fault in faults)


@given(st.text())
def test_any_text_survives(text: str) -> None:
    """Whatever a value holds, the document holds the same."""
    document = render_config_values(
        template(a={"value": "${baseDomain}"}),
        base_domain=text,
        certificate="c",
        certificate_key="k",
    )
    assert json.loads(document)["spec"]["values"]["a"]["value"] == text


def test_numbers_and_booleans_of_other_documents_keep_their_kind() -> None:
    """Helm values are written by the same hand and are not all text."""
    values = {"replicas": 2, "on": True, "name": "1e3", "none": None}

    assert yaml.safe_load(as_yaml(values)) == values
