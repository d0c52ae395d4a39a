"""Records of changes that are kept on a director, a line each (verb `changes` of programs/facts.sh)."""

from typing import Final

from lvstop.model.change import Change
from lvstop.model.change_record import read_change
from lvstop.probe.parse import Parsed
from lvstop.probe.parse.issues import IssueLog

SOURCE: Final = "records of changes"


def parse_changes(text: str) -> Parsed[tuple[Change, ...]]:
    """The changes by their time and id. What is no record is an issue; so is a second one with the same id."""
    issues = IssueLog(SOURCE)
    found: dict[str, Change] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            change = read_change(line)
        except ValueError as error:
            issues.add(number, line, str(error))
            continue
        if change.id in found:
            issues.add(number, line, "another record has the same id")
        found.setdefault(change.id, change)
    return Parsed(tuple(sorted(found.values(), key=lambda change: (change.at, change.id))), issues.result())
