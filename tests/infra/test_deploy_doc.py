"""docs/deploy.md names what exists, and everything that an operator may choose."""

import re

from tests.infra.bicep_source import BICEP, ROOT, parameter_files, read
from triggers.http import ROUTES

DOCUMENT = (ROOT / "docs" / "deploy.md").read_text()
COMMANDS = "\n".join(re.findall(r"^```\n(.+?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL))
OURS = re.compile(r"\bDASH_[A-Z_]+\b")


def test_every_file_that_is_named_exists() -> None:
    """In the text and in the commands; the reader's own files are no part of the project."""
    named = re.findall(r"\b((?:infra|samples|docs)/[\w./-]*\w|azure\.yaml|host\.json)", DOCUMENT)
    bases = (ROOT, BICEP)

    assert len(named) > 10
    assert [n for n in named if not any((base / n).exists() for base in bases)] == []


def test_every_link_goes_somewhere() -> None:
    """Links to other pages of the documents."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)", DOCUMENT)

    assert [link for link in links if not (ROOT / "docs" / link).is_file()] == []


def test_every_parameter_that_is_named_exists() -> None:
    """In the table of choices, and in the commands."""
    main, rights = read(BICEP / "main.bicep"), read(BICEP / "rights.bicep")
    table = DOCUMENT.split("| parameter of `main.bicep` |")[1].split("\n\n")[0]
    choices = re.findall(r"^\| (`.+?`) \|", table, re.MULTILINE)
    names = [name for cell in choices for name in re.findall(r"`(\w+)`", cell)]
    given = re.findall(r"[ =](\w+)=(?=['\d])", DOCUMENT.replace("--parameters ", "--parameters="))

    assert len(names) > 8
    assert set(names) <= set(main.parameters)
    assert {"principalId", "keyVaultResourceIds", "logRetentionDays"} <= set(given)
    assert set(given) <= {*main.parameters, *rights.parameters}
    required = {name for name, p in rights.parameters.items() if not p.optional}
    assert required <= set(given)


def test_every_choice_of_the_environment_is_documented() -> None:
    """What parameter files and hooks read is in the table, and nothing else is."""
    sources = [*parameter_files(), *(ROOT / "infra" / "hooks").glob("*.sh")]
    read_names = {name for path in sources for name in OURS.findall(path.read_text())}

    assert set(OURS.findall(DOCUMENT)) == read_names


def test_every_output_that_is_used_exists() -> None:
    """Variables of the commands are outputs of main.bicep."""
    used = set(re.findall(r"\$((?:AZURE|SERVICE)_[A-Z_]+)", DOCUMENT))

    assert len(used) > 3
    assert used <= set(read(BICEP / "main.bicep").outputs)


def test_every_route_that_is_called_exists() -> None:
    """The API's paths in the text and in the commands, with a name in the place of ``{name}``."""
    patterns = [re.sub(r"\{\w+\}", r"[\\w-]+", route.route) for route in ROUTES]
    called = set(re.findall(r"/api/([\w./-]*\w)", DOCUMENT))

    assert len(called) > 4
    assert [c for c in called if not any(re.fullmatch(p, c) for p in patterns)] == []


def test_every_numbered_part_that_acts_tells_what_to_expect() -> None:
    """A reader sees after each part whether it worked."""
    parts = re.split(r"^## (\d+)\. ", DOCUMENT, flags=re.MULTILINE)[1:]
    numbered = dict(zip(map(int, parts[::2]), parts[1::2], strict=True))

    assert list(numbered) == list(range(1, len(numbered) + 1))
    acting = [number for number, text in numbered.items() if "```\n" in text and number != 10]
    assert [number for number in acting if "Expected" not in numbered[number]] == []


def test_the_hooks_point_at_the_right_part() -> None:
    """A hook that sends the reader to a part sends to the one about trouble."""
    told = re.findall(
        r"docs/deploy\.md, part (\d+)", (ROOT / "infra" / "hooks" / "postdeploy.sh").read_text()
    )

    assert told
    assert all(f"## {number}. When it does not answer" in DOCUMENT for number in told)
