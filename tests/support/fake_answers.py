"""What the programs on a director answer, written from a few plain values so that all of it belongs together."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from lvstop.model.ipvs import ForwardingMethod, VirtualServer
from support.factories import real_server, virtual_server
from support.ip_vs_writer import write_table
from support.recordings import recorded

Answer = Mapping[str, tuple[int, str]]
"""Sections by name: exit status and text."""

VIPS = ("10.9.0.200", "10.9.0.201", "2001:db8:9::200", "fe80::200")
MASTER_ADDRESSES = ("10.9.0.101", *VIPS, "fe80::101")
BACKUP_ADDRESSES = ("10.9.0.102", "fe80::102")
TABLE = (
    virtual_server(
        "TCP:10.9.0.200:80",
        real_server("10.9.0.11:80", 3),
        real_server("10.9.0.12:80", 2),
        scheduler="wlc",
        persistent=True,
        persistence_seconds=60,
        persistence_prefix=32,
    ),
    virtual_server("FWM:5", real_server("10.9.0.12:80", 2, forwarding="Masq")),
)
TABLE_FILES = ("uptime", "ip_vs", "ip_vs_stats", "fib_trie", "if_inet6", "loadavg", "net_dev")
VITALS_FILES = ("cpu", "memory", "softnet", "conntrack_count", "conntrack_max")

_FLAGS = {ForwardingMethod.ROUTE: "-g", ForwardingMethod.MASQ: "-m", ForwardingMethod.TUNNEL: "-i"}
_NET_DEV = "Inter-| Receive | Transmit\n face |bytes |bytes\n  eth0: 1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0\n"
_SYSCTLS = """net.ipv4.ip_forward = 1
net.ipv4.vs.conn_reuse_mode = 1
net.ipv4.vs.expire_nodest_conn = 1
net.ipv4.vs.expire_quiescent_template = 1
net.ipv4.vs.sloppy_tcp = 0
net.ipv4.vs.backup_only = 0
"""
_IDENTITY: Answer = {
    "kernel": (0, "6.1.0-40-amd64\n"),
    "keepalived_version": (0, recorded("debian-12", "keepalived_version.out")),
    "signal_json": (0, "36\n"),
    "signal_data": (0, "10\n"),
    "hertz": (0, "CONFIG_HZ=250\n"),
    "ipvsadm": (0, "/sbin/ipvsadm\n"),
    "journal": (0, ""),
    "dbus": (0, "/usr/bin/busctl\n"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a director is at one moment."""

    name: str
    master: bool
    table: Sequence[VirtualServer]
    addresses: Sequence[str]
    connections: int
    pid: int | None
    children: Sequence[str]
    uptime: float

    def answer(self, verb: str) -> Answer:
        """What the facts program answers, dumps excepted; nothing where it does not know the verb."""
        match verb:
            case "identity":
                machine = f"00000000-0000-4000-8000-{self.name}\nnet:[4026531840]\n"
                return {**_IDENTITY, "hostname": (0, f"{self.name}\n"), "machine": (0, machine)}
            case "daemon":
                pid = (1, "") if self.pid is None else (0, f"{self.pid}\n")
                return {"pid": pid, "children": (0, "\n".join(self.children) if self.pid is not None else "")}
            case "addresses":
                return {"ip_addr": (0, _ip_addr(self.addresses))}
            case "threads":
                return {"threads": (0, f"ipvs-{'m' if self.master else 'b'}:0:0\n")}
            case "sysctls":
                return {"sysctls": (0, _SYSCTLS)}
            case "dbus":
                return {"dbus": (0, "")}
            case _:
                return self._ipvsadm(verb)

    def _ipvsadm(self, verb: str) -> Answer:
        totals = " ".join([str(self.connections)] * 5)
        role = "master" if self.master else "backup"
        match verb:
            case "stats":
                listing = self._listing("stats_exact", lambda _: totals, lambda _: totals)
                return {"uptime": (0, f"{self.uptime:.2f}\n"), "stats": (0, listing)}
            case "rates":
                return {"rates": (0, self._listing("rate_exact", lambda _: "1 2 3 4 5", lambda _: "1 2 3 4 5"))}
            case "thresholds":
                return {"thresholds": (0, self._listing("thresholds", lambda _: "0 0 0 0", _scheduling))}
            case "persistent":
                return {"persistent": (0, self._listing("persistent", lambda weight: f"{weight} 0 0 0", _scheduling))}
            case "save":
                return {"save": (0, "".join(f"{line}\n" for line in _saved(self.table)))}
            case "daemons":
                return {"daemons": (0, f"{role} sync daemon (mcast=eth0, syncid=51, maxlen=1472)\n")}
            case _:
                return {}

    def file(self, name: str) -> str:
        """The text of a file of the table lane."""
        match name:
            case "uptime":
                return f"{self.uptime:.2f} 99.00\n"
            case "ip_vs":
                return write_table(self.table)
            case "ip_vs_stats":
                return recorded("debian-12", "proc_ip_vs_stats.out")
            case "fib_trie":
                leaves = [f"     |-- {each}\n        /32 host LOCAL\n" for each in self.addresses if ":" not in each]
                return f"Local:\n  +-- 0.0.0.0/0 {len(leaves)} 0 5\n{''.join(leaves)}"
            case "if_inet6":
                inet6 = (int(ip_address(each)) for each in self.addresses if ":" in each)
                return "".join(f"{number:032x} 02 40 00 80     eth0\n" for number in inet6)
            case "loadavg":
                return "0.10 0.20 0.30 1/100 4242\n"
            case "net_dev":
                return _NET_DEV
            case _:
                return self._vitals(name)

    def _vitals(self, name: str) -> str:
        """Two processors that are idle, and a third of the time at packets."""
        ticks = int(self.uptime * 100)
        match name:
            case "cpu":
                times = f"{ticks // 10} 0 {ticks // 20} {ticks // 2} 0 0 {ticks // 3} 0 0 0"
                return f"cpu  {times}\ncpu0 {times}\ncpu1 {times}\n"
            case "memory":
                return "MemTotal: 1000000 kB\nMemFree: 1 kB\nMemAvailable: 750000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n"
            case "softnet":
                return "00000001 00000000 00000002\n00000001 00000000 00000000\n"
            case _:
                return {"conntrack_count": "1204\n", "conntrack_max": "262144\n"}[name]

    def _listing(self, kind: str, columns: Callable[[int], str], service: Callable[[VirtualServer], str]) -> str:
        lines = recorded("debian-12", f"ipvsadm_Ln_{kind}.out").splitlines(keepends=True)[:3]
        for server in self.table:
            protocol, _, rest = str(server.key).partition(":")
            lines.append(f"{protocol}  {rest} {service(server)}\n")
            lines.extend(f"  -> {row.key} {columns(row.weight)}\n" for row in server.real_servers)
        return "".join(lines)


