"""Connections of a real kernel, counted on both directors, against what the kernel itself says of them."""

import asyncio
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lab.director import Director
from lab.lab import Lab
from lab.topologies.everything import REAL4, VIP4
from lab.wait import wait_until
from lvstop.clock import SystemClock
from lvstop.config.load import load_cluster_file
from lvstop.engine.ssh_sessions import SshSessions
from lvstop.model.connections import ConnectionCounts, ConnectionScope, Counting, Reach
from support.factories import vs_key

pytestmark = [pytest.mark.lab, pytest.mark.one_suite]

HELD = 12
MANY = 20_000
PORT = 5353
FILE = "/proc/net/ip_vs_conn_sync"


def entries(director: Director, port: int) -> list[list[str]]:
    """The kernel's rows of one virtual server, in words."""
    rows = [line.split() for line in director.output(f"cat {FILE}").splitlines()[1:]]
    return [words for words in rows if words[4] == f"{port:04X}"]


def count(lab: Lab, user: str, port: int, protocol: str = "TCP") -> dict[str, ConnectionCounts]:
    """What lvstop counts on each director."""
    config = load_cluster_file(lab.cluster_file(user))
    scope, told = ConnectionScope(vs_key(f"{protocol}:{VIP4}:{port}")), dict[str, Counting]()

    def report(counting: Counting) -> None:
        told[counting.director] = counting

    with lab.inside():
        sessions = SshSessions(SystemClock(), batch=True)
        asyncio.run(sessions.count_connections(config, scope, report, lambda: False))
    assert {each.fault for each in told.values()} == {None}
    return {name: each.counts for name, each in told.items() if each.counts is not None}


@contextmanager
def many(lab: Lab) -> Iterator[Director]:
    """A virtual server of UDP on both directors, an entry for each port of the client; yields the busy director."""
    service = f"-u {VIP4}:{PORT}"
    for director in lab.directors.values():
        director.run(f"ipvsadm -A {service} -s rr && ipvsadm -a {service} -r {REAL4[0]} -g")
    try:
        with lab.clients["client"].inside():
            for number in range(MANY):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                    sender.bind(("", 20_000 + number))
                    sender.sendto(b"x", (VIP4, PORT))
                if number % 50 == 0:
                    time.sleep(0.01)  # the queue of a simulated network card is short
        yield next(each for each in lab.directors.values() if each.holds(VIP4))
    finally:
        for director in lab.directors.values():
            director.run(f"ipvsadm -D {service}")


def test_what_is_counted_is_what_the_kernel_says(everything_lab: Lab) -> None:
    """For every login: states, templates, and what the sync daemon has brought to the other director."""
    lab = everything_lab
    lab.await_ready()
    holder = next(each for each in lab.directors.values() if each.holds(VIP4))
    (backup,) = [each for each in lab.directors.values() if each is not holder]
    hold = lab.clients["client"].hold(HELD, VIP4, 80)
    try:

        def established(director: Director) -> int:
            return sum(words[7] == "ESTABLISHED" for words in entries(director, 80))

        wait_until(lambda: established(holder) == established(backup) == HELD, 60, "synchronised connections")
        for user in ("root", "ops", "noc"):
            counts = count(lab, user, 80)
            mine, copy = counts[holder.name], counts[backup.name]
            assert (mine.reach, mine.odd, mine.states["ESTABLISHED"]) == (Reach.WHOLE, 0, HELD)
            assert copy.states["ESTABLISHED"] == HELD
            assert (mine.connections.synced, copy.connections.local) == (0, 0)
            assert copy.connections.synced == copy.connections.number
            assert mine.templates.number == sum(words[2] == "0000" for words in entries(holder, 80)) > 0
            assert sum(each.active for each in mine.servers) == HELD
            (client,) = mine.clients.greatest
            assert client.connections == mine.connections.number
    finally:
        hold.end()


def test_a_busy_table(everything_lab: Lab) -> None:
    """Thousands of entries by a plain user; nothing of the program is left on the director."""
    lab = everything_lab
    lab.await_ready()
    with many(lab) as holder:
        there = Counter(words[7] for words in entries(holder, PORT))
        assert there["UDP"] > MANY / 2
        counts = count(lab, "noc", PORT, "UDP")[holder.name]
        assert counts.reach is Reach.WHOLE
        assert counts.states == there
        assert counts.connections.number == counts.servers[0].inactive == there["UDP"]
        left = holder.output("ps -eo args")
        assert FILE not in left
