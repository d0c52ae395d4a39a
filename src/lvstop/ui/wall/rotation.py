"""Which cluster is on the wall: each in its turn, but one that alarms stays. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Turn:
    """What is shown, and since when.

    Attributes:
        cluster: its name; None is the view of all of them.
        alarmed: it is shown because it calls, out of its turn.
    """

    cluster: str | None
    since: datetime
    alarmed: bool = False


def next_turn(turn: Turn, calling: Mapping[str, bool], now: datetime, dwell: timedelta) -> Turn:
    """Whose turn it is.

    A cluster that calls is shown at once, several of them in turn; when none calls any more it goes on with all
    clusters, and then each by itself. One cluster alone is always shown.

    Args:
        calling: by the name of the cluster, in the order of their turns, whether something critical stands there that
            nobody has taken note of; not empty.
        dwell: for how long each is shown; zero: only what alarms leaves the view of all.
    """
    names = list(calling)
    if len(names) == 1:
        return turn if turn.cluster == names[0] else Turn(names[0], now)
    alarming = [name for name in names if calling[name]]
    due = dwell > timedelta(0) and now - turn.since >= dwell
    if alarming:
        if turn.cluster not in alarming:
            return Turn(alarming[0], now, alarmed=True)
        return Turn(_after(turn.cluster, alarming), now, alarmed=True) if due and len(alarming) > 1 else turn
    if turn.alarmed or (turn.cluster is not None and turn.cluster not in names):
        return Turn(None, now)
    if not due:
        return turn
    return Turn(_after(turn.cluster, [None, *names]), now)


def _after(one: str | None, sequence: Sequence[str | None]) -> str | None:
    return sequence[(sequence.index(one) + 1) % len(sequence)]
