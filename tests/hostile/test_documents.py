"""Licenses, ConfigValues and certificates from somebody who means harm."""

import base64
import json
import random
import re
import secrets
from datetime import UTC, datetime, timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from emulator.public_authority import PublicAuthority
from model.certificate import PEM_LIMIT, inspect_chain
from model.error_codes import CODES
from model.errors import Refusal
from model.finding import Finding
from model.kots_files import as_yaml
from model.license import LICENSE_LIMIT, inspect_license, parse_license
from tests.hostile.measured import bounded

CANARY = "canary" + secrets.token_hex(8)
GOOD = f"""apiVersion: kots.io/v1beta1
kind: License
spec:
  appSlug: dash-enterprise
  licenseID: {CANARY}
  signature: {CANARY}
"""
LEVELS = range(1, 10)


def doubled(first: str, more: str) -> str:
    """Anchors, each of which names the one before it eight times."""
    aliases = {n: ",".join([f"*x{n - 1}"] * 8) for n in LEVELS}
    return "\n".join([f"x0: &x0 {first}", *(f"x{n}: &x{n} {more % aliases[n]}" for n in LEVELS)])


HOSTILE = {
    "aliases": doubled(f"[{CANARY}]", "[%s]") + "\n" + GOOD + "  customerName: *x9\n",
    "merge-keys": doubled(f"{{a: {CANARY}}}", "{<<: [%s]}") + "\n" + GOOD,
    "a-loop": GOOD + "  customerName: &a [*a]\n",
    "one-alias": GOOD + f"  endpoint: &a {CANARY}\n  customerName: *a\n",
    "python-object": GOOD + f"  x: !!python/object/apply:os.system [{CANARY}]\n",
    "python-name": GOOD + f"  x: !!python/name:os.{CANARY}\n",
    "own-tag": GOOD + f"  x: !{CANARY} 1\n",
    "two-documents": GOOD + "---\n" + GOOD,
    "duplicate-key": GOOD + f"  appSlug: {CANARY}\n",
    "duplicate-section": GOOD + f"spec: {{appSlug: {CANARY}}}\n",
    "huge": GOOD + f"  x: {CANARY * LICENSE_LIMIT}\n",
    "deep-lists": GOOD + "  x: " + "[" * 30_000,
    "deep-lists-below-the-limit": GOOD + "  x: " + "[" * 499,
    "deep-objects": GOOD + "  x: " + "{a: " * 10_000,
    "deep-lines": "\n".join(" " * n + "a:" for n in range(300)),
    "nul": GOOD + f'  x: "{CANARY}\0"\n',
    "half-of-a-pair": GOOD + f'  x: "{CANARY}\ud800"\n',
    "bell": GOOD + f"  x: {CANARY}\a\n",
    "no-such-day": GOOD + "  x: 2001-13-45\n",
    "no-digits": GOOD + "  x: 0b_\n",
    "many-digits": GOOD + "  x: " + "9" * 5_000 + "\n",
    "list-as-key": GOOD + f"  ? [{CANARY}]\n  : 1\n",
    "bad-base64": GOOD + f"  x: !!binary '{CANARY}é'\n",
    "slug-is-an-option": GOOD.replace("dash-enterprise", f"--kubeconfig={CANARY}"),
    "slug-is-a-command": GOOD.replace("dash-enterprise", f"'x/;e touch {CANARY};'"),
    "slug-is-a-path": GOOD.replace("dash-enterprise", f"../{CANARY}"),
    "slug-has-lines": GOOD.replace("dash-enterprise", f'"a\\n{CANARY}"'),
    "channel-is-an-option": GOOD + f"  channelName: --x={CANARY}\n",
    "customer-has-lines": GOOD + f'  customerName: "a\\n{CANARY}"\n',
    "customer-is-a-list": GOOD + f"  customerName: [{CANARY}]\n",
    "expiry-is-a-list": GOOD + f"  entitlements: {{expires_at: {{value: [{CANARY}]}}}}\n",
    "expiry-is-no-date": GOOD + f"  entitlements: {{expires_at: {{value: {CANARY}}}}}\n",
    "text": CANARY,
    "nothing": "",
    "another-kind": GOOD.replace("License", "Secret"),
    "escapes": f'"\\x00{CANARY}',
    "tabs": GOOD + f"\t{CANARY}: 1\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_license_is_refused_at_once_and_not_quoted(text: str) -> None:
    """One documented code, little time and memory, and none of its values in the refusal."""
    with bounded(), pytest.raises(Refusal) as refused:
        parse_license(text)

    assert refused.value.code == "license-invalid"
    assert refused.value.code in CODES
    assert CANARY not in str(refused.value)
    assert len(refused.value.reason) < 400


@pytest.mark.parametrize(
    "text",
    ["\ufeff" + GOOD, GOOD.replace("\n", "\r\n"), "---\n" + GOOD + "...\n", GOOD + "  new: [1]\n"],
    ids=["byte-order-mark", "crlf", "markers", "unknown-field"],
)
def test_a_license_that_went_through_an_editor_is_still_one(text: str) -> None:
    """KOTS takes all of these, and the text is handed on unchanged."""
    assert parse_license(text).app_slug == "dash-enterprise"


@pytest.mark.parametrize(
    "moment",
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0001-01-01", "9999-12-31"],
)
def test_the_ends_of_time_can_be_judged(moment: str) -> None:
    """No overflow at the first and the last day that there is."""
    found = parse_license(GOOD + f"  entitlements: {{expires_at: {{value: '{moment}'}}}}\n")

    assert inspect_license(found, None, datetime.now(UTC))


def test_a_thousand_channels_do_not_fill_a_finding() -> None:
    """What a finding lists of a license is bounded, for it goes into history."""
    rows = "".join(f"  - channelSlug: c{n}\n" for n in range(1000))
    found = parse_license(GOOD + f"  channels:\n{rows}")

    _, channel = inspect_license(found, "absent", datetime.now(UTC))

    assert channel.code == "license-channel-missing"
    assert len(channel.found) < 400


@given(st.text(max_size=300))
def test_any_text_is_a_license_or_refused(text: str) -> None:
    """Nothing but a refusal comes out of text that is no license."""
    for document in (text, GOOD + text, GOOD.replace("dash-enterprise", text)):
        assert _refused(document) in ("", "license-invalid")


@given(st.text())
def test_any_text_in_a_values_file_is_read_back_the_same(text: str) -> None:
    """A YAML 1.1 reader finds the very text: no line end folded, no character refused."""
    printable = "".join(c for c in text if not 0xD800 <= ord(c) <= 0xDFFF)
    printable = printable.replace("\ufffe", "").replace("\uffff", "")  # refused in requests

    for document in ({"value": printable}, {printable: "x"}, [printable, {"a": [printable]}]):
        assert yaml.safe_load(as_yaml(document)) == document
        assert json.loads(as_yaml(document)) == document


AUTHORITY = PublicAuthority()
ISSUED = AUTHORITY.issue("dash.example.com", "*.example.com")
CHAIN, KEY = ISSUED.chain, ISSUED.key_pem
ROOTS = AUTHORITY.root.pem.encode()
PEMS = {
    "empty": "",
    "nul": CHAIN.replace("\n", "\0\n"),
    "half-of-a-pair": CHAIN + "\ud800",
    "huge": CHAIN + "#" * PEM_LIMIT,
    "huge-block": f"-----BEGIN CERTIFICATE-----\n{'A' * 60_000}\n-----END CERTIFICATE-----\n",
    "cut": CHAIN[: len(CHAIN) // 7],
    "no-base64": "-----BEGIN CERTIFICATE-----\n{{repl x}}\n-----END CERTIFICATE-----\n",
    "yaml": "a: &a [*a]",
    "key-in-place-of-chain": KEY,
    "pkcs12": base64.b64encode(secrets.token_bytes(900)).decode(),
    "many-blocks": CHAIN[: CHAIN.index("-----END")] + "-----BEGIN CERTIFICATE-----\n" * 1500,
}


@pytest.mark.parametrize("pem", PEMS.values(), ids=PEMS)
def test_a_hostile_chain_or_key_is_a_finding(pem: str) -> None:
    """As chain and as key: a documented code, at once, without quoting it."""
    for chain, key in ((pem, KEY), (CHAIN, pem), (pem, pem)):
        if (chain, key) == (CHAIN, KEY):
            continue
        with bounded():
            found = _judged(chain, key)
        assert {finding.severity for finding in found} == {"error"}
        assert all(finding.code in CODES for finding in found)
        assert not any("AAAA" in finding.found or "repl" in finding.found for finding in found)


@pytest.mark.parametrize(
    "pem",
    ["\ufeff" + CHAIN, CHAIN.replace("\n", "\r\n"), "Bag Attributes\n" + CHAIN],
    ids=["byte-order-mark", "crlf", "words-between"],
)
def test_a_chain_that_went_through_an_editor_is_still_one(pem: str) -> None:
    """PEM readers pass over what stands outside the blocks."""
    assert [finding.severity for finding in _judged(pem, KEY)] == ["info"]


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_flipped_bytes_never_raise() -> None:
    """Certificates and keys broken in their inner structure: always findings."""
    chance = random.Random(20_240)  # noqa: S311 # a fixed seed, nothing secret
    for number in range(3000):
        chain, key = CHAIN, KEY
        if number % 3:
            chain = _broken(chain, chance)
        else:
            key = _broken(key, chance)
        for finding in _judged(chain, key):
            assert finding.code is None or finding.code in CODES


def _refused(document: str) -> str:
    """The code of the refusal; empty when it is a license."""
    try:
        parse_license(document)
    except Refusal as refusal:
        return refusal.code
    return ""


def _judged(chain: str, key: str) -> tuple[Finding, ...]:
    names = ("dash.example.com", "api-dash.example.com")
    return inspect_chain(chain, key, names, ROOTS, datetime.now(UTC), timedelta(days=14))


def _broken(pem: str, chance: random.Random) -> str:
    """The same PEM with a few bytes of one block changed."""
    blocks = re.findall(r"-----BEGIN ([A-Z ]+)-----\n(.*?)-----END", pem, re.DOTALL)
    hit = chance.randrange(len(blocks))
    made: list[str] = []
    for number, (kind, body) in enumerate(blocks):
        raw = bytearray(base64.b64decode(body))
        for _ in range(chance.choice((1, 1, 2, 5)) if number == hit else 0):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        text = base64.encodebytes(raw).decode()
        made.append(f"-----BEGIN {kind}-----\n{text}-----END {kind}-----\n")
    return "".join(made)
