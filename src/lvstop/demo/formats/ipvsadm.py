"""What `ipvsadm -Ln` and `ipvsadm -Sn` print (ipvsadm.c 1.31)."""

from collections.abc import Callable, Iterator, Sequence
from ipaddress import IPv4Address
from typing import Final

from lvstop.demo.formats.ip_vs import HEADINGS
from lvstop.demo.world.table import Destination, Service, Table, Tally
from lvstop.model.address import Family, Protocol, format_endpoint
from lvstop.model.ipvs import ForwardingMethod, SyncDaemon, SyncRole, Tunnel, TunnelType

Column = Callable[[Destination], str]
"""What stands behind a destination's address."""

_PROTOCOL_NUMBERS: Final = {Protocol.TCP: 6, Protocol.UDP: 17, Protocol.SCTP: 132, Protocol.FWM: 0}
_FORWARDING: Final = {
    ForwardingMethod.ROUTE: "-g",
    ForwardingMethod.LOCAL: "-g",
    ForwardingMethod.MASQ: "-m",
    ForwardingMethod.TUNNEL: "-i",
}
_SERVICE_OPTIONS: Final = {Protocol.TCP: "-t", Protocol.UDP: "-u", Protocol.SCTP: "--sctp-service"}
_REMOTE: Final = "  -> RemoteAddress:Port"


def connections_listing(table: Table) -> str:
    """`-Ln` without other columns."""
    return _listing(
        table,
        (HEADINGS[1], f"{_REMOTE}           Forward Weight ActiveConn InActConn"),
        _settings,
        lambda each: f"{each.forwarding:<7} {each.weight:<6} {each.active:<10} {each.inactive:<10}",
    )


def thresholds_listing(table: Table) -> str:
    """`--thresholds`."""
    return _listing(
        table,
        ("Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn ", _REMOTE),
        _settings,
        lambda each: f"{each.upper_threshold:<10} {each.lower_threshold:<10} {each.active:<10} {each.inactive:<10}",
    )


def persistent_listing(table: Table) -> str:
    """`--persistent-conn`."""
    return _listing(
        table,
        ("Prot LocalAddress:Port            Weight    PersistConn ActiveConn InActConn ", _REMOTE),
        _settings,
        lambda each: f"{each.weight:<9} {each.persistent:<11} {each.active:<10} {each.inactive:<10}",
    )


def stats_listing(table: Table) -> str:
    """`--stats --exact`."""
    heading = "Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes"
    return _listing(
        table, (heading, _REMOTE), lambda each: _numbers(each.counters), lambda each: _numbers(each.counters)
    )


def rates_listing(table: Table) -> str:
    """`--rate --exact`."""
    heading = "Prot LocalAddress:Port                 CPS    InPPS   OutPPS    InBPS   OutBPS"
    return _listing(table, (heading, _REMOTE), lambda each: _numbers(each.rates), lambda each: _numbers(each.rates))


def daemons_listing(daemons: Sequence[SyncDaemon]) -> str:
    """`--daemon`: master before backup."""
    return "".join(
        f"{daemon.role} sync daemon (mcast={daemon.interface}, syncid={daemon.sync_id}, maxlen=1472, "
        "group=224.0.0.81, port=8848, ttl=1)\n"
        for daemon in sorted(daemons, key=lambda each: each.role is not SyncRole.MASTER)
    )


def _numbers(tally: Tally) -> str:
    """Five columns; nothing stands between an address that fills its column and the first number but a blank."""
    return (
        f" {int(tally.connections):>8} {int(tally.in_packets):>8} {int(tally.out_packets):>8} "
        f"{int(tally.in_bytes):>8} {int(tally.out_bytes):>8}"
    )


