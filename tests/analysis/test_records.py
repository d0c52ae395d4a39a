"""Records from both directors and from the operator's machine, put together: one a change."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from lvstop.analysis.merge import merge
from lvstop.analysis.records import BEGINNING, ended
from lvstop.model.alert import AlertCode
from lvstop.model.change import Change, ChangePhase, FileChange, Lever
from lvstop.model.checks import TrackFile
from lvstop.model.director import DirectorSnapshot
from lvstop.model.ipvs import VirtualServer
from support.change_factories import change, weights
from support.factories import FIRST, NOW, SECOND, backup, gone, later, master, real_server, silent, virtual_server

OLD = later(-3600)
DRAIN = change(*weights(), *weights(real=SECOND), at=OLD)
PENDING = replace(DRAIN, phase=ChangePhase.PENDING)
ALONE = change(*weights(directors=["keepalived1"]), at=OLD)
TABLE = (virtual_server("TCP:172.26.127.20:445", real_server(FIRST, 0), SECOND),)


def keeping(*kept: Change, side: int = 0) -> DirectorSnapshot:
    """A director that tells these records."""
    told: dict[str, Any] = {"changes": kept, "changes_asked_at": NOW}
    return backup(**told) if side else master(**told)


def joined(
    *directors: DirectorSnapshot, local: Sequence[Change] = (), since: datetime | None = None
) -> tuple[Change, ...]:
    """What is on record of the cluster; what is local is so since then, or since it was made."""
    known = {} if since is None else {each.id: since for each in local}
    return merge("smb", directors, now=NOW, local=local, local_since=known).changes


def test_one_record_for_each_change_the_oldest_first() -> None:
    """The same drain on two directors and here is one drain."""
    other = change(id="b", at=later(-7200))
    assert joined(keeping(DRAIN), keeping(DRAIN, other, side=1), local=[DRAIN]) == (other, DRAIN)
    assert joined(keeping(), keeping(side=1)) == ()
    assert joined(master(), silent()) == ()


@pytest.mark.parametrize("directors", [(PENDING, DRAIN), (DRAIN, PENDING)])
def test_the_copy_that_is_later_in_life_counts(directors: tuple[Change, Change]) -> None:
    """One director has not been told yet, or was not reached any more, that the drain stands."""
    one, other = directors
    assert joined(keeping(one), keeping(other, side=1)) == (DRAIN,)
    assert joined(keeping(one), silent(), local=[other]) == (DRAIN,)


def test_rows_that_were_restored_are_not_brought_back_by_an_old_copy() -> None:
    """Somebody else has restored one row of two; this machine has not heard of it."""
    rest = replace(DRAIN, weights=weights(real=SECOND))
    assert joined(keeping(rest), silent(), local=[DRAIN]) == (rest,)
    assert joined(keeping(DRAIN), keeping(rest, side=1)) == (rest,)


def test_a_director_that_does_not_answer_tells_the_past() -> None:
    """What it told before it fell silent is not on record as far as anybody knows."""
    assert joined(gone(keeping(DRAIN)), keeping(side=1)) == ()


def test_a_drain_that_somebody_else_has_restored_is_over() -> None:
    """All its directors tell their records, and it is not among them: this machine's copy is what was left behind."""
    assert joined(keeping(), keeping(side=1), local=[DRAIN]) == ()
    assert joined(keeping(), silent(), local=[ALONE]) == ()


@pytest.mark.parametrize(
    "other",
    [silent(), backup(changes=None), gone(backup(changes=()))],
    ids=["silent", "not read", "past"],
)
def test_nobody_knows_whether_a_drain_is_over_while_one_director_is_silent(other: DirectorSnapshot) -> None:
    """It stays: a drain that is forgotten is worse than one that is shown for too long."""
    assert joined(keeping(), other, local=[DRAIN]) == (DRAIN,)


@pytest.mark.parametrize(("since", "over"), [(-1, True), (0, False), (5, False)])
def test_a_record_is_over_when_the_directors_were_asked_since(since: float, over: bool) -> None:
    """Their records are read every half minute: what stands here since a moment ago need not have been there then."""
    found = joined(keeping(), keeping(side=1), local=[DRAIN], since=later(since))
    assert found == (() if over else (DRAIN,))


STANDS = (virtual_server("TCP:172.26.127.20:445", real_server(FIRST, 5), real_server(SECOND, 5)),)
CHANGED = (virtual_server("TCP:172.26.127.20:445", real_server(FIRST, 0), real_server(SECOND, 5)),)


@pytest.mark.parametrize(
    ("tables", "over"),
    [((STANDS, STANDS), True), ((STANDS, CHANGED), False), ((CHANGED, CHANGED), False), ((STANDS, ()), False)],
    ids=["as-before", "half", "changed", "absent"],
)
def test_what_was_begun_here_is_over_when_all_is_as_before(
    tables: tuple[tuple[VirtualServer, ...], ...], over: bool
) -> None:
    """It never came to the directors, or somebody else has undone it. As long as a row differs, nobody knows."""
    directors = [replace(keeping(side=side), virtual_servers=table) for side, table in enumerate(tables)]
    assert joined(*directors, local=[PENDING]) == (() if over else (PENDING,))


def test_what_was_begun_just_now_is_not_over() -> None:
    """lvstop writes a record down here before it tells the directors."""
    fresh = replace(PENDING, at=NOW - BEGINNING)
    directors = [replace(keeping(side=side), virtual_servers=STANDS) for side in (0, 1)]
    assert joined(*directors, local=[fresh]) == (fresh,)
    assert joined(*directors, local=[replace(fresh, at=fresh.at - timedelta(seconds=1))]) == ()


def test_what_was_begun_here_stays_while_a_director_is_silent() -> None:
    """It may have a part of it."""
    there = replace(keeping(), virtual_servers=STANDS)
    assert joined(there, silent(), local=[PENDING]) == (PENDING,)


@pytest.mark.parametrize(("status", "over"), [(0, True), (1, False), (None, False)])
def test_a_track_file_has_to_be_as_before_as_well(status: int | None, over: bool) -> None:
    """keepalived may not have got round to the weights yet."""
    file = FileChange("keepalived1", "drain", "/etc/keepalived/drain", 0, 1)
    pending = replace(PENDING, lever=Lever.TRACK_FILE, files=(file,))
    files = None if status is None else (TrackFile("drain", file.path, status, -254, reverse=False),)
    there = replace(keeping(), virtual_servers=STANDS, track_files=files)
    other = replace(keeping(side=1), virtual_servers=STANDS)
    assert joined(there, other, local=[pending]) == (() if over else (pending,))


def test_only_what_is_over_of_this_cluster_is_ended() -> None:
    """The records of other clusters are in the same folder."""
    other = replace(DRAIN, id="other", cluster="web")
    assert ended("smb", [DRAIN, other], [DRAIN]) == ()
    assert ended("smb", [DRAIN, other], []) == (DRAIN.id,)


def test_records_of_other_clusters_are_passed_over() -> None:
    """The machine keeps those of all its clusters; a director tells only what concerns it, whatever it was called."""
    elsewhere = replace(DRAIN, cluster="samba")
    assert joined(silent("keepalived1"), silent(), local=[elsewhere]) == ()
    assert joined(keeping(elsewhere), silent()) == (elsewhere,)


def test_alerts_see_what_is_on_record() -> None:
    """The rules judge the joined records, those of this machine included."""
    snapshot = merge("smb", (master(virtual_servers=TABLE), silent()), now=NOW, local=[ALONE])
    assert AlertCode.MAINTENANCE in {alert.code for alert in snapshot.alerts}
