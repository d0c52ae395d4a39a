"""What a failover asks of a played director, against the real programs in a shell of this machine."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from lvstop.actions import programs as acting
from lvstop.demo.commands.conf_text import skeleton, with_lines
from lvstop.demo.commands.config_test import config_test
from lvstop.demo.director import CONF_FILE, Director
from lvstop.demo.formats.keepalived_conf import keepalived_conf
from lvstop.demo.scenario import find_scenario, shipped_scenarios
from lvstop.demo.timescale import Timescale
from lvstop.demo.world.world import World
from lvstop.model.address import VirtualServerKey
from lvstop.model.sounding import ConnectionCount, PriorityLine, ServiceStatus
from lvstop.model.vrrp import VrrpState
from lvstop.probe import programs as reading
from lvstop.probe.parse.config_check import parse_config_check
from lvstop.probe.parse.keepalived_log import parse_keepalived_log
from lvstop.probe.parse.priorities import parse_priorities
from lvstop.probe.parse.sounded import parse_arp_settings, parse_connections, parse_service
from support.act_machine import Machine
from support.clocks import START
from support.demo_pair import pair
from support.played import Played, answered

CONFS = [
    keepalived_conf(director.keepalived)
    for scenario in shipped_scenarios()
    if scenario.name != "large"
    for director in scenario.clusters[0].directors
]
LINES = ("track_file lever {", "    file /etc/keepalived/lever", "}")
BLOCK = ("track_file {", "    lever weight -110", "}")


def made() -> tuple[World, Director]:
    """A pair and its first director."""
    world = World(pair(), seed=1, epoch=START)
    return world, Director(world.directors[0], lambda: world.now, Timescale(START.timestamp()), watch=world.watch)


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    """A machine on which the real programs run."""
    if os.geteuid() != 0:
        pytest.skip("keepalived's process is root's")
    found = Machine(tmp_path)
    yield found
    await found.close()


# the text of keepalived.conf, as the real programs read it


async def test_priorities_are_found_as_awk_finds_them(machine: Machine) -> None:
    """The skeleton of every configuration that ships, to the line."""
    path = machine.etc / "keepalived.conf"
    path.write_text("")
    machine.keepalived("--dont-fork")
    channel = await machine.channel(reading.sound())
    for text in CONFS:
        path.write_text(text)
        (section,) = (await channel.ask("priorities", timeout=10)).sections
        told = "".join(f"{line}\n" for line in (f"file {path}", *skeleton(text), "end", "whole"))
        assert section.body.decode() == told
        assert parse_priorities(told).issues == ()


async def test_lines_are_put_where_awk_puts_them(machine: Machine) -> None:
    """A suggestion in a copy of the file, and headings that are not there once."""
    path = machine.etc / "keepalived.conf"
    path.write_text("")
    machine.keepalived("--dont-fork")
    channel = await machine.channel()
    lines = [*(f"+{line}" for line in LINES), ">vrrp_instance SMB", *(f"|{line}" for line in BLOCK)]
    for text in CONFS:
        path.write_text(text)
        (section,) = (await channel.ask("try " + r"\n".join(lines), timeout=10)).sections
        ours = with_lines(text, lines)
        if isinstance(ours, str):
            assert (machine.folder / "seen").read_text() == ours
        else:
            said = f"{path} has no block, or more than one, that begins with: {ours.heading}\n"
            assert (section.status, section.body.decode()) == (6, said)


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("place SMB {conf}", 0),
        ("place OTHER {conf}", 5),
        ("priority SMB 149 50 {conf}", 5),
        ("priority OTHER 150 50 {conf}", 5),
        ("priority SMB 150 0 {conf}", 5),
        ("priority SMB 150 256 {conf}", 5),
        ("priority SMB x 50 {conf}", 5),
        ("priority SMB 150 50 {conf}.gone", 6),
        ("priority SMB 150 50 relative", 5),
        ("priority SMB", 5),
        ("service restart keepalived.service", 5),
        ("service stop sshd.service", 7),
        ("service stop -x", 5),
        ("service", 5),
        ("active keepalived.service", 0),
        ("active sshd.service", 7),
        ("active a/b", 5),
    ],
)
async def test_levers_answer_as_the_real_ones_do(machine: Machine, request_line: str, status: int) -> None:
    """Text and status, of what is refused above all."""
    _, director = made()
    path = machine.etc / "keepalived.conf"
    path.write_text(keepalived_conf(director.machine.conf.keepalived))
    machine.keepalived("--dont-fork")
    (real,) = (await (await machine.channel()).ask(request_line.format(conf=path), timeout=10)).sections
    (section,) = Played(acting.act(), on=director).ask(request_line.format(conf=CONF_FILE))
    told = (section.name, section.status, section.body.decode().replace(CONF_FILE, str(path)))
    assert told == (real.name, real.status, real.body.decode())
    assert real.status == status


# what they do


def test_a_priority_is_edited_and_taken_over() -> None:
    """One number in the file; after the reload keepalived has it."""
    _, director = made()
    act = Played(acting.act(), on=director)
    assert answered(act, "priority SMB 150 49 " + CONF_FILE) == ""
    assert answered(act, "place SMB " + CONF_FILE) == "49\n"
    (instance,) = director.machine.keepalived.instances
    assert (instance.effective_priority, instance.state) == (49, VrrpState.MASTER)
    assert answered(act, "priority SMB 49 150 " + CONF_FILE) == ""
    assert instance.effective_priority == 150


def test_the_service_is_stopped_and_started() -> None:
    """And told what it is in between, by both programs."""
    world, director = made()
    act, sound = Played(acting.act(), on=director), Played(reading.sound(), on=director)
    assert answered(act, "service stop keepalived.service") == ""
    assert answered(act, "active keepalived.service") == "inactive\n"
    assert parse_service(answered(sound, "service")) == ServiceStatus("keepalived.service", active=False, enabled=True)
    world.step(world.now + 2)
    assert world.directors[1].keepalived.instances[0].state is VrrpState.MASTER
    assert answered(act, "service start keepalived.service") == ""
    assert answered(act, "active keepalived.service") == "active\n"
    assert parse_service(answered(sound, "service")) == ServiceStatus("keepalived.service", active=True, enabled=True)


def test_lines_are_tried_and_nothing_stays() -> None:
    """What keepalived would say of them; the file is as before."""
    _, director = made()
    act = Played(acting.act(), on=director)
    before = keepalived_conf(director.machine.conf.keepalived)
    lines = [*(f"+{line}" for line in LINES), ">vrrp_instance SMB", *(f"|{line}" for line in BLOCK)]
    good = parse_config_check(answered(act, "try " + r"\n".join(lines))).value
    assert good is not None
    assert (good.valid, good.said) == (True, ())
    bad = parse_config_check(answered(act, "try " + r"\n".join(lines[3:]))).value
    assert bad is not None
    assert bad.valid is False
    assert bad.said[0].endswith("(SMB) track file lever not found, ignoring...")
    file = director.files.get(CONF_FILE)
    assert file is not None
    assert file.text == before


def test_what_keepalived_finds_wrong() -> None:
    """Words that it does not know, and a block without an end."""
    text = keepalived_conf(pair().directors[0].keepalived)
    assert config_test(text, CONF_FILE).status == 0
    said = config_test(text.replace("priority", "importance"), CONF_FILE)
    assert said.status == 5
    assert "Unknown keyword 'importance'" in said.text
    assert config_test(text + "vrrp_instance X {\n", CONF_FILE).status == 5


@pytest.mark.parametrize("name", ["smb", "web", "ipv6-fwmark", "not-ready"])
def test_every_scenario_can_be_sounded(name: str) -> None:
    """All answers are understood."""
    world = World(find_scenario(name).clusters[0], seed=1, epoch=START)
    world.step(5)
    for each in world.directors:
        director = Director(each, lambda: world.now, Timescale(START.timestamp()))
        sound = Played(reading.sound(), on=director)
        if director.keepalived_pid is not None:
            check = parse_config_check(answered(sound, "configtest")).value
            assert check is not None
            assert check.valid, check.said
        lines = parse_priorities(answered(sound, "priorities")).value
        assert lines is not None
        assert {(each.instance, each.priority) for each in lines} == {
            (one.name, one.priority) for one in each.conf.keepalived.instances
        }
        counts = parse_connections(answered(sound, "connections"))
        assert counts.issues == ()
        assert set(counts.value) <= {service.key for service in each.table.services}
        arp = parse_arp_settings(answered(sound, "arp"))
        assert arp.issues == ()
        assert arp.value["net.ipv4.conf.all.arp_ignore"] == 0
        assert float(answered(sound, "time")) == pytest.approx(START.timestamp() + 5)


def test_it_tells_what_there_is() -> None:
    """Priorities with their lines, connections where they are, and keepalived's last changes of state."""
    world, director = made()
    sound = Played(reading.sound(), on=director)
    (line,) = parse_priorities(answered(sound, "priorities")).value or ()
    assert (line.instance, line.path, line.priority) == ("SMB", CONF_FILE, 150)
    assert isinstance(line, PriorityLine)
    file = director.files.get(CONF_FILE)
    assert file is not None
    assert file.text.splitlines()[line.line_number - 1].split() == ["priority", "150"]
    counts = parse_connections(answered(sound, "connections")).value
    assert counts[key(445)].local > 100
    assert counts[key(139)] == ConnectionCount(0, 0, 0)
    director.stop_keepalived()
    director.start_keepalived()
    world.step(world.now + 10)
    log = parse_keepalived_log(answered(sound, "log"))
    assert [each.state for each in log.transitions] == [VrrpState.BACKUP, VrrpState.MASTER]


def key(port: int) -> VirtualServerKey:
    """A service of the pair."""
    return next(each.key for each in pair().directors[0].keepalived.virtual_servers if each.key.port == port)


def test_without_root_nothing_of_it_is_told_or_done() -> None:
    """In the words of the real programs."""
    _, director = made()
    sound = Played(reading.sound(), "noc", on=director)
    for verb in ("configtest", "priorities"):
        (section,) = sound.ask(verb)
        assert section.status == 4
        assert "may not be looked at" in section.body.decode()
    (log,) = sound.ask("log")
    assert (log.status, log.body.decode()) == (6, "its log may not be read, or there is none\n")
    (section,) = Played(acting.act(), "noc", on=director).ask("service stop keepalived.service")
    assert section.status != 0
    assert director.keepalived_pid is not None
