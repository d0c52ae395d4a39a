"""Rates over a window: steady where traffic is, quick where it changes, honest where rows are made anew."""

import random
from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.analysis.rate_window import LONGEST_PAUSE, WINDOW, CounterWindow
from lvstop.analysis.rates import ZERO_RATES
from lvstop.model.address import RealServerKey
from lvstop.model.ipvs import Counters, TableCounters, TableRates, VirtualServerCounters
from support.calls import calls_of
from support.factories import FIRST, SECOND, SERVICE, counters, rs_key, server_counters, vs_key

KEY = vs_key(SERVICE)
FULL = WINDOW + 6.0
"""Seconds after which the window is full, however it was thinned."""


def moments(pauses: Sequence[float], *, until: float) -> Iterator[float]:
    """When counters are read: these pauses, over and over."""
    at = 0.0
    while at < until:
        for pause in pauses:
            yield at
            at += pause


def estimated(total_at: Callable[[float], float], at: float, phase: float) -> int:
    """What the kernel shows: the total of its last update, one every 2 seconds."""
    return int(total_at(max(0.0, (at - phase) // 2.0 * 2.0 + phase)))


def rates_of(
    total_at: Callable[[float], float], pauses: Sequence[float], phase: float, *, until: float = 90.0
) -> list[tuple[float, float]]:
    """Moments and connections per second of a row, as they are read; its virtual server has the same."""
    window = CounterWindow()
    found: list[tuple[float, float]] = []
    for at in moments(pauses, until=until):
        total = estimated(total_at, at, phase)
        _, rates = window.take({KEY: server_counters(total, {FIRST: total})}, 5000.0 + at)
        if rates is not None:
            row, whole = rates[KEY].real_servers[rs_key(FIRST)], rates[KEY].total
            assert row == whole
            found.append((at, row.connections))
        assert window.readings <= 7
    return found


pauses_of_reads = st.lists(st.floats(1.0, 3.0), min_size=1, max_size=40)


@given(st.lists(st.floats(2.0, 3.0), min_size=1, max_size=40), st.floats(0.0, 2.0))
def test_constant_traffic_stays_within_15_percent(pauses: list[float], phase: float) -> None:
    """100 connections per second, updates every 2 seconds, reads every 2 to 3: no wobble once the window is full."""
    rates = [rate for at, rate in rates_of(lambda at: 100.0 * at, pauses, phase) if at >= FULL]
    assert rates
    assert min(rates) >= 85.0
    assert max(rates) <= 115.0


@given(pauses_of_reads, st.floats(0.0, 2.0))
def test_however_often_it_is_read(pauses: list[float], phase: float) -> None:
    """Reads every second are thinned; the window reaches back as far."""
    rates = [rate for at, rate in rates_of(lambda at: 100.0 * at, pauses, phase) if at >= FULL]
    assert all(85.0 <= rate <= 115.0 for rate in rates)


@pytest.mark.parametrize("per_second", [3.0, 30.0, 300.0])
def test_traffic_by_chance_is_steady_as_well(per_second: float) -> None:
    """Connections that come at random: the mean is right, and the wobble is that of chance."""
    numbers = random.Random(7)  # noqa: S311 - traffic, not a secret
    arrivals = [0]
    for _ in range(3000):
        arrivals.append(arrivals[-1] + sum(numbers.random() < per_second / 1000.0 for _ in range(100)))
    rates = [
        rate
        for at, rate in rates_of(lambda at: arrivals[int(at * 10)], [2.3, 2.0, 2.9], 0.4, until=290.0)
        if at >= FULL
    ]
    allowed = 0.16 + 4.0 / (per_second * WINDOW) ** 0.5
    assert all(abs(rate - per_second) <= allowed * per_second for rate in rates)
    assert abs(sum(rates) / len(rates) - per_second) < 0.1 * per_second


@given(st.lists(st.floats(2.0, 3.0), min_size=1, max_size=40), st.floats(0.0, 2.0))
def test_traffic_that_stops_reads_zero_within_the_window(pauses: list[float], phase: float) -> None:
    """After 10 seconds next to nothing is left, and nothing at all once the window has passed."""
    rates = rates_of(lambda at: 100.0 * min(at, 45.0), pauses, phase)
    assert all(rate <= 5.0 for at, rate in rates if at >= 45.0 + 10.0)
    assert all(rate == 0.0 for at, rate in rates if at >= 45.0 + FULL + 2.0)
    assert all(rate >= 85.0 for at, rate in rates if FULL <= at <= 45.0)


@given(st.lists(st.floats(2.0, 3.0), min_size=1, max_size=40), st.floats(0.0, 2.0))
def test_a_change_shows_before_the_window_has_passed(pauses: list[float], phase: float) -> None:
    """A failover brings ten times the traffic: it is unmistakable long before the window has nothing else."""
    rates = rates_of(lambda at: 10.0 * at + 90.0 * max(0.0, at - 45.0), pauses, phase)
    assert all(rate >= 35.0 for at, rate in rates if at >= 45.0 + 10.0)
    assert all(85.0 <= rate <= 115.0 for at, rate in rates if at >= 45.0 + FULL + 6.0)


def test_rates_begin_with_the_second_reading() -> None:
    """Fewer readings at the start."""
    window = CounterWindow()
    assert window.take({KEY: server_counters(5, {FIRST: 5})}, 100.0)[1] is None
    rates = window.take({KEY: server_counters(25, {FIRST: 9})}, 102.0)[1]
    assert rates is not None
    total = rates[KEY].total
    assert total is not None
    assert (total.connections, rates[KEY].real_servers[rs_key(FIRST)].connections) == (10.0, 2.0)


def read(window: CounterWindow, rows: dict[str, int], at: float, *, total: int = 0) -> dict[str, float]:
    """Connections per second by row, after a reading."""
    rates = window.take({KEY: server_counters(total, rows)}, at)[1] or {}
    return {str(key): rate.connections for key, rate in rates[KEY].real_servers.items()} if KEY in rates else {}


def test_a_row_that_is_made_anew_begins_anew() -> None:
    """Its total went down: what it was before counts no more, even when it has grown beyond that."""
    window = CounterWindow()
    for step in range(4):
        read(window, {FIRST: 100, SECOND: 10 * step}, 2.5 * step)
    assert read(window, {FIRST: 50, SECOND: 40}, 10.0) == {SECOND: 4.0}
    assert read(window, {FIRST: 150, SECOND: 50}, 12.5) == {FIRST: 40.0, SECOND: 4.0}
    assert read(window, {FIRST: 250, SECOND: 60}, 15.0) == {FIRST: 40.0, SECOND: 4.0}


def test_a_row_that_was_taken_out_begins_anew() -> None:
    """The kernel puts old counters back into a row that returns soon; it counts from its return all the same."""
    window = CounterWindow()
    read(window, {FIRST: 100, SECOND: 1}, 0.0)
    read(window, {SECOND: 1}, 2.5)
    assert read(window, {FIRST: 500, SECOND: 1}, 5.0) == {SECOND: 0.0}
    assert read(window, {FIRST: 525, SECOND: 1}, 7.5) == {SECOND: 0.0, FIRST: 10.0}


def test_a_virtual_server_that_is_made_anew_begins_anew() -> None:
    """`ipvsadm -Z`, or taken out and put back: the whole of it, its total and its rows."""
    window = CounterWindow()
    for step in range(5):
        window.take({KEY: server_counters(100 * step, {FIRST: 100 * step})}, 2.5 * step)
    assert not window.take({KEY: server_counters(0, {FIRST: 0})}, 12.5)[1]
    rates = window.take({KEY: server_counters(25, {FIRST: 25})}, 15.0)[1] or {}
    assert rates[KEY].total == rates[KEY].real_servers[rs_key(FIRST)]
    assert rates[KEY].real_servers[rs_key(FIRST)].connections == 10.0


def test_a_long_pause_begins_anew() -> None:
    """What happened while nobody looked says little of the present."""
    window = CounterWindow()
    read(window, {FIRST: 0}, 0.0)
    assert read(window, {FIRST: 6000}, LONGEST_PAUSE + 1.0) == {}
    assert read(window, {FIRST: 6010}, LONGEST_PAUSE + 3.0) == {FIRST: 5.0}


def test_rows_that_stand_still_share_one_value() -> None:
    """A quiet table costs nothing, in rates as in counters."""
    window = CounterWindow()
    first, _ = window.take({KEY: server_counters(7, {FIRST: 7, SECOND: 8})}, 0.0)
    kept, rates = window.take({KEY: server_counters(9, {FIRST: 9, SECOND: 8})}, 2.0)
    assert rates is not None
    assert rates[KEY].real_servers[rs_key(SECOND)] is ZERO_RATES
    assert kept[KEY].real_servers[rs_key(SECOND)] is first[KEY].real_servers[rs_key(SECOND)]
    assert kept == {KEY: server_counters(9, {FIRST: 9, SECOND: 8})}


_totals = st.builds(Counters, *[st.integers(0, 50)] * 5)
_rows = st.dictionaries(st.sampled_from([rs_key(f"10.0.0.{n}:80") for n in range(1, 5)]), _totals)
_tables = st.dictionaries(
    st.sampled_from([vs_key("TCP:10.0.0.1:80"), vs_key("FWM:7")]), st.builds(VirtualServerCounters, _totals, _rows)
)


@given(st.lists(st.tuples(_tables, st.floats(0.5, 6.0)), max_size=14))
def test_whatever_is_read_rates_are_honest(readings: list[tuple[TableCounters, float]]) -> None:
    """Never negative, never of a row that the last two readings do not both know, and counters stay what they are."""
    window, at = CounterWindow(), 0.0
    before: TableCounters = {}
    for table, pause in readings:
        at += pause
        shared, rates = window.take(table, at)
        assert shared == table
        assert [list(shared[key].real_servers) for key in shared] == [list(table[key].real_servers) for key in table]
        for key, group in (rates or {}).items():
            assert set(group.real_servers) <= set(table[key].real_servers) & set(before[key].real_servers)
            assert all(min(_five(rate)) >= 0 for rate in group.real_servers.values())
        before = table


def _five(rate: object) -> list[float]:
    return [getattr(rate, name) for name in ("connections", "in_packets", "out_packets", "in_bytes", "out_bytes")]


def test_the_work_grows_with_the_rows_and_no_faster() -> None:
    """A quarter of them busy, when the window is full."""
    few, many = _work(5), _work(50)
    assert many < 11 * few
    assert many < 25 * 50 * 50


def _work(servers: int) -> int:
    window = CounterWindow()
    for step in range(9):
        window.take(_large(servers, step), 2.5 * step)
    table, taken = _large(servers, 9), list[TableRates | None]()
    work = calls_of(lambda: taken.append(window.take(table, 22.5)[1]))
    assert _rows_of(taken[0]) == servers * 50
    return work


def _rows_of(rates: TableRates | None) -> int:
    return sum(len(group.real_servers) for group in (rates or {}).values())


def _large(servers: int, step: int) -> TableCounters:
    return {
        vs_key(f"TCP:10.1.{n}.1:80"): VirtualServerCounters(
            counters(step * 100),
            {
                RealServerKey(rs_key(f"10.0.{n}.{m}:80").address, 80): counters(step * 10 if m % 4 == 0 else 7)
                for m in range(1, 51)
            },
        )
        for n in range(servers)
    }
