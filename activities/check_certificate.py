"""Stage ``check_certificate``: chain and key are what Dash Enterprise 5 accepts."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

from activities._days_left import tell_days_left
from activities._secret_checks import read
from gateways import Gateways
from model.domain_names import names
from model.finding import Finding, Findings
from model.plan import ChecksSpec


def check_certificate(gateways: Gateways, spec: ChecksSpec) -> Findings:
    """Judge the chain against the seven names, the clock and the trusted roots."""
    chain = read(gateways, spec, spec.secrets.certificate, "certificate.secret")
    key = read(gateways, spec, spec.secrets.certificate_key, "certificate.key-secret")
    if isinstance(chain, Finding) or isinstance(key, Finding):
        broken = tuple(part for part in (chain, key) if isinstance(part, Finding))
        return Findings(findings=broken)
    from model.certificate import inspect_chain, time_left  # noqa: PLC0415 # costs a cold start

    now = datetime.now(UTC)
    tell_days_left(time_left(chain, now))
    found = inspect_chain(
        chain,
        key,
        names(spec.domain.base_domain),
        _trusted_roots(gateways.settings.tls_ca_file),
        now,
        spec.certificate_margin,
    )
    return Findings(findings=found)


def _trusted_roots(ca_file: str) -> bytes:
    """PEM of the roots: the setting's file, else the system's own store."""
    if ca_file:
        return Path(ca_file).read_bytes()
    context = ssl.create_default_context()
    return "".join(map(ssl.DER_cert_to_PEM_cert, context.get_ca_certs(binary_form=True))).encode()
