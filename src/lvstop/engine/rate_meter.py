"""What a director does per second, from the readings of its session."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace

from lvstop.analysis.rate_window import LONGEST_PAUSE, CounterWindow
from lvstop.analysis.rates import advert_rates, interface_rates
from lvstop.engine.vitals_meter import VitalsMeter
from lvstop.model.director import DirectorSnapshot
from lvstop.model.host import InterfaceCounters, InterfaceRates
from lvstop.model.ipvs import TableCounters, TableRates
from lvstop.model.vrrp import AdvertRates, VrrpInstance

INTERFACES_OVER = 2.0
"""Seconds that rates of interfaces are made from at least."""

ADVERTS_OVER = 10.0
"""The same for adverts: the moment of a dump is known to a second or so, and some are called soon after another."""


class RateMeter:
    """Adds rates to one director's snapshots, in the order in which they were read. Keeps the readings they need."""

    def __init__(self, interval: float = 1.0) -> None:
        """`interval`: seconds between two readings as the operator wants them."""
        longest_pause = max(LONGEST_PAUSE, 3.0 * interval)
        self._window = CounterWindow(longest_pause)
        self._read: TableCounters | None = None
        self._shown: tuple[TableCounters, TableRates | None] | None = None
        self._interfaces = _Interfaces(longest_pause)
        self._adverts = _Adverts()
        self._vitals = VitalsMeter(longest_pause)

    def take(self, snapshot: DirectorSnapshot) -> DirectorSnapshot:
        """`snapshot` with its rates, and with counters that share what did not change with those before."""
        counters, rates = self._rates(snapshot)
        # one copy for everything: a fleet makes hundreds of them a second
        return replace(
            snapshot,
            counters=counters,
            rates=rates,
            interface_rates=self._interfaces.take(snapshot.interfaces, snapshot.uptime),
            advert_rates=self._adverts.take(snapshot),
            vitals_rates=self._vitals.take(snapshot.vitals),
        )

    def _rates(self, snapshot: DirectorSnapshot) -> tuple[TableCounters | None, TableRates | None]:
        frozen = snapshot.sysctls is not None and snapshot.sysctls.run_estimation == 0
        counters, uptime = snapshot.counters, snapshot.counters_uptime
        if counters is None or uptime is None or frozen:
            # The kernel brings its counters up to date in the estimator only (ip_vs_est.c): else they stand still.
            self._read = self._shown = None
            if frozen:
                self._window.clear()
            return counters, None
        if self._shown is None or counters is not self._read:
            self._read, self._shown = counters, self._window.take(counters, uptime)
        return self._shown


@dataclass(frozen=True, slots=True, eq=False)
class _InterfaceReading:
    at: float
    interfaces: tuple[InterfaceCounters, ...]


class _Interfaces:
    """Interfaces are read with the table: each tick, on the director's clock."""

    def __init__(self, longest_pause: float) -> None:
        self._longest_pause = longest_pause
        self._readings: deque[_InterfaceReading] = deque()

    def take(
        self, interfaces: tuple[InterfaceCounters, ...] | None, uptime: float | None
    ) -> Mapping[str, InterfaceRates] | None:
        """Rates now; None where there is no earlier reading of this boot to compare with."""
        readings = self._readings
        if interfaces is None or uptime is None:
            readings.clear()
            return None
        if readings and not 0.0 <= uptime - readings[-1].at <= self._longest_pause:
            readings.clear()
        if not readings or uptime > readings[-1].at:
            readings.append(_InterfaceReading(uptime, interfaces))
        while len(readings) > 2 and uptime - readings[1].at >= INTERFACES_OVER:
            readings.popleft()
        oldest, newest = readings[0], readings[-1]
        if newest.at - oldest.at < INTERFACES_OVER:
            return None
        return interface_rates(oldest.interfaces, newest.interfaces, newest.at - oldest.at)


@dataclass(frozen=True, slots=True, eq=False)
class _Dump:
    at: float
    pid: int | None
    vrrp: tuple[VrrpInstance, ...]


class _Adverts:
    """Counters of VRRP come with keepalived's dumps. They are dated by the table reading that follows on them.

    The operator's wall clock, by which they are dated as well, may be set in between.
    """

    def __init__(self) -> None:
        self._dumps: deque[_Dump] = deque()
        self._known: object = None
        self._rates: Mapping[str, AdvertRates] | None = None

    def take(self, snapshot: DirectorSnapshot) -> Mapping[str, AdvertRates] | None:
        """Rates by the last two dumps that are far enough apart; None where there are none of one keepalived."""
        if snapshot.vrrp is None or snapshot.vrrp_read_at is None or snapshot.uptime is None:
            self._dumps.clear()
            self._known = self._rates = None
        elif snapshot.vrrp_read_at != self._known:
            self._known = snapshot.vrrp_read_at
            pid = None if snapshot.keepalived is None else snapshot.keepalived.pid
            self._rates = self._add(_Dump(snapshot.uptime, pid, snapshot.vrrp))
        return self._rates

    def _add(self, dump: _Dump) -> Mapping[str, AdvertRates] | None:
        dumps = self._dumps
        if dumps and (dump.at <= dumps[-1].at or dump.pid != dumps[-1].pid):
            dumps.clear()
        dumps.append(dump)
        while len(dumps) > 2 and dump.at - dumps[1].at >= ADVERTS_OVER:
            dumps.popleft()
        seconds = dump.at - dumps[0].at
        return advert_rates(dumps[0].vrrp, dump.vrrp, seconds) if seconds >= ADVERTS_OVER else None
