"""The pair that the project started from: two directors with two interfaces, one VIP, SMB on two real servers.

The VIP network is 172.26.127.16/28 (ens3); VRRP speaks unicast on a network of its own, 192.168.66.0/24 (ens4).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lab.topology import ClientSpec, DirectorSpec, Network, Nic, ReadyCheck, RealServerSpec, Topology

VIP = "172.26.127.20"
REAL_SERVERS = ("172.26.127.21", "172.26.127.22")
PORTS = (445, 139)
CHECK_PORT = 445


@dataclass(frozen=True, slots=True)
class Member:
    """What differs between the two directors: last number of their addresses, and their part in VRRP."""

    number: int
    peer: int
    state: str
    priority: int


MEMBERS = (Member(23, 24, "MASTER", 150), Member(24, 23, "BACKUP", 50))


NETWORKS = (
    Network("vip", ("172.26.127.17/28",), attach_addresses=("172.26.127.29/28",)),
    Network("vrrp", ("192.168.66.1/24",)),
)
CLIENTS = (
    ClientSpec("client", "vip", ("172.26.127.25/28",)),
    ClientSpec("client2", "vip", ("172.26.127.26/28",)),
)


def seed(
    name: str = "seed",
    *,
    sync_daemon: str | None = None,
    track_file: str | None = None,
    enable_dbus: bool = False,
    global_lines: Iterable[str] = (),
    instance_lines: Iterable[str] = (),
    extra: str = "",
    weight: int = 1,
    delay_loop: int | None = None,
    services: str | None = None,
    ports: tuple[int, ...] = PORTS,
    files: Mapping[str, str] | None = None,
) -> Topology:
    """Return the seed's topology, or a variation of it (see `keepalived_conf` for the parameters).

    `ports` are those that real servers serve; with `services` of its own it has a virtual server on each of them.
    """
    directors = tuple(
        DirectorSpec(
            name=f"keepalived{place}",
            nics=(
                Nic("ens3", "vip", (f"172.26.127.{member.number}/28",)),
                Nic("ens4", "vrrp", (f"192.168.66.{member.number}/24",)),
            ),
            gateway="172.26.127.17",
            keepalived_conf=keepalived_conf(
                member,
                sync_daemon=sync_daemon,
                track_file=track_file,
                enable_dbus=enable_dbus,
                global_lines=global_lines,
                instance_lines=instance_lines,
                extra=extra,
                weight=weight,
                delay_loop=delay_loop,
                services=services,
            ),
            files=files or {},
        )
        for place, member in enumerate(MEMBERS, start=1)
    )
    return Topology(
        name=name,
        networks=NETWORKS,
        directors=directors,
        real_servers=_real_servers(ports),
        clients=CLIENTS,
        ready=_ready(directors, ports),
    )


def _real_servers(ports: tuple[int, ...]) -> tuple[RealServerSpec, ...]:
    return tuple(
        RealServerSpec(f"rs{place}", "vip", (f"{address}/28",), (VIP,), ports)
        for place, address in enumerate(REAL_SERVERS, start=1)
    )


def _ready(directors: tuple[DirectorSpec, ...], ports: tuple[int, ...]) -> tuple[ReadyCheck, ...]:
    destinations = len(REAL_SERVERS) * len(ports)
    return (
        ReadyCheck(directors[0].name, "ip -4 addr show dev ens3", f"inet {VIP}/"),
        ReadyCheck(directors[1].name, f"ip -4 addr show | grep -c 'inet {VIP}/'", "0\n"),
        *(ReadyCheck(director.name, "ipvsadm -Ln | grep -c Route", f"{destinations}\n") for director in directors),
    )


def keepalived_conf(
    member: Member,
    *,
    sync_daemon: str | None = None,
    track_file: str | None = None,
    enable_dbus: bool = False,
    global_lines: Iterable[str] = (),
    instance_lines: Iterable[str] = (),
    extra: str = "",
    weight: int = 1,
    delay_loop: int | None = None,
    services: str | None = None,
) -> str:
    """Return keepalived.conf of one director.

    `sync_daemon` is the interface on which connections are synchronised; `track_file` the path of a file whose number
    is added to the priority; the lines go into `global_defs` and `vrrp_instance`, and `extra` to the end of the file.
    `delay_loop` is the pause in seconds between two health checks; keepalived's own, which the seed has, is 60.
    `services` are virtual servers in the place of the seed's.
    """
    globals_ = [
        "notification_email {\n    admin@example.org\n  }",
        f"notification_email_from keepalived{member.number}@example.org",
        "smtp_server 127.0.0.1",
        "smtp_connect_timeout 1",
        "router_id ha-smbqualif",
        "lvs_flush",
        "lvs_flush_onstop",
        *([f"lvs_sync_daemon {sync_daemon} SMB"] if sync_daemon else []),
        *(["enable_dbus"] if enable_dbus else []),
        *global_lines,
    ]
    tracked = f"track_file lever {{\n  file {track_file}\n  weight 1\n  init_file 0\n}}\n" if track_file else ""
    instance = [
        "virtual_router_id 20",
        f"state {member.state}",
        "interface ens4",
        f"priority {member.priority}",
        "advert_int 1",
        "track_interface {\n    ens3\n  }",
        *(["track_file {\n    lever\n  }"] if track_file else []),
        f"unicast_src_ip 192.168.66.{member.number}",
        f"unicast_peer {{\n    192.168.66.{member.peer}\n  }}",
        f"virtual_ipaddress {{\n    {VIP}/28 brd 172.26.127.31 dev ens3 scope global\n  }}",
        *(["smtp_alert"] if member.state == "MASTER" else []),
        "garp_master_delay 2",
        "garp_master_repeat 2",
        "garp_master_refresh_repeat 1",
        *instance_lines,
    ]
    servers = services or "".join(_virtual_server(port, weight, delay_loop) for port in PORTS)
    return f"{_block('global_defs', globals_)}{tracked}{_block('vrrp_instance SMB', instance)}{servers}{extra}"


def _virtual_server(port: int, weight: int, delay_loop: int | None) -> str:
    real_servers = "".join(
        f"""\
  real_server {address} {port} {{
    weight {weight}
    TCP_CHECK {{
      connect_timeout 1
      connect_port {CHECK_PORT}
    }}
  }}
"""
        for address in REAL_SERVERS
    )
    pause = f"  delay_loop {delay_loop}\n" if delay_loop else ""
    return f"virtual_server {VIP} {port} {{\n{pause}  protocol TCP\n  lb_algo rr\n  lb_kind DR\n{real_servers}}}\n"


def _block(head: str, lines: Iterable[str]) -> str:
    return f"{head} {{\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


SEED = seed()
# for tests that stop real servers or cut links: the seed takes a minute to notice, and another one to recover
SEED_QUICK = seed("seed-quick", delay_loop=2)
