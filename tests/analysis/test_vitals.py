"""What two readings of a machine say, and how full its tables are."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from lvstop.analysis.vitals import connection_table, conntrack_fill, memory_left, vitals_rates
from lvstop.engine.vitals_meter import VitalsMeter
from lvstop.model.vitals import Conntrack, CpuShares, CpuTimes, Memory, SoftnetCounters, SoftnetRates, Vitals
from support.factories import detail, master, real_server, row_detail, virtual_server
from support.machines import GIB, cpu_times, vitals


def test_shares_of_the_time_between() -> None:
    """Of 500 ticks 100 were softirq, 50 steal and 300 idle; waiting for a disk is not being busy."""
    before = vitals(100.0, cpus=(cpu_times(0, idle=10, softirq=5),))
    after = vitals(105.0, cpus=(cpu_times(0, idle=310, softirq=105, steal=50, user=40, iowait=10),))
    rates = vitals_rates(before, after)
    assert rates is not None
    assert rates.seconds == 5.0
    assert rates.cpus == (CpuShares(0, busy=190 / 500, softirq=100 / 500, steal=50 / 500),)


def test_what_cannot_be_said_is_none() -> None:
    """A boot, two readings at once, a processor that was switched off and on, a counter of 32 bits that wrapped."""
    first, second = vitals(100.0), vitals(105.0)
    assert vitals_rates(second, first) is None
    assert vitals_rates(first, vitals(100.1)) is None
    again = vitals_rates(vitals(100.0, cpus=(cpu_times(0, idle=900),)), vitals(105.0, cpus=(cpu_times(0, idle=4),)))
    assert again is not None
    assert again.cpus == ()
    wrapped = vitals_rates(
        vitals(100.0, softnet=(SoftnetCounters(0, 2**32 - 1, 0),)), vitals(105.0, softnet=(SoftnetCounters(0, 3, 0),))
    )
    assert wrapped is not None
    assert wrapped.softnet is None
    unread = vitals_rates(first, vitals(105.0, cpus=None, softnet=None))
    assert unread is not None
    assert (unread.cpus, unread.softnet) == (None, None)


def test_a_processor_that_came_is_left_out_until_it_was_seen_twice() -> None:
    """By number, not by place. The backlog is not judged across that: its sum would leap."""
    before = vitals(100.0, cpus=(cpu_times(0, idle=10),), softnet=(SoftnetCounters(0, 1, 1),))
    after = vitals(
        105.0,
        cpus=(cpu_times(0, idle=510), cpu_times(1, idle=400)),
        softnet=(SoftnetCounters(0, 1, 1), SoftnetCounters(1, 9, 9)),
    )
    rates = vitals_rates(before, after)
    assert rates is not None
    assert [cpu.number for cpu in rates.cpus or ()] == [0]
    assert rates.softnet is None


def test_iowait_may_go_down() -> None:
    """proc_stat(5) says so: that alone makes nothing unknown."""
    before = vitals(100.0, cpus=(cpu_times(0, idle=10, iowait=50),))
    after = vitals(105.0, cpus=(cpu_times(0, idle=260, user=250, iowait=40),))
    rates = vitals_rates(before, after)
    assert rates is not None
    assert rates.cpus == (CpuShares(0, 0.5, 0.0, 0.0),)


def test_backlog_of_all_processors() -> None:
    """Per second, summed up."""
    before = vitals(100.0, softnet=(SoftnetCounters(0, 5, 0), SoftnetCounters(1, 0, 1)))
    after = vitals(110.0, softnet=(SoftnetCounters(0, 25, 0), SoftnetCounters(1, 10, 2)))
    rates = vitals_rates(before, after)
    assert rates is not None
    assert rates.softnet == SoftnetRates(3.0, 0.1)


times = st.lists(st.integers(0, 2**40), min_size=8, max_size=8)


@given(times, times)
def test_shares_are_parts_of_one(before: list[int], after: list[int]) -> None:
    """Whatever the counters do: nothing below 0 or above 1, and the parts are no more than the whole."""
    old = vitals(1.0, cpus=(CpuTimes(0, *before),))
    rates = vitals_rates(old, vitals(2.0, cpus=(CpuTimes(0, *after),)))
    assert rates is not None
    for cpu in rates.cpus or ():
        assert 0.0 <= cpu.softirq + cpu.steal <= cpu.busy + 1e-9 <= 1.0 + 2e-9


def test_the_meter_keeps_what_it_said_until_it_is_read_anew() -> None:
    """The same reading is the same answer; a pause that was too long, a gap and a boot begin anew."""
    meter = VitalsMeter(longest_pause=60.0)
    first, second = vitals(100.0), vitals(105.0)
    assert meter.take(first) is None
    rates = meter.take(second)
    assert rates is not None
    assert meter.take(second) is rates
    assert meter.take(vitals(200.0)) is None
    assert meter.take(vitals(205.0)) is not None
    assert meter.take(None) is None
    assert meter.take(vitals(210.0)) is None
    assert meter.take(vitals(3.0)) is None
    assert meter.take(vitals(8.0)) is not None


def test_fills() -> None:
    """Parts of one; None where a part of it is not known."""
    assert memory_left(vitals(memory=Memory(4 * GIB, GIB, 0, 0))) == 0.25
    assert memory_left(vitals(memory=Memory(4 * GIB, None, 0, 0))) is None
    assert memory_left(vitals(memory=None)) is None
    assert conntrack_fill(vitals(conntrack=Conntrack(50, 200))) == 0.25
    assert conntrack_fill(vitals(conntrack=None)) is None
    assert (memory_left(None), conntrack_fill(None)) == (None, None)


def test_the_connection_table() -> None:
    """Connections of all rows, and templates where they may be known; buckets are no limit."""
    row = real_server("10.0.0.1:80", active=3, inactive=4)
    server = virtual_server("TCP:10.0.0.9:80", row)
    bare = master(virtual_servers=(server,), connection_buckets=4096)
    told = connection_table(bare)
    assert told is not None
    assert (told.entries, told.templates, told.buckets) == (7, None, 4096)
    known = connection_table(replace(bare, details={server.key: detail({"10.0.0.1:80": row_detail(persistent=2)})}))
    assert known is not None
    assert (known.entries, known.templates) == (9, 2)
    assert connection_table(replace(bare, ipvs_loaded=False)) is None
    assert connection_table(replace(bare, virtual_servers=None)) is None
    assert isinstance(bare.vitals, Vitals | None)
