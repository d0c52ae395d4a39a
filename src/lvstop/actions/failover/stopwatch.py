"""A stopwatch for addresses on the move. Pure: what is told and when comes from outside.

Directors stamp what they tell with their own clocks, whose difference to the operator's was measured by round trips;
pulses are bounded by the operator's clock alone. Every moment therefore knows its error.

Not every new connection is counted as one. A client that takes a port again while IPVS still has the entry of its
earlier connection is served through that entry: in direct routing an entry ends in FIN_WAIT, and stays for 120 s unless
bit 2 of `conn_reuse_mode` is set (`is_new_conn_expected` in net/netfilter/ipvs/ip_vs_core.c). Its packets are counted
all the same: where there are packets and no new connection there may have been one, and without packets there was none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lvstop.actions.failover.plan import Move
from lvstop.actions.failover.timeline import AddressGap, Mark, Moment, Span, Timeline
from lvstop.model.address import IPAddress
from lvstop.model.moves import (
    AddressMoved,
    DaemonStopped,
    GratuitousArp,
    InstanceEntered,
    PriorityMoved,
    Pulse,
)
from lvstop.model.moves import Move as Told
from lvstop.model.vrrp import VrrpState

_ENTERED = {
    VrrpState.MASTER: Mark.ENTERED_MASTER,
    VrrpState.BACKUP: Mark.ENTERED_BACKUP,
    VrrpState.FAULT: Mark.ENTERED_FAULT,
}
_ENOUGH = 5
"""New connections before the lever, below which nothing can be said of a gap between them."""

_OVERLAP = 1.0
"""Seconds for which both may count new connections; a source that goes on for longer has other addresses to serve."""


@dataclass(frozen=True, slots=True)
class DirectorClock:
    """How a director's clock is to be read: its epoch minus `offset` is the operator's monotonic clock, ± `error`."""

    offset: float
    error: float


@dataclass(frozen=True, slots=True)
class _Window:
    """Something happened within [since, until] of the operator's clock."""

    since: float
    until: float


@dataclass(frozen=True, slots=True)
class _Count:
    """What a pulse told, and one end of the time in which it was read, by the operator's clock."""

    at: float
    pulse: Pulse


class _Counting:
    """What pulses tell of one director."""

    def __init__(self) -> None:
        self.before: _Count | None = None
        self.start: _Count | None = None
        self.at_lever: _Count | None = None
        self.first: _Window | None = None
        self.last: _Window | None = None
        self.carried: _Window | None = None
        self._first_carried: _Window | None = None

    def take(self, sent: float, received: float, pulse: Pulse, lever: float | None) -> bool:
        """True where these are the first new connections since the lever was pulled."""
        known = self.before
        self.before = _Count(sent, pulse)
        if known is None:
            self.start = self.before
            return False
        if lever is None:
            self.at_lever = _Count(received, pulse)
        begun = pulse.connections > known.pulse.connections
        if not begun and pulse.in_packets <= known.pulse.in_packets:
            return False
        self.carried = _Window(known.at, received)
        if lever is not None and self._first_carried is None:
            self._first_carried = self.carried
        if not begun:
            return False
        self.last = self.carried
        if self.first is not None or self._first_carried is None:
            return False
        # those before it may have come through entries that were there
        self.first = _Window(self._first_carried.since, received)
        return True

    @property
    def pace(self) -> float | None:
        """Mean seconds between new connections before the lever; None where there were too few."""
        if self.start is None or self.at_lever is None:
            return None
        seconds = self.at_lever.at - self.start.at
        count = self.at_lever.pulse.connections - self.start.pulse.connections
        return seconds / count if count >= _ENOUGH and seconds > 0 else None

    def is_quiet_after(self, window: _Window, seconds: float) -> bool:
        """What was counted is known for so long after a window."""
        return self.before is not None and self.before.at - window.until >= seconds

    @property
    def was_quiet(self) -> bool:
        """Nothing was counted before the lever."""
        return self.start is not None and self.at_lever is not None and self.at_lever.pulse == self.start.pulse


