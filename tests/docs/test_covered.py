"""What the program can say is explained: no code, column or scenario without a line in docs/."""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from enum import Enum
from pathlib import Path

import pytest

from docs.pages import DOCS, PAGES, ROOT, commands, read
from lvstop.actions.failover.checks import CheckCode
from lvstop.actions.plan import ObjectionCode
from lvstop.cli.arguments import build_parser
from lvstop.cli.json_report import report
from lvstop.demo.scenario import shipped_scenarios
from lvstop.model.alert import AlertCode
from lvstop.model.change import Lever
from lvstop.model.director import DirectorStatus, Fault, FaultKind, Lack, LackCause, ParseIssue, Privilege
from lvstop.model.failover import FailoverLever
from lvstop.ui.table.columns import COLUMNS
from support.change_factories import change
from support.completions import walk
from support.factories import NOW, backup, cluster, master
from support.failover_factories import failover


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


def keys_of(document: object) -> Iterator[str]:
    """Every key in a JSON document whose name is not a director's."""
    if isinstance(document, Mapping):
        for key, value in document.items():
            yield key
            yield from keys_of(value)
    elif isinstance(document, list):
        for value in document:
            yield from keys_of(value)


def test_every_key_of_json_is_explained() -> None:
    """What `lvstop status --json` can print, with everything known."""
    director = master(
        fault=Fault(FaultKind.NO_ANSWER, "no answer"),
        lacks=(Lack("counters", LackCause.FAILED, "it answered 1"),),
        issues=(ParseIssue("/proc/net/ip_vs", 3, "rubbish", "no number"),),
    )
    told = replace(cluster(director, backup()), changes=(change(),), failovers=(failover(),))
    document = report([told], generated_at=NOW)
    names = {"d1", "d2", *(each.director for each in change().weights)}
    missing = {key for key in keys_of(document) if f'"{key}"' not in read(DOCS / "monitoring.md")} - names
    assert missing == set()
    named = set(re.findall(r'"([a-z_]+)"', read(DOCS / "monitoring.md")))
    assert {"unknown_on", "upper_threshold", "prefix_length"} <= named & set(keys_of(document))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_can_be_typed(page: Path) -> None:
    """The parser takes what a page tells people to type; what is a pattern names a command that there is."""
    known = {parser.prog.split()[-1] for parser in walk(build_parser())}
    for command in commands(page):
        words = shlex.split(re.split("&&|>", command)[0])[1:]
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
