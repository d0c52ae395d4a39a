"""What is watched of a played director during a failover: events at their own moments, and connections as they come."""

import re
from itertools import pairwise

import pytest

from lvstop.demo.director import Director
from lvstop.demo.formats.addresses import ip_monitor_line
from lvstop.demo.formats.ip_vs import ip_vs_stats_percpu_lines
from lvstop.demo.scenario import find_scenario
from lvstop.demo.timescale import Timescale
from lvstop.demo.world.table import Table, Tally
from lvstop.demo.world.world import World
from lvstop.model.moves import AddressMoved, DaemonStopped, GratuitousArp, InstanceEntered, Move, PriorityMoved, Pulse
from lvstop.model.vrrp import VrrpState
from lvstop.probe import programs
from lvstop.probe.parse.moves import READY, parse_move, parse_pulse
from support.clocks import START
from support.played import Played, Started
from support.recordings import recorded
from support.worlds import wait

EPOCH = START.timestamp()
MAINTENANCE = "/etc/keepalived/maintenance"


def web(speed: float = 1.0) -> tuple[World, list[Director]]:
    """A pair with a weighted track file, some seconds after its beginning."""
    world = World(find_scenario("web").clusters[0], seed=1, epoch=START)
    timescale = Timescale(EPOCH, speed)
    directors = [Director(each, lambda: world.now, timescale, watch=world.watch) for each in world.directors]
    world.step(7.1)
    return world, directors


def moves(started: Started) -> list[Move]:
    """What has been told since the last time, all of which lvstop has a use for."""
    return [move for line in started.lines() if (move := parse_move(line)) is not None]


@pytest.mark.parametrize("speed", [1.0, 10.0])
def test_events_carry_the_moments_at_which_they_happened(speed: float) -> None:
    """However seldom the world is stepped, on both directors, by the operator's clock."""
    world, (first, second) = web(speed)
    watched = [Started(programs.moves(), on=each) for each in (first, second)]
    began = first.now
    first.write_file(MAINTENANCE, "1\n")
    (lowered,) = moves(watched[0])
    assert isinstance(lowered, PriorityMoved)
    assert (lowered.instance, lowered.priority) == ("WEB", 50)
    assert lowered.stamp == pytest.approx(began, abs=1e-5)
    wait(world, 30)
    for each in (first, second):
        each.tell_followers()
    left, taken = moves(watched[0]), moves(watched[1])
    (backup,) = [each for each in left if isinstance(each, InstanceEntered)]
    (master,) = [each for each in taken if isinstance(each, InstanceEntered)]
    assert (backup.state, master.state) == (VrrpState.BACKUP, VrrpState.MASTER)
    passed = (master.stamp - began) * speed
    assert 0 < passed < 3 * 1.0 + (256 - 100) / 256
    assert world.directors[1].keepalived.instances[0].last_transition == pytest.approx(7.1 + passed, abs=1e-4)
    gone = [each for each in left if isinstance(each, AddressMoved)]
    there = [each for each in taken if isinstance(each, AddressMoved)]
    assert [(str(each.address), each.added) for each in there] == [("10.20.0.80", True), ("10.20.0.81", True)]
    assert [(str(each.address), each.added) for each in gone] == [("10.20.0.80", False), ("10.20.0.81", False)]
    assert [each.stamp for each in there] == pytest.approx([master.stamp] * 2, abs=1e-5)
    assert [each.stamp for each in gone] == pytest.approx([backup.stamp] * 2, abs=1e-5)
    assert any(isinstance(each, GratuitousArp) and each.stamp >= master.stamp for each in taken)


def test_it_says_when_it_listens() -> None:
    """A line of its own; all that comes after it is told."""
    _, (first, _) = web()
    assert [section.name for section in Played(programs.pulse(), on=first).greeting] == ["reader"]
    assert Started(programs.moves(), on=first).lines() == [READY]


def test_a_daemon_that_stops_says_so() -> None:
    """As the last of what it says; its addresses are gone before."""
    _, (first, _) = web()
    watching = Started(programs.moves(), on=first)
    first.stop_keepalived()
    assert [type(each) for each in moves(watching)] == [AddressMoved, AddressMoved, DaemonStopped]


