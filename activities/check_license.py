"""Stage ``check_license``: the license is sound, valid, and has the channel."""

from datetime import UTC, datetime

from activities._secret_checks import read
from gateways import Gateways
from model.errors import Refusal
from model.finding import Finding, Findings, error
from model.license import inspect_license, parse_license
from model.plan import ChecksSpec


def check_license(gateways: Gateways, spec: ChecksSpec) -> Findings:
    """Read the license and judge it; the signature is KOTS's business."""
    text = read(gateways, spec, spec.secrets.license, "license.secret")
    if isinstance(text, Finding):
        return Findings(findings=(text,))
    try:
        found = parse_license(text)
    except Refusal as refusal:
        return Findings(findings=(error("license.document", refusal.code, refusal.reason),))
    return Findings(findings=inspect_license(found, spec.channel, datetime.now(UTC)))
