"""One cluster of a scenario: its parts put together, and whether they know each other."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from lvstop.config.nodes import Node, did_you_mean
from lvstop.config.values import parse_boolean, parse_duration, parse_interval, parse_name, parse_title
from lvstop.demo.scenario import words
from lvstop.demo.scenario.fields import Keys, Side, read_side
from lvstop.demo.scenario.machines import (
    Bare,
    read_director,
    read_instance,
    read_sync_daemon,
    read_sync_group,
    read_track_file,
)
from lvstop.demo.scenario.services import Served, read_services
from lvstop.demo.world.breaking import compile_event
from lvstop.demo.world.conf import ClusterConf, EventConf, InstanceConf, KeepalivedConf
from lvstop.demo.world.rows import kernel_key

_KEYS = (
    "name",
    "interval",
    "read_only",
    "router_id",
    "flush_on_start",
    "flush_on_stop",
    "dbus",
    "directors",
    "instances",
    "sync_groups",
    "sync_daemon",
    "track_files",
    "virtual_servers",
    "events",
)


def read_cluster(node: Node, copy: int) -> ClusterConf | None:
    """An item of `clusters`; `copy` is the number of this copy of it, from 1. None where something is wrong."""
    keys = Keys(node, _KEYS)
    name = keys.need("name", parse_name)
    directors = [each for item in keys.items("directors") if (each := read_director(item)) is not None]
    if len(directors) < 2:
        node.complain("directors: a cluster has two of them at least")
        return None
    _distinct(directors)
    sides = len(directors)
    instances = [one for item in keys.items("instances") if (one := read_instance(item, directors)) is not None]
    served = [each for item in keys.items("virtual_servers") for each in read_services(item, sides)]
    router_id = read_side(keys, "router_id", parse_title, "lvs", sides)
    common = _common(keys, instances)
    if name is None or node.complaints.found:
        return None
    confs = tuple(
        replace(
            each.conf,
            keepalived=replace(
                common,
                router_id=router_id.of(place),
                instances=tuple(one.of(place) for one in instances),
                virtual_servers=tuple(one.conf.of(place) for one in served),
            ),
        )
        for place, each in enumerate(directors)
    )
    cluster = ClusterConf(
        name,
        confs,
        traffic=tuple(each.traffic for each in served if each.traffic is not None),
        interval=keys.get("interval", parse_interval, 1.0),
        read_only=keys.get("read_only", parse_boolean, False),
    )
    _check(keys, cluster, directors, served)
    return replace(cluster, events=tuple(_events(keys, cluster, copy)))


def _distinct(directors: Sequence[Bare]) -> None:
    for place, each in enumerate(directors):
        if any(other.conf.name == each.conf.name for other in directors[:place]):
            each.node.complain(f"there are two directors called {each.conf.name}")


def _common(keys: Keys, instances: Sequence[Side[InstanceConf]]) -> KeepalivedConf:
    """What all directors have in common."""
    daemon = keys.child("sync_daemon")
    groups = [(item, each) for item in keys.items("sync_groups") if (each := read_sync_group(item)) is not None]
    known = [each.of(0).name for each in instances]
    for item, group in groups:
        for name in group.instances:
            _known(item, "instance", name, known)
    sync_daemon = None if daemon is None else read_sync_daemon(daemon)
    if daemon is not None and sync_daemon is not None:
        _known(daemon, "instance", sync_daemon.instance, known)
    files = [one for item in keys.items("track_files") if (one := read_track_file(item)) is not None]
    return KeepalivedConf(
        router_id="",
        sync_groups=tuple(group for _, group in groups),
        track_files=tuple(files),
        sync_daemon=sync_daemon,
        flush_on_start=keys.get("flush_on_start", parse_boolean, False),
        flush_on_stop=keys.get("flush_on_stop", parse_boolean, False),
        enable_dbus=keys.get("dbus", parse_boolean, False),
    )


def _known(node: Node, what: str, name: str, known: Iterable[str]) -> None:
    names = list(known)
    if name not in names:
        node.complain(f"there is no {what} {name}{did_you_mean(name, names)}")


def _check(keys: Keys, cluster: ClusterConf, directors: Sequence[Bare], served: Sequence[Served]) -> None:
    """Complain about names that nothing has, and about rows that are there twice."""
    for conf, bare in zip(cluster.directors, directors, strict=True):
        interfaces = [each.name for each in conf.interfaces]
        for instance in conf.keepalived.instances:
            used = (instance.interface, *instance.track_interfaces, *(vip.interface for vip in instance.vips))
            for name in used:
                _known(bare.node, "interface", name, interfaces)
    common = cluster.directors[0].keepalived
    _check_files(keys.node, common)
    vips = {vip.address for instance in common.instances for vip in instance.vips}
    services = [each.conf.of(0) for each in served]
    if len({each.key for each in services}) != len(services):
        keys.node.complain("virtual_servers: one is there twice")
    for each in services:
        if each.vip not in vips:
            keys.node.complain(f"virtual_servers: {each.vip} is no VIP of any instance")
        if len({kernel_key(each, real) for real in each.real_servers}) != len(each.real_servers):
            keys.node.complain(f"virtual_servers: {each.key} has a real server twice")
        if (each.key.port or 0) > 65535 or (each.key.fwmark or 0) > 2**32 - 1:
            keys.node.complain(f"virtual_servers: {each.key} has no such port or mark")


def _check_files(node: Node, conf: KeepalivedConf) -> None:
    known = [each.name for each in conf.track_files]
    used = [track.file for instance in conf.instances for track in instance.track_files]
    used += [track.file for group in conf.sync_groups for track in group.track_files]
    for server in conf.virtual_servers:
        used += [track.file for real in server.real_servers for track in real.file_checks]
    for name in dict.fromkeys(used):
        _known(node, "track file", name, known)


def _events(keys: Keys, cluster: ClusterConf, copy: int) -> Iterable[EventConf]:
    for item in keys.items("events"):
        event_keys = Keys(item, ("at", "do", "target", "every", "copies"))
        at, action = event_keys.need("at", words.parse_moment), event_keys.need("do", parse_title)
        copies = event_keys.list_of("copies", words.parse_some)
        if at is None or action is None:
            continue
        target = event_keys.get("target", parse_title, "")
        event = EventConf(at, action, target, event_keys.maybe("every", parse_duration))
        try:
            compile_event(cluster, event)
        except ValueError as error:
            item.complain(str(error))
        if not copies or copy in copies:
            yield event
