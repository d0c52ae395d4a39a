"""Writes tables as the kernel does (`ip_vs_info_seq_show` in net/netfilter/ipvs/ip_vs_ctl.c), for round trips."""

from collections.abc import Iterable

from hypothesis import strategies as st

from lvstop.model.address import Family, IPAddress, Protocol, RealServerKey, VirtualServerKey
from lvstop.model.ipvs import ForwardingMethod, RealServer, VirtualServer

HEADINGS = (
    "IP Virtual Server version 1.2.1 (size=4096)",
    "Prot LocalAddress:Port Scheduler Flags",
    "  -> RemoteAddress:Port Forward Weight ActiveConn InActConn",
)


def _endpoint(address: IPAddress, port: int) -> str:
    return f"{int(address):08X}:{port:04X}" if address.version == 4 else f"[{address.exploded}]:{port:04X}"


def _persistent(server: VirtualServer, hz: int) -> str:
    if not server.persistent:
        return ""
    prefix = server.persistence_prefix or 0
    if server.key.family is Family.INET6:
        mask = int.from_bytes(prefix.to_bytes(4, "little"), "big")
    else:
        mask = 0xFFFFFFFF << (32 - prefix) & 0xFFFFFFFF
    jiffies = (server.persistence_seconds or 0) * hz
    return f"persistent {jiffies - 2**32 if jiffies >= 2**31 else jiffies} {mask:08X}"


def write_service(server: VirtualServer, hz: int = 250) -> str:
    """A virtual server's own line."""
    key = server.key
    ops = "ops " if server.one_packet else ""
    if key.fwmark is not None:
        return f"FWM  {key.fwmark:08X} {server.scheduler} {ops}{_persistent(server, hz)}"
    assert key.address is not None
    assert key.port is not None
    endpoint = _endpoint(key.address, key.port)
    # The kernel's IPv4 format has a field for `ops ` and a blank after it; its IPv6 format has neither.
    ops = f"{ops} " if key.address.version == 4 else ""
    return f"{key.protocol}  {endpoint} {server.scheduler} {ops}{_persistent(server, hz)}"


def write_destination(server: RealServer) -> str:
    """A real server's line."""
    endpoint = _endpoint(server.key.address, server.key.port)
    numbers = f"{server.weight:<6d} {server.active_connections:<10d} {server.inactive_connections:<10d}"
    return f"  -> {endpoint}      {server.forwarding:<7s} {numbers}"


def write_table(servers: Iterable[VirtualServer], hz: int = 250) -> str:
    """The whole text."""
    lines = list(HEADINGS)
    for server in servers:
        lines.append(write_service(server, hz))
        lines.extend(map(write_destination, server.real_servers))
    return "".join(f"{line}\n" for line in lines)


ports = st.integers(0, 65535)
# Few addresses, so that keys meet.
ipv4 = st.ip_addresses(network="10.0.0.0/29")
ipv6 = st.ip_addresses(network="2001:db8::/125")


@st.composite
def real_servers(draw: st.DrawFn, family: Family) -> RealServer:
    """A real server as a virtual server of `family` may have it: only Tunnel leads to the other family."""
    same, other = (ipv4, ipv6) if family is Family.INET else (ipv6, ipv4)
    forwarding = draw(st.sampled_from(ForwardingMethod))
    address = draw(same | other if forwarding is ForwardingMethod.TUNNEL else same)
    number = st.integers(-(2**31), 2**31 - 1) | st.integers(0, 100)
    key = RealServerKey(address, draw(st.sampled_from([0, 80]) | ports))
    return RealServer(key, forwarding, draw(number), draw(number), draw(number))


@st.composite
def virtual_servers(draw: st.DrawFn) -> VirtualServer:
    """A virtual server with an address (no firewall mark), as /proc can tell it: sorted, each key once."""
    family = draw(st.sampled_from(Family))
    protocol = draw(st.sampled_from([Protocol.TCP, Protocol.UDP, Protocol.SCTP]))
    address = draw(ipv4 if family is Family.INET else ipv6)
    persistent = draw(st.booleans())
    prefixes = st.integers(0, 32) if family is Family.INET else st.integers(1, 128)
    servers = draw(st.lists(real_servers(family), max_size=5, unique_by=lambda server: server.key))
    return VirtualServer(
        key=VirtualServerKey.of_endpoint(protocol, address, draw(ports)),
        scheduler=draw(st.sampled_from(["rr", "wrr", "lc", "wlc", "sh", "mh", "none"])),
        persistent=persistent,
        persistence_seconds=draw(st.integers(1, 2**24)) if persistent else None,
        persistence_prefix=draw(prefixes) if persistent else None,
        one_packet=draw(st.booleans()) if family is Family.INET else None,
        real_servers=tuple(sorted(servers, key=lambda server: server.key.sort_key)),
    )


tables = st.lists(virtual_servers(), max_size=6, unique_by=lambda server: server.key).map(
    lambda servers: tuple(sorted(servers, key=lambda server: server.key.sort_key))
)
