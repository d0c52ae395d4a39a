"""keepalived.data, the VRRP process's answer to SIGUSR1 (vrrp_data.c, vrrp_if.c, track_file.c of keepalived 2.2.7)."""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from lvstop.demo.formats.keepalived_globals import global_definitions
from lvstop.demo.formats.keepalived_words import Epoch, moment, vip_words
from lvstop.demo.world.conf import KeepalivedConf, SyncGroupConf
from lvstop.demo.world.host import Interface
from lvstop.demo.world.instance import Instance
from lvstop.demo.world.keepalived import Keepalived
from lvstop.demo.world.tracking import Track, all_tracks, group_tracks, own_tracks
from lvstop.demo.world.vrrp import SyncGroup
from lvstop.model.vrrp import VrrpState

_FIRST_SOCKET: Final = 13


def keepalived_data(
    conf: KeepalivedConf, keepalived: Keepalived, interfaces: Sequence[Interface], epoch: Epoch, now: float
) -> str:
    """The whole dump; `conf` is what it runs with, `now` in the world's seconds."""
    groups = {name: group.conf for group in keepalived.groups for name in group.conf.instances}
    lines: list[str] = []
    if keepalived.instances:
        lines.append("------< VRRP Topology >------")
        for place, instance in enumerate(keepalived.instances):
            group_conf = groups.get(instance.conf.name)
            group_name = None if group_conf is None else group_conf.name
            lines += _instance(instance, group_name, place, interfaces, epoch, now)
            lines += _trackers(instance, conf, grouped=group_conf is not None)
        lines.append("------< VRRP Sockpool >------")
        for place, instance in enumerate(keepalived.instances):
            lines += _socket(instance, place)
    if keepalived.groups:
        lines.append("------< VRRP Sync groups >------")
        for group in keepalived.groups:
            lines += _sync_group(group, keepalived.instances)
            lines += _tracked_files(group_tracks(group.conf, conf.track_files))
    lines += _track_files(conf, keepalived, groups)
    lines.append("------< Interfaces >------")
    for interface in interfaces:
        lines += _interface(interface, keepalived.instances)
    return "\n" + global_definitions(conf, vrrp=True) + "".join(f"{line}\n" for line in lines)


def _is_ipv6(instance: Instance) -> bool:
    return bool(instance.conf.vips) and instance.conf.vips[0].address.version == 6


def _down_timer(instance: Instance) -> float:
    """Seconds of silence after which a backup takes over: three adverts and the skew (RFC 3768, RFC 5798)."""
    interval = instance.conf.advert_interval
    skew = (256 - instance.effective_priority) / 256
    return 3 * interval + (skew if instance.conf.version == 2 else skew * interval)


def _instance(
    instance: Instance, group: str | None, place: int, interfaces: Sequence[Interface], epoch: Epoch, now: float
) -> Iterator[str]:
    conf = instance.conf
    ipv6, unicast = _is_ipv6(instance), bool(conf.peers)
    yield f" VRRP Instance = {conf.name}"
    yield f"   VRRP Version = {conf.version}"
    if group is not None:
        yield f"   Sync group = {group}"
    if ipv6:
        yield "   Using Native IPv6"
    yield f"   State = {instance.state}"
    if instance.state is VrrpState.BACKUP:
        yield f"   Master router = {instance.master_address or IPv4Address(0)}"
        yield f"   Master priority = {instance.master_priority}"
        if conf.version == 3:
            yield f"   Master advert int = {conf.advert_interval:.2f} sec"
    yield from ("   Flags:", "     Using unicast") if unicast else ("   Flags: none",)
    yield f"   Wantstate = {instance.wanted_state}"
    yield "   Number of config faults = 0"
    yield f"   Number of interface and track script faults = {len(instance.faults)}"
    yield "   Number of track scripts init = 0"
    yield f"   Last transition = {moment(epoch(instance.last_transition))}"
    waits = conf.advert_interval if instance.state is VrrpState.MASTER else _down_timer(instance)
    yield f"   Read timeout = {moment(epoch(now + waits))}"
    yield f"   Master down timer = {int(_down_timer(instance) * 1_000_000)} usecs"
    yield f"   Interface = {conf.interface}"
    yield f"   Using src_ip = {instance.source}{' (from configuration)' if conf.source is not None else ''}"
    if not unicast:
        index = next((each.index for each in interfaces if each.name == conf.interface), 0)
        yield f"   Multicast address ff02::12, ifindex {index}" if ipv6 else "   Multicast address 224.0.0.18"
    yield from _arp_and_priority(instance)
    yield from _addresses(instance, place)


