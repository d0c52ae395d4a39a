"""keepalived.conf as an operator would have written it (man 5 keepalived.conf, 2.2)."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address
from typing import Final

from lvstop.demo.world.conf import (
    InstanceConf,
    KeepalivedConf,
    RealServerConf,
    SyncGroupConf,
    TrackConf,
    TrackFileConf,
    VirtualServerConf,
)
from lvstop.model.address import Family, Protocol
from lvstop.model.ipvs import ForwardingMethod

_KINDS: Final = {
    ForwardingMethod.ROUTE: "DR",
    ForwardingMethod.LOCAL: "DR",
    ForwardingMethod.MASQ: "NAT",
    ForwardingMethod.TUNNEL: "TUN",
}
_ALL_OF_AN_ADDRESS: Final = {Family.INET: 32, Family.INET6: 128}


def keepalived_conf(conf: KeepalivedConf) -> str:
    """The whole file."""
    lines = _block("global_defs", _global(conf))
    for file in conf.track_files:
        lines += _block(f"track_file {file.name}", _track_file(file))
    for group in conf.sync_groups:
        lines += _block(f"vrrp_sync_group {group.name}", _sync_group(group))
    for instance in conf.instances:
        lines += _block(f"vrrp_instance {instance.name}", _instance(instance))
    for server in conf.virtual_servers:
        lines += _block(f"virtual_server {_service(server)}", _virtual_server(server))
    return "".join(f"{line}\n" for line in lines)


def _block(title: str, inside: Iterable[str]) -> list[str]:
    return [f"{title} {{", *(f"  {line}" for line in inside), "}"]


def _global(conf: KeepalivedConf) -> Iterator[str]:
    yield f"router_id {conf.router_id}"
    if conf.flush_on_start:
        yield "lvs_flush"
    if conf.flush_on_stop:
        yield "lvs_flush_onstop"
    if conf.enable_dbus:
        yield "enable_dbus"
    daemon = conf.sync_daemon
    if daemon is not None:
        yield f"lvs_sync_daemon {daemon.interface} {daemon.instance} id {daemon.sync_id}"


def _track_file(file: TrackFileConf) -> Iterator[str]:
    yield f"file {file.path}"
    yield f"weight {file.weight}"
    if file.initial is not None:
        yield f"init_file {file.initial}"


def _tracked(files: Iterable[TrackConf]) -> Iterator[str]:
    for each in files:
        yield each.file if each.weight is None else f"{each.file} weight {each.weight}"


def _sync_group(group: SyncGroupConf) -> Iterator[str]:
    yield from _block("group", group.instances)
    if group.track_files:
        yield from _block("track_file", _tracked(group.track_files))


def _instance(conf: InstanceConf) -> Iterator[str]:
    yield f"state {conf.initial_state}"
    yield f"interface {conf.interface}"
    yield f"virtual_router_id {conf.vrid}"
    yield f"priority {conf.priority}"
    yield f"advert_int {conf.advert_interval:g}"
    if conf.version != 2:
        yield f"version {conf.version}"
    if not conf.preempt:
        yield "nopreempt"
    if conf.preempt_delay:
        yield f"preempt_delay {conf.preempt_delay:g}"
    yield f"garp_master_delay {conf.garp_delay:g}"
    yield f"garp_master_repeat {conf.garp_repeat}"
    if conf.source is not None:
        yield f"{'unicast_src_ip' if conf.peers else 'mcast_src_ip'} {conf.source}"
    if conf.peers:
        yield from _block("unicast_peer", map(str, conf.peers))
    if conf.password is not None:
        yield from _block("authentication", ("auth_type PASS", f"auth_pass {conf.password}"))
    if conf.track_interfaces:
        yield from _block("track_interface", conf.track_interfaces)
    if conf.track_files:
        yield from _block("track_file", _tracked(conf.track_files))
    yield from _block(
        "virtual_ipaddress", (f"{vip.address}/{vip.prefix_length} dev {vip.interface}" for vip in conf.vips)
    )


def _service(conf: VirtualServerConf) -> str:
    key = conf.key
    return f"fwmark {key.fwmark}" if key.address is None else f"{key.address} {key.port}"


def _virtual_server(conf: VirtualServerConf) -> Iterator[str]:
    if conf.key.protocol is not Protocol.FWM:
        yield f"protocol {conf.key.protocol}"
    elif conf.key.family is Family.INET6:
        yield "ip_family inet6"
    yield f"delay_loop {conf.delay_loop:g}"
    yield f"lb_algo {conf.scheduler}"
    yield from conf.scheduler_flags
    yield f"lb_kind {_KINDS[conf.forwarding]}"
    if conf.persistence_seconds is not None:
        yield f"persistence_timeout {conf.persistence_seconds}"
    prefix = conf.persistence_prefix
    if prefix is not None and conf.key.family is not None and prefix != _ALL_OF_AN_ADDRESS[conf.key.family]:
        mask = IPv4Address((0xFFFFFFFF << (32 - prefix)) & 0xFFFFFFFF) if conf.key.family is Family.INET else prefix
        yield f"persistence_granularity {mask}"
    if conf.one_packet:
        yield "ops"
    if conf.quorum != 1:
        yield f"quorum {conf.quorum}"
    if conf.hysteresis:
        yield f"hysteresis {conf.hysteresis}"
    if conf.sorry_server is not None:
        yield f"sorry_server {conf.sorry_server.key.address} {conf.sorry_server.key.port}"
    for server in conf.real_servers:
        yield from _block(f"real_server {server.key.address} {server.key.port}", _real_server(server, conf))


def _real_server(conf: RealServerConf, service: VirtualServerConf) -> Iterator[str]:
    yield f"weight {conf.weight}"
    if conf.forwarding is not service.forwarding:
        yield f"lvs_method {_KINDS[conf.forwarding]}"
    if conf.upper_threshold:
        yield f"uthreshold {conf.upper_threshold}"
    if conf.lower_threshold:
        yield f"lthreshold {conf.lower_threshold}"
    if conf.inhibit_on_failure:
        yield "inhibit_on_failure"
    if conf.check_port is not None:
        timeout = f"connect_timeout {service.connect_timeout:g}"
        yield from _block("TCP_CHECK", (timeout, f"connect_port {conf.check_port}"))
    for check in conf.file_checks:
        weight = () if check.weight is None else (f"weight {check.weight}",)
        yield from _block("FILE_CHECK", (f"track_file {check.file}", *weight))
