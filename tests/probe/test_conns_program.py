"""The program `conns` in a real shell, with each awk there is, on connection tables of the tests' own."""

import os
import subprocess
from ipaddress import IPv4Address, ip_address
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from lvstop.model.address import Family, RealServerKey, VirtualServerKey
from lvstop.model.connections import ConnectionCounts, ConnectionScope, Reach
from lvstop.probe import programs
from lvstop.probe.counting import scope_words
from lvstop.probe.lanes import section_text
from lvstop.probe.parse.counted import parse_counts, parse_progress
from lvstop.transport.base import Program
from probe.test_programs import awk
from support.conn_rows import (
    CONN_HEADING,
    PORT,
    SECOND,
    SYNC_HEADING,
    TABLE,
    V6_REAL,
    V6_VIP,
    VIP,
    made,
    row,
)
from support.factories import rs_key, vs_key
from support.local_transport import LocalChannel, LocalTransport
from support.recordings import RELEASES, recorded

__all__ = ["awk"]

SMB = vs_key("TCP:172.26.127.20:445")
ANY_PORT = vs_key("TCP:172.26.127.20:0")


class Director:
    """Where the program runs: this machine, with tables of the test's own."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self.write("ip_vs", TABLE)

    def write(self, name: str, text: str) -> None:
        """A file of /proc/net."""
        (self._folder / name).write_text(text)

    async def open(self, **instead: str) -> LocalChannel:
        """Start the program, with other limits where they are named."""
        script = programs.conns().script.replace("/proc/net/ip_vs", str(self._folder / "ip_vs"))
        for name, value in instead.items():
            assert f"-v {name}=" in script
            begin = script.index(f"-v {name}=")
            script = f"{script[:begin]}-v {name}={value}{script[script.index(' ', begin + 3) :]}"
        return await LocalTransport(self._environment).open(Program("conns", script), elevated=False, timeout=10)

    async def count(self, scope: ConnectionScope, **instead: str) -> ConnectionCounts:
        """All of it, to the end."""
        channel = await self.open(**instead)
        try:
            verb, over, read = f"begin {' '.join(scope_words(scope))}", False, 0
            while not over:
                progress = parse_progress(section_text(await channel.ask(verb, timeout=30), "progress") or "")
                assert progress is not None
                assert progress[0] >= read
                verb, (read, over) = "more", progress
            parsed = parse_counts(section_text(await channel.ask("sum", timeout=30), "counted") or "")
        finally:
            await channel.close()
        assert parsed.issues == ()
        assert parsed.value is not None
        assert parsed.value.read == read
        return parsed.value


@pytest.fixture
def director(tmp_path: Path, awk: dict[str, str]) -> Director:
    """One whose awk is a particular one."""
    return Director(tmp_path, awk)


@pytest.mark.parametrize("release", RELEASES)
async def test_a_recording(director: Director, release: str) -> None:
    """Every row of a real kernel is counted once; both files tell the same, one of them without origins."""
    director.write("ip_vs", recorded(release, "proc_ip_vs.out"))
    rows = [line.split() for line in recorded(release, "proc_ip_vs_conn.out").splitlines()[1:]]
    assert rows
    director.write("ip_vs_conn", recorded(release, "proc_ip_vs_conn.out"))
    scope = ConnectionScope()
    bare = await director.count(scope)
    director.write("ip_vs_conn_sync", recorded(release, "proc_ip_vs_conn_sync.out"))
    counts = await director.count(scope)
    for each in (bare, counts):
        assert (each.read, each.reach, each.odd) == (len(rows), Reach.WHOLE, 0)
        assert sum(each.states.values()) == each.connections.number == len(rows)
        assert {place.real_server for place in each.servers} == {
            RealServerKey.of(IPv4Address(int(words[5], 16)), int(words[6], 16)) for words in rows
        }
    assert (bare.connections.local, bare.connections.synced) == (None, None)
    assert (counts.connections.local, counts.connections.synced) == (len(rows), 0)
    assert bare.connections.longest == max(int(words[8]) for words in rows)


@pytest.mark.parametrize("v6", [False, True])
async def test_what_is_counted_is_what_there_is(director: Director, v6: bool) -> None:
    """States, origins, time left, clients and networks, against sums of the test's own."""
    there = made(7, 3000, 400, v6=v6)
    director.write("ip_vs_conn_sync", there.text)
    counts = await director.count(ConnectionScope(SMB))
    entries = counts.connections
    assert (counts.read, entries.number) == (3000, 3000)
    assert counts.states == there.states
    assert (entries.local, entries.synced) == (there.origins["LOCAL"], there.origins["SYNC"])
    assert sum(entries.ending) == 3000
    assert sum(entries.ending[:2]) == there.within_minute
    assert entries.longest == there.longest
    for talkers, counter in ((counts.clients, there.clients), (counts.networks, there.networks)):
        assert (talkers.distinct, talkers.too_low) == (len(counter), 0)
        told = [each.connections for each in talkers.greatest]
        assert told == sorted(counter.values(), reverse=True)[: len(told)]
        assert len(told) == min(50, len(counter))
    for each in counts.clients.greatest:
        address = each.network.network_address
        assert there.clients[address.exploded if v6 else f"{int(address):08X}"] == each.connections
    assert sum(each.active + each.inactive for each in counts.servers) == 3000


