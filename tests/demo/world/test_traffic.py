"""Clients: where they go, what they leave behind, and what a drain, a failure and a failover do to them."""

from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvstop.demo.world.breaking import flip, switches
from lvstop.demo.world.director import Director
from lvstop.demo.world.table import Setting, Tally
from lvstop.demo.world.world import World
from lvstop.model.ipvs import ForwardingMethod
from support.worlds import ONE, SYNC, real, row, service, service_key, states, wait, world

KEY = service_key()
DRAINED = Setting(ForwardingMethod.ROUTE, 0)


def farm(scheduler: str = "rr", more: str = "", weights: tuple[int, int] = (1, 1), **clients: str) -> str:
    told = {"count": "400", "session": "20s", "pause": "10s", "swing": "0", **clients}
    values = ", ".join(f"{key}: {value}" for key, value in told.items())
    return f"""
    virtual_servers:
      - service: TCP:10.0.0.10:80
        scheduler: {scheduler}
        real_servers:
          - {{address: 10.0.0.21:80, weight: {weights[0]}}}
          - {{address: 10.0.0.22:80, weight: {weights[1]}}}
        clients: {{{values}}}
{more}"""


def active(director: Director) -> list[int]:
    """ActiveConn by address."""
    found = sorted(service(director).destinations, key=lambda each: str(each.key))
    return [each.active for each in found]


def begun(director: Director) -> list[int]:
    """Connections that were made, by address."""
    found = sorted(service(director).destinations, key=lambda each: str(each.key))
    return [int(each.counters.connections) for each in found]


def test_it_is_in_full_swing_at_the_beginning_and_stays_there() -> None:
    pair = world(farm())
    first = sum(active(pair.director("a")))
    wait(pair, 300)
    later = sum(active(pair.director("a")))
    expected = 400 * 20 / 30
    assert first == pytest.approx(expected, rel=0.05)
    assert later == pytest.approx(expected, rel=0.2)
    waiting = sum(each.inactive for each in service(pair.director("a")).destinations)
    assert waiting == pytest.approx(expected / 20 * 120, rel=0.2)


def test_new_connections_follow_the_weights() -> None:
    pair = world(farm("wrr", weights=(3, 1)))
    before = begun(pair.director("a"))
    wait(pair, 300)
    one, two = (after - old for after, old in zip(begun(pair.director("a")), before, strict=True))
    assert one == pytest.approx(3 * two, rel=0.02)


def test_a_drained_one_gets_nothing_and_runs_empty() -> None:
    pair = world(farm())
    director = pair.director("a")
    director.edit_destination(KEY, real("10.0.0.21:80"), DRAINED)
    before = begun(director)[0]
    wait(pair, 200)
    assert begun(director)[0] == before
    assert active(director)[0] == 0
    assert active(director)[1] == pytest.approx(400 * 20 / 30, rel=0.2)
    found = row(director, "10.0.0.21:80")
    assert found is not None
    assert found.inactive > 0, "InActConn decays by timeout only"
    wait(pair, 125)
    assert found.inactive == 0


def test_persistent_clients_keep_coming_to_a_drained_one_unless_the_sysctl_says_otherwise() -> None:
    persistent = farm(more="        persistence: 300s\n", session="2s", pause="2s")
    kept = {}
    for value in (0, 1):
        directors = f"""
    directors:
      - {{name: a, interfaces: {{ens3: [10.0.0.11/24], ens4: [192.168.0.11/24]}},
         sysctls: {{net.ipv4.vs.expire_quiescent_template: {value}}}}}
      - {{name: b, interfaces: {{ens3: [10.0.0.12/24], ens4: [192.168.0.12/24]}}}}
"""
        pair = world(directors, persistent)
        director = pair.director("a")
        wait(pair, 60)
        found = row(director, "10.0.0.21:80")
        assert found is not None
        assert found.persistent > 100
        director.edit_destination(KEY, real("10.0.0.21:80"), DRAINED)
        wait(pair, 60)
        before = begun(director)[0]
        wait(pair, 30)
        kept[value] = begun(director)[0] - before, found.persistent
    assert kept[0][0] > 300
    assert kept[0][1] > 100
    assert kept[1] == (0, 0)


def test_templates_never_outnumber_clients() -> None:
    pair = world(farm(more="        persistence: 300s\n", session="2s", pause="2s"))
    for _ in range(20):
        wait(pair, 10)
        assert sum(each.persistent for each in service(pair.director("a")).destinations) <= 400