class Stopwatch:
    """Takes what both directors tell, in any order, and puts it on one axis.

    Args:
        move: who gives which addresses to whom.
        clocks: of each director that can be asked.
        holders: who has which address before anything is done.
    """

    def __init__(
        self,
        move: Move,
        clocks: Mapping[str, DirectorClock],
        holders: Mapping[IPAddress, frozenset[str]],
    ) -> None:
        self._move = move
        self._clocks = dict(clocks)
        self._holders = {vip: set(holders.get(vip, ())) for vip in move.vips}
        self._told = {vip: set(names) for vip, names in self._holders.items()}
        self._lever: float | None = None
        self._moments: list[Moment] = []
        self._counting = {name: _Counting() for name in (move.source, move.target)}
        self._announced: set[tuple[str, str]] = set()

    def start(self, at: float) -> None:
        """The axis begins at `at` of the operator's clock: with the first lever, or where none has to be touched."""
        if self._lever is None:
            self._lever = at
            self._moments = [self._shifted(moment, at) for moment in self._moments]

    @property
    def started(self) -> bool:
        """Moments stand on the axis."""
        return self._lever is not None

    def has_counted(self, now: float) -> bool:
        """The target counts new connections, and for so long that a source which still does serves something else."""
        first, pace = self._counting[self._move.target].first, self._counting[self._move.source].pace
        return first is not None and now - first.until > max(2 * _OVERLAP, (_ENOUGH + 1) * (pace or 0.0))

    def pull(self, director: str, command: str, at: float, took: float) -> Moment:
        """A lever was pulled: the command was sent at `at` of the operator's clock, on its way for up to `took`."""
        self.start(at)
        return self._add(Moment(Mark.LEVER_PULLED, director, command, self._since_lever(at), took))

    def release(self, director: str, command: str, at: float, took: float) -> Moment:
        """A lever was released, as of `pull`."""
        self.start(at)
        return self._add(Moment(Mark.LEVER_RELEASED, director, command, self._since_lever(at), took))

    def agreed(self, at: float) -> Moment:
        """Kernel and keepalived of both directors were found to agree."""
        return self._add(Moment(Mark.AGREED, "", "", self._since_lever(at), 0.0))

    def take(self, director: str, told: Told) -> Moment | None:
        """What a director has told; None where it is of no interest to this move."""
        clock = self._clocks.get(director)
        mark, subject = self._read(director, told)
        if mark is None or clock is None:
            return None
        return self._add(Moment(mark, director, subject, self._since_lever(told.stamp - clock.offset), clock.error))

    def pulse(self, director: str, sent: float, received: float, pulse: Pulse) -> Moment | None:
        """A count, read between `sent` and `received` of the operator's clock."""
        counting = self._counting[director]
        first = counting.take(sent, received, pulse, self._lever)
        if not first or director != self._move.target or counting.first is None:
            return None
        return self._add(self._within(Mark.FIRST_CONNECTION, director, counting.first))

    def found(self, director: str, addresses: frozenset[IPAddress]) -> None:
        """What a director has in its kernel now, where events may have been missed."""
        for vip, holders in self._holders.items():
            _set(holders, director, vip in addresses)

    @property
    def holders(self) -> Mapping[IPAddress, frozenset[str]]:
        """Who has which address now, as far as it was told."""
        return {vip: frozenset(names) for vip, names in self._holders.items()}

    @property
    def moved(self) -> bool:
        """The target has all addresses and nobody else has one."""
        return all(names == {self._move.target} for names in self._holders.values())

    def timeline(self, began: datetime) -> Timeline:
        """Everything so far.

        Args:
            began: when the lever was pulled, by the operator's wall clock.
        """
        moments = list(self._moments)
        last = self._last_served()
        connections = None if last is None else self._connections(last)
        if connections is not None and last is not None:
            moments.append(self._within(Mark.LAST_CONNECTION, self._move.source, last))
        moments.sort(key=lambda moment: moment.at)
        gaps = tuple(self._gap(vip, moments) for vip in self._move.vips)
        return Timeline(began, tuple(moments), gaps, connections)

    # inside

    def _read(self, director: str, told: Told) -> tuple[Mark | None, str]:
        match told:
            case AddressMoved():
                if told.address not in self._holders:
                    return None, ""
                _set(self._holders[told.address], director, told.added)
                if (director in self._told[told.address]) is told.added:
                    return None, ""  # IPv6 tells of an address again when it has become usable
                _set(self._told[told.address], director, told.added)
                return (Mark.VIP_ADDED if told.added else Mark.VIP_REMOVED), str(told.address)
            case InstanceEntered():
                mine = told.instance in self._move.instances
                return (_ENTERED.get(told.state) if mine else None), told.instance
            case PriorityMoved():
                mine = told.instance in self._move.instances
                return (Mark.PRIORITY_CHANGED if mine else None), f"{told.instance} {told.priority}"
            case GratuitousArp():
                if told.address not in self._holders:
                    return None, ""
                return self._once(Mark.GRATUITOUS_ARP, director, str(told.address))
            case DaemonStopped():
                return self._once(Mark.KEEPALIVED_STOPPED, director, "")

    def _once(self, mark: Mark, director: str, subject: str) -> tuple[Mark | None, str]:
        """The first of a burst counts: keepalived repeats what it announces."""
        key = (director, f"{mark} {subject}")
        if key in self._announced:
            return None, ""
        self._announced.add(key)
        return mark, subject

    def _since_lever(self, at: float) -> float:
        """As long as there is no lever, moments stand on the operator's clock; `start` puts them on the axis."""
        return at - (self._lever or 0.0)

    def _add(self, moment: Moment) -> Moment:
        self._moments.append(moment)
        return moment

    @staticmethod
    def _shifted(moment: Moment, lever: float) -> Moment:
        return Moment(moment.mark, moment.director, moment.subject, moment.at - lever, moment.error)

    def _within(self, mark: Mark, director: str, window: _Window) -> Moment:
        middle, half = (window.since + window.until) / 2, (window.until - window.since) / 2
        return Moment(mark, director, "", self._since_lever(middle), half)

    def _last_served(self) -> _Window | None:
        """When the source served its last new connection: not before the last one that it counted.

        And not after its last packet; where it goes on with other addresses, not after it lost those that moved.
        """
        source = self._counting[self._move.source]
        if source.last is None or source.carried is None or source.pace is None:
            return None
        silence = _ENOUGH * source.pace
        if not source.is_quiet_after(source.last, silence):
            return None
        if source.is_quiet_after(source.carried, silence):
            return _Window(source.last.since, source.carried.until)
        lost = self._lost_all()
        return None if lost is None else _Window(source.last.since, max(source.last.until, lost))

    def _lost_all(self) -> float | None:
        """The operator's clock when the source had none of the addresses any more, at the latest; None if unknown."""
        removed = {
            moment.subject: moment.at + moment.error + (self._lever or 0.0)
            for moment in self._moments
            if moment.mark is Mark.VIP_REMOVED and moment.director == self._move.source
        }
        return max(removed.values()) if removed.keys() == set(map(str, self._move.vips)) else None

    def _connections(self, last: _Window) -> Span | None:
        """Only where all traffic moves: what a director counts besides would be taken for it."""
        source, target = self._counting[self._move.source], self._counting[self._move.target]
        if target.first is None or source.pace is None or not target.was_quiet:
            return None
        if last.since - target.first.until > _OVERLAP:
            return None
        first, end = self._within(Mark.FIRST_CONNECTION, "", target.first), self._within(Mark.LAST_CONNECTION, "", last)
        return Span(first.at - end.at, first.error + end.error + source.pace)

    def _gap(self, vip: IPAddress, moments: list[Moment]) -> AddressGap:
        mine = [moment for moment in moments if moment.subject == str(vip) and moment.at >= -moment.error]
        removed = [each for each in mine if each.mark is Mark.VIP_REMOVED and each.director == self._move.source]
        added = [each for each in mine if each.mark is Mark.VIP_ADDED and each.director == self._move.target]
        gone = removed[-1] if removed else None
        if gone is not None and not added:
            # nobody took it, and it came back
            back = (each for each in mine if each.mark is Mark.VIP_ADDED and each.director == self._move.source)
            added = [each for each in back if each.at >= gone.at]
        there = added[0] if added else None
        absent = None if gone is None or there is None else Span(there.at - gone.at, there.error + gone.error)
        return AddressGap(vip, gone, there, absent)


def _set(names: set[str], name: str, present: bool) -> None:
    (names.add if present else names.discard)(name)
