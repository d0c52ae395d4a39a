"""Rates from totals: never negative, never invented."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.analysis.rates import ZERO_RATES, advert_rates, counter_rates, interface_rates
from lvstop.model.address import RealServerKey
from lvstop.model.host import InterfaceCounters
from lvstop.model.ipvs import Counters, Rates, TableCounters, VirtualServerCounters
from support.calls import calls_of
from support.factories import FIRST, SECOND, SERVICE, counters, instance, rs_key, server_counters, vrrp_counters, vs_key

KEY = vs_key(SERVICE)


def _table(total: int, rows: dict[str, int]) -> TableCounters:
    return {KEY: server_counters(total, rows)}


def test_growth_is_divided_by_the_time_between_the_readings() -> None:
    rates = counter_rates(_table(10, {FIRST: 4}), _table(30, {FIRST: 14}), 2.0)[KEY]
    assert rates.total == Rates(10, 10, 10, 10, 10)
    assert rates.real_servers == {rs_key(FIRST): Rates(5, 5, 5, 5, 5)}


def test_rows_that_stand_still_have_a_rate_of_zero_and_not_none() -> None:
    rates = counter_rates(_table(10, {FIRST: 4}), _table(10, {FIRST: 4}), 1.0)[KEY]
    assert rates.total == rates.real_servers[rs_key(FIRST)] == ZERO_RATES


@pytest.mark.parametrize("before", [5, 2**32 - 1, 2**63])
def test_a_total_that_went_down_gives_no_rate_for_that_row_and_leaves_the_others_alone(before: int) -> None:
    rates = counter_rates(_table(9, {FIRST: before, SECOND: 1}), _table(9, {FIRST: 2, SECOND: 3}), 1.0)[KEY]
    assert rates.real_servers == {rs_key(SECOND): Rates(2, 2, 2, 2, 2)}


def test_one_total_of_five_going_down_is_enough() -> None:
    rates = counter_rates(
        {KEY: VirtualServerCounters(Counters(1, 1, 1, 1, 9), {})},
        {KEY: VirtualServerCounters(Counters(9, 9, 9, 9, 1), {})},
        1.0,
    )
    assert rates[KEY].total is None


def test_new_rows_and_new_virtual_servers_have_no_rate_yet() -> None:
    assert counter_rates({}, _table(1, {}), 1.0) == {}
    rates = counter_rates(_table(1, {SECOND: 1}), _table(1, {FIRST: 9, SECOND: 2}), 1.0)[KEY]
    assert rates.real_servers == {rs_key(SECOND): Rates(1, 1, 1, 1, 1)}


def test_the_order_of_rows_does_not_matter() -> None:
    rates = counter_rates(_table(1, {FIRST: 1, SECOND: 10}), _table(1, {SECOND: 11, FIRST: 5}), 1.0)[KEY]
    assert {str(key): rate.connections for key, rate in rates.real_servers.items()} == {FIRST: 4, SECOND: 1}


@pytest.mark.parametrize("seconds", [0.0, -1.0, math.nan])
def test_without_time_in_between_there_are_no_rates(seconds: float) -> None:
    assert counter_rates(_table(1, {}), _table(2, {}), seconds) == {}
    assert interface_rates((), (), seconds) == {}
    assert advert_rates((), (), seconds) == {}


_totals = st.builds(Counters, *[st.integers(0, 2**64 - 1)] * 5)
_rows = st.dictionaries(st.sampled_from([rs_key(f"10.0.0.{n}:80") for n in range(1, 5)]), _totals)
_tables = st.dictionaries(
    st.sampled_from([vs_key("TCP:10.0.0.1:80"), vs_key("FWM:7")]), st.builds(VirtualServerCounters, _totals, _rows)
)


@given(_tables, _tables, st.floats(0.001, 1e6))
def test_rates_are_never_negative_and_never_for_rows_that_are_not_in_both(
    before: TableCounters, after: TableCounters, seconds: float
) -> None:
    for key, rates in counter_rates(before, after, seconds).items():
        assert key in before
        assert key in after
        assert set(rates.real_servers) <= set(before[key].real_servers) & set(after[key].real_servers)
        for rate in [*rates.real_servers.values(), *([rates.total] if rates.total else [])]:
            values = (rate.connections, rate.in_packets, rate.out_packets, rate.in_bytes, rate.out_bytes)
            assert min(values) >= 0


def test_the_work_grows_with_the_rows_and_no_faster() -> None:
    def table(servers: int, value: int) -> TableCounters:
        return {
            vs_key(f"TCP:10.1.{n}.1:80"): VirtualServerCounters(
                counters(value),
                {
                    RealServerKey(rs_key(f"10.0.{n}.{m}:80").address, 80): counters(value if m % 4 == 0 else 7)
                    for m in range(1, 51)
                },
            )
            for n in range(servers)
        }

    def work(servers: int) -> int:
        before, after = table(servers, 10), table(servers, 20)
        return calls_of(lambda: counter_rates(before, after, 1.0))

    few, many = work(10), work(100)
    assert many < 11 * few
    assert many < 8 * 100 * 50


def test_interfaces_have_rates_by_name() -> None:
    before = [InterfaceCounters("ens3", 100, 10, 0, 0, 50, 5, 0, 0), InterfaceCounters("ens4", 9, 9, 9, 9, 9, 9, 9, 9)]
    after = [InterfaceCounters("ens3", 300, 30, 0, 2, 50, 5, 0, 0), InterfaceCounters("ens4", 1, 9, 9, 9, 9, 9, 9, 9)]
    rates = interface_rates(before, [*after, InterfaceCounters("new", 1, 1, 1, 1, 1, 1, 1, 1)], 2.0)
    assert list(rates) == ["ens3"]
    assert (rates["ens3"].received_bytes, rates["ens3"].received_dropped, rates["ens3"].sent_bytes) == (100, 1, 0)


def test_adverts_have_rates_unless_keepalived_was_restarted() -> None:
    before = [instance("MASTER", counters=vrrp_counters(10, 2)), instance("MASTER", "B", counters=vrrp_counters(10))]
    after = [instance("MASTER", counters=vrrp_counters(14, 2)), instance("MASTER", "B", counters=vrrp_counters(1))]
    rates = advert_rates(before, [*after, instance("MASTER", "C")], 4.0)
    assert list(rates) == ["SMB"]
    assert (rates["SMB"].sent, rates["SMB"].received) == (1, 0)


def test_adverts_have_no_rates_across_a_failover() -> None:
    """Not even where it has come back since: half of a master's adverts are no rate of his."""
    before = [instance("BACKUP", counters=vrrp_counters(10, 40, became=1, released=1))]
    for now in (vrrp_counters(11, 44, became=2, released=1), vrrp_counters(12, 44, became=2, released=2)):
        assert advert_rates(before, [instance("MASTER", counters=now)], 60.0) == {}