def test_without_synchronisation_a_failover_resets_everybody() -> None:
    pair = world(farm(session="10m", pause="3s"))
    wait(pair, 30)
    backup = pair.director("b")
    assert active(backup) == [0, 0]
    pair.director("a").stop_keepalived()
    wait(pair, 1)
    assert states(pair)[1] is not None
    came = sum(begun(backup))
    wait(pair, 30)
    assert sum(begun(backup)) > 300, "everybody has connected again"
    assert came < 200


def test_with_synchronisation_connections_go_on() -> None:
    pair = world(farm(session="10m", pause="3s"), SYNC)
    wait(pair, 30)
    master, backup = pair.director("a"), pair.director("b")
    assert active(backup) == active(master)
    assert begun(backup) == [0, 0], "copies are no connections of its own"
    alive = sum(active(master))
    master.set_priority("V", 50)
    master.reload_keepalived()
    wait(pair, 10)
    assert sum(active(backup)) == pytest.approx(alive, rel=0.05)
    assert sum(begun(backup)) < 0.1 * alive
    master.set_priority("V", 150)
    master.reload_keepalived()
    wait(pair, 10)
    assert sum(active(master)) == pytest.approx(alive, rel=0.05), "and back again"


def test_a_stop_resets_who_speaks_between_the_end_of_the_table_and_that_of_the_address() -> None:
    survived = []
    for seed in range(10):
        pair = world(farm(session="10m", pause="60s", in_packets="5"), SYNC, seed=seed)
        wait(pair, 30)
        master, backup = pair.director("a"), pair.director("b")
        alive = sum(active(master))
        master.stop_keepalived()
        wait(pair, 2)
        survived.append(sum(each.connections.live for each in service(backup).destinations) / alive)
    assert 0.75 < min(survived) < 0.9
    assert 0.95 < max(survived) <= 1.0


def test_connections_of_a_master_that_lost_the_vip_stay_in_its_table() -> None:
    pair = world(farm(session="10m", pause="3s"))
    old = sum(active(pair.director("a")))
    pair.cut_link()
    wait(pair, 5)
    pair.director("a").keepalived.kill()
    wait(pair, 300)
    assert sum(active(pair.director("a"))) == pytest.approx(old, rel=0.03)
    wait(pair, 700)
    assert sum(active(pair.director("a"))) == 0, "established connections time out after 900 s"


def test_a_dead_server_s_clients_go_to_the_other_one() -> None:
    pair = world(farm(session="5m", pause="2s"))
    wait(pair, 10)
    pair.stop_real_server(ONE)
    wait(pair, 180)
    assert active(pair.director("a")) == [pytest.approx(400, rel=0.1)]
    pair.start_real_server(ONE)
    wait(pair, 10)
    assert len(active(pair.director("a"))) == 2


def test_a_row_that_comes_back_soon_has_its_counters_and_connections_still() -> None:
    pair = world(farm(session="10m", pause="3s"))
    director = pair.director("a")
    wait(pair, 10)

    def delete() -> None:
        director.table.delete_destination(KEY, real("10.0.0.21:80"))

    for leave in (delete, director.table.flush):
        counted, held = begun(director)[0], active(director)[0]
        leave()
        wait(pair, 2)
        director.keepalived.stop()
        director.start_keepalived()
        found = row(director, "10.0.0.21:80")
        assert found is not None
        assert found.counters.connections >= counted > 0
        assert found.active == pytest.approx(held, rel=0.1)
        wait(pair, 10)


def test_a_row_that_comes_back_late_begins_anew() -> None:
    pair = world(farm(session="1s", pause="3s"))
    director = pair.director("a")
    director.table.delete_destination(KEY, real("10.0.0.21:80"))
    wait(pair, 100)
    assert service(director).trash
    wait(pair, 1300)
    assert not service(director).trash, "the last connection is over, and two minutes more"
    director.table.add_destination(KEY, real("10.0.0.21:80"), Setting(ForwardingMethod.ROUTE, 1))
    found = row(director, "10.0.0.21:80")
    assert found is not None
    assert (found.counters.connections, found.active) == (0, 0)


def test_until_a_failure_is_noticed_connections_stay_half_open() -> None:
    pair = world(farm(session="2s", pause="2s"))
    wait(pair, 10)
    found = row(pair.director("a"), "10.0.0.21:80")
    assert found is not None
    pair.stop_real_server(ONE)
    wait(pair, 2)
    assert found.connections.half_open > 0
    assert found.active >= found.connections.half_open


