"""What keepalived's checkers do to weights that somebody has set by hand, and to everything else in the table."""

from dataclasses import replace

import pytest

from lvstop.demo.world.conf import KeepalivedConf
from lvstop.demo.world.director import Director
from lvstop.demo.world.table import Setting
from lvstop.demo.world.world import World
from lvstop.model.address import RealServerKey
from lvstop.model.ipvs import ForwardingMethod
from support.worlds import DRAIN, EPOCH, ONE, TWO, cluster, real, row, said, service, service_key, wait, world

KEY = service_key()
ROUND = 6.0 + 1 + 2 * 1 + 0.1
"""Seconds in which a failure is noticed for certain: a turn, a retry, and two timeouts."""


def services(real_servers: str, more: str = "") -> str:
    return f"""
    track_files:
      - {{name: drain, path: {DRAIN}, weight: -254, initial: 0}}
    virtual_servers:
      - service: TCP:10.0.0.10:80
        scheduler: wrr
        clients: {{count: 100, session: 60s, pause: 5s, swing: 0}}
{more}
        real_servers:
{real_servers}"""


PLAIN = services("""
          - {address: 10.0.0.21:80, weight: 5}
          - {address: 10.0.0.22:80, weight: 3}
""")
INHIBITING = services("""
          - {address: 10.0.0.21:80, weight: 5, inhibit_on_failure: true}
          - {address: 10.0.0.22:80, weight: 3}
""")
DRAINABLE = services("""
          - {address: 10.0.0.21:80, weight: 5, file_checks: [drain]}
          - {address: 10.0.0.22:80, weight: 3}
""")
WITH_SORRY = services(
    """
          - {address: 10.0.0.21:80, weight: 5}
          - {address: 10.0.0.22:80, weight: 3}
""",
    "        sorry_server: 10.0.0.29:80\n",
)


def drain(director: Director, weight: int = 0) -> None:
    """Set a weight by hand."""
    director.edit_destination(KEY, real("10.0.0.21:80"), Setting(ForwardingMethod.ROUTE, weight))


def weight(director: Director, key: str = "10.0.0.21:80") -> int | None:
    """The weight in the kernel; None where the row is not there."""
    found = row(director, key)
    return None if found is None else found.weight


def weights(pair: World) -> list[int | None]:
    return [weight(director) for director in pair.directors]


def test_both_directors_have_the_same_table_newest_first() -> None:
    pair = world(PLAIN)
    for director in pair.directors:
        rows = service(director).destinations
        assert [(str(each.key), each.weight) for each in rows] == [("10.0.0.22:80", 3), ("10.0.0.21:80", 5)]


def test_a_manual_weight_lasts_and_survives_a_reload_on_one_director_only() -> None:
    pair = world(PLAIN)
    drain(pair.director("a"))
    wait(pair, 300)
    pair.director("a").reload_keepalived()
    wait(pair, 30)
    assert weights(pair) == [0, 5]


def test_a_manual_weight_is_lost_when_the_real_server_fails_and_returns() -> None:
    pair = world(PLAIN)
    drain(pair.director("a"))
    pair.stop_real_server(ONE)
    wait(pair, ROUND)
    assert weights(pair) == [None, None]
    pair.start_real_server(ONE)
    wait(pair, ROUND)
    assert weights(pair) == [5, 5]
    assert str(service(pair.director("a")).destinations[0].key) == "10.0.0.21:80", "it comes back on top"


def test_with_inhibit_a_failed_one_stays_with_weight_0_and_is_undrained_likewise() -> None:
    pair = world(INHIBITING)
    drain(pair.director("a"))
    pair.stop_real_server(ONE)
    wait(pair, ROUND)
    assert weights(pair) == [0, 0]
    assert said(pair.director("a"), "Disabling") == ["Disabling service [10.0.0.21]:tcp:80 of VS [10.0.0.10]:tcp:80"]
    pair.start_real_server(ONE)
    wait(pair, ROUND)
    assert weights(pair) == [5, 5]


def test_a_manual_weight_is_lost_at_a_restart() -> None:
    pair = world(PLAIN)
    drain(pair.director("a"))
    pair.director("a").stop_keepalived()
    assert pair.director("a").table.services == []
    pair.director("a").start_keepalived()
    assert weight(pair.director("a")) == 5


