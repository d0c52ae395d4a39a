"""A drain under way, as the snapshots that lead there; and what is on record of it."""

from dataclasses import replace
from datetime import timedelta

from lvstop.model.change import Author, Change, ChangeKind, ChangePhase
from lvstop.model.ipvs import VirtualServer
from support import scenes
from support.factories import NOW, gone
from support.plans import NETBIOS_ROW, SMB_ROW, drain, recorded, rows_of

BEGAN = 40
"""The second of the scene at which the second real server was drained everywhere; the last second is `NOW`."""

LAST = 60


def table(second: int, left: int) -> tuple[VirtualServer, ...]:
    """The second real server drained in both services, with so many connections left."""
    found = scenes.smb_table(second, weight=0, drained_left=left)
    return tuple(
        replace(
            server,
            real_servers=tuple(
                replace(row, weight=0) if str(row.key).startswith(scenes.SECOND) else row for row in server.real_servers
            ),
        )
        for server in found
    )


def falling(
    *changes: Change, fall: float = 0.82, reverted: bool = False, silent: bool = False, more: int = 0
) -> scenes.Scene:
    """A drain on both directors, twenty seconds old.

    Args:
        changes: on record; the usual drain unless told.
        fall: what is left of the connections after each second.
        reverted: keepalived2 has its usual weights again for some seconds.
        silent: keepalived1, which holds the VIP, does not answer for some seconds.
        more: seconds that the scene goes on, with as many connections as there were.
    """
    frames = [(scenes.lead(second), scenes.stand_by(second)) for second in range(BEGAN)]
    for second in range(BEGAN, LAST + 1 + more):
        mine = table(second, round(600 * fall ** (min(second, LAST) - BEGAN)))
        late = second > LAST - 5
        theirs = scenes.smb_table(second) if reverted and late else mine
        first = scenes.lead(second, mine)
        frames.append((gone(first) if silent and late else first, scenes.stand_by(second, theirs)))
    kept = changes or (standing(),)
    return [recorded(each, *kept) for each in scenes.played(frames)]


def standing(**more: object) -> Change:
    """The usual drain, which was made when it began."""
    return drain(at=NOW - timedelta(seconds=LAST - BEGAN), until=NOW + timedelta(hours=2), **more)


def overdue() -> Change:
    """Somebody else's, of another day, that was to be over by now."""
    return drain(
        SMB_ROW,
        id="20261120-110211-cd34",
        at=NOW - timedelta(days=2, hours=3),
        until=NOW - timedelta(hours=1),
        author=Author("bob", "workstation-17"),
        reason="disk is failing; ticket 4711",
    )


def unfinished(seconds: float = 540.0, kind: ChangeKind = ChangeKind.DRAIN) -> Change:
    """A change that was begun and not ended."""
    return replace(
        drain(NETBIOS_ROW, id="20261122-135311-ef56", at=NOW - timedelta(seconds=seconds)),
        kind=kind,
        phase=ChangePhase.PENDING,
    )


def other_weights() -> Change:
    """A change of weights that was begun and not ended."""
    made = unfinished(kind=ChangeKind.WEIGHT)
    return replace(made, weights=rows_of(SMB_ROW, before=1, after=5), id="20261122-135311-0a0b")
