"""What the program can say is explained: no code, column or scenario without a line in docs/."""

import shlex
from collections.abc import Iterable
from enum import Enum
from pathlib import Path

import pytest

from docs.pages import DOCS, PAGES, ROOT, commands, read
from lvstop.actions.failover.checks import CheckCode
from lvstop.actions.plan import ObjectionCode
from lvstop.cli.arguments import build_parser
from lvstop.demo.scenario import shipped_scenarios
from lvstop.model.alert import AlertCode
from lvstop.model.change import Lever
from lvstop.model.director import DirectorStatus, FaultKind, LackCause, Privilege
from lvstop.model.failover import FailoverLever
from lvstop.ui.table.columns import COLUMNS
from support.completions import walk


def rows_of(page: str) -> set[str]:
    """The words in code in the first cells of a page's tables."""
    cells = (line.split("|")[1] for line in read(DOCS / page).splitlines() if line.startswith("| "))
    return {word for cell in cells for word in cell.split("`")[1::2]}


def headed(page: str) -> set[str]:
    """The titles of a page's smallest sections that say something."""
    parts = read(DOCS / page).split("\n### ")[1:]
    return {title for title, _, text in (part.partition("\n") for part in parts) if text.strip()}


def test_every_alert_is_explained() -> None:
    """A section each, by its code; and no section for what there is not."""
    assert headed("troubleshooting.md") == {code.value for code in AlertCode}


@pytest.mark.parametrize(
    ("page", "codes"),
    [
        ("troubleshooting.md", FaultKind),
        ("troubleshooting.md", LackCause),
        ("troubleshooting.md", ObjectionCode),
        ("failover.md", CheckCode),
        ("failover.md", FailoverLever),
        ("drain.md", Lever),
        ("screen.md", DirectorStatus),
        ("permissions.md", Privilege),
    ],
)
def test_every_code_is_explained(page: str, codes: Iterable[Enum]) -> None:
    """A line of a table each."""
    assert {str(code.value) for code in codes} - rows_of(page) == set()


def test_every_column_and_scenario_is_explained() -> None:
    """By the names that are typed."""
    assert {column.id for column in COLUMNS} - rows_of("screen.md") == set()
    assert {scenario.name for scenario in shipped_scenarios()} == rows_of("demo.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_can_be_typed(page: Path) -> None:
    """The parser takes what a page tells people to type; what is a pattern names a command that there is."""
    known = {parser.prog.split()[-1] for parser in walk(build_parser())}
    for command in commands(page):
        words = shlex.split(command.split("&&")[0])[1:]
        if any(sign in command for sign in "[]|…"):
            named = {word for word in command.split()[1:2] if word[0] not in "[-"}
            assert {part for word in named for part in word.split("|")} <= known, command
        else:
            build_parser().parse_args(words)


def test_every_command_is_in_the_readme() -> None:
    """One of its lines names it."""
    text = " ".join(commands(ROOT / "README.md"))
    named = {part for word in text.split() for part in word.split("|")}
    assert {parser.prog.split()[-1] for parser in walk(build_parser())} - named == set()
