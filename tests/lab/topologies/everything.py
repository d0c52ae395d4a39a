"""A pair that has all that IPVS and keepalived offer at once, for what reads tables and configurations.

Both address families; TCP, UDP and SCTP; firewall marks, the same number for IPv4 and IPv6; all forwarding methods;
thresholds, persistence with masks, one-packet scheduling, scheduler flags; a sorry server in service, a real server
kept at weight 0, a virtual server without any; two VRRP instances in a sync group; connection synchronisation.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.topology import ClientSpec, DirectorSpec, Network, Nic, ReadyCheck, RealServerSpec, Topology

VIP4 = "172.26.130.100"
VIP6 = "fd00:130::100"
REAL4 = ("172.26.130.21", "172.26.130.22", "172.26.130.23")
REAL6 = ("fd00:130::21", "fd00:130::22", "fd00:130::23")
# the password of VRRP: no program may ever show it
SECRET = "hunter2x"  # noqa: S105
TCP_PORTS = (80, 443, 8443, 8080)
UDP_PORTS = (53,)
DEAD_PORT = 81


@dataclass(frozen=True, slots=True)
class Real:
    """A real server of keepalived.conf: `lines` are its further settings, `check_port` is probed by TCP (0: never)."""

    address: str
    port: int
    weight: int = 1
    check_port: int = 80
    lines: tuple[str, ...] = ()

    def text(self) -> str:
        """Return its block, in a virtual server."""
        lines = [f"weight {self.weight}", *self.lines]
        if self.check_port:
            lines.append(f"TCP_CHECK {{\n      connect_port {self.check_port}\n      connect_timeout 2\n    }}")
        return f"  real_server {self.address} {self.port} {{\n" + "".join(f"    {x}\n" for x in lines) + "  }\n"


def virtual(head: str, lines: Sequence[str], real_servers: Sequence[Real]) -> str:
    """Return a `virtual_server` block of keepalived.conf."""
    body = "".join(f"  {line}\n" for line in ("delay_loop 3", *lines))
    return f"virtual_server {head} {{\n{body}" + "".join(real.text() for real in real_servers) + "}\n"


def _virtual_servers4() -> list[str]:
    one, two, three = REAL4
    limits = ("uthreshold 1000", "lthreshold 800")
    persistent = ("persistence_timeout 360", "persistence_granularity 255.255.255.0")
    return [
        virtual(
            f"{VIP4} 80",
            ("protocol TCP", "lvs_sched wlc", "lvs_method DR", *persistent),
            [Real(one, 80, 3, lines=limits), Real(two, 80, 1, lines=limits)],
        ),
        virtual(
            f"{VIP4} 443",
            ("protocol TCP", "lvs_sched sh", "sh-port", "sh-fallback", "lvs_method NAT"),
            [Real(one, 8443), Real(two, 8443), Real(three, 8443)],
        ),
        virtual(
            f"{VIP4} 8080",
            ("protocol TCP", "lvs_sched mh", "mh-port", "lvs_method TUN"),
            [Real(one, 8080), Real(two, 8080)],
        ),
        virtual(
            f"{VIP4} 53",
            ("protocol UDP", "lvs_sched rr", "ops", "lvs_method DR"),
            [Real(one, 53), Real(two, 53)],
        ),
        virtual(
            f"{VIP4} 9999",
            ("protocol SCTP", "lvs_sched wrr", "lvs_method DR"),
            [Real(one, 9999, 2), Real(two, 9999, 1)],
        ),
        virtual(
            f"{VIP4} 25",
            ("protocol TCP", "lvs_sched lc", "lvs_method DR"),
            [Real("127.0.0.1", 25, check_port=22), Real(three, 25)],
        ),
        virtual(
            f"{VIP4} 81",
            ("protocol TCP", "lvs_sched sed", "lvs_method DR", f"sorry_server {three} 81"),
            [Real(one, DEAD_PORT, check_port=DEAD_PORT), Real(two, DEAD_PORT, check_port=DEAD_PORT)],
        ),
        virtual(
            f"{VIP4} 82",
            ("protocol TCP", "lvs_sched nq", "lvs_method DR"),
            [Real(one, 82, 5, DEAD_PORT, ("inhibit_on_failure",)), Real(two, 82, 5)],
        ),
        virtual("fwmark 7", ("lvs_sched rr", "lvs_method DR", "persistence_timeout 60"), [Real(one, 0), Real(two, 0)]),
    ]


def _virtual_servers6() -> list[str]:
    one, two, three = REAL6
    return [
        virtual(
            f"{VIP6} 80",
            ("protocol TCP", "lvs_sched wlc", "lvs_method DR", "persistence_timeout 300", "persistence_granularity 64"),
            [Real(one, 80), Real(two, 80)],
        ),
        virtual(
            f"{VIP6} 443",
            ("protocol TCP", "lvs_sched wrr", "lvs_method NAT", "persistence_timeout 120"),
            [Real(one, 8443, 10), Real(three, 8443, 0)],
        ),
        virtual(
            f"{VIP6} 53",
            ("protocol UDP", "lvs_sched rr", "ops", "lvs_method DR"),
            [Real(one, 53), Real(two, 53)],
        ),
    ]


# what keepalived.conf cannot say: no real server at all; a persistence engine; UDP encapsulation, and two families of
# one mark, which not every version of keepalived knows
IPVS_COMMANDS = tuple(
    tuple(line.split())
    for line in (
        f"-A -t {VIP4}:7 -s rr",
        f"-A -u {VIP4}:5060 -s rr -p 60 --pe sip",
        f"-a -u {VIP4}:5060 -r {REAL4[0]} -g -w 1",
        f"-A -t {VIP4}:8472 -s lblc",
        f"-a -t {VIP4}:8472 -r {REAL4[0]} -i --tun-type gue --tun-port 6080 -w 4",
        f"-a -t {VIP4}:8472 -r {REAL4[1]} -i --tun-type gue --tun-port 6080 --tun-csum -w 1",
        "-A -f 7 -6 -s wlc -p 120 -M 64",
        f"-a -f 7 -6 -r {REAL6[0]} -g -w 1",
        f"-a -f 7 -6 -r {REAL6[1]} -m -w 2 -x 50 -y 40",
        "-A -f 4294967295 -s dh -o",
        f"-a -f 4294967295 -r {REAL4[2]} -g",
        f"-A -t [{VIP6}]:9999 -s lblcr",
        f"-a -t [{VIP6}]:9999 -r [{REAL6[2]}]:9999 -i -w 1 -x 10",
        f"-A --sctp-service [{VIP6}]:9998 -s mh -b mh-fallback",
        f"-a --sctp-service [{VIP6}]:9998 -r [{REAL6[0]}]:9998 -g -w 1",
    )
)


# the IPv6 VIP is a /128, for then keepalived marks it deprecated: a director that took it for the source of its checks
# would be answered by nobody, as each real server has it too
def _keepalived_conf(number: int, peer: int, state: str, priority: int, *, dbus: bool) -> str:
    vrrp = f"""\
