"""Writes ``docs/reliability.md``: the promises, how each is tested, and the suite's own figures."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.trust.effects import Effect

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"

_PROMISES = """# Reliability

Written by `make test-trust` from what it did; do not edit.

| promise | how it is tested |
|---|---|
| A crash, a lost reply or a duplicate delivery ends in the same one installation | \
`tests/trust/test_crash_anywhere.py`, `tests/e2e/test_installations.py` |
| A refusal has its own code, reason and remedy, and nothing is created | \
`tests/e2e/test_refusals.py` |
| Code of today goes on with installations of yesterday | `tests/orchestrators/test_replay.py` |
| No secret reaches history, status, log, command line or Job | `tests/e2e/test_budgets.py` |
| The app needs only the published roles | `tests/activities/test_azure_least_rights.py`, \
`tests/gateways/test_kubernetes_rights.py` |
| The stand-ins answer as the real servers do | `make test-real`, `make test-clients` |

## Crash anywhere

Every request by which the product changes the world or reads a secret, as the journal of an
installation shows it, is hit in each of these ways; afterwards Azure's documents, DNS records, the
cluster's objects and Keycloak's users equal those of a good day.

"""


def write(effects: list[Effect], ways: Iterable[str], runs: int) -> None:
    """Write the page anew."""
    named = list(ways)
    servers = Counter(effect.server for effect in effects)
    rows = [f"| {server} | {count} |" for server, count in sorted(servers.items())]
    PAGE.write_text(
        _PROMISES
        + "| server | side effects |\n|---|---|\n"
        + "\n".join([*rows, f"| all | {len(effects)} |"])
        + f"\n\n{len(named)} ways ({'; '.join(named)}), {len(effects) * len(named)} crashes in "
        + f"{runs * len(named)} installations.\n"
    )