def test_a_failure_is_told_in_keepalived_s_words() -> None:
    pair = world(PLAIN)
    wait(pair, 60)
    number = pair.director("a").journal.last_number
    pair.stop_real_server(ONE)
    wait(pair, ROUND)
    assert [entry.message for entry in pair.director("a").journal.after(number)] == [
        "TCP connection to [10.0.0.21]:tcp:80 timeout.",
        "TCP_CHECK on service [10.0.0.21]:tcp:80 failed after 1 retries.",
        "Removing service [10.0.0.21]:tcp:80 from VS [10.0.0.10]:tcp:80",
    ]
    number = pair.director("a").journal.last_number
    pair.start_real_server(ONE)
    wait(pair, ROUND)
    assert [entry.message for entry in pair.director("a").journal.after(number)] == [
        "TCP connection to [10.0.0.21]:tcp:80 success.",
        "Adding service [10.0.0.21]:tcp:80 to VS [10.0.0.10]:tcp:80",
    ]


def test_a_failure_between_two_checks_is_never_noticed() -> None:
    pair = world(PLAIN)
    number = pair.director("a").journal.last_number
    wait(pair, 0.01)
    pair.stop_real_server(ONE)
    pair.start_real_server(ONE)
    wait(pair, 60)
    assert not said(pair.director("a"), "TCP", number)


def test_a_refused_connection_is_found_without_a_timeout() -> None:
    pair = world(PLAIN)
    pair.stop_real_server(ONE, 80)
    wait(pair, 6 + 1 + 0.1)
    assert weights(pair) == [None, None]
    assert said(pair.director("a"), "TCP connection to [10.0.0.21]:tcp:80 failed.")


def test_a_track_file_drains_through_failure_reload_and_restart() -> None:
    pair = world(DRAINABLE)
    director = pair.director("a")
    director.set_file(DRAIN, "1\n")
    assert weight(director) == 0
    assert said(director, "Changing weight") == [
        "Changing weight from 5 to 0 for active service [10.0.0.21]:tcp:80 of VS [10.0.0.10]:tcp:80"
    ]
    pair.stop_real_server(ONE)
    wait(pair, ROUND)
    pair.start_real_server(ONE)
    wait(pair, ROUND)
    assert weight(director) == 0
    director.reload_keepalived()
    assert weight(director) == 0
    director.stop_keepalived()
    director.start_keepalived()
    assert weight(director) == 0
    director.remove_file(DRAIN)
    assert weight(director) == 5


def test_before_2_2_a_track_file_does_not_drain() -> None:
    """It leaves weight 1, is forgotten at a restart, and its end adds what was never taken."""
    conf = cluster(DRAINABLE)
    old = tuple(replace(each, keepalived_version="2.1.5") for each in conf.directors)
    pair = World(replace(conf, directors=old), seed=1, epoch=EPOCH)
    director = pair.director("a")
    director.set_file(DRAIN, "1\n")
    assert weight(director) == 1
    director.set_file(DRAIN, "0\n")
    assert weight(director) == 5
    director.set_file(DRAIN, "1\n")
    director.keepalived.stop()
    director.start_keepalived()
    assert weight(director) == 5
    director.set_file(DRAIN, "0\n")
    assert weight(director) == 259
    director.reload_keepalived()
    assert weight(director) == 259
    director.set_file(DRAIN, "1\n")
    assert weight(director) == 1
    director.set_file(DRAIN, "0\n")
    assert weight(director) == 1, "after a reload there is no way back but a restart"


def test_a_track_file_of_weight_0_makes_the_real_server_fail() -> None:
    text = DRAINABLE.replace("file_checks: [drain]", "file_checks: [drain weight 0]")
    pair = world(text)
    director = pair.director("a")
    director.set_file(DRAIN, "1\n")
    assert weight(director) is None
    director.set_file(DRAIN, "0\n")
    assert weight(director) == 5


def test_the_file_is_made_at_the_start_where_it_is_missing() -> None:
    assert world(DRAINABLE).director("a").read_file(DRAIN) == "0\n"


def test_the_sorry_server_takes_over_when_the_last_one_is_gone() -> None:
    pair = world(WITH_SORRY)
    director = pair.director("a")
    pair.stop_real_server(ONE)
    pair.stop_real_server(TWO)
    wait(pair, ROUND)
    assert [str(each.key) for each in service(director).destinations] == ["10.0.0.29:80"]
    assert said(director, "Lost quorum") == ["Lost quorum 1-0=1 > 0 for VS [10.0.0.10]:tcp:80"]
    checked = director.keepalived.checks[0]
    assert (checked.quorum_up, checked.sorry_alive) == (False, True)
    pair.start_real_server(TWO)
    wait(pair, ROUND)
    assert [str(each.key) for each in service(director).destinations] == ["10.0.0.22:80"]
    assert checked.quorum_up


