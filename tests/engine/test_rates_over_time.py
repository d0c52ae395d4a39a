"""Rates of a session: which readings they are made from, and when they are unknown."""

from dataclasses import replace

import pytest

from lvstop.engine.rate_meter import RateMeter
from lvstop.model.director import DirectorSnapshot, Keepalived
from lvstop.model.host import InterfaceCounters
from support.factories import FIRST, SERVICE, SYSCTLS, director, instance, later, rs_key, server_counters, vrrp_counters
from support.factories import vs_key as key_of

KEY = key_of(SERVICE)


def counted(total: int, uptime: float | None) -> DirectorSnapshot:
    """A director whose counters stand at `total`."""
    return director(counters={KEY: server_counters(total, {FIRST: total})}, counters_uptime=uptime)


def metered(*snapshots: DirectorSnapshot) -> DirectorSnapshot:
    """The last of these, after the others were taken."""
    meter = RateMeter()
    return [meter.take(snapshot) for snapshot in snapshots][-1]


def test_two_readings_make_rates() -> None:
    """The difference by the seconds between the two, on the director's own clock."""
    after = metered(counted(100, 1000.0), counted(150, 1002.0))
    assert after.rates is not None
    rates = after.rates[KEY]
    assert rates.total is not None
    assert (rates.total.connections, rates.total.in_bytes) == (25.0, 25.0)
    assert rates.real_servers[rs_key(FIRST)].out_packets == 25.0


def test_between_readings_rates_stay() -> None:
    """A tick without new counters shows the rates of before, not 0 and not unknown."""
    meter, reading = RateMeter(), counted(150, 1002.0)
    meter.take(counted(100, 1000.0))
    first = meter.take(reading)
    tick = meter.take(replace(reading, uptime=1003.0))
    assert first.rates
    assert tick.rates is first.rates
    assert tick.counters is first.counters


def test_what_stays_is_shared() -> None:
    """Rows that count nothing cost nothing: their counters are the same objects in every snapshot."""
    first = counted(100, 1000.0)
    assert metered(first, counted(100, 1002.0)).counters == first.counters
    assert first.counters is not None
    assert (metered(first, counted(100, 1002.0)).counters or {})[KEY] is first.counters[KEY]


def test_one_reading_makes_no_rates() -> None:
    """After the first reading rates are unknown."""
    assert metered(director(counters=None), counted(100, 1000.0)).rates is None


def test_without_counters_there_are_no_rates() -> None:
    """Where counters cannot be read any more, rates are unknown; afterwards they go on."""
    blind = director(counters=None)
    assert metered(counted(1, 1.0), counted(2, 2.0), blind).rates is None
    assert metered(counted(1, 1.0), counted(2, 2.0), blind, counted(3, 4.0)).rates


def test_counters_that_stand_still_make_no_rates() -> None:
    """With `run_estimation` 0 the kernel does not bring them up to date: 0 would be a lie."""
    frozen = replace(counted(2, 2.0), sysctls=replace(SYSCTLS, run_estimation=0))
    assert metered(counted(1, 1.0), frozen).rates is None


@pytest.mark.parametrize(("before", "after"), [(None, 1002.0), (1000.0, None), (None, None)])
def test_without_a_clock_there_are_no_rates(before: float | None, after: float | None) -> None:
    """Where the director did not tell its time nothing is guessed."""
    assert metered(counted(100, before), counted(150, after)).rates is None


@pytest.mark.parametrize("uptime", [1000.0, 12.0, 1100.0])
def test_a_clock_that_stands_or_went_back_makes_no_number(uptime: float) -> None:
    """After a reboot, twice within one moment, or after a long pause: no rate at all, and no division by zero."""
    assert metered(counted(100, 1000.0), counted(150, uptime)).rates is None


def test_who_reads_seldom_has_rates_as_well() -> None:
    """Readings five minutes apart are no pause where the operator wants them so."""
    meter = RateMeter(interval=300.0)
    meter.take(replace(counted(0, 1000.0), uptime=1000.0, interfaces=with_interface(0.0, 0).interfaces))
    after = meter.take(replace(counted(600, 1300.0), uptime=1300.0, interfaces=with_interface(0.0, 900).interfaces))
    assert after.rates is not None
    assert after.rates[KEY].real_servers[rs_key(FIRST)].connections == 2.0
    assert after.interface_rates is not None
    assert after.interface_rates["ens3"].received_bytes == 3.0


def with_interface(uptime: float | None, received: int) -> DirectorSnapshot:
    """A director whose interface has received so many bytes."""
    return director(uptime=uptime, interfaces=(InterfaceCounters("ens3", received, 0, 0, 0, 0, 0, 0, 0),))


def test_interfaces_have_rates_over_two_seconds() -> None:
    """Every tick is a reading; one second is too short for a number that can be read."""
    meter = RateMeter()
    totals = [0, 1000, 3000, 3000, 3000, 3000]
    taken = [meter.take(with_interface(100.0 + second, total)) for second, total in enumerate(totals)]
    rates = [None if each.interface_rates is None else each.interface_rates["ens3"].received_bytes for each in taken]
    assert rates == [None, None, 1500.0, 1000.0, 0.0, 0.0]


@pytest.mark.parametrize("uptime", [None, 5.0, 100.0, 500.0])
def test_interfaces_without_a_past_have_no_rates(uptime: float | None) -> None:
    """After a reboot, a long pause or without a clock nothing is known."""
    assert metered(with_interface(100.0, 5), with_interface(uptime, 9)).interface_rates is None
    assert metered(with_interface(100.0, 5), director(uptime=103.0, interfaces=None)).interface_rates is None


def dumped(uptime: float, sent: int, second: float, pid: int = 800) -> DirectorSnapshot:
    """A MASTER that has sent so many adverts, by a dump of `second`."""
    told = (instance("MASTER", counters=vrrp_counters(sent)),)
    keepalived = Keepalived("2.2.7", True, pid)
    return director(uptime=uptime, vrrp=told, vrrp_read_at=later(second), keepalived=keepalived)


def test_adverts_have_rates_between_dumps() -> None:
    """On the director's clock, whatever the operator's does; between dumps they stay."""
    meter = RateMeter()
    assert meter.take(dumped(1000.0, 10, 0)).advert_rates is None
    assert meter.take(dumped(1030.0, 10, 0)).advert_rates is None
    rates = meter.take(dumped(1060.0, 70, 9000)).advert_rates
    assert rates is not None
    assert (rates["SMB"].sent, rates["SMB"].received) == (1.0, 0.0)
    assert meter.take(dumped(1061.0, 70, 9000)).advert_rates is rates


def test_dumps_that_follow_on_one_another_are_too_close() -> None:
    """One that was called by an event is compared with one of at least ten seconds before."""
    assert metered(dumped(1000.0, 10, 0), dumped(1003.0, 19, 3)).advert_rates is None
    after = metered(dumped(1000.0, 10, 0), dumped(1060.0, 70, 60), dumped(1062.0, 72, 62)).advert_rates
    assert after is not None
    assert after["SMB"].sent == 1.0


@pytest.mark.parametrize(("uptime", "pid"), [(1060.0, 801), (10.0, 800)])
def test_another_keepalived_begins_anew(uptime: float, pid: int) -> None:
    """After a restart or a reboot its adverts are not compared with those of the one before."""
    assert metered(dumped(1000.0, 10, 0), dumped(uptime, 90, 60, pid)).advert_rates is None
    blind = director(vrrp=None, vrrp_read_at=None)
    assert metered(dumped(1000.0, 10, 0), blind, dumped(1060.0, 90, 60)).advert_rates is None
