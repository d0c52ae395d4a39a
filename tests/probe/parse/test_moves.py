"""Events of addresses moving, as the kernel and keepalived tell them, and the kernel's count of connections."""

from datetime import UTC, datetime
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.model.moves import AddressMoved, DaemonStopped, GratuitousArp, InstanceEntered, Move, PriorityMoved, Pulse
from lvstop.model.vrrp import VrrpState
from lvstop.plain import plain
from lvstop.probe.parse.moves import parse_move, parse_pulse
from support.recordings import RELEASES, recorded

STAMP = datetime(2026, 11, 25, 16, 37, 15, 232088, UTC).timestamp()
TS = "[2026-11-25T16:37:15.232088]"
FOREVER = "\\       valid_lft forever preferred_lft forever"


@pytest.mark.parametrize(
    ("line", "move"),
    [
        (f"{TS} 1: lo    inet 10.9.0.200/24 scope global lo{FOREVER}", ("10.9.0.200", "lo", True)),
        (f"{TS} Deleted 3: eth0    inet 10.9.0.200/24 scope global eth0{FOREVER}", ("10.9.0.200", "eth0", False)),
        (
            f"{TS} 9: vrrp.33    inet6 fd66::32/64 scope global nodad deprecated {FOREVER}",
            ("fd66::32", "vrrp.33", True),
        ),
        (f"{TS} 1: lo    inet 10.9.0.5 peer 10.9.0.6/32 scope global lo:x{FOREVER}", ("10.9.0.5", "lo", True)),
    ],
)
def test_addresses(line: str, move: tuple[str, str, bool]) -> None:
    """As `ip -o -ts monitor address` of iproute2 writes them, in UTC."""
    address, interface, added = move
    assert parse_move(line.encode()) == AddressMoved(ip_address(address), interface, added, STAMP)


@pytest.mark.parametrize(
    ("message", "move"),
    [
        ("(SMB) Entering MASTER STATE", InstanceEntered("SMB", VrrpState.MASTER, 1.25)),
        ("(SMB) Entering BACKUP STATE (init)", InstanceEntered("SMB", VrrpState.BACKUP, 1.25)),
        ("(a) (b) Entering FAULT STATE", InstanceEntered("a) (b", VrrpState.FAULT, 1.25)),
        ("VRRP_Instance(SMB) Entering MASTER STATE", InstanceEntered("SMB", VrrpState.MASTER, 1.25)),
        ("(SMB) Changing effective priority from 150 to 50", PriorityMoved("SMB", 50, 1.25)),
        (
            "Sending gratuitous ARP on eth0 for 10.9.0.200",
            GratuitousArp(ip_address("10.9.0.200"), "eth0", 1.25),
        ),
        (
            "Sending unsolicited Neighbour Advert on eth0 for fe80::200",
            GratuitousArp(ip_address("fe80::200"), "eth0", 1.25),
        ),
        ("(SMB) Sending/queueing gratuitous ARPs on eth0 for 10.9.0.200", None),
        ("(SMB) setting VIPs.", None),
        ("Stopped - used 0.010000 user time, 0.020000 system time", None),
    ],
)
def test_what_the_vrrp_process_logs(message: str, move: Move | None) -> None:
    """In the words of 1.3 to 2.4. Of announcements the one counts that is sent, not the one that is queued."""
    assert parse_move(f"1.250000 d1 Keepalived_vrrp[899]: {message}".encode()) == move