def test_without_a_journal_the_addresses_come_alone() -> None:
    """For a user who may not read it."""
    _, (first, _) = web()
    watching = Started(programs.moves(), "noc", on=first)
    first.stop_keepalived()
    assert {type(each) for each in moves(watching)} == {AddressMoved}


def test_who_has_gone_is_told_nothing() -> None:
    """The watching ends with its program, and may end twice."""
    _, (first, _) = web()
    watching = Started(programs.moves(), on=first)
    for _ in range(2):
        watching.shell.hang_up()
    first.stop_keepalived()
    assert watching.lines() == [READY]


def test_connections_are_counted_as_they_come() -> None:
    """In steps as small as lvstop asks: never fewer, and between two of the usual steps more."""
    world, (first, second) = web()
    pulse, other = Played(programs.pulse(), on=first), Played(programs.pulse(), on=second)
    counted: list[Pulse] = []
    for _ in range(200):
        counted.append(pulsed(pulse))
        wait(world, 0.01)
    pairs = list(pairwise(counted))
    assert all(before.connections <= after.connections for before, after in pairs)
    assert sum(before.connections < after.connections for before, after in pairs) > 10
    assert sum(before.in_packets < after.in_packets for before, after in pairs) > 100
    waiting = pulsed(other)
    wait(world, 1.0)
    assert pulsed(other) == waiting
    assert world.directors[0].table.totals.connections >= counted[-1].connections


def pulsed(played: Played) -> Pulse:
    """What is counted now."""
    (section,) = played.ask("p")
    assert (section.name, section.status) == ("percpu", 0)
    parsed = parse_pulse(section.body.decode())
    assert parsed.issues == ()
    assert parsed.value is not None
    return parsed.value


def test_without_the_module_nothing_is_counted() -> None:
    """The file is not there."""
    world, (first, _) = web()
    world.directors[0].table.loaded = False
    (section,) = Played(programs.pulse(), on=first).ask("p")
    assert (section.status, section.body) == (1, b"")


def test_a_watched_world_is_no_other_one() -> None:
    """Small steps are as many connections as large ones, within what chance does."""
    totals = []
    for watched in (False, True):
        world, (first, _) = web()
        before = world.directors[0].table.totals.connections
        for _ in range(600):
            if watched:
                first.proc("/proc/net/ip_vs_stats_percpu")
            wait(world, 0.1)
        totals.append(world.directors[0].table.totals.connections - before)
    assert totals[1] == pytest.approx(totals[0], rel=0.1)


def test_the_counts_by_processor_are_printed_as_the_kernel_does() -> None:
    """But for its numbers, and for how many processors there are."""
    table = Table(10, 0)
    table.totals = Tally(6, 13, 11, 0x4E8, 0x558)
    table.rates = Tally(1, 1, 1, 0x65, 0x7C)
    ours = ip_vs_stats_percpu_lines(table)
    real = recorded("debian-12", "proc_ip_vs_stats_percpu.out").splitlines()
    assert [line for line in ours if not re.match(r"  [0-3] ", line)] == [
        line for line in real if not line.startswith("  0 ")
    ]
    assert ours[2:6] == [
        "  0        1        3        2              13A              156",
        "  1        1        3        3              13A              156",
        "  2        2        3        3              13A              156",
        "  3        2        4        3              13A              156",
    ]


def test_an_ipv6_address_is_told_as_ip_tells_it() -> None:
    """Of a listening ip, by the name of its interface."""
    world = World(find_scenario("ipv6-fwmark").clusters[0], seed=1, epoch=START)
    log = world.directors[0].address_log
    world.directors[0].stop_keepalived()
    lines = [ip_monitor_line(EPOCH, change) for change in log.after(0)][-3:]
    found = {
        str(move.address): move.added for line in lines if isinstance(move := parse_move(line.encode()), AddressMoved)
    }
    assert found == {"172.26.130.100": False, "fe80::100": False, "fd00:130::100": False}
    assert "Deleted 2: ens3    inet6 fe80::100/64 scope link" in "".join(lines)
