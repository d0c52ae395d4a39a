"""`ipvsadm -Sn`: the table as rules, which tell what /proc leaves out, except thresholds (ipvsadm.c, man 8 ipvsadm)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address
from typing import Final

from lvstop.model.address import Family, Protocol, RealServerKey, VirtualServerKey
from lvstop.model.ipvs import (
    ForwardingMethod,
    RealServerDetail,
    TableDetails,
    Tunnel,
    TunnelType,
    VirtualServerDetail,
)
from lvstop.probe.parse import Parsed
from lvstop.probe.parse.ip_vs_families import ipv4_prefix
from lvstop.probe.parse.ipvsadm_keys import read_fwmark, read_real_server, read_virtual_server
from lvstop.probe.parse.issues import IssueLog
from lvstop.probe.parse.numbers import read_unsigned

SOURCE = "ipvsadm -Sn"

_WITH_VALUE: Final = frozenset(
    {
        "-t",
        "-u",
        "--sctp-service",
        "-f",
        "-s",
        "-p",
        "-M",
        "--pe",
        "-b",
        "-r",
        "-w",
        "-x",
        "-y",
        "--tun-type",
        "--tun-port",
    }
)
_FLAGS: Final = frozenset({"-6", "-o", "-g", "-i", "-m", "--tun-nocsum", "--tun-csum", "--tun-remcsum"})
_PROTOCOLS: Final = {"-t": Protocol.TCP, "-u": Protocol.UDP, "--sctp-service": Protocol.SCTP}
_FORWARDING: Final = {"-g": ForwardingMethod.ROUTE, "-i": ForwardingMethod.TUNNEL, "-m": ForwardingMethod.MASQ}
_CHECKSUMS: Final = ("nocsum", "csum", "remcsum")
_WEIGHT_MAXIMUM: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class SavedRealServer:
    """A real server's rule. `tunnel` is None where ipvsadm is too old to tell, and with another forwarding method.

    Source of the words: man 8 ipvsadm. Local real servers are written as Route.
    """

    key: RealServerKey
    forwarding: ForwardingMethod
    weight: int
    tunnel: Tunnel | None


@dataclass(frozen=True, slots=True)
class SavedVirtualServer:
    """A virtual server's rule and those of its real servers.

    Attributes:
        persistence_seconds: 0 where not persistent.
        persistence_prefix: leading bits of a client's address; None where not persistent.
        persistence_engine: `sip` or None.
    """

    key: VirtualServerKey
    scheduler: str
    scheduler_flags: tuple[str, ...]
    persistence_seconds: int
    persistence_prefix: int | None
    persistence_engine: str | None
    one_packet: bool
    real_servers: tuple[SavedRealServer, ...]


@dataclass(frozen=True, slots=True)
class SavedTable:
    """The table as rules, in ipvsadm's order."""

    virtual_servers: tuple[SavedVirtualServer, ...]


class _BadRuleError(Exception):
    """A rule that cannot be read; its text is the reason."""


@dataclass(slots=True)
class _Service:
    rule: SavedVirtualServer
    real_servers: dict[RealServerKey, SavedRealServer] = field(default_factory=dict)


def parse_save(text: str) -> Parsed[SavedTable]:
    """Read the rules. An empty text is an empty table: rules have no heading."""
    issues = IssueLog(SOURCE)
    services: dict[VirtualServerKey, _Service] = {}
    current: VirtualServerKey | None = None
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if not line and number == len(lines):
            break
        words = line.split()
        try:
            if number == len(lines):
                raise _BadRuleError("the text ends within this line")
            if words[:1] == ["-A"]:
                current = None
                current = _add_service(services, _options(words[1:]))
            elif words[:1] == ["-a"]:
                _add_real_server(services, current, _options(words[1:]))
            else:
                current = None
                raise _BadRuleError("expected -A or -a")
        except _BadRuleError as error:
            issues.add(number, line, str(error))
    saved = tuple(
        SavedVirtualServer(
            key=service.rule.key,
            scheduler=service.rule.scheduler,
            scheduler_flags=service.rule.scheduler_flags,
            persistence_seconds=service.rule.persistence_seconds,
            persistence_prefix=service.rule.persistence_prefix,
            persistence_engine=service.rule.persistence_engine,
            one_packet=service.rule.one_packet,
            real_servers=tuple(service.real_servers.values()),
        )
        for service in services.values()
    )
    return Parsed(SavedTable(saved), issues.result())


