"""What the queue, the watchdog and the check of the certificate tell."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from activities._bind import bind
from activities.check_certificate import check_certificate
from emulator.public_authority import PublicAuthority
from model import telemetry, wire
from model.domain_names import names
from model.origin import Origin, marked
from model.plan import ChecksSpec
from model.planning import build_plan
from model.progress import encode
from model.request import InstallRequest, parse_request
from model.settings import Settings
from model.stages import CHECK_CERTIFICATE
from tests.model.samples import sample
from tests.telemetry.rows import Rows
from tests.triggers.calls import START, Api, encoded_plan, progress
from tests.triggers.hub import NOON, Hub, state
from tests.triggers.test_queue_and_timer import take
from triggers import queue, timer
from triggers._installations import INSTALL

if TYPE_CHECKING:
    from gateways import Gateways

ORIGIN = Origin(installation="ending", run_id="r", attempt=1, subscription="s").at(
    "check_certificate", 1
)


@pytest.fixture
def rows() -> Rows:
    return Rows()


@pytest.mark.parametrize("body", [b"{", b'{"name": "x"}'], ids=["no JSON", "no request"])
def test_a_message_that_cannot_be_taken_is_told(rows: Rows, body: bytes) -> None:
    """With a code; its values are in no row."""
    with pytest.raises(queue.BadMessage):
        take(Hub(), body)

    [told] = rows.events(telemetry.POISON_MESSAGE)
    assert told["customDimensions"][telemetry.CODE] == "request-invalid"
    assert told["severityLevel"] == 2


def test_the_watchdog_counts_what_runs_and_tells_each_that_is_stuck(rows: Rows) -> None:
    """Both gauges at every look; zero is a measurement too."""
    plan = encoded_plan()
    now = progress(plan).begin("ensure_cluster", START)
    api = Api(
        Hub().add(
            state("silent", INSTALL, input=plan, custom=encode(now), updated=START),
            state(
                "lively",
                INSTALL,
                input=plan,
                custom=encode(now),
                updated=START + timedelta(minutes=59),
            ),
            state("lively:x:observe_cluster", "wait_for_stage"),
        )
    )
    api.now = NOON + timedelta(hours=1)

    asyncio.run(timer.watch(api.known))

    [told] = rows.events(telemetry.INSTALLATION_STUCK)
    assert told["customDimensions"] == {
        telemetry.EVENT: telemetry.INSTALLATION_STUCK,
        telemetry.INSTALLATION: "silent",
        telemetry.STAGE: "ensure_cluster",
    }
    assert [m["value"] for m in rows.metrics(telemetry.ACTIVE)] == [2]
    assert [m["value"] for m in rows.metrics(telemetry.STUCK)] == [1]  # and not at the next export


@dataclass
class Vault:
    """A vault, and the gateways that lead to it."""

    values: dict[str, str]
    settings: Settings

    def key_vault(self, uri: str) -> "Vault":
        del uri
        return self

    def get(self, name: str) -> str:
        return self.values[name]


def checks() -> ChecksSpec:
    request = parse_request(sample())
    assert isinstance(request, InstallRequest)
    return build_plan(request, Settings(), attempt=1, submitted_at="2026-05-01T12:00:00Z").checks


@pytest.mark.parametrize(("days", "told"), [(29, [29]), (31, [])], ids=["soon", "later"])
def test_a_certificate_with_few_days_left_is_told(
    rows: Rows, tmp_path: Any, days: int, told: list[int]
) -> None:
    """Thirty days are time enough; less is told."""
    spec = checks()
    authority = PublicAuthority()
    lifetime = timedelta(days=days, hours=3)  # it is back-dated
    issued = authority.issue(*names(spec.domain.base_domain), lifetime=lifetime)
    (tmp_path / "root.pem").write_text(authority.root.pem)
    vault = Vault(
        {spec.secrets.certificate: issued.chain, spec.secrets.certificate_key: issued.key_pem},
        Settings(tls_ca_file=str(tmp_path / "root.pem")),
    )

    asked = marked(wire.encode(spec), ORIGIN.looking(1))
    bind(CHECK_CERTIFICATE, check_certificate).run(cast("Gateways", vault), asked)

    events = rows.events(telemetry.CERTIFICATE_EXPIRES)
    found = [int(event["customDimensions"][telemetry.DAYS_LEFT]) for event in events]
    assert found == told
    for dimensions in (event["customDimensions"] for event in events):
        assert dimensions[telemetry.INSTALLATION] == "ending"
        assert dimensions[telemetry.STAGE] == "check_certificate"
