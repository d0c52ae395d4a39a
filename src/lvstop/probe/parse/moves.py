"""What `moves.sh` and `pulse.sh` write: addresses as `ip -o -ts monitor address` tells them, keepalived's log as
`journalctl --output=short-unix` does, and the rows of /proc/net/ip_vs_stats_percpu.
"""

import re
from datetime import UTC, datetime
from typing import Final

from lvstop.model.moves import AddressMoved, DaemonStopped, GratuitousArp, InstanceEntered, Move, PriorityMoved, Pulse
from lvstop.model.vrrp import VrrpState
from lvstop.plain import plain
from lvstop.probe.parse import Parsed
from lvstop.probe.parse.issues import IssueLog
from lvstop.probe.parse.keepalived_words import read_address
from lvstop.probe.parse.numbers import read_float, read_hex, read_unsigned

READY: Final = b"ready"
"""The line after which `moves.sh` misses nothing."""

PULSE_SOURCE: Final = "/proc/net/ip_vs_stats_percpu"

# ipaddress.c of iproute2: with -o a line is one address, and a backslash stands where a line would end.
_ADDRESS: Final = re.compile(
    r"\[(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})T(?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6})\] "
    r"(?P<deleted>Deleted )?[0-9]+: (?P<interface>\S+) +inet6? (?P<address>[0-9A-Fa-f.:]+)(?:[/ ].*)?"
)
_LOGGED: Final = re.compile(r"(?P<stamp>[0-9]{1,10}\.[0-9]{1,6}) \S+ (?P<who>Keepalived\w*)\[[0-9]+\]: (?P<what>.*)")
# vrrp.c, vrrp_scheduler.c, vrrp_track.c, vrrp_arp.c, vrrp_ndisc.c and main.c of keepalived, from 1.3 to 2.4.
_ENTERED: Final = re.compile(r"(?:VRRP_Instance)?\((?P<name>.+)\):? Entering (?P<state>MASTER|BACKUP|FAULT) STATE\b.*")
_PRIORITY: Final = re.compile(
    r"(?:VRRP_Instance)?\((?P<name>.+)\) Changing effective priority from [0-9]+ to (?P<priority>[0-9]+)"
)
_ANNOUNCED: Final = re.compile(
    r"Sending (?:gratuitous ARP|unsolicited Neighbour Advert) on (?P<interface>\S+) for (?P<address>\S+)"
)
_STOPPED: Final = "Stopped Keepalived "


def parse_move(line: bytes) -> Move | None:
    """What one line tells; None where it is of no interest, which most of keepalived's log is not."""
    text = plain(line.decode("utf-8", "replace")).rstrip("\r\n")
    if text.startswith("["):
        return _address_moved(text)
    logged = _LOGGED.fullmatch(text)
    stamp = None if logged is None else read_float(logged["stamp"])
    if logged is None or stamp is None:
        return None
    return _logged(logged["who"], logged["what"], stamp)


def _address_moved(text: str) -> AddressMoved | None:
    match = _ADDRESS.fullmatch(text)
    address = None if match is None else read_address(match["address"])
    if match is None or address is None:
        return None
    try:
        at = datetime.fromisoformat(f"{match['day']}T{match['time']}").replace(tzinfo=UTC)
    except ValueError:  # a thirteenth month
        return None
    return AddressMoved(address, match["interface"], match["deleted"] is None, at.timestamp())


def _logged(who: str, what: str, stamp: float) -> Move | None:
    if who == "Keepalived":
        return DaemonStopped(stamp) if what.startswith(_STOPPED) else None
    if entered := _ENTERED.fullmatch(what):
        return InstanceEntered(entered["name"], VrrpState(entered["state"]), stamp)
    if changed := _PRIORITY.fullmatch(what):
        priority = read_unsigned(changed["priority"], 255)
        return None if priority is None else PriorityMoved(changed["name"], priority, stamp)
    if announced := _ANNOUNCED.fullmatch(what):
        address = read_address(announced["address"])
        return None if address is None else GratuitousArp(address, announced["interface"], stamp)
    return None


def parse_pulse(text: str) -> Parsed[Pulse | None]:
    """The sum over all processors; None where there is no row of one.

    The row `~` is left alone: it is the sum that the kernel's estimator made up to two seconds ago, as in
    /proc/net/ip_vs_stats (`ip_vs_stats_percpu_show` in net/netfilter/ipvs/ip_vs_ctl.c). All numbers are hexadecimal.
    """
    issues = IssueLog(PULSE_SOURCE)
    connections = packets = rows = 0
    for line_number, line in enumerate(text.split("\n"), 1):
        words = line.split()
        if words[:1] == ["~"]:
            break
        if not words or (not rows and read_hex(words[0]) is None):
            continue  # headings
        numbers = [number for word in words[:3] if (number := read_hex(word)) is not None]
        if len(numbers) != 3:
            issues.add(line_number, line, "expected a processor and its totals")
            return Parsed(None, issues.result())
        connections, packets, rows = connections + numbers[1], packets + numbers[2], rows + 1
    return Parsed(Pulse(connections, packets) if rows else None, issues.result())
