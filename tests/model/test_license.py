"""Licenses that cannot be used, each with its reason."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from emulator.seed import license_document
from model.errors import Refusal
from model.license import LICENSE_LIMIT, inspect_license, parse_license

NOW = datetime.now(UTC)


def document(**spec: Any) -> dict[str, Any]:
    """A license document with some fields of its spec changed; None removes one."""
    made: dict[str, Any] = yaml.safe_load(license_document(NOW + timedelta(days=200)))
    made["spec"] = {k: v for k, v in (made["spec"] | spec).items() if v is not None}
    return made


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x" * (LICENSE_LIMIT + 1), "more than"),
        ("[" * 600, "brackets"),
        ("- a\n- b\n", "not a YAML object"),
        ("", "not a YAML object"),
        ("kind: Other\n", "not of kind License"),
        ("apiVersion: kots.io/v1beta1\nkind: License\nspec: 1\n", "no spec"),
        ("a: 1\na: 2\n", "a key twice"),
        ("a: &x [1]\nb: *x\n", "an alias"),
        ("a: [1\n", "not plain YAML"),
        ("a: !!python/object:os.system {}\n", "not plain YAML"),
    ],
)
def test_what_is_no_license_says_why(text: str, why: str) -> None:
    """And shows nothing of it."""
    with pytest.raises(Refusal, match=why) as refusal:
        parse_license(text)

    assert refusal.value.code == "license-invalid"


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"appSlug": None}, "spec.appSlug is missing"),
        ({"signature": 5}, "spec.signature is missing"),
        ({"appSlug": "--flag"}, "spec.appSlug is not of"),
        ({"channels": [{"channelSlug": "-x"}]}, "channel's slug"),
        ({"customerName": ["x"]}, "customerName is not a line"),
        ({"entitlements": {"expires_at": {"value": "soon"}}}, "its expiry is not a date"),
    ],
)
def test_each_field_that_is_used_is_checked(spec: dict[str, Any], why: str) -> None:
    """What goes to a command line or to people is of its form."""
    with pytest.raises(Refusal, match=why):
        parse_license(yaml.safe_dump(document(**spec)))


def test_a_license_without_an_end_or_channels_allows_any_channel() -> None:
    """As KOTS reads it."""
    endless = document(
        entitlements=None, channels=None, channelName=None, channelID=None, customerName=None
    )
    found = parse_license(yaml.safe_dump(endless))

    assert (found.expires_at, found.channels) == (None, ())
    validity, channel = inspect_license(found, None, NOW)
    assert (validity.code, channel.code) == (None, None)
    assert "without an end" in validity.found


def test_a_date_without_a_zone_is_utc() -> None:
    """As the vendor's portal writes it."""
    found = parse_license(
        yaml.safe_dump(document(entitlements={"expires_at": {"value": "2031-01-02"}}))
    )

    assert found.expires_at == datetime(2031, 1, 2, tzinfo=UTC)


def test_a_near_end_warns_and_a_past_one_stops() -> None:
    """Thirty days before it ends people hear of it."""
    near = parse_license(license_document(NOW + timedelta(days=10)))
    past = parse_license(license_document(NOW - timedelta(days=1)))

    assert inspect_license(near, None, NOW)[0].severity == "warning"
    assert inspect_license(past, None, NOW)[0].code == "license-expired"


def test_a_missing_channel_is_told_with_those_that_are_there() -> None:
    """At most ten of them."""
    many = document(channels=[{"channelSlug": f"c{n}"} for n in range(12)])

    found = inspect_license(parse_license(yaml.safe_dump(many)), "beta", NOW)[1]

    assert found.code == "license-channel-missing"
    assert "c9 and 2 more" in found.found


def test_a_license_of_one_channel_names_it_in_words() -> None:
    """Its slug is those words in lower case with hyphens."""
    single = document(channels=None, channelName="Early Access")

    assert parse_license(yaml.safe_dump(single)).channels == ("early-access",)