def test_a_flood_multiplies_the_clients_and_ends() -> None:
    pair = world(farm())
    usual = sum(active(pair.director("a")))
    pair.flood(5, 120)
    wait(pair, 90)
    assert pair.flooding
    assert sum(active(pair.director("a"))) > 3 * usual
    wait(pair, 180)
    assert not pair.flooding
    assert sum(active(pair.director("a"))) < 1.3 * usual


def test_upper_thresholds_are_kept() -> None:
    limited = farm(session="60s", pause="1s").replace(
        "weight: 1}", "weight: 1, upper_threshold: 50, lower_threshold: 40}"
    )
    pair = world(limited)
    for _ in range(40):
        wait(pair, 3)
        for each in service(pair.director("a")).destinations:
            assert each.connections.total <= 50
    assert pair.clients[0].refused > 0


def test_masquerading_counts_both_ways_and_direct_routing_one() -> None:
    for method, expected in (("Masq", True), ("Route", False)):
        pair = world(farm(more=f"        forwarding: {method}\n"))
        before = service(pair.director("a")).counters.out_bytes
        wait(pair, 30)
        assert (service(pair.director("a")).counters.out_bytes > before) is expected


def test_estimators_come_near_to_what_is_counted() -> None:
    pair = world(farm())
    wait(pair, 120)
    found = service(pair.director("a"))
    before = found.counters.in_bytes
    wait(pair, 30)
    assert found.rates.in_bytes == pytest.approx((found.counters.in_bytes - before) / 30, rel=0.25)
    assert found.rates.connections > 0
    assert service(pair.director("b")).rates.in_bytes == 0


def test_totals_of_the_box_are_the_sums_of_its_services() -> None:
    pair = world(farm())
    totals = pair.director("a").table.totals
    before = (totals.connections, totals.in_bytes, sum(begun(pair.director("a"))))
    wait(pair, 60)
    assert totals.connections - before[0] == sum(begun(pair.director("a"))) - before[2]
    assert totals.in_bytes > before[1]


def test_udp_is_inactive_and_one_packet_leaves_nothing() -> None:
    udp = farm(count="100", session="5s", pause="5s").replace("TCP:", "UDP:")
    pair = world(udp)
    wait(pair, 60)
    rows = service(pair.director("a"), protocol="UDP").destinations
    assert sum(each.active for each in rows) == 0
    assert sum(each.inactive for each in rows) > 100
    pair = world(udp + "        one_packet: true\n")
    wait(pair, 60)
    found = service(pair.director("a"), protocol="UDP")
    assert sum(each.inactive for each in found.destinations) == 0
    assert found.counters.connections > 0


# whatever happens


def _totals(tally: Tally) -> tuple[float, ...]:
    return (tally.connections, tally.in_packets, tally.out_packets, tally.in_bytes, tally.out_bytes)


def check(pair: World, seen: dict[int, tuple[float, ...]]) -> None:
    """Counters never go back while their row lives, and every connection is accounted for."""
    for director in pair.directors:
        for found in director.table.services:
            rows = list(chain(found.destinations, found.trash.values()))
            for counted in (found.counters, *(each.counters for each in rows)):
                before = seen.get(id(counted), (0, 0, 0, 0, 0))
                now = _totals(counted)
                assert all(new >= old for new, old in zip(now, before, strict=True))
                assert all(value == int(value) for value in now)
                seen[id(counted)] = now
            for each in rows:
                connections = each.connections
                assert connections.made + connections.adopted == connections.own + connections.finished
                assert min(connections.live, connections.half_open, connections.lingering, connections.waiting) >= 0
                assert min(connections.templates, connections.copied_active, connections.copied_inactive) >= 0


@settings(max_examples=20)
@given(st.integers(0, 99), st.lists(st.tuples(st.integers(0, 20), st.floats(0.1, 40)), max_size=12))
def test_whatever_breaks_nothing_is_lost_or_made_up(seed: int, troubles: list[tuple[int, float]]) -> None:
    pair = world(farm("wlc", "        persistence: 60s\n"), SYNC, seed=seed)
    seen: dict[int, tuple[float, ...]] = {}
    kept: list[object] = []
    for which, seconds in troubles:
        known = switches(pair)
        flip(pair, known[which % len(known)])
        wait(pair, seconds)
        # what is looked at must live on, or another row might get its identity
        kept.extend(each.counters for director in pair.directors for each in director.table.services)
        kept.extend(
            each.counters
            for director in pair.directors
            for found in director.table.services
            for each in found.destinations
        )
        check(pair, seen)
