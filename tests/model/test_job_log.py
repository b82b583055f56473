"""What a person sees of a Job's log, and what never leaves it."""

import json
import secrets

import pytest

from model.job_log import read, safe


def line(event: str, **fields: str) -> str:
    """One line as the scripts print it."""
    return json.dumps({"time": "2026-01-02T03:04:05Z", "event": event, **fields})


def test_a_silent_log_says_nothing() -> None:
    """No lines: no result, nothing to show."""
    says = read([])

    assert says.result is None
    assert says.now == ""


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        pytest.param(
            [line("kots", line="Waiting for datastore to be ready")],
            "KOTS: Waiting for datastore to be ready",
            id="kots",
        ),
        pytest.param(
            [line("app", status="deployed", state="degraded", version="5.7.0")],
            "version 5.7.0 is deployed, application degraded",
            id="application",
        ),
        pytest.param(
            [line("look", status="pending_config", state="", version="")],
            "the version is pending_config",
            id="look",
        ),
        pytest.param(
            [line("helm", line="release installed")], "helm: release installed", id="helm"
        ),
        pytest.param(
            [line("wait", detail="rollout of istiod")], "waiting: rollout of istiod", id="wait"
        ),
        pytest.param(
            [line("kots", line="Deploying"), line("kots", exit="0")],
            "KOTS: Deploying",
            id="exit-code",
        ),
        pytest.param(
            [line("look", status="", state="", version="")],
            "no version is there yet",
            id="nothing-there",
        ),
        pytest.param(
            ["bash: kots: command not found"], "bash: kots: command not found", id="stray"
        ),
        pytest.param(['{"event": "ko', line("kots", line="x")], "KOTS: x", id="cut-line"),
        pytest.param(["[1]", '"text"', "7"], "7", id="json-of-others"),
    ],
)
def test_the_last_line_worth_showing_is_shown(lines: list[str], shown: str) -> None:
    """The newest event that tells a person something, in a person's words."""
    assert read(lines).now == shown


def test_the_result_is_read() -> None:
    """The last line of a script that ended by itself tells how."""
    says = read(
        [
            line("app", status="deployed", state="ready", version="5.7.0"),
            line("result", code="ready", detail="deployed and ready", status="deployed",
                 state="ready", version="5.7.0"),
        ]
    )  # fmt: skip # a log

    assert says.result is not None
    assert (says.result.code, says.result.version) == ("ready", "5.7.0")
    assert says.now == "deployed and ready"


def test_a_result_may_lack_fields() -> None:
    """Components have no version and no state."""
    result = read([line("result", code="done", detail="installed")]).result

    assert result is not None
    assert result.version == ""


@pytest.mark.parametrize(
    "form",
    [
        pytest.param("password={}", id="assignment"),
        pytest.param("the token: {}", id="colon"),
        pytest.param('{{"password": "{}"}}', id="json"),
        pytest.param("https://someone:{}@registry.example.com/x", id="address"),
        pytest.param("-----BEGIN PRIVATE KEY-----{}", id="pem"),
        pytest.param("eyJhbGciOiJub25lIn0.{}.", id="token"),
    ],
)
def test_secrets_are_masked(form: str) -> None:
    """Whatever a program prints, nothing that looks like a secret gets into history."""
    secret = secrets.token_urlsafe(16)

    assert secret not in read([line("kots", line=form.format(secret))]).now
    assert secret not in safe(form.format(secret))


def test_a_long_line_is_cut() -> None:
    """The status stays small."""
    assert len(read([line("kots", line="x" * 5000)]).now) <= 300
