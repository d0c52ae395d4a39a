"""/proc/net/ip_vs and /proc/net/ip_vs_stats (`ip_vs_info_seq_show` and `ip_vs_stats_show` in ip_vs_ctl.c of Linux)."""

from functools import lru_cache
from typing import Final

from lvstop.demo.world.burden import PROCESSORS
from lvstop.demo.world.table import Service, Table, Tally
from lvstop.model.address import Family, IPAddress, RealServerKey

HEADINGS: Final = (
    "IP Virtual Server version 1.2.1 (size=4096)",
    "Prot LocalAddress:Port Scheduler Flags",
    "  -> RemoteAddress:Port Forward Weight ActiveConn InActConn",
)
_STATS_HEADINGS: Final = (
    "   Total Incoming Outgoing         Incoming         Outgoing",
    "   Conns  Packets  Packets            Bytes            Bytes",
)
_RATES_HEADING: Final = " Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s"
_KNOWN: Final = 65_536


def ip_vs_lines(table: Table, hertz: int) -> list[str]:
    """The table; firewall marks after the others, destinations in the kernel's order."""
    lines = list(HEADINGS)
    for service in sorted(table.services, key=lambda each: each.key.fwmark is not None):
        lines.append(_service(service, hertz))
        lines += [
            f"  -> {endpoint(each.key)}      {each.forwarding:<7} {each.weight:<6} {each.active:<10} "
            f"{each.inactive:<10}"
            for each in service.destinations
        ]
    return lines


def _service(service: Service, hertz: int) -> str:
    key = service.key
    ops = "ops " if service.one_packet else ""
    if key.fwmark is not None:
        head = f"FWM  {key.fwmark:08X} {service.scheduler} {ops}"
    elif key.address is not None and key.address.version == 6:
        # The kernel never says `ops` here.
        head = f"{key.protocol}  {_address(key.address)}:{key.port or 0:04X} {service.scheduler} "
    else:
        address = "" if key.address is None else _address(key.address)
        head = f"{key.protocol}  {address}:{key.port or 0:04X} {service.scheduler} {ops} "
    if service.persistence_seconds is None:
        return head
    return f"{head}persistent {service.persistence_seconds * hertz} {_mask(service):08X}"


def _mask(service: Service) -> int:
    """With IPv6 it is a prefix length, whose bytes the kernel turns round on the way."""
    if service.key.family is Family.INET6:
        return int.from_bytes((service.persistence_prefix or 128).to_bytes(4, "little"), "big")
    prefix = 32 if service.persistence_prefix is None else service.persistence_prefix
    return (0xFFFFFFFF << (32 - prefix)) & 0xFFFFFFFF


def _address(address: IPAddress) -> str:
    return f"{int(address):08X}" if address.version == 4 else f"[{address.exploded}]"


@lru_cache(maxsize=_KNOWN)
def endpoint(key: RealServerKey) -> str:
    """`0A09000B:0050` or `[2001:…]:0050`."""
    return f"{_address(key.address)}:{key.port:04X}"


def ip_vs_stats_lines(table: Table) -> list[str]:
    """Totals and rates of the whole table, in hexadecimal."""
    return [*_STATS_HEADINGS, _hexadecimal(table.totals), "", _RATES_HEADING, _hexadecimal(table.rates)]


def ip_vs_stats_percpu_lines(table: Table) -> list[str]:
    """The totals by processor, live; then their sum, and rates (`ip_vs_stats_percpu_show` in ip_vs_ctl.c)."""
    rows = [f"{processor:3X} {_hexadecimal(_share(table.totals, processor))}" for processor in range(PROCESSORS)]
    sums = [f"  ~ {_hexadecimal(table.totals)}", "", f"    {_RATES_HEADING}", f"    {_hexadecimal(table.rates)}"]
    return [f"    {_STATS_HEADINGS[0]}", f"CPU {_STATS_HEADINGS[1]}", *rows, *sums]


def _share(total: Tally, processor: int) -> Tally:
    """What one processor has of it; none of its numbers ever falls."""
    numbers = (total.connections, total.in_packets, total.out_packets, total.in_bytes, total.out_bytes)
    return Tally(*((int(number) + processor) // PROCESSORS for number in numbers))


def _hexadecimal(tally: Tally) -> str:
    return (
        f"{int(tally.connections):8X} {int(tally.in_packets):8X} {int(tally.out_packets):8X} "
        f"{int(tally.in_bytes):16X} {int(tally.out_bytes):16X}"
    )
