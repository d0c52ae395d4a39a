"""Events found again, and written down."""

import json

import pytest

from lvstop.analysis.event_search import as_jsonl, as_text, counts_by_kind, select
from lvstop.model.event import Event, EventKind
from support.factories import later

FAILOVER = Event(later(0), "d1", EventKind.VRRP, "SMB", "SMB went from BACKUP to MASTER on d1.")
MOVED = Event(later(0.25), "d1", EventKind.VIP, "10.0.0.1", "10.0.0.1 appeared on d1.")
WEIGHT = Event(later(2), "d2", EventKind.WEIGHT, "10.0.0.7:80 of TCP:10.0.0.1:80", "The weight went from 1 to 0.")
RAISED = Event(later(3), None, EventKind.ALERT, "no-master SMB", "critical: nobody is MASTER of Straße.")
ALL = (FAILOVER, MOVED, WEIGHT, RAISED)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ALL),
        ("  ", ALL),
        ("master", (FAILOVER, RAISED)),
        ("MASTER smb", (FAILOVER, RAISED)),
        ("master d1", (FAILOVER,)),
        ("10.0.0.1", (MOVED, WEIGHT)),
        ("10.0.0.1 weight", (WEIGHT,)),
        ("STRASSE", (RAISED,)),
        ("d1 SMB went", (FAILOVER,)),
        ("d1smb", ()),
        ("nothing", ()),
    ],
)
def test_words(text: str, found: tuple[Event, ...]) -> None:
    """Every word must be somewhere, in any case, and within one field."""
    assert select(ALL, text) == found


def test_kinds_and_directors() -> None:
    """None is all of them, none of them is none; what concerns the cluster is seen on no director."""
    assert select(ALL, kinds={EventKind.VIP, EventKind.ALERT}) == (MOVED, RAISED)
    assert select(ALL, kinds=()) == ()
    assert select(ALL, director="d1") == (FAILOVER, MOVED)
    assert select(ALL, "went", {EventKind.WEIGHT, EventKind.VRRP}, "d2") == (WEIGHT,)


def test_counts() -> None:
    """Every kind has a number."""
    counts = counts_by_kind((*ALL, MOVED))
    assert set(counts) == set(EventKind)
    assert (counts[EventKind.VIP], counts[EventKind.DIRECTOR]) == (2, 0)


def test_json_lines() -> None:
    """One object per line, null where there is no director, UTC to the millisecond."""
    lines = [json.loads(line) for line in as_jsonl(ALL).splitlines()]
    assert lines[1] == {
        "at": "2026-11-22T14:02:11.250Z",
        "director": "d1",
        "kind": "vip",
        "subject": "10.0.0.1",
        "summary": "10.0.0.1 appeared on d1.",
    }
    assert lines[3]["director"] is None
    assert as_jsonl(()) == ""


def test_text_is_in_columns() -> None:
    """As wide as they must be."""
    assert as_text((WEIGHT, RAISED)).splitlines() == [
        "2026-11-22T14:02:13.000Z  weight  d2  The weight went from 1 to 0.",
        "2026-11-22T14:02:14.000Z  alert   -   critical: nobody is MASTER of Straße.",
    ]
    assert as_text(()) == ""


def test_no_control_character_gets_out() -> None:
    """What a director says cannot write to the operator's terminal, nor make lines of its own."""
    event = Event(later(0), "d1", EventKind.DIRECTOR, "d1", "d1 said \x1b[2J\r\nall is well\u2028really")
    assert as_text((event,)).endswith("d1 said  [2J  all is well really\n")
    assert len(as_jsonl((event,)).split("\n")) == 2