def _arp_and_priority(instance: Instance) -> Iterator[str]:
    conf = instance.conf
    delay = int(conf.garp_delay)
    yield f"   Gratuitous ARP delay = {delay}"
    yield f"   Gratuitous ARP repeat = {conf.garp_repeat}"
    yield "   Gratuitous ARP refresh = 0"
    yield "   Gratuitous ARP refresh repeat = 1"
    yield f"   Gratuitous ARP lower priority delay = {delay}"
    yield f"   Gratuitous ARP lower priority repeat = {conf.garp_repeat}"
    yield "   Down timer adverts = 3"
    yield "   Send advert after receive lower priority advert = true"
    yield "   Send advert after receive higher priority advert = false"
    yield f"   Virtual Router ID = {conf.vrid}"
    yield f"   Priority = {conf.priority}"
    yield f"   Effective priority = {instance.effective_priority}"
    yield f"   Total priority = {instance.effective_priority}"
    if conf.version == 2:
        yield f"   Advert interval = {int(conf.advert_interval)} sec"
    else:
        yield f"   Advert interval = {round(conf.advert_interval * 1000)} milli-sec"
        if instance.state is VrrpState.BACKUP:
            yield f"   Master advert interval = {round(conf.advert_interval * 1000)} milli-sec"
    yield "   Accept = enabled"
    yield f"   Preempt = {'enabled' if conf.preempt else 'disabled'}"
    if conf.preempt_delay:
        yield f"   Preempt delay = {conf.preempt_delay:g} secs"
    yield "   Promote_secondaries = disabled"
    if conf.password is not None:
        yield "   Authentication type = SIMPLE_PASSWORD"
        yield f"   Password = {conf.password}"
    elif conf.version == 2:
        yield "   Authentication type = none"


def _addresses(instance: Instance, place: int) -> Iterator[str]:
    conf = instance.conf
    yield f"   Virtual IP ({len(conf.vips)}):"
    for vip in conf.vips:
        yield f"     {vip_words(vip, is_set=instance.vips_set)}"
    if conf.peers:
        yield "   Unicast Peer :"
        for peer in conf.peers:
            yield f"     {peer} min_ttl 0 max_ttl 255"
        yield "   Unicast checksum compatibility = no"
    yield f"   fd_in {_FIRST_SOCKET + 2 * place}, fd_out {_FIRST_SOCKET + 1 + 2 * place}"


def _trackers(instance: Instance, conf: KeepalivedConf, *, grouped: bool) -> Iterator[str]:
    if instance.conf.track_interfaces:
        yield "   Tracked interfaces :"
        for name in instance.conf.track_interfaces:
            yield f"     {name} weight 0"
    yield from _tracked_files(own_tracks(instance.conf, conf.track_files, grouped=grouped))
    yield "   Using smtp notification = no"
    yield "   Notify deleted = Fault"
    yield "   Notify priority changes = false"


def _tracked_files(tracks: Sequence[Track]) -> Iterator[str]:
    if tracks:
        yield "   Tracked files :"
    for track in tracks:
        yield f"     {track.file}, weight {track.weight}"


