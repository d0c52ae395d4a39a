"""What the program `conns` answers, read: whole, odd, and anything at all."""

from ipaddress import IPv4Network, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.model.address import Family, RealServerKey, VirtualServerKey
from lvstop.model.connections import ClientCount, EntryCount, Reach, ServerCount, Talkers
from lvstop.probe.parse.counted import parse_counts, parse_progress
from lvstop.probe.parse.proc_words import proc_address, read_proc_address, read_server, server_words
from support.factories import vs_key

TEXT = """\
read 200 1
matched 15
unplaced 2
odd 1
state ESTABLISHED 8
state FIN_WAIT 2
entries connection LOCAL 7
entries connection SYNC 3
entries template LOCAL 5
expiry connection 1 2 3 4 0 893
expiry template 0 0 5 0 0 300
clients 3 0
client 0A080002 6
client fd000000000000000000000000000099 9
client fd00:0000:0000:0000:0000:0000:0000:0099 4
networks 20000 12
network 0A0800 6
network fd00:0000:0000:0001 4
server TCP/AC1A7F14/01BD/AC1A7F15/01BD 8 2 5
server FWM/00000007/inet6/fd00:0000:0000:0000:0000:0000:0000:0012/0000 1 0 0
server ?/0A00000C/0050 9 9 9
left-out 4
"""


def test_everything_it_says() -> None:
    """Numbers go where they belong, servers by their size; what is no address is an issue."""
    parsed = parse_counts(TEXT)
    (issue,) = parsed.issues
    assert (issue.line_number, issue.reason) == (14, "expected the address of a client")
    counts = parsed.value
    assert counts is not None
    assert (counts.read, counts.reach, counts.unplaced, counts.odd) == (200, Reach.WHOLE, 2, 1)
    assert counts.states == {"ESTABLISHED": 8, "FIN_WAIT": 2}
    assert counts.connections == EntryCount(10, 7, 3, (1, 2, 3, 4, 0), 893)
    assert counts.templates == EntryCount(5, 5, 0, (0, 0, 5, 0, 0), 300)
    assert counts.clients == Talkers(
        (ClientCount(IPv4Network("10.8.0.2"), 6), ClientCount(ip_network("fd00::99"), 4)), 3, 0
    )
    assert counts.networks == Talkers(
        (ClientCount(IPv4Network("10.8.0.0/24"), 6), ClientCount(ip_network("fd00:0:0:1::/64"), 4)), None, 12
    )
    mark = VirtualServerKey.of_fwmark(7, Family.INET6)
    assert counts.servers == (
        ServerCount(None, RealServerKey.of(ip_address("10.0.0.12"), 80), 9, 9, 9),
        ServerCount(vs_key("TCP:172.26.127.20:445"), RealServerKey.of(ip_address("172.26.127.21"), 445), 8, 2, 5),
        ServerCount(mark, RealServerKey.of(ip_address("fd00::12"), 0), 1, 0, 0),
    )
    assert counts.servers_left_out == 4


def test_where_nothing_tells_origins_they_are_unknown() -> None:
    """The older file has none: that is not 0."""
    counts = parse_counts("read 3 0\nentries connection - 3\n").value
    assert counts is not None
    assert counts.connections.number == 3
    assert (counts.connections.local, counts.connections.synced) == (None, None)
    assert counts.connections.longest == 0
    assert counts.templates == EntryCount()
    assert counts.reach is Reach.STOPPED


@pytest.mark.parametrize(
    "line",
    [
        *("read 1", "read 1 9", "read x 1", "state", "state A", "state A 1 2", "entries connection LOCAL"),
        *("entries other LOCAL 1", "entries template MAYBE 1", "expiry connection 1 2 3", "expiry x 1 2 3 4 5 6"),
        *("clients 1", "client 0A0800021 3", "client 0A080002", "network 0A08 3", "network fd00:1:2 3", "left-out"),
        *("network fd00:0000:0000:zzzz 1", "server a 1 2 3", "server TCP/AC1A7F14/01BD/AC1A7F15 1 2 3", "server"),
        *("server TCP/AC1A7F14/01BD/AC1A7F15/01BD 1 2", "server XXX/AC1A7F14/01BD/AC1A7F15/01BD 1 2 3", "what 1"),
        *("server //AC1A7F14/01BD 1 2 3", "matched -1", "odd 1_0", "unplaced 99999999999999999999999"),
    ],
)
def test_a_line_that_is_not_understood(line: str) -> None:
    """It is named, and nothing is made of it."""
    parsed = parse_counts(f"read 5 1\n{line}\n")
    (issue,) = parsed.issues
    assert (issue.line_number, issue.text) == (2, line)
    assert parsed.value is not None
    assert parsed.value.connections.number == 0
    assert parsed.value.servers == ()


@pytest.mark.parametrize("text", ["", "state ESTABLISHED 8\n", "read 1 7\n"])
def test_who_does_not_say_how_much_he_read_has_counted_nothing(text: str) -> None:
    """Nothing is not 0."""
    assert parse_counts(text).value is None


@pytest.mark.parametrize(
    ("text", "progress"),
    [
        ("read 512 0\n", (512, False)),
        ("read 512 1\n", (512, True)),
        ("read 1000000 2\n", (1_000_000, True)),
        *((text, None) for text in ("", "read", "read 1", "read 1 3", "read -1 0", "what 1 0", "read 1 0 0")),
    ],
)
def test_progress(text: str, progress: tuple[int, bool] | None) -> None:
    """How far it is, and whether that is the end."""
    assert parse_progress(text) == progress


_WORD = st.sampled_from([word for line in TEXT.splitlines() for word in line.split()]) | st.text(max_size=6)


@given(st.text() | st.lists(st.lists(_WORD, max_size=9).map(" ".join), max_size=9).map("\n".join))
def test_any_text(text: str) -> None:
    """Never an error; every line is understood, or named."""
    parsed = parse_counts(text)
    parse_progress(text)
    assert all(issue.line_number >= 0 and issue.reason for issue in parsed.issues)


@given(st.ip_addresses())
def test_addresses_there_and_back(where: object) -> None:
    """As /proc writes them."""
    written = ip_address(str(where))
    assert read_proc_address(proc_address(written)) == written


@pytest.mark.parametrize(
    "name", ["TCP:172.26.127.20:445", "UDP:[fd00::1]:53", "SCTP:10.0.0.1:0", "FWM:7", "FWM:7:inet6", "FWM:9:?"]
)
def test_virtual_servers_there_and_back(name: str) -> None:
    """In the words of a request, and of an answer."""
    assert read_server(server_words(vs_key(name))) == vs_key(name)
