"""Connection tables as the kernel writes them, made up, and what there is to count in them."""

from collections import Counter
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from random import Random

SYNC_HEADING = "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Origin Expires"
CONN_HEADING = "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData"

VIP, PORT = "AC1A7F14", "01BD"
FIRST, SECOND = "AC1A7F15", "AC1A7F16"
V6_VIP = "fd00:0000:0000:0000:0000:0000:0000:0001"
V6_REAL = "fd00:0000:0000:0000:0000:0000:0000:0011"
TABLE = f"""\
IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  {VIP}:{PORT} rr persistent 36000 FFFFFFFF
  -> {FIRST}:{PORT}      Route   1      0          0
  -> {SECOND}:{PORT}      Route   1      0          0
TCP  {VIP}:0000 rr persistent 36000 FFFFFFFF
  -> {FIRST}:0000      Route   1      0          0
UDP  [{V6_VIP}]:0035 rr
  -> [{V6_REAL}]:0035      Route   1      0          0
FWM  00000007 rr persistent 6000 FFFFFFFF
  -> 0A00000C:0000      Route   1      0          0
FWM  00000009 rr
  -> 0A00000D:0000      Route   1      0          0
"""
"""Endpoints, one without a port, one of IPv6, and two firewall marks."""

_STATES = ("ESTABLISHED", "SYN_RECV", "FIN_WAIT", "TIME_WAIT", "CLOSE")


def row(
    client: str,
    *,
    to: tuple[str, str] = (VIP, PORT),
    real: tuple[str, str] = (FIRST, PORT),
    protocol: str = "TCP",
    port: str = "DF7C",
    state: str = "ESTABLISHED",
    origin: str | None = "LOCAL",
    expires: int = 100,
) -> str:
    """A line of ip_vs_conn_sync, or of ip_vs_conn where it has no origin (ip_vs_conn.c)."""
    head = f"{protocol:<3} {client} {port} {to[0]} {to[1]} {real[0]} {real[1]} {state:<11}"
    return f"{head} {expires:7d}" if origin is None else f"{head} {origin:<6} {expires:7d}"


@dataclass(slots=True)
class Made:
    """Rows of one virtual server, and what they come to."""

    lines: list[str] = field(default_factory=lambda: [SYNC_HEADING])
    states: Counter[str] = field(default_factory=Counter)
    clients: Counter[str] = field(default_factory=Counter)
    networks: Counter[str] = field(default_factory=Counter)
    origins: Counter[str] = field(default_factory=Counter)
    within_minute: int = 0
    longest: int = 0

    @property
    def text(self) -> str:
        """The file."""
        return "".join(f"{line}\n" for line in self.lines)

    @property
    def number(self) -> int:
        """Connections."""
        return len(self.lines) - 1


def made(seed: int, number: int, clients: int, *, v6: bool = False) -> Made:
    """So many connections of so many clients, of whom few have many."""
    random, found = Random(seed), Made()  # noqa: S311
    for _ in range(number):
        index = int(clients * random.random() ** 3)
        client = IPv6Address(0x20010DB8 << 96 | index << 60).exploded if v6 else f"{0x0A080000 + index:08X}"
        state, origin, expires = random.choice(_STATES), random.choice(("LOCAL", "SYNC")), random.randrange(900)
        found.lines.append(
            row(client, real=(random.choice((FIRST, SECOND)), PORT), state=state, origin=origin, expires=expires)
        )
        found.states[state] += 1
        found.clients[client] += 1
        found.networks[client[:19] if v6 else client[:6]] += 1
        found.origins[origin] += 1
        found.within_minute += expires <= 60
        found.longest = max(found.longest, expires)
    return found
