"""The Replicated license: what can be read from it before any cost is caused.

Fields: https://github.com/replicatedhq/kotskinds/blob/main/apis/kots/v1beta1/license_types.go
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import yaml

from model.documents import part
from model.errors import Refusal
from model.finding import Finding

DEFAULT_CHANNEL = "stable"
"""Channel that KOTS assumes when the upstream names none."""

EXPIRY_WARNING = timedelta(days=30)
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
    try:
        document: Any = yaml.safe_load(text)
    except yaml.YAMLError:
        raise _invalid("it is not YAML") from None
    if not isinstance(document, dict):
        raise _invalid("it is not a YAML object")
    loaded = cast("dict[str, Any]", document)
    if loaded.get("kind") != "License" or loaded.get("apiVersion") not in _VERSIONS:
        raise _invalid("it is not of kind License, kots.io/v1beta1 or v1beta2")
    spec = loaded.get("spec")
    if not isinstance(spec, dict):
        raise _invalid("it has no spec")
    return _license(cast("dict[str, Any]", spec))


def _license(spec: dict[str, Any]) -> License:
    for wanted in ("appSlug", "licenseID", "signature"):
        if not isinstance(spec.get(wanted), str) or not spec[wanted]:
            raise _invalid(f"spec.{wanted} is missing")
    listed: Any = spec.get("channels") or []
    rows = [cast("dict[str, Any]", row) for row in listed if isinstance(row, dict)]
    channels = [str(row.get("channelSlug", "")) for row in rows]
    single = str(spec.get("channelName", "")).lower().replace(" ", "-")
    return License(
        app_slug=spec["appSlug"],
        channels=tuple(c for c in channels if c) or ((single,) if single else ()),
        expires_at=_expiry(spec),
        endpoint=str(spec.get("endpoint") or "https://replicated.app"),
        proxy_domain=str(spec.get("replicatedProxyDomain") or "proxy.replicated.com"),
        customer=str(spec.get("customerName") or ""),
    )


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
            found=f"The license has no channel {channel}; it has {', '.join(found.channels)}.",
            remedy="Set kots.channel to one of these, or ask Plotly for the channel.",
        )
    return Finding(
        rule="license.channel",
        severity="info",
        code=None,
        found=f"The license allows channel {channel} of {found.app_slug}.",
        remedy="",
    )
