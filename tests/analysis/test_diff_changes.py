"""Events of what is on record: who drained what, and who restored it."""

from dataclasses import replace

import pytest

from lvstop.analysis.diff import events
from lvstop.analysis.merge import merge
from lvstop.model.change import Author, Change, ChangeKind, ChangePhase
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot
from lvstop.model.event import EventKind
from support.change_factories import change, weights
from support.factories import (
    FIRST,
    SECOND,
    SERVICE,
    backup,
    gone,
    later,
    master,
    real_server,
    row,
    silent,
    virtual_server,
)
from support.factories import cluster as merged

ANNA, BOB = Author("anna", "desk"), Author("bob", "laptop")
DRAIN = change(*weights(real=SECOND, before=1), author=ANNA, reason="kernel update")
PENDING = replace(DRAIN, phase=ChangePhase.PENDING)
RESTORE = replace(DRAIN, id="r", kind=ChangeKind.RESTORE, phase=ChangePhase.PENDING, author=BOB)
DRAINED = (virtual_server(SERVICE, FIRST, real_server(SECOND, 0)),)


def look(*kept: Change, second: float = 0) -> ClusterSnapshot:
    """Both directors with these records, and the weights that belong to them."""
    here, there = master(virtual_servers=DRAINED, changes=kept), backup(virtual_servers=DRAINED, changes=kept)
    return merged(here, there, now=later(second))


def said(before: ClusterSnapshot, after: ClusterSnapshot) -> list[str]:
    """What happened on record in between."""
    found = [event for event in events(before, after) if event.kind is EventKind.CHANGE]
    assert {(event.director, event.at) for event in found} <= {(None, after.generated_at)}
    return [event.summary for event in found]


@pytest.mark.parametrize(
    ("before", "after", "summaries"),
    [
        ([], [PENDING], [f"anna@desk began to drain {row(SECOND)}: kernel update."]),
        ([PENDING], [DRAIN], [f"anna@desk drained {row(SECOND)}: kernel update."]),
        ([], [DRAIN], [f"anna@desk drained {row(SECOND)}: kernel update."]),
        ([], [replace(DRAIN, reason="")], [f"anna@desk drained {row(SECOND)}."]),
        ([PENDING], [], [f"The drain of {row(SECOND)} that anna@desk had begun is undone."]),
        ([DRAIN], [], [f"{row(SECOND)} was restored, which anna@desk had drained."]),
        ([DRAIN, RESTORE], [], [f"bob@laptop restored {row(SECOND)}, which anna@desk had drained."]),
        ([DRAIN], [DRAIN, RESTORE], []),
        ([DRAIN], [DRAIN], []),
    ],
)
def test_the_life_of_a_drain(before: list[Change], after: list[Change], summaries: list[str]) -> None:
    """Begun, standing, restored: each is told once, with who it was as far as that was seen."""
    assert said(look(*before), look(*after, second=1)) == summaries


def test_a_part_that_is_restored() -> None:
    """The rest of the drain stands."""
    wide = replace(DRAIN, weights=(*weights(real=FIRST), *DRAIN.weights))
    assert said(look(wide), look(DRAIN)) == [f"{row(FIRST)} was restored, which anna@desk had drained."]


def knowing(director: DirectorSnapshot, *kept: Change) -> DirectorSnapshot:
    """The director with these records, which were read after its table."""
    return replace(director, changes=kept, changes_table=director.virtual_servers)


@pytest.mark.parametrize(
    "unknown", [silent(), backup(), gone(knowing(backup(), DRAIN))], ids=["silent", "not read yet", "past"]
)
def test_a_director_that_tells_again_has_no_news(unknown: DirectorSnapshot) -> None:
    """Yesterday's drain is not a drain of now because its director answers now; nor is it over with its director."""
    without = merged(knowing(master()), unknown)
    with_it = merged(knowing(master()), knowing(backup(virtual_servers=DRAINED), DRAIN))
    assert said(without, with_it) == []
    assert said(with_it, without) == []


def test_one_director_that_told_before_is_enough() -> None:
    """The other one may be silent all the while."""
    before, after = merged(knowing(master()), silent()), merged(knowing(master(), DRAIN), silent())
    assert len(said(before, after)) == 1
    assert len(said(after, before)) == 1


def test_what_only_this_machine_has_on_record() -> None:
    """An lvstop was killed before it wrote onto the directors; then somebody put it right."""
    pair = (knowing(master()), knowing(backup()))
    without = merge("smb", pair, now=later(0))
    with_it = merge("smb", pair, now=later(1), local=[PENDING])
    assert said(without, with_it) == [f"anna@desk began to drain {row(SECOND)}: kernel update."]
    assert said(with_it, without) == [f"The drain of {row(SECOND)} that anna@desk had begun is undone."]


def test_maintenance_is_told_once() -> None:
    """By the record's own event, not by the note about it as well; a reminder that is due is an alert as any."""

    def alerts(before: ClusterSnapshot, after: ClusterSnapshot) -> list[str]:
        return [event.summary for event in events(before, after) if event.kind is EventKind.ALERT]

    limited = replace(DRAIN, until=later(60))
    assert alerts(look(), look(limited, second=1)) == [f"cleared: weight-drift of {row(SECOND)}."]
    (due,) = alerts(look(limited, second=59), look(limited, second=61))
    assert due.startswith(f"now warning: {row(SECOND)} is drained by anna@desk")
    assert f"cleared: maintenance of {row(SECOND)}." in alerts(look(limited, second=61), look(second=62))


def test_an_alert_is_not_over_because_the_records_are_unknown() -> None:
    """Where records cannot be read any more, what they told is out of sight."""
    undone = merged(knowing(master(), DRAIN), knowing(backup(), DRAIN))
    unknown = merged(replace(master(), changes=None), replace(backup(), changes=None), now=later(1))
    assert "drain-reverted" in {alert.code for alert in undone.alerts}
    assert not [event for event in events(undone, unknown) if event.summary.startswith("cleared: drain-reverted")]
