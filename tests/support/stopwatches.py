"""A stopwatch at work: the source has two addresses, and the lever is pulled at a moment that is known."""

from ipaddress import ip_address

from lvstop.actions.failover.plan import Move
from lvstop.actions.failover.stopwatch import DirectorClock, Stopwatch
from lvstop.actions.failover.timeline import Moment
from lvstop.model.moves import AddressMoved

SOURCE, TARGET = "keepalived1", "keepalived2"
VIP, SIXTH = ip_address("172.26.127.20"), ip_address("fd00::20")
MOVE = Move(SOURCE, TARGET, ("SMB", "SMB6"), ("PAIR",), (VIP, SIXTH))
CLOCKS = {SOURCE: DirectorClock(1_795_000_000.0, 0.002), TARGET: DirectorClock(1_795_003_600.0, 0.0005)}
LEVER = 100.0
"""Of the operator's clock."""


def stopwatch(move: Move = MOVE) -> Stopwatch:
    """The source has everything."""
    return Stopwatch(move, CLOCKS, {vip: frozenset((SOURCE,)) for vip in move.vips})


def pulled(watch: Stopwatch, took: float = 0.004) -> Moment:
    """The lever of the source is pulled now."""
    return watch.pull(SOURCE, "echo 1 > /etc/keepalived/maint", LEVER, took)


def stamp(director: str, after: float) -> float:
    """What a director's clock says so many seconds after the lever."""
    return LEVER + after + CLOCKS[director].offset


def moved(director: str, after: float, *, added: bool, address: object = VIP) -> AddressMoved:
    """The kernel of a director tells of an address."""
    return AddressMoved(ip_address(str(address)), "ens3", added, stamp(director, after))
