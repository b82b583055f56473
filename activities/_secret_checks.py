"""Reading a secret for a check: what is wrong with it becomes a finding, not the stage's end."""

from gateways import Gateways
from model.errors import Refusal
from model.finding import Finding, error
from model.plan import ChecksSpec


def read(gateways: Gateways, spec: ChecksSpec, name: str, rule: str) -> str | Finding:
    """The secret's value, for immediate use only; or the error finding of ``rule``."""
    try:
        return gateways.key_vault(spec.secrets.vault_uri).get(name)
    except Refusal as refusal:
        return error(rule, refusal.code, refusal.reason, refusal.remedy)