def dumps(director: str) -> dict[str, str]:
    """keepalived's dumps of `d1` (master) or `d2` (backup), where every real server is alive."""
    json_text, data, check = (
        recorded("debian-12", f"base_{director}__tmp_keepalived{suffix}")
        for suffix in (".json", ".data", "_check.data")
    )
    dead = "alive = 0\n   num failed checkers = 1\n   RS set = 0"
    alive = "alive = 1\n   num failed checkers = 0\n   RS set = 1"
    return {"json": json_text, "data": data, "check": check.replace(dead, alive)}


def _ip_addr(addresses: Sequence[str]) -> str:
    entries = [
        {"family": "inet6" if ":" in each else "inet", "local": each, "prefixlen": 64 if ":" in each else 24}
        for each in addresses
    ]
    return json.dumps([{"ifindex": 2, "ifname": "eth0", "addr_info": entries}])


def _saved(table: Sequence[VirtualServer]) -> list[str]:
    lines: list[str] = []
    for server in table:
        protocol, _, rest = str(server.key).partition(":")
        key = f"{'-f' if protocol == 'FWM' else '-t'} {rest}"
        lines.append(f"-A {key} -s {server.scheduler}" + (" -p 60" if server.persistent else ""))
        lines.extend(f"-a {key} -r {row.key} {_FLAGS[row.forwarding]} -w {row.weight}" for row in server.real_servers)
    return lines


def _scheduling(server: VirtualServer) -> str:
    return f"{server.scheduler} persistent 60" if server.persistent else server.scheduler