def test_the_end_of_keepalived() -> None:
    """The main process is the last to go."""
    assert parse_move(b"1.5 d1 Keepalived[897]: Stopped Keepalived v2.2.7 (01/16,2022)") == DaemonStopped(1.5)
    assert parse_move(b"1.5 d1 Keepalived[897]: Stopping") is None


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"ready",
        b"[2026-13-25T16:37:15.232088] 1: lo    inet 10.9.0.200/24",
        b"[2026-11-25T16:37:15.232088] 1: lo    inet 10.9.0.256/24",
        b"[2026-11-25T16:37:15.232088] 1: lo    inet",
        b"Timestamp: Wed Nov 25 16:37:15 2026 232088 usec",
        b"1.5 d1 sshd[1]: (SMB) Entering MASTER STATE",
        b"soon d1 Keepalived_vrrp[1]: (SMB) Entering MASTER STATE",
        b"1.5 d1 Keepalived_vrrp[1]: (SMB) Changing effective priority from 150 to 256",
        b"1.5 d1 Keepalived_vrrp[1]: Sending gratuitous ARP on eth0 for nobody",
    ],
)
def test_lines_of_no_interest(line: bytes) -> None:
    """Most of a log is of none; what is no event is no event."""
    assert parse_move(line) is None


@given(st.binary() | st.text().map(lambda text: f"1.5 d1 Keepalived_vrrp[1]: {text}".encode("utf-8", "replace")))
def test_any_line(line: bytes) -> None:
    """Never an error, and never something that a terminal would obey."""
    move = parse_move(line)
    if isinstance(move, InstanceEntered):
        assert move.instance == plain(move.instance)


@given(
    st.sampled_from([VrrpState.MASTER, VrrpState.BACKUP, VrrpState.FAULT]),
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20),
    st.integers(0, 2_000_000_000),
    st.integers(0, 999_999),
)
def test_any_instance(state: VrrpState, name: str, seconds: int, micros: int) -> None:
    """Whatever it is called; the stamp to the microsecond."""
    line = f"{seconds}.{micros:06d} director Keepalived_vrrp[7]: ({name}) Entering {state} STATE"
    assert parse_move(line.encode()) == InstanceEntered(name, state, float(f"{seconds}.{micros:06d}"))


@pytest.mark.parametrize("release", RELEASES)
def test_a_real_count(release: str) -> None:
    """The sum of the processors, never the kernel's own sum, which is two seconds late."""
    text = recorded(release, "proc_ip_vs_stats_percpu.out")
    parsed = parse_pulse(text)
    assert parsed.issues == ()
    assert parsed.value is not None
    assert parse_pulse(text.replace("  ~ ", "  ~ F")).value == parsed.value


def test_hexadecimal_sums() -> None:
    """Short rows as `pulse.sh` sends them."""
    assert parse_pulse("0 A FF\n1F 10 1\n").value == Pulse(0x1A, 0x100)
    assert parse_pulse("").value is None
    assert parse_pulse("Total Incoming\nCPU Conns\n\n").value is None


@pytest.mark.parametrize("text", ["0 A FF\n1 x 0\n", "0 A FF\n1 A\n", "0 A FF\nF\n", "0 A -1\n"])
def test_a_count_that_cannot_be_read(text: str) -> None:
    """A sum that lacks a part is none."""
    parsed = parse_pulse(text)
    assert parsed.value is None
    assert len(parsed.issues) == 1


@given(st.text() | st.lists(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=6), max_size=6).map(str))
def test_any_count(text: str) -> None:
    """Never an error."""
    parse_pulse(text)


@given(st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1)), min_size=1, max_size=200))
def test_as_many_processors_as_there_are(rows: list[tuple[int, int]]) -> None:
    """As the kernel writes them, with its headings and its own late sum."""
    lines = ["       Total Incoming Outgoing         Incoming         Outgoing"]
    lines.append("CPU    Conns  Packets  Packets            Bytes            Bytes")
    lines += [f"{number:3X} {a:8X} {b:8X} {0:8X} {0:16X} {0:16X}" for number, (a, b) in enumerate(rows)]
    lines += [f"  ~ {0:8X} {0:8X} {0:8X} {0:16X} {0:16X}", "", "     Conns/s   Pkts/s", f"    {1:8X} {1:8X}", ""]
    assert parse_pulse("\n".join(lines)).value == Pulse(sum(a for a, _ in rows), sum(b for _, b in rows))