async def test_templates_are_no_connections(director: Director) -> None:
    """By their lack of a client port, in both words for their state; they make no client a talker."""
    rows = [
        row("0A080002"),
        row("0A080002", port="0000", state="ASSURED", expires=300),
        row("0A080003", port="0000", state="NONE", origin="SYNC", expires=20),
    ]
    director.write("ip_vs_conn_sync", "\n".join([SYNC_HEADING, *rows, ""]))
    counts = await director.count(ConnectionScope(SMB))
    assert (counts.connections.number, counts.templates.number) == (1, 2)
    assert (counts.templates.local, counts.templates.synced, counts.templates.longest) == (1, 1, 300)
    assert counts.templates.ending == (0, 1, 1, 0, 0)
    assert counts.states == {"ESTABLISHED": 1}
    assert [each.connections for each in counts.clients.greatest] == [1]
    assert [(each.active, each.inactive, each.templates) for each in counts.servers] == [(1, 0, 2)]


ROWS = [
    row("0A080001"),
    row("0A080002", real=(SECOND, PORT), state="FIN_WAIT"),
    row("0A080003", to=(VIP, "0016"), real=("AC1A7F15", "0016")),
    row("0A080004", to=("0A0000FE", "0050"), real=("0A00000C", "0050")),
    row("0A080004", to=("00000007", "0000"), real=("0A00000C", "0000"), protocol="IP", port="0000", state="ASSURED"),
    row("fd00:" * 7 + "0099", to=(V6_VIP, "0035"), real=(V6_REAL, "0035"), protocol="UDP", state="UDP"),
    row("0A080009", to=("0A0000FE", "0050"), real=("0A0000EE", "0050")),
]


@pytest.mark.parametrize(
    ("scope", "connections", "templates"),
    [
        (ConnectionScope(SMB), 2, 0),
        (ConnectionScope(SMB, ip_address("172.26.127.22")), 1, 0),
        (ConnectionScope(SMB, ip_address("172.26.127.22"), 445), 1, 0),
        (ConnectionScope(SMB, ip_address("172.26.127.22"), 446), 0, 0),
        (ConnectionScope(ANY_PORT), 1, 0),
        (ConnectionScope.of_row(ANY_PORT, rs_key("172.26.127.21:0")), 1, 0),
        (ConnectionScope.of_row(VirtualServerKey.of_fwmark(7, Family.INET), rs_key("10.0.0.12:0")), 1, 1),
        (ConnectionScope(VirtualServerKey.of_fwmark(7, Family.INET)), 1, 1),
        (ConnectionScope(VirtualServerKey.of_fwmark(7, Family.INET6)), 0, 0),
        (ConnectionScope(vs_key("UDP:[fd00::1]:53")), 1, 0),
        (ConnectionScope(address=ip_address("172.26.127.21")), 2, 0),
        (ConnectionScope(address=ip_address("fd00::11")), 1, 0),
        (ConnectionScope(), 6, 1),
    ],
    ids=str,
)
async def test_whose_they_are(director: Director, scope: ConnectionScope, connections: int, templates: int) -> None:
    """Of endpoints, of an address without a port, of marks, of real servers everywhere."""
    director.write("ip_vs_conn_sync", "\n".join([SYNC_HEADING, *ROWS, ""]))
    counts = await director.count(scope)
    assert (counts.connections.number, counts.templates.number) == (connections, templates)
    assert (counts.read, counts.unplaced, counts.odd) == (len(ROWS), 0, 0)
    if scope.virtual_server is not None:
        assert {each.virtual_server for each in counts.servers} <= {scope.virtual_server}


async def test_marks_that_share_a_real_server(director: Director) -> None:
    """Nobody can tell whose a connection is; that there are such is said. A template carries its mark."""
    director.write("ip_vs", TABLE + "  -> 0A00000C:0000      Route   1      0          0\n")
    director.write("ip_vs_conn_sync", "\n".join([SYNC_HEADING, *ROWS, ""]))
    counts = await director.count(ConnectionScope(VirtualServerKey.of_fwmark(7, Family.INET)))
    assert (counts.connections.number, counts.templates.number, counts.unplaced) == (0, 1, 1)
    everywhere = await director.count(ConnectionScope(address=ip_address("10.0.0.12")))
    assert (everywhere.connections.number, everywhere.unplaced) == (1, 0)
    assert None in {each.virtual_server for each in everywhere.servers}