def _listing(table: Table, headings: Sequence[str], service: Callable[[Service], str], column: Column) -> str:
    """Services with what `service` makes of each, and their destinations with what `column` makes of them."""
    in_columns = service is not _settings
    lines = [HEADINGS[0], *headings]
    for each in _sorted_services(table):
        name = _name(each)
        lines.append(f"{name:<33}{service(each)}" if in_columns else f"{name} {service(each)}")
        for destination in _sorted_destinations(each):
            place = format_endpoint(destination.key.address, destination.key.port)
            lines.append(f"  -> {place:<28}{'' if in_columns else ' '}{column(destination)}")
    return "".join(f"{line}\n" for line in lines)


def _name(service: Service) -> str:
    key = service.key
    if key.address is None:
        return f"FWM  {_signed(key.fwmark or 0)}{' IPv6' if key.family is Family.INET6 else ''}"
    return f"{key.protocol:<4} {format_endpoint(key.address, key.port or 0)}"


def _signed(fwmark: int) -> int:
    """ipvsadm prints a mark with %d."""
    return fwmark - 2**32 if fwmark >= 2**31 else fwmark


def _settings(service: Service) -> str:
    """Scheduler, its flags, and persistence."""
    text = service.scheduler
    if service.flags:
        text += f" ({','.join(service.flags)})"
    if service.persistence_seconds is not None:
        text += f" persistent {service.persistence_seconds}"
        mask = _mask(service)
        if mask:
            text += f" mask {mask}"
    return text + (" ops" if service.one_packet else "")


def _mask(service: Service) -> str:
    """The mask of persistent clients; nothing where it is the whole address."""
    prefix = service.persistence_prefix
    if service.key.family is Family.INET6:
        return "" if prefix in (None, 128) else str(prefix)
    if prefix in (None, 32):
        return ""
    return str(IPv4Address((0xFFFFFFFF << (32 - (prefix or 0))) & 0xFFFFFFFF))


def _sorted_services(table: Table) -> list[Service]:
    """`ipvs_cmp_services` of libipvs: firewall mark, family, protocol, address, port."""

    def order(service: Service) -> tuple[int, bool, int, int, int]:
        key = service.key
        address = 0 if key.address is None else int(key.address)
        return key.fwmark or 0, key.family is Family.INET6, _PROTOCOL_NUMBERS[key.protocol], address, key.port or 0

    return sorted(table.services, key=order)


def _sorted_destinations(service: Service) -> list[Destination]:
    return sorted(service.destinations, key=lambda each: each.key.sort_key)


def saved_rules(table: Table) -> str:
    """`-Sn`: rules that ipvsadm-restore understands. Thresholds are not among them."""
    lines: list[str] = []
    for service in _sorted_services(table):
        option = _option(service)
        lines.append(" ".join(["-A", option, *_service_words(service)]))
        for destination in _sorted_destinations(service):
            place = format_endpoint(destination.key.address, destination.key.port)
            words = [_FORWARDING[destination.forwarding], "-w", str(destination.weight), *_tunnel_words(destination)]
            lines.append(" ".join(["-a", option, "-r", place, *words]))
    return "".join(f"{line}\n" for line in lines)


def _option(service: Service) -> str:
    key = service.key
    if key.address is None:
        return f"-f {_signed(key.fwmark or 0)}{' -6' if key.family is Family.INET6 else ''}"
    return f"{_SERVICE_OPTIONS[key.protocol]} {format_endpoint(key.address, key.port or 0)}"


def _service_words(service: Service) -> Iterator[str]:
    yield f"-s {service.scheduler}"
    if service.persistence_seconds is not None:
        yield f"-p {service.persistence_seconds}"
        mask = _mask(service)
        if mask:
            yield f"-M {mask}"
    if service.one_packet:
        yield "-o"
    if service.flags:
        yield f"-b {','.join(service.flags)}"


def _tunnel_words(destination: Destination) -> Iterator[str]:
    if destination.forwarding is not ForwardingMethod.TUNNEL:
        return
    tunnel = destination.tunnel or Tunnel(TunnelType.IPIP, None, None)
    yield f"--tun-type {tunnel.type}"
    if tunnel.port is not None:
        yield f"--tun-port {tunnel.port}"
    if tunnel.checksum is not None:
        yield f"--tun-{tunnel.checksum}"
