"""The world as a whole: it is the same each time, and VRRP keeps its promises whatever is broken and mended."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvstop.demo.world.breaking import Switch, compile_event, flip, switches
from lvstop.demo.world.conf import EventConf
from lvstop.demo.world.world import World
from lvstop.model.vrrp import VrrpState
from support.worlds import MAINTENANCE, SYNC, VIP, cluster, holders, row, states, wait, world

FILES = f"""
    track_files:
      - {{name: maintenance, path: {MAINTENANCE}, weight: -100, initial: 0}}
"""


def picture(pair: World) -> list[object]:
    """Everything that shows of a world."""
    shown: list[object] = [pair.now, pair.network.holders]
    for director in pair.directors:
        shown.append(states(pair))
        shown.append(director.host.load)
        shown.extend((each.rx_bytes, each.tx_packets) for each in director.host.interfaces)
        for service in director.table.services:
            shown.append(str(service.key))
            shown.extend(
                (str(each.key), each.weight, each.active, each.inactive, each.counters.in_bytes)
                for each in service.destinations
            )
        shown.extend((entry.at, entry.message) for entry in director.journal.after(0))
    return shown


@settings(max_examples=8)
@given(st.lists(st.floats(0.01, 20), max_size=20))
def test_what_happens_does_not_depend_on_how_often_it_is_stepped(steps: list[float]) -> None:
    one, many = world(SYNC), world(SYNC)
    for pair in (one, many):
        pair.cut_link()
    for step in steps:
        wait(many, step)
    one.step(500)
    many.step(500)
    assert picture(one) == picture(many)


def test_another_seed_is_another_world() -> None:
    assert picture(world(SYNC, seed=1)) == picture(world(SYNC, seed=1))
    assert picture(world(SYNC, seed=1)) != picture(world(SYNC, seed=2))


def switch(pair: World, key: str) -> Switch:
    return next(each for each in switches(pair) if each.key == key)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 20), st.floats(0.05, 15)), max_size=12))
def test_with_a_whole_link_there_is_one_master_and_it_has_the_vip(troubles: list[tuple[int, float]]) -> None:
    pair = world(SYNC)
    for which, seconds in troubles:
        known = switches(pair)
        flip(pair, known[which % len(known)])
        wait(pair, seconds)
    if not pair.link_up:
        pair.mend_link()
    for director in pair.directors:
        director.boot()
    wait(pair, 6)
    for director in pair.directors:
        director.start_keepalived()
    wait(pair, 8)
    assert states(pair) == (VrrpState.MASTER, VrrpState.BACKUP)
    assert holders(pair) == ["a"]
    # a short split brain may end without a gratuitous ARP of the one that stays, as with the real one
    wait(pair, 45)
    assert pair.holder(VIP) is pair.director("a")


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 20), st.floats(0.05, 15)), max_size=10))
def test_a_master_that_runs_holds_the_vip_and_others_do_not(troubles: list[tuple[int, float]]) -> None:
    pair = world()
    for which, seconds in troubles:
        known = switches(pair)
        flip(pair, known[which % len(known)])
        wait(pair, seconds)
        for director, state in zip(pair.directors, states(pair), strict=True):
            if director.powered:
                assert (director.name in holders(pair)) is (state is VrrpState.MASTER)


def test_who_asks_a_director_that_gave_the_vip_up_finds_the_other_one_after_a_while() -> None:
    pair = world()
    pair.network.announce(VIP, "b")
    assert pair.holder(VIP) is None
    wait(pair, 30)
    assert pair.holder(VIP) is None
    wait(pair, 15)
    assert pair.holder(VIP) is pair.director("a")


def test_each_switch_breaks_what_is_whole_and_mends_what_is_broken() -> None:
    pair = world(SYNC)
    keys = [each.key for each in switches(pair)]
    assert len(set(keys)) == len(keys)
    for key in keys:
        before = switch(pair, key)
        assert not before.broken
        flip(pair, before)
        after = switch(pair, key)
        assert after.broken, key
        assert after.does != before.does
        flip(pair, after)
        wait(pair, 10)
        assert not switch(pair, key).broken, key
    assert [each.key for each in switches(pair)] == keys


def test_a_dead_director_answers_nothing_and_returns_with_an_empty_table_and_its_journal() -> None:
    pair = world()
    director = pair.director("a")
    lines = director.journal.last_number
    pair.kill_director("a")
    wait(pair, 10)
    assert not director.powered
    assert director.journal.last_number == lines, "nobody was left to say anything"
    pair.boot_director("a")
    assert director.uptime == 0
    assert director.table.services == []
    assert not director.table.loaded
    wait(pair, 10)
    assert director.keepalived.running
    assert row(director, "10.0.0.21:80") is not None
    assert 9 < director.uptime < 11


def test_a_director_that_is_killed_while_it_boots_stays_dead() -> None:
    pair = world()
    pair.kill_director("a")
    pair.boot_director("a")
    wait(pair, 1)
    pair.kill_director("a")
    wait(pair, 10)
    assert not pair.director("a").keepalived.running


def test_events_happen_at_their_times_and_again() -> None:
    pair = world("""
    events:
      - {at: 10s, do: stop-keepalived, target: a, every: 60s}
      - {at: 30s, do: start-keepalived, target: a, every: 60s}
      - {at: 0, do: set-weight, target: "b TCP:10.0.0.10:80 10.0.0.22:80 7"}