def test_gaining_the_quorum_writes_all_rows_anew() -> None:
    pair = world(WITH_SORRY)
    director = pair.director("a")
    drain(director)
    pair.stop_real_server(TWO)
    wait(pair, ROUND)
    assert weight(director) == 0, "what was set by hand is invisible to the quorum"
    pair.stop_real_server(ONE)
    wait(pair, ROUND)
    pair.start_real_server(ONE)
    wait(pair, ROUND)
    assert weight(director) == 5


def test_a_row_deleted_by_hand_is_not_put_back_by_a_reload_but_by_a_flap() -> None:
    pair = world(PLAIN)
    director = pair.director("a")
    director.table.delete_destination(KEY, real("10.0.0.21:80"))
    director.reload_keepalived()
    assert weight(director) is None
    pair.stop_real_server(ONE)
    wait(pair, ROUND)
    assert said(director, "No such destination")
    pair.start_real_server(ONE)
    wait(pair, ROUND)
    assert weight(director) == 5


def test_a_flushed_table_is_not_filled_by_a_reload() -> None:
    pair = world(PLAIN)
    director = pair.director("a")
    director.table.flush()
    director.reload_keepalived()
    assert director.table.services == []


def with_weight(conf: KeepalivedConf, key: RealServerKey, new: int) -> KeepalivedConf:
    servers = tuple(
        replace(
            each,
            real_servers=tuple(replace(one, weight=new) if one.key == key else one for one in each.real_servers),
        )
        for each in conf.virtual_servers
    )
    return replace(conf, virtual_servers=servers)


@pytest.mark.parametrize(("key", "expected"), [("10.0.0.21:80", 9), ("10.0.0.22:80", 0)])
def test_a_reload_overwrites_a_manual_weight_only_where_it_changes_that_row(key: str, expected: int) -> None:
    pair = world(PLAIN)
    director = pair.director("a")
    drain(director)
    director.conf = replace(director.conf, keepalived=with_weight(director.conf.keepalived, real(key), 9))
    director.reload_keepalived()
    assert weight(director) == expected


def test_a_reload_adds_and_removes_what_the_configuration_does() -> None:
    pair = world(PLAIN)
    director = pair.director("a")
    conf = director.conf.keepalived
    server = conf.virtual_servers[0]
    fewer = replace(server, real_servers=server.real_servers[1:], scheduler="sh")
    other = replace(server, key=service_key("10.0.0.10:81"))
    director.conf = replace(director.conf, keepalived=replace(conf, virtual_servers=(fewer, other)))
    director.reload_keepalived()
    assert [str(each.key) for each in service(director).destinations] == ["10.0.0.22:80"]
    assert service(director).scheduler == "sh"
    assert len(service(director, "10.0.0.10:81").destinations) == 2
    director.conf = replace(director.conf, keepalived=conf)
    director.reload_keepalived()
    assert len(service(director).destinations) == 2
    assert director.table.service(service_key("10.0.0.10:81")) is None


def test_one_director_alone_may_lose_sight_of_a_real_server() -> None:
    pair = world(PLAIN)
    pair.hide_real_server("b", ONE)
    wait(pair, ROUND)
    assert weights(pair) == [5, None]
    pair.show_real_server("b", ONE)
    wait(pair, ROUND)
    assert weights(pair) == [5, 5]


def test_flush_on_stop_takes_rows_of_others_as_well() -> None:
    for flag, left in (("false", 1), ("true", 0)):
        pair = world(PLAIN, f"    flush_on_stop: {flag}\n")
        director = pair.director("a")
        director.table.add_service(replace(service(director), key=service_key("10.0.0.99:1")))
        director.stop_keepalived()
        assert len(director.table.services) == left


@pytest.mark.parametrize(
    ("method", "head", "expected"),
    [
        ("Route", "service: TCP:10.0.0.10:80", "10.0.0.21:80"),
        ("Tunnel", "service: TCP:10.0.0.10:80", "10.0.0.21:80"),
        ("Masq", "service: TCP:10.0.0.10:80", "10.0.0.21:8080"),
        ("Route", "service: FWM:5\n        vip: 10.0.0.10", "10.0.0.21:0"),
        ("Masq", "service: FWM:5\n        vip: 10.0.0.10", "10.0.0.21:8080"),
    ],
)
def test_only_masquerading_has_a_port_of_its_own_in_the_kernel(method: str, head: str, expected: str) -> None:
    pair = world(f"""
    virtual_servers:
      - {head}
        forwarding: {method}
        real_servers: [10.0.0.21:8080]
""")
    (found,) = pair.director("a").table.services
    assert [str(each.key) for each in found.destinations] == [expected]
    pair.stop_real_server(ONE)
    wait(pair, ROUND)
    assert found.destinations == []
