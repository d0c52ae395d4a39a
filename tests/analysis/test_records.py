"""Records from both directors and from the operator's machine, put together: one a change."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from lvstop.analysis.merge import merge
from lvstop.model.alert import AlertCode
from lvstop.model.change import Change, ChangePhase
from lvstop.model.director import DirectorSnapshot
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


def test_what_was_begun_here_stays_until_somebody_ends_it_here() -> None:
    """lvstop was killed before it wrote onto any director: only this machine knows."""
    assert joined(keeping(), keeping(side=1), local=[PENDING]) == (PENDING,)


def test_records_of_other_clusters_are_passed_over() -> None:
    """The machine keeps those of all its clusters; a director tells only what concerns it, whatever it was called."""
    elsewhere = replace(DRAIN, cluster="samba")
    assert joined(silent("keepalived1"), silent(), local=[elsewhere]) == ()
    assert joined(keeping(elsewhere), silent()) == (elsewhere,)


def test_alerts_see_what_is_on_record() -> None:
    """The rules judge the joined records, those of this machine included."""
    snapshot = merge("smb", (master(virtual_servers=TABLE), silent()), now=NOW, local=[ALONE])
    assert AlertCode.MAINTENANCE in {alert.code for alert in snapshot.alerts}
