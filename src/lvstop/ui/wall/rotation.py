"""Which cluster is on the wall: each in its turn, but what alarms comes first. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

STAY = timedelta(minutes=1)
"""For how long a turn lasts that was taken by hand, or out of its turn, where there are no turns."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What is shown, and since when.

    Attributes:
        cluster: its name; None is the view of all of them.
        since: by the steady clock, in seconds.
        calling: the clusters that called when this was found to be shown.
        begun: it is shown out of its turn, because something has begun to call.
        by_hand: somebody has pressed a key to see it.
    """

    cluster: str | None
    since: float
    calling: frozenset[str] = frozenset()
    begun: bool = False
    by_hand: bool = False


def next_turn(turn: Turn, calling: Mapping[str, bool], now: float, dwell: timedelta) -> Turn:
    """Whose turn it is.

    A cluster that begins to call is shown at once; where several begin within a turn, the view of all is. What calls
    keeps the others away: one stays, several have their turns, with the view of all among them. When none calls any
    more, all are shown, and then each by itself. One cluster alone is always shown.

    Args:
        calling: by the name of the cluster, in the order of their turns, whether something critical stands there that
            nobody has taken note of; not empty.
        now: by the steady clock, in seconds.
        dwell: for how long each is shown; zero: only what alarms leaves the view of all.
    """
    names = list(calling)
    alarming = [name for name in names if calling[name]]
    called = frozenset(alarming)
    if len(names) == 1:
        return Turn(names[0], turn.since if turn.cluster == names[0] else now, called)
    due = now - turn.since >= (dwell or STAY).total_seconds()
    begun = [name for name in alarming if name not in turn.calling]
    if begun:
        alone = len(begun) == 1 and (due or not turn.begun)
        return Turn(begun[0] if alone else None, now, called, begun=True)
    if not due and (turn.cluster in alarming or (turn.by_hand and turn.cluster in (None, *names))):
        return replace(turn, calling=called)
    turns = _turns(names, alarming, turns=bool(dwell))
    if turn.cluster not in turns or (turn.calling and not alarming):
        return Turn(turns[0], now, called)
    return Turn(_after(turn.cluster, turns), now, called) if due else replace(turn, calling=called)


def _turns(names: Sequence[str], alarming: Sequence[str], *, turns: bool) -> Sequence[str | None]:
    """What is shown, one after the other."""
    if len(alarming) == 1:
        return alarming
    if not turns:
        return [None]
    return [None, *(alarming or names)]


def _after(one: str | None, sequence: Sequence[str | None]) -> str | None:
    return sequence[(sequence.index(one) + 1) % len(sequence)]
