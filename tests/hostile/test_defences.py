"""Each defence is held by a test: taken out of a copy of the product, something fails."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
COPIED = (
    "activities", "emulator", "gateways", "model", "orchestrators", "samples", "scripts",
    "telemetry", "tests", "triggers",
)  # fmt: skip # folders
FILES = ("function_app.py", "host.json", "pyproject.toml", "requirements.txt", "uv.lock")
BODIES, DOCUMENTS = "tests/hostile/test_bodies.py", "tests/hostile/test_documents.py"
NAMES, SHELL = "tests/hostile/test_names.py", "tests/hostile/test_shell.py"
TEMPLATES, ENDLESS = "tests/hostile/test_templates.py", "tests/hostile/test_endless.py"


class Defence(NamedTuple):
    """One defence.

    Attributes:
        file: Where it stands.
        text: What it is; each time that it stands there.
        without: What stands there when it is gone.
        held_by: Test file that fails then, and a word that chooses the tests in it.
    """

    file: str
    text: str
    without: str
    held_by: tuple[str, str]


DEFENCES = {
    "duplicate keys": Defence(
        "triggers/_json.py", "len(made) != len(pairs)", "False", (BODIES, "reader")
    ),
    "NaN and Infinity": Defence(
        "triggers/_json.py", "parse_constant=_no_constant, ", "", (BODIES, "reader or in_place")
    ),
    "nesting beyond the reader": Defence(
        "triggers/_json.py", "(ValueError, RecursionError)", "ValueError", (BODIES, "bad_message")
    ),
    "invalid UTF-8": Defence(
        "triggers/_json.py", 'decode("utf-8")', 'decode("utf-8", "replace")',
        (BODIES, "reader or in_place"),
    ),
    "oversized bodies": Defence(
        "triggers/_responses.py", "len(raw) > BODY_LIMIT", "False", (BODIES, "oversized")
    ),
    "an event is an object": Defence(
        "triggers/_responses.py", "not isinstance(told, dict)", "False", (BODIES, "event_takes")
    ),
    "control characters": Defence(
        "model/request_text.py", "case str() if _MISREAD.search(node)", "case str() if False",
        (BODIES, "told_where"),
    ),
    "line ends": Defence(
        "model/request_text.py", "if _LINE_END.search(node) and not _is_document(path)",
        "if False", (NAMES, "one_line"),
    ),
    "depth": Defence("model/request_text.py", "DEPTH_LIMIT = 32", "DEPTH_LIMIT = 10**6",
        (BODIES, "depth or told_where")),
    "infinite numbers": Defence(
        "model/request_text.py", "if not math.isfinite(node)", "if False", (BODIES, "beyond_json")
    ),
    "huge whole numbers": Defence(
        "model/request_text.py", "if abs(node) >= _WHOLE_NUMBERS", "if False",
        (BODIES, "beyond_json"),
    ),
    "keys that cannot be shown": Defence(
        "model/request_text.py", "not all(map(_can_be_shown, document))", "False",
        (NAMES, "no_key"),
    ),
    "thousands of faults": Defence(
        "model/request.py", "PROBLEMS_LIMIT = 100", "PROBLEMS_LIMIT = 10**9", (BODIES, "thousands")
    ),
    "names end where they end": Defence(
        "model/installation_name.py", "[a-z0-9])?$", "[a-z0-9])?", (NAMES, "of_a_request")
    ),
    "aliases": Defence(
        "model/license.py", 'return "it refers to a part of itself by an alias"', "continue",
        (DOCUMENTS, "hostile_license and alias"),
    ),
    "duplicate keys of a license": Defence(
        "model/license.py", "if len(set(keys)) != len(keys)", "if False",
        (DOCUMENTS, "hostile_license"),
    ),
    "YAML objects": Defence(
        "model/license.py", "yaml.SafeLoader(text)", "yaml.UnsafeLoader(text)",
        (DOCUMENTS, "hostile_license and python"),
    ),
    "deep YAML": Defence(
        "model/license.py", "ValueError, RecursionError)", "ValueError)",
        (DOCUMENTS, "hostile_license"),
    ),
    "huge licenses": Defence(
        "model/license.py", "len(text) > LICENSE_LIMIT", "False", (DOCUMENTS, "hostile_license")
    ),
    "brackets": Defence(
        "model/license.py", "> _BRACKETS_LIMIT", "> 10**9", (DOCUMENTS, "hostile_license")
    ),
    "slugs": Defence(
        "model/license.py", 'not _SLUG.fullmatch(spec["appSlug"])', "False",
        (DOCUMENTS, "hostile_license"),
    ),
    "huge chains": Defence(
        "model/certificate.py", "max(len(chain_pem), len(key_pem)) > PEM_LIMIT", "False",
        (DOCUMENTS, "hostile_chain"),
    ),
    "one pass of placeholders": Defence(
        "model/kots_files.py", 'values[m["name"]], text)',
        'values[m["name"]], _PLACEHOLDER.sub(lambda m: values.get(m["name"], m[0]), text))',
        (TEMPLATES, "looks_like_a_template or looked_at"),
    ),
    "unknown placeholders": Defence(
        "model/kots_files.py", 'not _is_known(found["name"])', "False",
        (TEMPLATES, "other_name"),
    ),
    "dollars of Jobs": Defence(
        "model/manifests/job.py", 'value.replace("$", "$$")', "value", (SHELL, "no_field")
    ),
    "quotes in helm.sh": Defence(
        "model/job_scripts/helm.sh", '"$CHART"', "$CHART", (SHELL, "helm_sh")
    ),
    "quotes in kots.sh": Defence(
        "model/job_scripts/kots.sh", '"$APP_UPSTREAM"', "$APP_UPSTREAM", (SHELL, "every_command")
    ),
    "slow bodies": Defence(
        "emulator/functions_host/bodies.py", "GRACE: Final = 5.0", "GRACE: Final = 500.0",
        (ENDLESS, "never_ends_is_given_up"),
    ),
}  # fmt: skip # a table


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the product and its tests."""
    folder = tmp_path_factory.mktemp("product")
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.mark.trust
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", DEFENCES)
def test_a_defence_that_is_gone_is_missed(product: Path, name: str) -> None:
    """Its test passes with it and fails without it, which is no error of the test."""
    defence = DEFENCES[name]
    path = product / defence.file
    whole = path.read_text()
    assert defence.text in whole
    path.write_text(whole.replace(defence.text, defence.without))
    try:
        code, said = _run(product, *defence.held_by)
    finally:
        path.write_text(whole)

    assert code == pytest.ExitCode.TESTS_FAILED, said
    assert " failed" in said


@pytest.mark.trust
@pytest.mark.timeout(600)
def test_with_all_defences_nothing_fails(product: Path) -> None:
    """What the tests above chose passes in the copy as it is."""
    for file in sorted({defence.held_by[0] for defence in DEFENCES.values()}):
        words = {d.held_by[1] for d in DEFENCES.values() if d.held_by[0] == file}
        code, said = _run(product, file, " or ".join(f"({word})" for word in sorted(words)))
        assert code == pytest.ExitCode.OK, said


def _run(product: Path, file: str, words: str) -> tuple[int, str]:
    done = subprocess.run(  # noqa: S603 # our own tests
        [sys.executable, "-m", "pytest", "-q", "-x", "--tb=line", "-p", "no:randomly",
         "-p", "no:cacheprovider", file, "-k", words],
        cwd=product, capture_output=True, text=True, check=False, timeout=250,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
    )  # fmt: skip # one call
    return done.returncode, done.stdout[-3000:]
