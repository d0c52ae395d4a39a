"""The played programs against the real ones, which run in a shell of this machine: the same answers, to the word."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.actions import programs as acting
from lvstop.demo.catalogue import PROGRAMS
from lvstop.demo.director import CONF_FILE, Director
from lvstop.demo.logins import LOGINS
from lvstop.demo.programs.table import delta
from lvstop.demo.shell import Shell
from lvstop.demo.timescale import Timescale
from lvstop.demo.world.world import World
from lvstop.probe import programs as reading
from lvstop.probe.delta import SectionLines
from lvstop.transport.base import Program, Section, SectionMode
from support.clocks import START
from support.demo_pair import AUTH_PASS, pair
from support.local_transport import LocalTransport
from support.played import NONCE, Played, Screen


def director() -> Director:
    """The first director of a pair."""
    world = World(pair(), seed=1, epoch=START)
    return Director(world.directors[0], lambda: world.now, Timescale(START.timestamp()))


def shell(command: str, login: str = "root", on: Director | None = None) -> tuple[Shell, Screen]:
    """An exec request of a user."""
    screen = Screen()
    return Shell(on or director(), LOGINS[login], command, programs=PROGRAMS, output=screen), screen


async def really(program: Program, request: str) -> Sequence[Section]:
    """What the real program answers, in a shell of this machine."""
    channel = await LocalTransport({}).open(program, elevated=False, timeout=10.0)
    answer = await channel.ask(request, timeout=10.0)
    await channel.close()
    return answer.sections


REFUSED = (
    "edit -C",
    "edit -t 172.26.127.20:445 -r x; -w 0",
    "put x /etc/keepalived/drain_21",
    "put 1 relative",
    "put 1 /no-such-folder/file",
    "number relative",
    "number /no-such-folder/file",
    "number /etc",
    "record ../x {}",
    "record  {}",
    "forget a/b",
    "uid",
    "no-such-verb",
)


@pytest.mark.parametrize("request_line", REFUSED)
async def test_refusals_of_act_are_the_real_ones(request_line: str) -> None:
    """Words that are no words, and places where nothing may be written: text and status."""
    told, played = await really(acting.act(), request_line), Played(acting.act(), on=director()).ask(request_line)
    if request_line == "uid":
        assert [each.name for each in played] == [each.name for each in told]
    else:
        assert said(played) == said(told)


@pytest.mark.parametrize("request_line", ["stat nothing", "dump nothing", "signal nothing", "no-such-verb"])
async def test_refusals_of_facts_are_the_real_ones(request_line: str) -> None:
    """Dumps that there are none of."""
    told = await really(reading.facts(), request_line)
    assert said(Played(reading.facts(), on=director()).ask(request_line)) == said(told)


def said(sections: Sequence[Section]) -> list[tuple[str, int, str]]:
    """What sections say, but for blanks at their end."""
    return [(each.name, each.status, each.body.decode().strip()) for each in sections]


@pytest.mark.parametrize(
    ("program", "verbs"),
    [
        (reading.facts(), r"    ([a-z]+)\) section"),
        (reading.facts(), r"    (identity)\) identity"),
        (acting.act(), r"    ([a-z]+)\) section"),
        (reading.sound(), r"    ([a-z]+)\) section"),
    ],
)
def test_every_verb_of_the_programs_is_played(program: Program, verbs: str) -> None:
    """A verb that is added to a program answers here as well, or this test says which one does not."""
    found = re.findall(verbs, program.script)
    assert found
    arguments = {"stat": "json", "dump": "json", "signal": "json", "lock": "me", "edit": "-C", "number": "/etc/x"}
    arguments |= {"put": "1 /etc/keepalived/drain_21", "record": "a {}", "forget": "a", "note": "a word"}
    arguments |= {"place": f"SMB {CONF_FILE}", "priority": f"SMB 150 150 {CONF_FILE}", "try": "+x"}
    arguments |= {"active": "keepalived.service", "service": "start keepalived.service"}
    played = Played(program, on=director())
    assert [verb for verb in found if not played.ask(f"{verb} {arguments.get(verb, '')}".strip())] == []


def test_the_lock_is_one_programs_and_ends_with_it() -> None:
    """Another one is told who has it."""
    machine = director()
    first, second = Played(acting.act(), on=machine), Played(acting.act(), on=machine)
    assert said(first.ask("lock ann@desk: drain")) == [("lock", 0, "")]
    assert said(second.ask("lock bob@desk: drain")) == [("lock", 9, "ann@desk: drain")]
    first.shell.hang_up()
    assert said(second.ask("lock bob@desk: drain")) == [("lock", 0, "")]


def test_records_are_kept_and_read_by_everybody() -> None:
    """What one operator writes another one finds, until it is forgotten."""
    machine = director()
    act, facts = Played(acting.act(), on=machine), Played(reading.facts(), "noc", on=machine)
    assert said(facts.ask("changes")) == [("changes", 0, "")]
    assert said(act.ask('record 2026-a {"id": "a  b"}')) == [("record", 0, "")]
    assert said(facts.ask("changes")) == [("changes", 0, '{"id": "a  b"}')]
    assert said(act.ask("forget 2026-a")) == [("forget", 0, "")]
    assert said(facts.ask("changes")) == [("changes", 0, "")]


def test_what_needs_root_fails_as_it_fails_without() -> None:
    """A plain user of either program."""
    act, facts = Played(acting.act(), "noc", on=director()), Played(reading.facts(), "noc", on=director())
    (save,) = facts.ask("save")
    assert (save.status, save.body.decode().partition("\n")[0]) == (
        2,
        "Can't initialize ipvs: Permission denied (you must be root)",
    )
    (edit,) = act.ask("edit -t 172.26.127.20:445 -r 172.26.127.22:445 -g -w 0")
    assert edit.status == 2
    for request in ("lock me", "put 1 /etc/keepalived/drain_21", "record a {}"):
        (answer,) = act.ask(request)
        assert "Permission denied" in answer.body.decode(), request
    (dump,) = facts.ask("stat json")
    assert dump.status == 4


def test_no_dump_leaves_with_its_password() -> None:
    """Masked on the director, as the real program does it."""
    played = Played(reading.facts(), on=director())
    for kind, name in (("json", "json"), ("data", "data")):
        played.ask(f"signal {kind}")
        _, dump = played.ask(f"dump {name}")
        assert AUTH_PASS.encode() not in dump.body
        assert b"********" in dump.body


# what is no program


@pytest.mark.parametrize("command", ["uptime", "rm -rf /", "exec sh", "exec sh -s -- $(id)", ""])
def test_other_commands_are_not_found(command: str) -> None:
    """There is nothing else on this host."""
    started, screen = shell(command)
    started.feed(b"echo hello\n")
    assert screen.status == 127
    assert "command not found" in screen.errors
    assert screen.data == b""


def test_another_text_is_no_program() -> None:
    """Not even one that begins like one of ours."""
    for text in ("id\n", reading.table().script[:200] + "id\n"):
        started, screen = shell(f"exec sh -s -- {NONCE}")
        started.feed(text.encode())
        assert (screen.status, bytes(screen.data)) == (127, b""), text


def test_a_text_that_comes_in_pieces_is_recognised() -> None:
    """SSH cuts where it likes."""
    started, screen = shell(f"exec sh -s -- {NONCE}")
    script = reading.facts().script.encode()
    for place in range(0, len(script), 700):
        started.feed(script[place : place + 700])
    started.feed(b"1 u")
    started.feed(b"id\n")
    assert b"0\n" in screen.data
    started.end_of_input()
    assert screen.status == 0


def test_sudo_refuses_in_its_own_words() -> None:
    """`-n` for a user without rights."""
    _, screen = shell(f"exec sudo -n -- sh -s -- {NONCE}", "noc")
    assert (screen.status, screen.errors) == (1, "sudo: a password is required\n")


# the line delta

ROW = st.builds(
    lambda place, active, inactive: f"  -> 0A0900{place:02X}:0050      Route   1      {active:<10} {inactive:<10}",
    st.integers(0, 9),
    st.integers(0, 999),
    st.integers(0, 99),
)
TEXTS = st.lists(st.lists(st.one_of(ROW, st.text("ab ", max_size=30)), max_size=12), min_size=1, max_size=6)


@given(TEXTS, st.booleans())
def test_the_delta_puts_together_what_was_there(texts: list[list[str]], full: bool) -> None:
    """Whatever follows on whatever: lvstop's own reader has every line."""
    reader, seen = SectionLines(), list[str]()
    for lines in texts:
        body = "".join(delta(lines, seen, full=full)).encode()
        reader.apply(Section("ip_vs", SectionMode.DELTA, 0, body))
        seen = lines
        assert list(reader.lines) == lines


def test_the_table_tells_only_what_differs() -> None:
    """Sections and statuses of a first answer, and of the one after it."""
    played = Played(reading.table(), on=director())
    (reader,) = played.greeting
    assert (reader.name, reader.status) == ("reader", 0)
    names = [each.name for each in played.ask("t 1 0 1")]
    assert names == ["uptime", "ip_vs", "ip_vs_stats", "fib_trie", "if_inet6", "loadavg", "net_dev"]
    again = {each.name: each for each in played.ask("t 0 1 0")}
    assert again["ip_vs"].body == b"= 9\n"
    assert again["keepalived"].status == 1
    assert "fib_trie" not in again
