"""The Replicated license: what can be read from it before any cost is caused.

Fields: https://github.com/replicatedhq/kotskinds/blob/main/apis/kots/v1beta1/license_types.go
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import yaml

from model.documents import entries, part
from model.errors import Refusal
from model.finding import Finding

DEFAULT_CHANNEL = "stable"
"""Channel that KOTS assumes when the upstream names none."""

EXPIRY_WARNING = timedelta(days=30)
LICENSE_LIMIT = 64 * 1024
"""Characters; a Key Vault secret holds 25 KB:
https://learn.microsoft.com/azure/key-vault/secrets/about-secrets"""

_BRACKETS_LIMIT = 500
"""The parser looks at every open bracket of a line again at the next one."""

_TEXT_LIMIT = 200
_SHOWN = 10
_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}")
"""It goes to the KOTS command line, so it never begins with a hyphen."""
_VERSIONS = ("kots.io/v1beta1", "kots.io/v1beta2")


@dataclass(frozen=True, slots=True, kw_only=True)
class License:
    """What matters of a license.

    Attributes:
        channels: Channel slugs; a license of one channel may name only that.
        expires_at: End of validity, UTC; None means never.
        endpoint: Where KOTS refreshes it.
        proxy_domain: Where images are pulled through; empty for the vendor's default.
    """

    app_slug: str
    channels: tuple[str, ...]
    expires_at: datetime | None
    endpoint: str
    proxy_domain: str
    customer: str


def parse_license(text: str) -> License:
    """Read a license document.

    Raises:
        Refusal: license-invalid; it is not one.
    """
    if len(text) > LICENSE_LIMIT:
        raise _invalid(f"it has more than {LICENSE_LIMIT} characters")
    if text.count("[") + text.count("{") > _BRACKETS_LIMIT:
        raise _invalid(f"it has more than {_BRACKETS_LIMIT} brackets")
    document = _document(text)
    if not isinstance(document, dict):
        raise _invalid("it is not a YAML object")
    loaded = cast("dict[str, Any]", document)
    if loaded.get("kind") != "License" or loaded.get("apiVersion") not in _VERSIONS:
        raise _invalid("it is not of kind License, kots.io/v1beta1 or v1beta2")
    spec = loaded.get("spec")
    if not isinstance(spec, dict):
        raise _invalid("it has no spec")
    return _license(cast("dict[str, Any]", spec))


def _document(text: str) -> Any:
    """The one plain document in ``text``: values are read only once nothing in it multiplies."""
    try:
        loader: Any = yaml.SafeLoader(text)
        root = loader.get_single_node()
        fault = _fault(root)
        if fault is None:
            return None if root is None else loader.construct_document(root)
    except (yaml.YAMLError, ValueError, RecursionError):  # ValueError: no such day, no such number
        raise _invalid("it is not plain YAML") from None
    raise _invalid(fault)


def _fault(root: Any) -> str | None:
    """Why a document must not be turned into values; None when it may be."""
    seen: set[yaml.Node] = set()  # nodes are equal to themselves only
    waiting: list[Any] = [root]
    while waiting:
        node = waiting.pop()
        if node in seen:
            return "it refers to a part of itself by an alias"
        seen.add(node)
        if isinstance(node, yaml.SequenceNode):
            waiting.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            keys = [(key.tag, str(key.value)) for key, _ in node.value]
            if len(set(keys)) != len(keys):
                return "an object in it has a key twice"
            waiting.extend(part for pair in node.value for part in pair)
    return None


def _license(spec: dict[str, Any]) -> License:
    for wanted in ("appSlug", "licenseID", "signature"):
        if not isinstance(spec.get(wanted), str) or not spec[wanted]:
            raise _invalid(f"spec.{wanted} is missing")
    if not _SLUG.fullmatch(spec["appSlug"]):
        raise _invalid("spec.appSlug is not of lower-case letters, digits and hyphens")
    rows = entries(spec, "channels")
    channels = [_text(row, "channelSlug") for row in rows]
    single = _text(spec, "channelName").lower().replace(" ", "-")
    if not all(_SLUG.fullmatch(slug) for slug in (*channels, single) if slug):
        raise _invalid("a channel's slug is not of lower-case letters, digits and hyphens")
    return License(
        app_slug=spec["appSlug"],
        channels=tuple(c for c in channels if c) or ((single,) if single else ()),
        expires_at=_expiry(spec),
        endpoint=_text(spec, "endpoint") or "https://replicated.app",
        proxy_domain=_text(spec, "replicatedProxyDomain") or "proxy.replicated.com",
        customer=_text(spec, "customerName"),
    )


def _text(document: dict[str, Any], key: str) -> str:
    """The line of text under a key; empty when there is none.

    Raises:
        Refusal: license-invalid; it is longer than people are shown, or no line of text.
    """
    value = document.get(key)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > _TEXT_LIMIT or not value.isprintable():
        raise _invalid(f"{key} is not a line of at most {_TEXT_LIMIT} characters")
    return value


def _expiry(spec: dict[str, Any]) -> datetime | None:
    value: Any = part(spec, "entitlements", "expires_at").get("value")
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise _invalid("its expiry is not a date") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _invalid(why: str) -> Refusal:
    return Refusal("license-invalid", f"The license cannot be used: {why}.")


def inspect_license(found: License, channel: str | None, now: datetime) -> tuple[Finding, ...]:
    """Findings about a license: its validity and its channel."""
    return (_validity(found, now), _channel(found, channel or DEFAULT_CHANNEL))


def _validity(found: License, now: datetime) -> Finding:
    ends = found.expires_at
    if ends is not None and ends <= now:
        return Finding(
            rule="license.validity",
            severity="error",
            code="license-expired",
            found=f"The license expired on {ends:%Y-%m-%d}.",
            remedy="Ask Plotly for a renewed license and store it as a new version of the secret.",
        )
    if ends is not None and ends - now < EXPIRY_WARNING:
        return Finding(
            rule="license.validity",
            severity="warning",
            code=None,
            found=f"The license expires on {ends:%Y-%m-%d}, in {(ends - now).days} days.",
            remedy="Ask Plotly for a renewed license soon.",
        )
    until = f"until {ends:%Y-%m-%d}" if ends else "without an end"
    return Finding(
        rule="license.validity",
        severity="info",
        code=None,
        found=f"The license of {found.customer or 'the customer'} is valid {until}.",
        remedy="",
    )


def _channel(found: License, channel: str) -> Finding:
    if found.channels and channel not in found.channels:
        return Finding(
            rule="license.channel",
            severity="error",
            code="license-channel-missing",
            found=f"The license has no channel {channel}; it has {_some(found.channels)}.",
            remedy="Set kots.channel to one of these, or ask Plotly for the channel.",
        )
    return Finding(
        rule="license.channel",
        severity="info",
        code=None,
        found=f"The license allows channel {channel} of {found.app_slug}.",
        remedy="",
    )


def _some(channels: tuple[str, ...]) -> str:
    shown = ", ".join(channels[:_SHOWN])
    return f"{shown} and {len(channels) - _SHOWN} more" if len(channels) > _SHOWN else shown
