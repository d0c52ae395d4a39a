"""Directors of a scenario, and the parts of keepalived.conf that have to do with VRRP."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lvstop.config.nodes import Node
from lvstop.config.values import parse_boolean, parse_duration, parse_name, parse_title
from lvstop.demo.scenario import words
from lvstop.demo.scenario.fields import Keys, Side, read_side
from lvstop.demo.world.conf import (
    DirectorConf,
    InstanceConf,
    InterfaceConf,
    KeepalivedConf,
    SyncDaemonConf,
    SyncGroupConf,
    TrackFileConf,
)
from lvstop.model.address import IPAddress
from lvstop.model.director import Privilege
from lvstop.model.vrrp import VrrpState

_DIRECTOR_KEYS = ("name", "interfaces", "login", "keepalived", "kernel", "hertz", "sysctls")
_INSTANCE_KEYS = (
    "name",
    "vrid",
    "interface",
    "priority",
    "state",
    "vips",
    "version",
    "advert_interval",
    "preempt",
    "preempt_delay",
    "unicast",
    "track_interfaces",
    "track_files",
    "garp_delay",
    "garp_repeat",
    "password",
)


@dataclass(frozen=True, slots=True)
class Bare:
    """A director without its keepalived.conf, and where the file speaks of it."""

    conf: DirectorConf
    node: Node


def read_director(node: Node) -> Bare | None:
    """An item of `directors`."""
    keys = Keys(node, _DIRECTOR_KEYS)
    name = keys.need("name", parse_name)
    interfaces = _interfaces(keys)
    if name is None:
        return None
    usual = DirectorConf(name, (), KeepalivedConf(name))
    conf = DirectorConf(
        name,
        interfaces,
        usual.keepalived,
        login=keys.get("login", words.parse_login, Privilege.ROOT),
        keepalived_version=keys.get("keepalived", words.parse_release, usual.keepalived_version),
        kernel=keys.get("kernel", parse_title, usual.kernel),
        hertz=keys.get("hertz", words.parse_some, usual.hertz),
        sysctls=_sysctls(keys),
    )
    return Bare(conf, node)


def _interfaces(keys: Keys) -> tuple[InterfaceConf, ...]:
    node = keys.child("interfaces")
    if node is None:
        keys.node.complain("interfaces: is missing")
        return ()
    found: list[InterfaceConf] = []
    for name, (value, _) in (node.entries() or {}).items():
        addresses = (item.parsed(words.parse_interface_address) for item in value.items() or ())
        found.append(InterfaceConf(name, tuple(each for each in addresses if each is not None)))
    if not found or not found[0].addresses:
        node.complain("the first interface needs an address: lvstop connects to it")
    return tuple(found)


def _sysctls(keys: Keys) -> tuple[tuple[str, int], ...]:
    node = keys.child("sysctls")
    entries = {} if node is None else node.entries() or {}
    values = ((name, value.parsed(words.parse_number)) for name, (value, _) in entries.items())
    return tuple((name, value) for name, value in values if value is not None)


def read_instance(node: Node, directors: Sequence[Bare]) -> Side[InstanceConf] | None:
    """An item of `instances`, as each director has it."""
    keys = Keys(node, _INSTANCE_KEYS)
    sides = len(directors)
    name, interface = keys.need("name", parse_name), keys.need("interface", parse_title)
    vrid = keys.need("vrid", words.parse_octet)
    vips = keys.list_of("vips", words.parse_vip)
    if not vips:
        node.complain("vips: an instance has at least one")
    if name is None or interface is None or vrid is None:
        return None
    priority = read_side(keys, "priority", words.parse_octet, 100, sides)
    state = read_side(keys, "state", words.parse_state, VrrpState.BACKUP, sides)
    preempt = read_side(keys, "preempt", parse_boolean, True, sides)
    sources = [_address_on(each, interface) for each in directors]
    unicast = keys.get("unicast", parse_boolean, False)
    if unicast and not all(sources):
        node.complain(f"unicast: not every director has an address on {interface}")
    base = InstanceConf(
        name,
        vrid,
        interface,
        0,
        vips,
        version=keys.get("version", words.parse_version, 2),
        advert_interval=keys.get("advert_interval", parse_duration, 1.0),
        preempt_delay=keys.get("preempt_delay", parse_duration, 0.0),
        track_interfaces=keys.list_of("track_interfaces", parse_title),
        track_files=keys.list_of("track_files", words.parse_track),
        garp_delay=keys.get("garp_delay", parse_duration, 5.0),
        garp_repeat=keys.get("garp_repeat", words.parse_some, 5),
        password=keys.maybe("password", parse_title),
    )
    return Side(
        tuple(
            replace(
                base,
                priority=priority.of(place),
                initial_state=state.of(place),
                preempt=preempt.of(place),
                source=sources[place] if unicast else None,
                peers=tuple(one for number, one in enumerate(sources) if unicast and one and number != place),
            )
            for place in range(sides)
        )
    )


def _address_on(director: Bare, interface: str) -> IPAddress | None:
    for each in director.conf.interfaces:
        if each.name == interface and each.addresses:
            return each.addresses[0].address
    return None


def read_sync_group(node: Node) -> SyncGroupConf | None:
    """An item of `sync_groups`."""
    keys = Keys(node, ("name", "instances", "track_files"))
    name = keys.need("name", parse_name)
    instances = keys.list_of("instances", parse_name)
    tracks = keys.list_of("track_files", words.parse_track)
    return None if name is None else SyncGroupConf(name, instances, tracks)


def read_sync_daemon(node: Node) -> SyncDaemonConf | None:
    """`sync_daemon`."""
    keys = Keys(node, ("interface", "instance", "id"))
    interface, instance = keys.need("interface", parse_title), keys.need("instance", parse_name)
    sync_id = keys.get("id", words.parse_natural, 0)
    return None if interface is None or instance is None else SyncDaemonConf(interface, instance, sync_id)


def read_track_file(node: Node) -> TrackFileConf | None:
    """An item of `track_files`."""
    keys = Keys(node, ("name", "path", "weight", "initial"))
    name, path = keys.need("name", parse_name), keys.need("path", parse_title)
    weight, initial = keys.get("weight", words.parse_number, 1), keys.maybe("initial", words.parse_number)
    return None if name is None or path is None else TrackFileConf(name, path, weight, initial)
