"""Records of changes and failovers that are kept on a director, a line each (verb `changes` of programs/facts.sh)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lvstop.model.change import Change
from lvstop.model.failover import Failover
from lvstop.model.failover_record import Record, read_record
from lvstop.probe.parse import Parsed
from lvstop.probe.parse.issues import IssueLog

SOURCE: Final = "records of changes"


@dataclass(frozen=True, slots=True)
class Records:
    """What is on record, by its time and id."""

    changes: tuple[Change, ...] = ()
    failovers: tuple[Failover, ...] = ()


def parse_records(text: str) -> Parsed[Records]:
    """All records. What is none is an issue; so is a second one with the same id."""
    issues = IssueLog(SOURCE)
    found: dict[str, Record] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = read_record(line)
        except ValueError as error:
            issues.add(number, line, str(error))
            continue
        if record.id in found:
            issues.add(number, line, "another record has the same id")
        found.setdefault(record.id, record)
    return Parsed(_sorted(found), issues.result())


def _sorted(found: Mapping[str, Record]) -> Records:
    records = sorted(found.values(), key=lambda record: (record.at, record.id))
    return Records(
        tuple(record for record in records if isinstance(record, Change)),
        tuple(record for record in records if isinstance(record, Failover)),
    )
