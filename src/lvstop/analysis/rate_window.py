"""Rates over a window of readings, so that constant traffic reads as constant.

The kernel brings its IPVS counters up to date every 2 seconds only (`ip_vs_est.c`; since Linux 6.2 each row at a moment
of its own), so a reading is up to 2 seconds behind. Two readings 2 or 3 seconds apart see one update or two, and 100
connections per second would read as 67 or 133. Over W seconds the error is at most 2/W: 15 % over 13.4 seconds.

So long a window would be slow to show what changes. Where the last few seconds differ by more than late updates and
chance can explain, they are what counts: traffic that stops reads as 0, or nearly so, after 10 seconds at most.
"""

import math
from dataclasses import dataclass, replace

from lvstop.analysis.rates import ZERO_RATES, counter_rates
from lvstop.analysis.shared_counters import Anew, share, without
from lvstop.model.address import VirtualServerKey
from lvstop.model.ipvs import Rates, TableCounters, TableRates, VirtualServerRates

ESTIMATOR = 2.0
"""Seconds between two updates of a counter in the kernel (IPVS_EST_TICK)."""

WINDOW = 13.4
"""Seconds between the newest reading and the one that rates are made from, where there is one that old."""

RECENT = 4.0
"""Seconds that are looked at for changes: two updates at least lie behind them."""

SPACING = 2.7
"""Readings that follow on one another faster are thinned, so that seven of them reach back far enough."""

LONGEST_PAUSE = 60.0
"""After so many seconds without a reading the window begins anew, unless that is how often the director is read."""

_TOLERANCE = ESTIMATOR / WINDOW
_SIGMAS = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class _Reading:
    at: float
    counters: TableCounters


class CounterWindow:
    """The last readings of one director's counters, up to seven, which share what did not change."""

    def __init__(self, longest_pause: float = LONGEST_PAUSE) -> None:
        """`longest_pause`: seconds without a reading after which what was read before says little of the present."""
        self._longest_pause = longest_pause
        self._readings: list[_Reading] = []

    @property
    def readings(self) -> int:
        """How many are kept."""
        return len(self._readings)

    def clear(self) -> None:
        """Begin anew."""
        self._readings.clear()

    def take(self, counters: TableCounters, uptime: float) -> tuple[TableCounters, TableRates | None]:
        """A new reading, at `uptime` seconds of the director's own clock.

        Returns:
            The same counters, made of what was known already where that says the same; and the rates that follow, None
            without an earlier reading. A row that is new or that was made anew has its rates from the readings since,
            and none before the second of them.
        """
        if self._readings and not 0.0 < uptime - self._readings[-1].at <= self._longest_pause:
            self.clear()
        if self._readings:
            counters, anew = share(self._readings[-1].counters, counters)
            self._forget(anew)
        self._add(_Reading(uptime, counters))
        rates = self._rates() if len(self._readings) > 1 else None
        self._thin()
        return counters, rates

    def _forget(self, anew: Anew) -> None:
        """What rows had counted before they were made anew says nothing of them any more."""
        if anew:
            self._readings = [replace(reading, counters=without(reading.counters, anew)) for reading in self._readings]

    def _add(self, reading: _Reading) -> None:
        kept = self._readings
        kept.append(reading)
        while len(kept) > 2 and reading.at - kept[1].at >= WINDOW:
            del kept[0]

    def _thin(self) -> None:
        """Not before rates are made: a row that was made anew may be known by the last two readings only."""
        kept = self._readings
        if len(kept) > 2 and kept[-2].at - kept[-3].at < SPACING:
            del kept[-2]

    def _rates(self) -> TableRates:
        oldest, newest = self._readings[0], self._readings[-1]
        seconds = newest.at - oldest.at
        rates = dict(counter_rates(oldest.counters, newest.counters, seconds))
        recent = next((each for each in reversed(self._readings[1:-1]) if newest.at - each.at >= RECENT), None)
        if recent is not None:
            span = newest.at - recent.at
            busy = {key: newest.counters[key] for key, rate in rates.items() if rate.total is not ZERO_RATES}
            for key, now in counter_rates(recent.counters, busy, span).items():
                rates[key] = _newer_where_changed(rates[key], now, span)
        self._complete(rates, newest)
        return rates

    def _complete(self, rates: dict[VirtualServerKey, VirtualServerRates], newest: _Reading) -> None:
        """Add what is younger than the oldest reading, each from the oldest reading that knows it."""
        for key, counters in newest.counters.items():
            for reading in self._readings[1:-1]:
                known = rates.get(key)
                if (
                    known is not None
                    and known.total is not None
                    and len(known.real_servers) == len(counters.real_servers)
                ):
                    break
                before = reading.counters.get(key)
                if before is not None:
                    later = counter_rates({key: before}, {key: counters}, newest.at - reading.at)[key]
                    rates[key] = later if known is None else _joined(known, later)


def _joined(known: VirtualServerRates, later: VirtualServerRates) -> VirtualServerRates:
    total = later.total if known.total is None else known.total
    return VirtualServerRates(total, {**later.real_servers, **known.real_servers})


def _newer_where_changed(long: VirtualServerRates, recent: VirtualServerRates, span: float) -> VirtualServerRates:
    rows = long.real_servers
    changed = {
        key: now
        for key, rate in rows.items()
        if rate is not ZERO_RATES and (now := recent.real_servers.get(key)) is not None and _changed(rate, now, span)
    }
    total = long.total
    if total is not None and recent.total is not None and _changed(total, recent.total, span):
        total = recent.total
    if not changed:
        return long if total is long.total else VirtualServerRates(total, rows)
    return VirtualServerRates(total, {**rows, **changed})


def _changed(long: Rates, recent: Rates, span: float) -> bool:
    """Whether the last `span` seconds differ from the whole window by more than late updates and chance can explain.

    Packets decide: there are more of them than of connections, and none of either without them.
    """
    seen = recent.in_packets * span
    least = long.in_packets / (1.0 + _TOLERANCE) * (span - ESTIMATOR)
    most = long.in_packets / (1.0 - _TOLERANCE) * (span + ESTIMATOR)
    return seen < least - _SIGMAS * math.sqrt(least) or seen > most + _SIGMAS * math.sqrt(most)