def combine_details(
    saved: SavedTable,
    thresholds: Mapping[VirtualServerKey, Mapping[RealServerKey, tuple[int, int]]] | None,
    persistent: Mapping[VirtualServerKey, Mapping[RealServerKey, int]] | None,
) -> TableDetails:
    """What the three commands say together. What a command did not tell is None, as if it had not been asked."""
    details: dict[VirtualServerKey, VirtualServerDetail] = {}
    for rule in saved.virtual_servers:
        limits = {} if thresholds is None else thresholds.get(rule.key, {})
        templates = {} if persistent is None else persistent.get(rule.key, {})
        real_servers = {}
        for real_server in rule.real_servers:
            upper, lower = limits.get(real_server.key, (None, None))
            real_servers[real_server.key] = RealServerDetail(
                upper, lower, templates.get(real_server.key), real_server.tunnel
            )
        details[rule.key] = VirtualServerDetail(
            scheduler_flags=rule.scheduler_flags,
            persistence_seconds=rule.persistence_seconds,
            persistence_prefix=rule.persistence_prefix,
            persistence_engine=rule.persistence_engine,
            one_packet=rule.one_packet,
            real_servers=real_servers,
        )
    return details


def _options(words: Sequence[str]) -> dict[str, str]:
    """A rule's options with their values; a flag's value is empty."""
    options: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        if word in options:
            raise _BadRuleError(f"{word} is there twice")
        if word in _FLAGS:
            options[word] = ""
        elif word in _WITH_VALUE:
            value = next(rest, None)
            if value is None:
                raise _BadRuleError(f"{word} has no value")
            options[word] = value
        else:
            raise _BadRuleError(f"{word[:40]} is no option of a saved rule")
    return options


def _number(options: Mapping[str, str], option: str, maximum: int) -> int:
    value = read_unsigned(options.get(option, ""), maximum)
    if value is None:
        raise _BadRuleError(f"{option} is no number of 0–{maximum}")
    return value


def _service_key(options: Mapping[str, str]) -> VirtualServerKey:
    named = [option for option in ("-t", "-u", "--sctp-service", "-f") if option in options]
    if len(named) != 1:
        raise _BadRuleError("expected one of -t, -u, --sctp-service and -f")
    value = options[named[0]]
    if named[0] == "-f":
        fwmark = read_fwmark(value)
        if fwmark is None:
            raise _BadRuleError("-f is no firewall mark")
        return VirtualServerKey.of_fwmark(fwmark, Family.INET6 if "-6" in options else Family.INET)
    key = read_virtual_server(_PROTOCOLS[named[0]], value)
    if key is None:
        raise _BadRuleError(f"{named[0]} is no address and port")
    return key


def _prefix(options: Mapping[str, str], family: Family | None) -> int:
    """Where -M is not given the whole address counts."""
    text = options.get("-M")
    if family is Family.INET6:
        return 128 if text is None else _number(options, "-M", 128)
    try:
        prefix = 32 if text is None else ipv4_prefix(int(IPv4Address(text)))
    except AddressValueError:
        prefix = None
    if prefix is None:
        raise _BadRuleError("-M is no netmask")
    return prefix


def _add_service(services: dict[VirtualServerKey, _Service], options: Mapping[str, str]) -> VirtualServerKey:
    key = _service_key(options)
    if key in services:
        raise _BadRuleError("this virtual server stands further up already")
    if "-s" not in options:
        raise _BadRuleError("expected a scheduler")
    persistent = "-p" in options
    flags = options.get("-b", "")
    rule = SavedVirtualServer(
        key=key,
        scheduler=options["-s"],
        scheduler_flags=tuple(flags.split(",")) if flags else (),
        persistence_seconds=_number(options, "-p", 2**32 - 1) if persistent else 0,
        persistence_prefix=_prefix(options, key.family) if persistent else None,
        persistence_engine=options.get("--pe"),
        one_packet="-o" in options,
        real_servers=(),
    )
    services[key] = _Service(rule)
    return key


def _add_real_server(
    services: Mapping[VirtualServerKey, _Service], current: VirtualServerKey | None, options: Mapping[str, str]
) -> None:
    key = _service_key(options)
    # A firewall mark's -6 is not repeated by every version: real servers follow their virtual server's own line.
    if current is not None and current.fwmark is not None and current.fwmark == key.fwmark and "-6" not in options:
        key = current
    service = services.get(key)
    if service is None or (key.fwmark is not None and key != current):
        raise _BadRuleError("no readable virtual server stands above it")
    real_server = read_real_server(options.get("-r", ""))
    if real_server is None:
        raise _BadRuleError("-r is no address and port")
    methods = [method for option, method in _FORWARDING.items() if option in options]
    if len(methods) != 1:
        raise _BadRuleError("expected one of -g, -i and -m")
    if real_server in service.real_servers:
        raise _BadRuleError("this virtual server has that real server already")
    service.real_servers[real_server] = SavedRealServer(
        real_server, methods[0], _number(options, "-w", _WEIGHT_MAXIMUM), _tunnel(options)
    )


def _tunnel(options: Mapping[str, str]) -> Tunnel | None:
    name = options.get("--tun-type")
    if name is None:
        return None
    try:
        kind = TunnelType(name)
    except ValueError:
        raise _BadRuleError("--tun-type is none that is known") from None
    if kind is TunnelType.IPIP:
        return Tunnel(kind, None, None)
    port = _number(options, "--tun-port", 65535) if kind is TunnelType.GUE else None
    return Tunnel(kind, port, next((word for word in _CHECKSUMS if f"--tun-{word}" in options), None))
