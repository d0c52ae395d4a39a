"""Virtual servers of a scenario with their real servers and clients."""

from dataclasses import dataclass
from ipaddress import ip_address

from lvstop.config.nodes import Node
from lvstop.config.values import parse_address, parse_boolean, parse_duration
from lvstop.demo.scenario import words
from lvstop.demo.scenario.fields import Keys, Side, read_side
from lvstop.demo.world.conf import RealServerConf, TrafficConf, VirtualServerConf
from lvstop.model.address import IPAddress, RealServerKey, VirtualServerKey
from lvstop.model.ipvs import ForwardingMethod

_KEYS = (
    "service",
    "vip",
    "scheduler",
    "flags",
    "forwarding",
    "persistence",
    "prefix",
    "one_packet",
    "delay_loop",
    "quorum",
    "hysteresis",
    "sorry_server",
    "real_servers",
    "clients",
    "repeat",
)
_REAL_KEYS = (
    "address",
    "count",
    "weight",
    "upper_threshold",
    "lower_threshold",
    "tunnel",
    "check_port",
    "inhibit_on_failure",
    "file_checks",
)
_CLIENT_KEYS = (
    "count",
    "session",
    "pause",
    "in_packets",
    "in_bytes",
    "out_packets",
    "out_bytes",
    "swing",
    "period",
)


@dataclass(frozen=True, slots=True)
class Served:
    """A virtual server as each director has it, and its clients."""

    conf: Side[VirtualServerConf]
    traffic: TrafficConf | None


def read_services(node: Node, sides: int) -> list[Served]:
    """An item of `virtual_servers`; several, on one port after the other, where it says `repeat`."""
    keys = Keys(node, _KEYS)
    key = keys.need("service", words.parse_service)
    if key is None:
        return []
    vip = key.address if key.address is not None else keys.need("vip", parse_address)
    if key.address is not None and (given := keys.child("vip")) is not None:
        given.complain("the service tells its address itself")
    if vip is None:
        return []
    repeat = keys.get("repeat", words.parse_some, 1)
    return [_read(keys, _moved(key, number), vip, number, sides) for number in range(repeat)]


def _moved(key: VirtualServerKey, number: int) -> VirtualServerKey:
    if key.address is not None and key.port is not None:
        return VirtualServerKey.of_endpoint(key.protocol, key.address, key.port + number)
    return VirtualServerKey.of_fwmark((key.fwmark or 0) + number, key.family)


def _read(keys: Keys, key: VirtualServerKey, vip: IPAddress, number: int, sides: int) -> Served:
    forwarding = keys.get("forwarding", words.parse_forwarding, ForwardingMethod.ROUTE)
    real_servers: list[Side[RealServerConf]] = []
    for item in keys.items("real_servers"):
        real_servers += _read_real(item, forwarding, number, sides)
    if "real_servers" not in keys:
        keys.node.complain("real_servers: is missing")
    sorry = keys.maybe("sorry_server", words.parse_real_server)
    persistence = keys.maybe("persistence", parse_duration)
    by_side = tuple(
        VirtualServerConf(
            key=key,
            vip=vip,
            real_servers=tuple(each.of(place) for each in real_servers),
            scheduler=keys.get("scheduler", words.parse_scheduler, "wlc"),
            scheduler_flags=keys.list_of("flags", words.parse_flag),
            forwarding=forwarding,
            persistence_seconds=None if persistence is None else round(persistence),
            persistence_prefix=keys.maybe("prefix", words.parse_natural),
            one_packet=keys.get("one_packet", parse_boolean, False),
            delay_loop=keys.get("delay_loop", parse_duration, 6.0),
            quorum=keys.get("quorum", words.parse_some, 1),
            hysteresis=keys.get("hysteresis", words.parse_natural, 0),
            sorry_server=None if sorry is None else RealServerConf(sorry, forwarding),
        )
        for place in range(sides)
    )
    clients = keys.child("clients")
    return Served(Side(by_side), None if clients is None else _read_clients(clients, key))


def _read_real(node: Node, forwarding: ForwardingMethod, number: int, sides: int) -> list[Side[RealServerConf]]:
    """One real server, or `count` of them with one address after the other."""
    if node.is_single:
        single = node.parsed(words.parse_real_server)
        return [] if single is None else [Side((_plain(single, forwarding),))]
    keys = Keys(node, _REAL_KEYS)
    first = keys.need("address", words.parse_real_server)
    if first is None:
        return []
    count = keys.get("count", words.parse_some, 1)
    weight = read_side(keys, "weight", words.parse_natural, 1, sides)
    offset = number * count if "count" in keys else 0
    return [
        Side(
            tuple(
                RealServerConf(
                    key=RealServerKey(ip_address(int(first.address) + offset + step), first.port),
                    forwarding=forwarding,
                    weight=weight.of(place),
                    upper_threshold=keys.get("upper_threshold", words.parse_natural, 0),
                    lower_threshold=keys.get("lower_threshold", words.parse_natural, 0),
                    tunnel=keys.maybe("tunnel", words.parse_tunnel),
                    check_port=keys.get("check_port", words.parse_natural, first.port) or None,
                    file_checks=keys.list_of("file_checks", words.parse_track),
                    inhibit_on_failure=keys.get("inhibit_on_failure", parse_boolean, False),
                )
                for place in range(sides)
            )
        )
        for step in range(count)
    ]


def _plain(key: RealServerKey, forwarding: ForwardingMethod) -> RealServerConf:
    return RealServerConf(key, forwarding, check_port=key.port or None)


def _read_clients(node: Node, key: VirtualServerKey) -> TrafficConf:
    keys = Keys(node, _CLIENT_KEYS)
    usual = TrafficConf(key, 0, 1.0, 1.0)
    return TrafficConf(
        virtual_server=key,
        clients=keys.need("count", words.parse_natural) or 0,
        session=keys.need("session", parse_duration) or 1.0,
        pause=keys.need("pause", parse_duration) or 1.0,
        in_packets=keys.get("in_packets", words.parse_quantity, usual.in_packets),
        in_bytes=keys.get("in_bytes", words.parse_quantity, usual.in_bytes),
        out_packets=keys.get("out_packets", words.parse_quantity, usual.out_packets),
        out_bytes=keys.get("out_bytes", words.parse_quantity, usual.out_bytes),
        swing=keys.get("swing", words.parse_share, usual.swing),
        period=keys.get("period", parse_duration, usual.period),
    )