async def test_more_clients_than_can_be_kept(director: Director) -> None:
    """The table of clients does not grow; what is told is too low by no more than is said; who talks most is told."""
    most, there = 20, made(3, 4000, 900)
    director.write("ip_vs_conn_sync", there.text)
    counts = await director.count(ConnectionScope(SMB), most=str(most))
    talkers = counts.clients
    assert talkers.distinct is None
    assert 0 < talkers.too_low <= there.number / (most + 1)
    assert len(talkers.greatest) <= most
    told = {f"{int(each.network.network_address):08X}": each.connections for each in talkers.greatest}
    for client, number in told.items():
        assert number <= there.clients[client] <= number + talkers.too_low
    loud = {client for client, number in there.clients.items() if number > there.number / (most + 1)}
    assert loud
    assert loud <= set(told)
    assert counts.connections.number == there.number


async def test_a_table_without_end(director: Director) -> None:
    """It costs the director what it may cost, and what there is of it is told as a part."""
    director.write("ip_vs_conn_sync", made(1, 900, 50).text)
    counts = await director.count(ConnectionScope(SMB), limit="600")
    assert (counts.read, counts.reach, counts.connections.number) == (600, Reach.TOO_MANY, 600)


async def test_read_by_pieces(director: Director) -> None:
    """No answer waits for the whole table; what was counted so far can be asked for, and is called that."""
    director.write("ip_vs_conn_sync", made(1, 60_000, 50).text)
    channel = await director.open()
    first = parse_progress(section_text(await channel.ask("begin * *", timeout=30), "progress") or "")
    so_far = parse_counts(section_text(await channel.ask("sum", timeout=30), "counted") or "").value
    await channel.close()
    assert first is not None
    assert so_far is not None
    assert so_far.read == first[0] == so_far.connections.number
    assert so_far.reach is (Reach.WHOLE if first[1] else Reach.STOPPED)


async def test_it_can_be_begun_anew(director: Director) -> None:
    """Nothing of the first time is left."""
    director.write("ip_vs_conn_sync", "\n".join([SYNC_HEADING, *ROWS, ""]))
    channel = await director.open()
    texts = []
    for _ in range(2):
        await channel.ask("begin * *", timeout=10)
        texts.append(sorted((section_text(await channel.ask("sum", timeout=10), "counted") or "").splitlines()))
    await channel.close()
    assert texts[0] == texts[1]


async def test_lines_that_are_cut(director: Director) -> None:
    """They are counted as such, and as nothing else."""
    director.write("ip_vs_conn_sync", f"{SYNC_HEADING}\n{row('0A080001')}\nTCP 0A080002 DF7C AC1A\n")
    counts = await director.count(ConnectionScope())
    assert (counts.connections.number, counts.odd, counts.read) == (1, 1, 2)


async def test_persistence_engines_add_words(director: Director) -> None:
    """`PEName PEData` behind the time that is left, in the file that tells them."""
    line = row("0A080001", origin=None, expires=77) + " sip 8a9f"
    director.write("ip_vs_conn", f"{CONN_HEADING}\n{line}\n")
    counts = await director.count(ConnectionScope())
    assert (counts.connections.number, counts.connections.longest) == (1, 77)


async def test_without_ip_vs(director: Director) -> None:
    """Absent, not empty."""
    channel = await director.open()
    section = channel.greeting.section("table")
    await channel.close()
    assert section is not None
    assert (section.status, section.body.strip()) == (3, b"ip_vs is not loaded")


@pytest.mark.parametrize("request_line", ["nonsense", "more", "sum", "sh -c id", "more; id", "$(id) * *"])
async def test_a_word_that_is_no_verb_does_nothing(director: Director, request_line: str) -> None:
    """Requests are looked up, never evaluated; and nothing is told before something was begun."""
    director.write("ip_vs_conn_sync", "\n".join([SYNC_HEADING, *ROWS, ""]))
    channel = await director.open()
    reply = await channel.ask(request_line, timeout=10)
    await channel.close()
    assert reply.sections == ()


@pytest.mark.parametrize("scope", ["*/*/* *", '"); system("id * ', "TCP/../../etc 0A080001/*", "* AC1A7F15"])
async def test_words_are_only_compared(director: Director, scope: str) -> None:
    """Whatever they hold, they fit or they do not."""
    director.write("ip_vs_conn_sync", "\n".join([SYNC_HEADING, *ROWS, ""]))
    channel = await director.open()
    await channel.ask(f"begin {scope}", timeout=10)
    parsed = parse_counts(section_text(await channel.ask("sum", timeout=10), "counted") or "")
    await channel.close()
    assert parsed.issues == ()
    assert parsed.value is not None
    assert parsed.value.connections.number in (0, 2)


@pytest.mark.skipif(os.geteuid() != 0, reason="another user is root's to become")
def test_a_table_that_may_not_be_read() -> None:
    """The greeting says so, and who it was."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        file = Path(folder, "ip_vs_conn_sync")
        file.write_text(SYNC_HEADING)
        file.chmod(0o600)
        script = programs.conns().script.replace("/proc/net/ip_vs", str(Path(folder, "ip_vs")))
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-s", "--", "0123456789abcdef"]
        said = subprocess.run(command, input=script, capture_output=True, text=True, check=True).stdout
    assert f"{file} may not be read by nobody\n0123456789abcdef ] 4\n" in said
