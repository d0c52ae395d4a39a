"""Alerts about what is on record: undone drains, unfinished changes, maintenance."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from lvstop.analysis.memory import Memory
from lvstop.model.change import Author, Change, ChangeKind, ChangePhase, Lever
from lvstop.model.cluster import ClusterSnapshot, Health
from lvstop.model.director import DirectorSnapshot, Keepalived
from support.change_factories import change, weights
from support.factories import (
    FIRST,
    SECOND,
    SERVICE,
    alert,
    backup,
    checked,
    checked_server,
    cluster,
    gone,
    later,
    master,
    real_server,
    row,
    silent,
    told,
    virtual_server,
)

ANNA, BOB = Author("anna", "desk"), Author("bob", "laptop")
DRAIN = change(*weights(real=SECOND, before=1), author=ANNA, at=later(-3600), reason="kernel update")
RESTORE = replace(DRAIN, id="r", kind=ChangeKind.RESTORE, phase=ChangePhase.PENDING, author=BOB, at=later(-2))
DRAINED = (virtual_server(SERVICE, FIRST, real_server(SECOND, 0)),)
SERVING = (virtual_server(SERVICE, FIRST, real_server(SECOND, 1)),)
MAINTENANCE = ("maintenance", "info", row(SECOND))
REVERTED = ("drain-reverted", "warning", row(SECOND))
DRIFT = ("weight-drift", "warning", row(SECOND))


def holder(table: Sequence[object], *kept: Change, **more: object) -> DirectorSnapshot:
    """The MASTER with this table and these records, which were read after it."""
    values: dict[str, Any] = {"virtual_servers": tuple(table), "changes": kept, "changes_table": tuple(table), **more}
    return master(**values)


def other(table: Sequence[object], *kept: Change, **more: object) -> DirectorSnapshot:
    """The BACKUP."""
    values: dict[str, Any] = {"virtual_servers": tuple(table), "changes": kept, "changes_table": tuple(table), **more}
    return backup(**values)


def both(table: Sequence[object], *kept: Change) -> ClusterSnapshot:
    """Both directors alike."""
    return cluster(holder(table, *kept), other(table, *kept))


class TestMaintenance:
    """A drain on record is told, and troubles nobody."""

    def test_a_drain_that_holds_is_a_note(self) -> None:
        """Who, since when, why; the weights by hand that it explains are not told again, and all is well."""
        snapshot = both(DRAINED, DRAIN)
        assert told(snapshot) == [MAINTENANCE]
        assert snapshot.health is Health.OK
        assert alert(snapshot, "maintenance").summary == (
            f"{row(SECOND)} is drained by anna@desk since 13:02 UTC (kernel update)."
        )

    def test_until(self) -> None:
        """When it is to be restored; when that has passed somebody is reminded, and nothing is done."""
        snapshot = both(DRAINED, replace(DRAIN, until=later(7200), reason=""))
        assert alert(snapshot, "maintenance").summary == (
            f"{row(SECOND)} is drained by anna@desk since 13:02 UTC, until 16:02 UTC."
        )
        snapshot = both(DRAINED, replace(DRAIN, until=later(-1800)))
        assert told(snapshot) == [("maintenance", "warning", row(SECOND))]
        assert alert(snapshot, "maintenance").summary.endswith(
            "(kernel update), and was to be restored at 13:32 UTC, 30 min ago."
        )
        assert "Restore it" in alert(snapshot, "maintenance").remedy

    def test_a_real_server_everywhere(self) -> None:
        """Several rows of one address are named by it."""
        dns = "UDP:172.26.127.20:53"
        wide = change(*DRAIN.weights, *weights(dns, "172.26.127.22:53"), at=later(-90_000))
        snapshot = both(DRAINED, wide)
        assert alert(snapshot, "maintenance").subject == "172.26.127.22 in 2 virtual servers"
        assert "since 21 Nov 13:02 UTC" in alert(snapshot, "maintenance").summary

    def test_nobody_answers(self) -> None:
        """Records that nobody tells any more are not judged."""
        assert "maintenance" not in {code for code, *_ in told(cluster(gone(holder(DRAINED, DRAIN)), silent()))}

    def test_a_track_file_is_keepalived_s_own(self) -> None:
        """keepalived itself has set the weight to 0: nothing to compare, and the same note."""
        checks = (checked_server(SERVICE, FIRST, checked(SECOND, effective=0)),)
        drain = replace(DRAIN, lever=Lever.TRACK_FILE)
        snapshot = cluster(holder(DRAINED, drain, checks=checks), other(DRAINED, drain, checks=checks))
        assert told(snapshot) == [MAINTENANCE]


class TestWeights:
    """Weights by hand that are on record, and those that are not."""

    def test_a_weight_by_hand_that_is_not_on_record(self) -> None:
        """The record explains it on one director; on the other one somebody else has set it."""
        assert told(both(DRAINED)) == [("weight-drift", "info", row(SECOND))]
        alone = replace(DRAIN, weights=weights(real=SECOND, directors=["keepalived1"]))
        snapshot = cluster(holder(DRAINED, alone), other(DRAINED, alone))
        assert told(snapshot) == [MAINTENANCE, ("weight-drift", "info", row(SECOND))]
        assert "has weight 0 on keepalived2, set by hand" in alert(snapshot, "weight-drift").summary

    def test_a_drain_on_one_director_only(self) -> None:
        """It was drained there alone, with a reason: the next failover puts it back to work."""
        alone = replace(DRAIN, weights=weights(real=SECOND, directors=["keepalived1"]))
        snapshot = cluster(holder(DRAINED, alone), other(SERVING, alone))
        assert told(snapshot) == [DRIFT, MAINTENANCE]
        assert "has weight 0 on keepalived1 and 1 on keepalived2" in alert(snapshot, "weight-drift").summary

    def test_while_a_change_is_under_way_the_directors_may_differ(self) -> None:
        """The second director has its turn in a moment."""
        pending = replace(DRAIN, phase=ChangePhase.PENDING, at=later(-1))
        assert told(cluster(holder(DRAINED, pending), other(SERVING, pending))) == []

    def test_a_weight_that_has_just_changed_waits_for_the_records(self) -> None:
        """It may be on record by now; where records are not read it is told at once."""
        just_now = cluster(holder(DRAINED, changes_table=SERVING), other(SERVING))
        assert "weight-drift" not in {code for code, *_ in told(just_now)}
        assert DRIFT in told(cluster(holder(DRAINED), other(SERVING)))
        assert DRIFT in told(cluster(holder(DRAINED, changes=None, changes_table=None), other(SERVING)))


class TestUndone:
    """Drains on record that hold no more."""

    def test_a_drain_that_was_undone_everywhere(self) -> None:
        """No earlier look is needed: the record says what ought to be, and nobody took it off."""
        snapshot = both(SERVING, DRAIN)
        assert told(snapshot) == [REVERTED]
        assert alert(snapshot, "drain-reverted").summary == (
            f"{row(SECOND)} was drained by anna@desk at 13:02 UTC (kernel update), but has weight 1 on keepalived1 and "
            "1 on keepalived2; nobody has restored it."
        )
        assert "Drain it again, or restore it" in alert(snapshot, "drain-reverted").remedy
        assert snapshot.health is Health.WARNING

    def test_a_drain_that_was_undone_on_one_director(self) -> None:
        """One alert: weights that differ are what it says."""
        snapshot = cluster(holder(SERVING, DRAIN), other(DRAINED, DRAIN))
        assert told(snapshot) == [REVERTED]
        said = alert(snapshot, "drain-reverted").summary
        assert "has weight 1 on keepalived1, while still drained on keepalived2; nobody has restored it" in said

    def test_what_was_seen_is_told_with_it(self) -> None:
        """Whoever watched knows why; it is the same alert, once."""
        before = both(DRAINED, DRAIN)
        memory = Memory().observe(before)
        restarted = Keepalived("2.2.7", True, 900)
        snapshot = cluster(
            holder(SERVING, DRAIN, keepalived=restarted), other(DRAINED, DRAIN), now=later(1), memory=memory
        )
        assert told(snapshot) == [REVERTED]
        assert "weight 1 on keepalived1 since keepalived was restarted" in alert(snapshot, "drain-reverted").summary

    def test_it_is_told_for_as_long_as_it_is_on_record(self) -> None:
        """A drain that was seen without a record is forgotten after a while; this one is not."""
        memory = Memory().observe(both(DRAINED, DRAIN))
        for seconds in (1, 7200):
            snapshot = cluster(holder(SERVING, DRAIN), other(SERVING, DRAIN), now=later(seconds), memory=memory)
            memory = memory.observe(snapshot)
            assert told(snapshot) == [REVERTED]

    def test_some_rows_of_several(self) -> None:
        """The others are in maintenance still."""
        wide = replace(DRAIN, weights=(*weights(real=FIRST), *DRAIN.weights))
        table = (virtual_server(SERVICE, real_server(FIRST, 0), real_server(SECOND, 1)),)
        assert told(both(table, wide)) == [REVERTED, ("maintenance", "info", row(FIRST))]

    @pytest.mark.parametrize("phase", list(ChangePhase))
    def test_a_restore_under_way_is_no_reversion(self, phase: ChangePhase) -> None:
        """The weight that comes back is what somebody asked for; so is one that is drained anew."""
        restore = replace(RESTORE, phase=phase)
        codes = {code for code, *_ in told(both(SERVING, DRAIN, restore))}
        assert ("drain-reverted" in codes) is (phase is ChangePhase.STANDING)

    def test_a_restore_under_way_silences_what_was_seen_too(self) -> None:
        """The checks failed while it was drained; that is not why it has a weight now."""
        failed = (checked_server(SERVICE, FIRST, checked(SECOND, alive=False, inhibit=True)),)
        memory = Memory().observe(both(DRAINED, DRAIN))
        memory = memory.observe(cluster(holder(DRAINED, DRAIN, checks=failed), other(DRAINED, DRAIN), now=later(1)))
        snapshot = cluster(holder(SERVING, DRAIN, RESTORE), other(SERVING, DRAIN, RESTORE), now=later(2), memory=memory)
        assert "drain-reverted" not in {code for code, *_ in told(snapshot)}
        memory = memory.observe(snapshot)
        snapshot = cluster(holder(SERVING), other(SERVING), now=later(3), memory=memory)
        assert told(snapshot) == []

    def test_without_a_record_what_was_seen_is_told_as_before(self) -> None:
        """The control: the same, but nobody has put the drain on record."""
        failed = (checked_server(SERVICE, FIRST, checked(SECOND, alive=False, inhibit=True)),)
        memory = Memory().observe(both(DRAINED))
        memory = memory.observe(cluster(holder(DRAINED, checks=failed), other(DRAINED), now=later(1)))
        snapshot = cluster(holder(SERVING), other(SERVING), now=later(2), memory=memory)
        assert told(snapshot) == [REVERTED]

    @pytest.mark.parametrize(
        "unread", [{"changes_table": DRAINED}, {"changes_table": None}, {"changes": None}, {"changes": ()}]
    )
    def test_records_that_may_be_over_are_no_evidence(self, unread: dict[str, Any]) -> None:
        """The weight came after they were read, or the director keeps none: somebody may have restored it."""
        snapshot = cluster(replace(holder(SERVING, DRAIN), **unread), other(DRAINED, DRAIN))
        assert "drain-reverted" not in {code for code, *_ in told(snapshot)}

    def test_a_table_that_never_rests(self) -> None:
        """Another row has changed since the records were read: this one has not."""
        busy = (virtual_server(SERVICE, real_server(FIRST, 9), real_server(SECOND, 1)),)
        snapshot = cluster(holder(busy, DRAIN, changes_table=SERVING), other(busy, DRAIN, changes_table=SERVING))
        assert "drain-reverted" in {code for code, *_ in told(snapshot)}

    def test_a_row_that_left_the_table_is_not_undone(self) -> None:
        """A real server that failed its checks gets nothing; when it comes back, that is told."""
        table = (virtual_server(SERVICE, FIRST),)
        assert "drain-reverted" not in {code for code, *_ in told(both(table, DRAIN))}

    def test_a_director_that_is_silent_is_not_judged(self) -> None:
        """Its table is the past."""
        snapshot = cluster(holder(DRAINED, DRAIN), gone(other(SERVING, DRAIN)))
        assert "drain-reverted" not in {code for code, *_ in told(snapshot)}

    @pytest.mark.parametrize("recorded", ["FWM:7:inet", "FWM:7:?"])
    @pytest.mark.parametrize("listed", ["FWM:7:inet", "FWM:7:?"])
    def test_firewall_marks_of_unknown_family(self, recorded: str, listed: str) -> None:
        """The one who drained knew the family, or did not; the table does not say it."""
        drain = replace(DRAIN, weights=weights(recorded, "172.26.127.22:0", before=1))
        table = (virtual_server(listed, "172.26.127.21:0", real_server("172.26.127.22:0", 0)),)
        checks = (checked_server("FWM:7:inet", "172.26.127.21:0", "172.26.127.22:0"),)
        holds = cluster(holder(table, drain, checks=checks), other(table, drain, checks=checks))
        assert [code for code, *_ in told(holds)] == ["maintenance"]
        table = (virtual_server(listed, "172.26.127.21:0", "172.26.127.22:0"),)
        undone = cluster(holder(table, drain, checks=checks), other(table, drain, checks=checks))
        assert [code for code, *_ in told(undone)] == ["drain-reverted"]


class TestUnfinished:
    """Changes that were begun, and nobody finished."""

    BEGUN = replace(DRAIN, phase=ChangePhase.PENDING, at=later(-31))

    @pytest.mark.parametrize(("table", "weight"), [(DRAINED, 0), (SERVING, 1)])
    def test_directors_that_agree_are_a_warning(self, table: Sequence[object], weight: int) -> None:
        """Done or not done on both: somebody has to say which."""
        snapshot = both(table, self.BEGUN)
        assert told(snapshot) == [("change-unfinished", "warning", row(SECOND))]
        assert alert(snapshot, "change-unfinished").summary == (
            f"anna@desk began to drain {row(SECOND)} at 14:01 UTC (kernel update) and did not finish: it "
            f"has weight {weight} on keepalived1 and {weight} on keepalived2."
        )
        assert alert(snapshot, "change-unfinished").remedy == "`lvstop resume smb` finishes it or undoes it."

    def test_directors_that_differ_are_critical(self) -> None:
        """The next failover changes the service."""
        snapshot = cluster(holder(DRAINED, self.BEGUN), other(SERVING, self.BEGUN))
        assert told(snapshot) == [("change-unfinished", "critical", row(SECOND))]
        assert snapshot.health is Health.CRITICAL
        assert "weight 0 on keepalived1 and 1 on keepalived2" in alert(snapshot, "change-unfinished").summary

    def test_only_the_half_made_rows_are_named(self) -> None:
        """Among many rows those that differ matter."""
        begun = replace(self.BEGUN, weights=(*weights(real=FIRST, before=1), *self.BEGUN.weights))
        snapshot = cluster(holder(DRAINED, begun), other(SERVING, begun))
        said = alert(snapshot, "change-unfinished").summary
        assert said.endswith(f"did not finish: {row(SECOND)} has weight 0 on keepalived1 and 1 on keepalived2.")

    def test_a_director_that_is_silent(self) -> None:
        """What is known is told; that the directors differ is not."""
        snapshot = cluster(holder(DRAINED, self.BEGUN), silent())
        assert alert(snapshot, "change-unfinished").severity.name == "WARNING"
        assert "it has weight 0 on keepalived1." in alert(snapshot, "change-unfinished").summary

    def test_no_table_is_known(self) -> None:
        """Then only who, when and what."""
        snapshot = cluster(holder((), self.BEGUN), silent())
        assert alert(snapshot, "change-unfinished").summary.endswith("(kernel update) and did not finish.")

    @pytest.mark.parametrize(
        ("kind", "said"),
        [(ChangeKind.RESTORE, "began to restore"), (ChangeKind.WEIGHT, "began to change the weight of")],
    )
    def test_whatever_was_begun(self, kind: ChangeKind, said: str) -> None:
        """In words."""
        snapshot = both(SERVING, replace(self.BEGUN, kind=kind))
        assert f"anna@desk {said} {row(SECOND)}" in alert(snapshot, "change-unfinished").summary

    def test_a_change_that_is_being_made_is_not_unfinished(self) -> None:
        """It takes seconds."""
        assert told(both(DRAINED, replace(self.BEGUN, at=later(-30)))) == []