def _socket(instance: Instance, place: int) -> Iterator[str]:
    yield f" fd_in {_FIRST_SOCKET + 2 * place} fd_out = {_FIRST_SOCKET + 1 + 2 * place}"
    yield f"   Interface = {instance.conf.interface}"
    yield f"   Family = {'IPv6' if _is_ipv6(instance) else 'IPv4'}"
    yield "   Protocol = VRRP"
    yield f"   Type = {'Unicast' if instance.conf.peers else 'Multicast'}"
    yield "   Rx buf size = 0"
    yield "   VRRP instances"
    yield f"     {instance.conf.name} vrid {instance.conf.vrid}"


def _sync_group(group: SyncGroup, instances: Sequence[Instance]) -> Iterator[str]:
    members = [each for each in instances if each.conf.name in group.conf.instances]
    faults = sum(each.state is VrrpState.FAULT for each in members)
    starting = sum(each.state is VrrpState.INIT for each in members)
    yield f" VRRP Sync Group = {group.conf.name}, {group.state}"
    yield f"   Num member fault {faults}, num member init {starting}"
    yield "   VRRP member instances :"
    for name in group.conf.instances:
        yield f"     {name}"
    yield "   Using smtp notification = no"


def _track_files(conf: KeepalivedConf, keepalived: Keepalived, groups: Mapping[str, SyncGroupConf]) -> Iterator[str]:
    """Only files that instances track; those of the checkers are in their own dump."""
    tracking: dict[str, list[tuple[str, int]]] = {}
    for instance in keepalived.instances:
        name = instance.conf.name
        for track in all_tracks(instance.conf, groups.get(name), conf.track_files):
            tracking.setdefault(track.file, []).append((name, track.weight))
    files = [file for file in keepalived.track_files if file.conf.name in tracking]
    if files:
        yield "------< VRRP Track files >------"
    for file in files:
        yield f" Track file = {file.conf.name}"
        yield f"   File = {file.conf.path}"
        yield f"   Status = {file.status}"
        yield f"   Weight = {file.conf.weight}"
        yield "   Tracking instances :"
        for name, weight in tracking[file.conf.name]:
            yield f"     {name}, weight {weight}"


def _interface(interface: Interface, instances: Sequence[Instance]) -> Iterator[str]:
    loopback = interface.name == "lo"
    yield f" Name = {interface.name}"
    yield f"   index = {interface.index}"
    yield f"   IPv4 address = {_first(interface, IPv4Address)}"
    yield f"   IPv6 address = {'(none)' if loopback else _first(interface, IPv6Address)}"
    if not loopback:
        yield f"   MAC = {interface.mac}"
        yield "   MAC broadcast = ff:ff:ff:ff:ff:ff"
    state = "UP, RUNNING" if interface.up else "UP, not RUNNING"
    yield f"   State = {state}{', no broadcast, loopback, no multicast' if loopback else ''}"
    yield "   Seen up = 1"
    yield "   Delayed state change running = false"
    yield "   Up debounce timer = 0us"
    yield "   Down debounce timer = 0us"
    yield f"   MTU = {interface.mtu}"
    yield f"   HW Type = {'LOOPBACK' if loopback else 'ETHERNET'}"
    yield "   NIC netlink status update"
    for name in ("Reset ARP config counter", "Original arp_ignore", "Original arp_filter"):
        yield f"   {name} 0"
    yield "   Original promote_secondaries 0"
    yield "   Reset promote_secondaries counter 0"
    tracking = [
        each.conf.name for each in instances if interface.name in (each.conf.interface, *each.conf.track_interfaces)
    ]
    if tracking:
        yield "   Tracking VRRP instances :"
        for name in tracking:
            yield f"     {name}, weight 0"


def _first(interface: Interface, kind: type[IPv4Address] | type[IPv6Address]) -> str:
    return next((str(each.address) for each in interface.addresses if isinstance(each.address, kind)), "(none)")