global_defs {{
  router_id everything-{number}
  lvs_sync_daemon ens4 V4 id 51
{"  enable_dbus" if dbus else ""}
}}
vrrp_sync_group BOTH {{
  group {{
    V4
    V6
  }}
}}
vrrp_instance V4 {{
  version 2
  state {state}
  interface ens4
  virtual_router_id 51
  priority {priority}
  advert_int 3
  authentication {{
    auth_type PASS
    auth_pass {SECRET}
  }}
  unicast_src_ip 192.168.67.{number}
  unicast_peer {{
    192.168.67.{peer}
  }}
  virtual_ipaddress {{
    {VIP4}/24 dev ens3
  }}
}}
vrrp_instance V6 {{
  version 3
  native_ipv6
  state {state}
  interface ens4
  virtual_router_id 61
  priority {priority}
  advert_int 3
  virtual_ipaddress {{
    fe80::100/64 dev ens3
    {VIP6}/128 dev ens3
  }}
}}
"""
    return vrrp + "".join((*_virtual_servers4(), *_virtual_servers6()))


def _director(place: int, number: int, peer: int, state: str, priority: int) -> DirectorSpec:
    return DirectorSpec(
        name=f"lvs{place}",
        nics=(
            Nic("ens3", "vip", (f"172.26.130.{number}/24", f"fd00:130::{number}/64")),
            Nic("ens4", "vrrp", (f"192.168.67.{number}/24",)),
        ),
        gateway="172.26.130.1",
        keepalived_conf=_keepalived_conf(number, peer, state, priority, dbus=place == 1),
        ipvs_commands=IPVS_COMMANDS,
    )


EVERYTHING = Topology(
    name="everything",
    networks=(
        Network("vip", ("172.26.130.1/24", "fd00:130::1/64"), ("172.26.130.250/24", "fd00:130::250/64")),
        Network("vrrp", ("192.168.67.1/24",)),
    ),
    directors=(_director(1, 11, 12, "MASTER", 150), _director(2, 12, 11, "BACKUP", 100)),
    real_servers=tuple(
        RealServerSpec(f"rs{place}", "vip", (f"{four}/24", f"{six}/64"), (VIP4, VIP6), TCP_PORTS, UDP_PORTS)
        for place, (four, six) in enumerate(zip(REAL4, REAL6, strict=True), start=1)
    ),
    clients=(ClientSpec("client", "vip", ("172.26.130.31/24", "fd00:130::31/64")),),
    ready=(
        ReadyCheck("lvs1", "ip addr show dev ens3", f"inet {VIP4}/"),
        ReadyCheck("lvs1", "ip addr show dev ens3", f"inet6 {VIP6}/"),
        ReadyCheck("lvs2", f"ip addr show | grep -c 'inet6\\? \\({VIP4}\\|{VIP6}\\)/'", "0\n"),
        # the sorry server comes last, when keepalived has given up on the dead port of both real servers
        *(ReadyCheck(name, f"ipvsadm -Ln -t {VIP4}:81", f"{REAL4[2]}:{DEAD_PORT}") for name in ("lvs1", "lvs2")),
    ),
)
