"""Alerts about failovers on record: levers that are held, failovers that nobody has finished."""

from dataclasses import replace

import pytest

from lvstop.model.cluster import ClusterSnapshot, Health
from lvstop.model.director import DirectorSnapshot
from lvstop.model.failover import Failover, FailoverLever, FailoverPhase
from support.factories import VIP, address, alert, backup, cluster, gone, later, master, silent, told
from support.failover_factories import failover

SUBJECT = "SMB from keepalived1 to keepalived2"
PENDING = failover(phase=FailoverPhase.PENDING, at=later(-300))


def kept(
    *records: Failover, first: DirectorSnapshot | None = None, second: DirectorSnapshot | None = None
) -> ClusterSnapshot:
    """Both directors keep these records; the second one holds everything, unless told."""
    sides = (first or backup("keepalived1"), second or master("keepalived2"))
    return cluster(*(replace(side, failovers=records, changes=()) for side in sides))


class TestHeld:
    """It decides who can be MASTER: it is shown until somebody releases it."""

    def test_a_gentle_lever(self) -> None:
        """A note: the first director would take over again if the second one failed."""
        snapshot = kept(failover(at=later(-3600)))
        assert told(snapshot) == [("failover-held", "info", SUBJECT)]
        assert snapshot.health is Health.OK
        found = alert(snapshot, "failover-held")
        assert found.summary == (
            "SMB was moved from keepalived1 to keepalived2 by ops@desk at 13:02 UTC (kernel update), and the lever is "
            "held on keepalived1: its priority is lowered by a track file (/etc/keepalived/maint)."
        )
        assert found.remedy == "`lvstop failover smb --release` releases it."

    @pytest.mark.parametrize(
        ("lever", "words"),
        [
            (FailoverLever.FAULT, "it is held in FAULT by a track file (/etc/keepalived/maint)"),
            (FailoverLever.STOP, "keepalived is stopped there"),
        ],
    )
    def test_a_lever_that_leaves_nobody(self, lever: FailoverLever, words: str) -> None:
        """A warning: there is no second director while it is held."""
        snapshot = kept(failover(lever=lever, reason=""))
        found = alert(snapshot, "failover-held")
        assert str(found.severity) == "warning"
        assert found.summary.endswith(f"{words}, so that it does not take over if keepalived2 fails.")

    def test_a_priority(self) -> None:
        """With the file that has it."""
        snapshot = kept(failover(lever=FailoverLever.PRIORITY))
        assert "(/etc/keepalived/keepalived.conf)" in alert(snapshot, "failover-held").summary

    def test_none(self) -> None:
        """Nothing is on record; nor while it is under way."""
        assert told(kept()) == []
        assert told(kept(replace(PENDING, at=later(-60)))) == []

    def test_nobody_tells(self) -> None:
        """What a director told before it fell silent is the past."""
        past = gone(replace(backup("keepalived1"), failovers=(failover(),), changes=()))
        codes = {code for code, *_ in told(cluster(past, master("keepalived2")))}
        assert "failover-held" not in codes


class TestUnfinished:
    """lvstop was ended in the middle of it."""

    def test_the_addresses_are_somewhere(self) -> None:
        """A warning, with where they are."""
        snapshot = kept(PENDING)
        assert ("failover-unfinished", "warning", SUBJECT) in told(snapshot)
        found = alert(snapshot, "failover-unfinished")
        assert found.summary == (
            "ops@desk began to move SMB from keepalived1 to keepalived2 at 13:57 UTC (kernel update) and did not "
            f"finish: {VIP} is on keepalived2."
        )
        assert found.remedy == "`lvstop resume smb` finishes it or undoes it."

    def test_nobody_has_them(self) -> None:
        """Critical."""
        found = alert(kept(PENDING, second=master("keepalived2", addresses=())), "failover-unfinished")
        assert (str(found.severity), found.summary.rpartition(": ")[2]) == ("critical", f"nobody holds {VIP}.")

    def test_both_have_them(self) -> None:
        """Critical as well."""
        twice = backup("keepalived1", addresses=(address(VIP),))
        found = alert(kept(PENDING, first=twice), "failover-unfinished")
        assert str(found.severity) == "critical"
        assert found.summary.endswith(f"{VIP} is on keepalived1 and keepalived2.")

    def test_nobody_can_tell(self) -> None:
        """Unknown is not nobody."""
        second = replace(backup("keepalived1"), failovers=(PENDING,), changes=())
        found = alert(cluster(second, silent("keepalived2")), "failover-unfinished")
        assert str(found.severity) == "warning"
        assert found.summary.endswith("and did not finish.")

    @pytest.mark.parametrize(("seconds", "shown"), [(120, False), (121, True)])
    def test_when(self, seconds: float, shown: bool) -> None:
        """It takes its time, and no longer than that."""
        codes = {code for code, *_ in told(kept(replace(PENDING, at=later(-seconds))))}
        assert ("failover-unfinished" in codes) is shown
