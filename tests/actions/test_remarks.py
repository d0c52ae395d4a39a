"""What is said before a change, and what is not said where it does not matter."""

from dataclasses import replace

import pytest

from lvstop.actions.intent import Intent, SetWeight
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.host import Sysctls
from support.change_factories import change, weights
from support.factories import FIRST, SECOND, real_server, virtual_server
from support.planned import (
    ROW,
    TWO,
    checks_of,
    details_of,
    drain,
    lead,
    of,
    pair,
    planned,
    restore,
    row,
    stand_by,
    weighing,
)

OFF, ON, UNKNOWN = Sysctls(expire_quiescent_template=0), Sysctls(expire_quiescent_template=1), Sysctls()
PERSISTENT = weighing(5, 5, persistent=True, persistence_seconds=300)


def remarks(intent: Intent, snapshot: ClusterSnapshot) -> dict[str, str]:
    """Remedies by sentence; without the advice on track files, which has tests of its own."""
    found = planned(intent, snapshot, insist="a test").remarks
    return {
        each.sentence: each.remedy for each in found if not each.sentence.startswith("keepalived is not told of it")
    }


def test_nothing_is_out_of_the_ordinary() -> None:
    """Then nothing is said."""
    assert remarks(drain(), pair()) == {}


def test_persistence_keeps_sending_clients() -> None:
    """The sysctl that stops it, on the directors where it is not set."""
    assert remarks(drain(), pair(PERSISTENT, sysctls=OFF)) == {
        "TCP:172.26.127.20:445 is persistent: its clients go on sending new connections to the drained real server "
        "until 300 s after their last one.": (
            "On keepalived1 and keepalived2: sysctl -w net.ipv4.vs.expire_quiescent_template=1"
        )
    }


def test_persistence_on_one_director() -> None:
    """A failover brings it."""
    told = remarks(drain(), of(lead(PERSISTENT, sysctls=ON), stand_by(PERSISTENT, sysctls=OFF)))
    assert list(told.values()) == ["On keepalived2: sysctl -w net.ipv4.vs.expire_quiescent_template=1"]


@pytest.mark.parametrize("sysctls", [UNKNOWN, None])
def test_persistence_may_keep_sending(sysctls: Sysctls | None) -> None:
    """What is not known is not claimed."""
    (sentence,) = remarks(drain(), pair(PERSISTENT, sysctls=sysctls))
    assert "may go on sending" in sentence


def test_persistence_is_no_concern() -> None:
    """Templates end with the drain, or nothing is drained."""
    assert remarks(drain(), pair(PERSISTENT, sysctls=ON)) == {}
    told = remarks(SetWeight((ROW,), 9), pair(PERSISTENT, sysctls=OFF))
    assert not any("persistent" in sentence for sentence in told)


def test_a_port_that_is_used_again() -> None:
    """It leads to the drained real server."""
    told = remarks(drain(), pair(sysctls=Sysctls(conn_reuse_mode=0, expire_quiescent_template=1)))
    assert list(told.values()) == ["On keepalived1 and keepalived2: sysctl -w net.ipv4.vs.conn_reuse_mode=1"]


UDP = row("UDP:10.0.0.1:53", "10.0.0.11:53")


def test_udp() -> None:
    """Nobody should wait for ActiveConn to fall."""
    table = (virtual_server("UDP:10.0.0.1:53", "10.0.0.11:53", "10.0.0.12:53"),)
    (sentence,) = remarks(drain(UDP), pair(table))
    assert (
        sentence == "UDP:10.0.0.1:53: UDP counts as inactive only, and decays by its timeout; ActiveConn is always 0."
    )


def test_one_packet() -> None:
    """There is nothing to wait for."""
    table = (virtual_server("UDP:10.0.0.1:53", "10.0.0.11:53", "10.0.0.12:53", one_packet=True),)
    details = {key: replace(each, one_packet=True) for key, each in details_of(table).items()}
    (sentence,) = remarks(drain(UDP), pair(table, details=details))
    assert sentence == "UDP:10.0.0.1:53 schedules each packet on its own: nothing is left to wait for."


def test_directors_that_differ() -> None:
    """Before the change."""
    (sentence,) = remarks(drain(), of(lead(weighing(5, 3)), stand_by()))
    assert (
        sentence == "172.26.127.22:445 of TCP:172.26.127.20:445 has weight 3 on keepalived1 and 5 on keepalived2 now."
    )


def test_a_tunnel_that_could_not_be_read() -> None:
    """It will be ipip, whatever it was."""
    rows = (real_server(FIRST, 5), real_server(SECOND, 5, forwarding="Tunnel"))
    (sentence,) = remarks(drain(), pair((virtual_server("TCP:172.26.127.20:445", *rows),)))
    assert sentence.startswith("The encapsulation of 172.26.127.22:445 of TCP:172.26.127.20:445 on keepalived1 and")
    assert sentence.endswith("is not known: it will be ipip.")


def test_source_hashing_deals_anew() -> None:
    """Every weight changes the places of all."""
    details = details_of(weighing(5, 5), flags=["sh-fallback"])
    (sentence,) = remarks(drain(), pair(weighing(5, 5, scheduler="sh"), details=details))
    assert sentence == "TCP:172.26.127.20:445 uses sh: other weights place the clients of all its real servers anew."


def test_a_real_server_that_comes_back_is_flooded() -> None:
    """Least connections: it has none."""
    old = change(*weights(real=SECOND))
    snapshot = pair(weighing(5, 0, scheduler="wlc"), changes=[old], checks=checks_of(TWO))
    (sentence,) = remarks(restore(), snapshot)
    assert "uses wlc: a real server without connections gets most new ones" in sentence


def test_weights_that_do_not_count() -> None:
    """Only where they stay above 0."""
    (sentence,) = remarks(SetWeight((ROW,), 9), pair())
    assert "uses rr, for which weights other than 0 do not count" in sentence
    assert remarks(SetWeight((ROW,), 9), pair(weighing(5, 5, scheduler="wrr"))) == {}
