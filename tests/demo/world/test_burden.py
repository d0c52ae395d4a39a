"""What a simulated machine has to do: its clocks never go back, and follow what comes in."""

from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.demo.world.burden import CONNTRACK_MAX, PACKETS_A_PROCESSOR, PROCESSORS, Burden
from support.worlds import wait, world


@given(
    st.lists(
        st.tuples(st.floats(0.01, 60), st.floats(0, 4 * PACKETS_A_PROCESSOR), st.floats(0, 8), st.booleans()),
        max_size=9,
    )
)
def test_a_processor_does_something_all_the_time(steps: list[tuple[float, float, float, bool]]) -> None:
    """Its times add up to those that have passed, and none of its numbers falls."""
    burden, passed = Burden(), 0.0
    before = [astuple(each) for each in burden.processors]
    for seconds, packets, own, storm in steps:
        burden.storm = storm
        burden.pass_by(seconds, packets, own)
        passed += seconds
        after = [astuple(each) for each in burden.processors]
        assert len(after) == PROCESSORS
        for old, new in zip(before, after, strict=True):
            assert all(was <= now + 1e-6 for was, now in zip(old, new, strict=True))
            assert sum(new[:5]) == pytest.approx(passed)
        assert 0 <= burden.conntrack_entries(tracks_ipvs=True) <= CONNTRACK_MAX
        before = after


def test_softirq_follows_the_traffic() -> None:
    """The director that holds the VIP has more of it than the other one, and a machine without power does nothing."""
    pair = world()
    wait(pair, 60)
    first, second = (sum(each.softirq for each in director.host.burden.processors) for director in pair.directors)
    pair.kill_director("b")
    wait(pair, 60)
    busy, dead = (sum(each.softirq for each in director.host.burden.processors) for director in pair.directors)
    assert busy - first > 0.0
    assert dead == second


def test_a_storm_fills_one_processor_and_connection_tracking() -> None:
    """And the interface loses packets; afterwards the table empties again. A reboot ends it."""
    pair = world()
    machine = pair.director("a")
    before, dropped = machine.host.burden.processors, machine.host.interfaces[1].rx_dropped
    machine.set_storm(on=True)
    wait(pair, 30)
    after = machine.host.burden.processors
    assert after[0].softirq - before[0].softirq > 0.95 * 30
    assert after[1].softirq - before[1].softirq < 0.5 * 30
    assert after[0].dropped > 1000
    assert machine.host.interfaces[1].rx_dropped > dropped
    assert machine.host.burden.conntrack_entries(tracks_ipvs=False) > 0.95 * CONNTRACK_MAX
    machine.set_storm(on=False)
    wait(pair, 60)
    assert machine.host.burden.conntrack_entries(tracks_ipvs=False) < 100
    machine.set_storm(on=True)
    pair.kill_director("a")
    pair.boot_director("a")
    assert not machine.storm
