"""Records of failovers from both directors and from the operator's machine, put together."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from lvstop.analysis.merge import merge
from lvstop.model.director import DirectorSnapshot
from lvstop.model.failover import Failover, FailoverPhase
from support.factories import NOW, backup, gone, later, master, silent
from support.failover_factories import failover

HELD = failover(at=later(-3600))
PENDING = replace(HELD, phase=FailoverPhase.PENDING)


def keeping(*kept: Failover, side: int = 0) -> DirectorSnapshot:
    """A director that tells these records."""
    return replace(backup() if side else master(), failovers=kept, changes=(), changes_asked_at=NOW)


def joined(
    *directors: DirectorSnapshot, local: Sequence[Failover] = (), since: datetime | None = None
) -> tuple[Failover, ...]:
    """What is on record of the cluster; what is local is so since then, or since it was made."""
    known = {} if since is None else {each.id: since for each in local}
    return merge("smb", directors, now=NOW, local_failovers=local, local_since=known).failovers


def test_one_record_for_each_the_oldest_first() -> None:
    """The same lever on two directors and here is one lever; other clusters' are passed over."""
    older = replace(HELD, id="older", at=later(-7200))
    elsewhere = replace(HELD, id="elsewhere", cluster="web")
    assert joined(keeping(HELD), keeping(HELD, older, side=1), local=[HELD, elsewhere]) == (older, HELD)


@pytest.mark.parametrize("order", [(PENDING, HELD), (HELD, PENDING)])
def test_held_comes_after_pending(order: tuple[Failover, Failover]) -> None:
    """One of them has not been told yet."""
    one, other = order
    assert joined(keeping(one), keeping(other, side=1)) == (HELD,)
    assert joined(keeping(one), silent(), local=[other]) == (HELD,)


def test_a_lever_that_somebody_else_has_released_is_over() -> None:
    """Both directors tell their records, and it is not among them."""
    assert joined(keeping(), keeping(side=1), local=[HELD]) == ()


def test_a_record_that_was_just_written_here() -> None:
    """The directors were asked before it was seen held here: nobody knows."""
    assert joined(keeping(), keeping(side=1), local=[HELD], since=later(1)) == (HELD,)


@pytest.mark.parametrize(
    "other",
    [silent(), gone(keeping(side=1)), replace(keeping(side=1), failovers=None), backup(changes=None)],
    ids=["silent", "past", "not read", "no records read"],
)
def test_nobody_knows_while_one_director_does_not_tell(other: DirectorSnapshot) -> None:
    """It stays: a lever that is forgotten is worse than one that is shown for too long."""
    assert joined(keeping(), other, local=[HELD]) == (HELD,)


def test_a_pending_one_stays() -> None:
    """It is written here first, and is no worse for being here only."""
    assert joined(keeping(), keeping(side=1), local=[PENDING]) == (PENDING,)