""")
    found = row(pair.director("b"), "10.0.0.22:80")
    assert found is not None
    assert found.weight == 7
    for start in (0, 60, 120):
        pair.step(start + 9)
        assert pair.director("a").keepalived.running
        pair.step(start + 11)
        assert not pair.director("a").keepalived.running
        pair.step(start + 31)
        assert pair.director("a").keepalived.running


@pytest.mark.parametrize(
    ("action", "target", "complaint"),
    [
        ("explode", "", "'explode' is none of"),
        ("cut-link", "a", "cut-link needs no target"),
        ("kill-director", "", "kill-director needs DIRECTOR"),
        ("kill-director", "c", "there is no director 'c'; there are a, b"),
        ("stop-real-server", "10.0.0.99", "there is no real server 10.0.0.99"),
        ("stop-real-server", "ten", "'ten' is not an IPv4 or IPv6 address"),
        ("stop-real-server", "10.0.0.21 x", "'x' is not a whole number"),
        ("set-weight", "a TCP:10.0.0.10:80 10.0.0.29:80 1", "a has no real server 10.0.0.29:80"),
        ("set-file", "a /elsewhere 1", "a tracks no file /elsewhere"),
        ("flood", "0 5", "'0' is not a number above 0"),
        ("flood", "nan 5", "'nan' is not a number above 0"),
        ("pull-cable", "a eth9", "a has no interface eth9"),
        ("set-priority", "a V 255", "255 is no priority"),
        ("set-priority", "a W 5", "a has no VRRP instance 'W'"),
    ],
)
def test_an_event_that_cannot_happen_says_why(action: str, target: str, complaint: str) -> None:
    conf = cluster(FILES)
    with pytest.raises(ValueError, match=complaint.replace("(", r"\(")):
        compile_event(conf, EventConf(1, action, target))


def test_load_follows_work() -> None:
    pair = world()
    quiet = max(director.host.load[0] for director in pair.directors)
    pair.director("a").host.work = 3.0
    for _ in range(60):
        pair.director("a").host.average(pair.director("a").random)
    assert pair.director("a").host.load[0] > quiet + 2


def test_what_goes_through_a_director_shows_on_its_interfaces() -> None:
    pair = world(SYNC)
    master, backup = (director.host.interface("ens3") for director in pair.directors)
    assert master is not None
    assert backup is not None
    before = (master.rx_bytes, master.tx_bytes, backup.rx_bytes)
    wait(pair, 60)
    assert master.rx_bytes - before[0] > 100_000
    assert master.tx_bytes - before[1] > 100_000
    assert backup.rx_bytes - before[2] < 100_000
