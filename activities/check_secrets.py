"""Stage ``check_secrets``: passwords, and what the configuration names, exist and can be used."""

from collections.abc import Iterator

from activities._secret_checks import read
from gateways import Gateways
from model.error_codes import CODES
from model.finding import Finding, Findings
from model.plan import ChecksSpec

CONSOLE_PASSWORD_LENGTH = 6
"""Fewest characters that the KOTS Admin Console accepts:
https://docs.replicated.com/reference/kots-cli-install"""


def check_secrets(gateways: Gateways, spec: ChecksSpec) -> Findings:
    """Read both passwords and the configuration's secrets, judge their length, forget them."""
    return Findings(findings=tuple(_passwords(gateways, spec)))


def _passwords(gateways: Gateways, spec: ChecksSpec) -> Iterator[Finding]:
    wanted = (
        (spec.secrets.admin_console_password, "secrets.console-password", CONSOLE_PASSWORD_LENGTH),
        (spec.secrets.administrator_password, "secrets.administrator-password", 1),
        *((name, "secrets.configuration", 1) for name in spec.config_secrets),
    )
    for name, rule, length in wanted:
        value = read(gateways, spec, name, rule)
        if isinstance(value, Finding):
            yield value
        elif len(value.strip("\r\n")) < length or value != value.strip("\r\n"):
            yield Finding(
                rule=rule,
                severity="error",
                code="secret-unusable",
                found=f"Secret {name} has fewer than {length} characters, or ends with a new line.",
                remedy=CODES["secret-unusable"].remedy,
            )
        else:
            yield Finding(
                rule=rule,
                severity="info",
                code=None,
                found=f"Secret {name} can be used.",
                remedy="",
            )
