"""Virtual servers of a scenario with their real servers and clients."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

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
MOST_ROWS = 100_000
"""Of one item of `virtual_servers`."""
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
    if "real_servers" not in keys:
        node.complain("real_servers: is missing")
    if key is None:
        return []
    vip = key.address if key.address is not None else keys.need("vip", parse_address)
    if key.address is not None and (given := keys.child("vip")) is not None:
        given.complain("the service tells its address itself")
    if vip is None:
        return []
    base = _read(keys, key, vip)
    groups = [
        each for item in keys.items("real_servers") if (each := _read_real(item, base.forwarding, sides)) is not None
    ]
    clients = keys.child("clients")
    traffic = None if clients is None else _read_clients(clients, key)
    repeat = keys.get("repeat", words.parse_some, 1)
    if repeat * max(sum(group.count for group in groups), 1) > MOST_ROWS:
        node.complain(f"these are more than {MOST_ROWS} real servers")
        return []
    return [_moved(base, groups, traffic, number, sides) for number in range(repeat)]


def _moved(
    base: VirtualServerConf, groups: Sequence["_Group"], traffic: TrafficConf | None, number: int, sides: int
) -> Served:
    """The virtual server that is `number` ports, or marks, further on."""
    old = base.key
    if old.address is not None and old.port is not None:
        key = VirtualServerKey.of_endpoint(old.protocol, old.address, old.port + number)
    else:
        key = VirtualServerKey.of_fwmark((old.fwmark or 0) + number, old.family)
    by_side = tuple(
        replace(base, key=key, real_servers=tuple(one for group in groups for one in group.of(place, number)))
        for place in range(sides)
    )
    return Served(Side(by_side), None if traffic is None else replace(traffic, virtual_server=key))


def _read(keys: Keys, key: VirtualServerKey, vip: IPAddress) -> VirtualServerConf:
    """A virtual server without its real servers."""
    forwarding = keys.get("forwarding", words.parse_forwarding, ForwardingMethod.ROUTE)
    sorry = keys.maybe("sorry_server", words.parse_real_server)
    persistence = keys.maybe("persistence", parse_duration)
    return VirtualServerConf(
        key=key,
        vip=vip,
        real_servers=(),
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


@dataclass(frozen=True, slots=True)
class _Group:
    """An item of `real_servers`: `count` of them, with one address after the other.

    Attributes:
        moves: each repetition of the virtual server has real servers of its own.
    """

    first: Side[RealServerConf]
    count: int
    moves: bool

    def of(self, place: int, number: int) -> Iterator[RealServerConf]:
        """As one director has them, in a repetition of the virtual server."""
        first = self.first.of(place)
        offset = number * self.count if self.moves else 0
        for step in range(offset, offset + self.count):
            yield replace(first, key=RealServerKey(first.key.address + step, first.key.port))


def _read_real(node: Node, forwarding: ForwardingMethod, sides: int) -> _Group | None:
    if node.is_single:
        single = node.parsed(words.parse_real_server)
        return None if single is None else _Group(Side((_plain(single, forwarding),)), 1, moves=False)
    keys = Keys(node, _REAL_KEYS)
    first = keys.need("address", words.parse_real_server)
    weight = read_side(keys, "weight", words.parse_natural, 1, sides)
    count = keys.get("count", words.parse_some, 1)
    if first is None:
        return None
    if count > 1 and int(first.address) + MOST_ROWS >= 2**first.address.max_prefixlen:
        node.complain(f"count: there are not so many addresses from {first.address} on")
        return None
    conf = RealServerConf(
        key=first,
        forwarding=forwarding,
        upper_threshold=keys.get("upper_threshold", words.parse_natural, 0),
        lower_threshold=keys.get("lower_threshold", words.parse_natural, 0),
        tunnel=keys.maybe("tunnel", words.parse_tunnel),
        check_port=keys.get("check_port", words.parse_natural, first.port) or None,
        file_checks=keys.list_of("file_checks", words.parse_track),
        inhibit_on_failure=keys.get("inhibit_on_failure", parse_boolean, False),
    )
    by_side = tuple(replace(conf, weight=weight.of(place)) for place in range(sides))
    return _Group(Side(by_side), count, moves="count" in keys)


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
