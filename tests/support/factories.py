"""Builders for model objects: a healthy pair unless a test says otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from typing import Any

from lvstop.analysis.memory import Memory
from lvstop.analysis.merge import merge
from lvstop.model.address import (
    Family,
    IPAddress,
    Protocol,
    RealServerKey,
    VirtualServerKey,
    format_endpoint,
    parse_endpoint,
)
from lvstop.model.alert import Alert
from lvstop.model.checks import CheckedRealServer, CheckedVirtualServer
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot, DirectorStatus, Fault, FaultKind, Keepalived, Privilege
from lvstop.model.host import InterfaceAddress, Sysctls
from lvstop.model.ipvs import (
    Counters,
    ForwardingMethod,
    RealServer,
    RealServerDetail,
    SyncDaemon,
    SyncRole,
    Tunnel,
    VirtualServer,
    VirtualServerCounters,
    VirtualServerDetail,
)
from lvstop.model.vrrp import AdvertErrors, VirtualAddress, VrrpCounters, VrrpInstance, VrrpSource, VrrpState

NOW = datetime(2026, 11, 22, 14, 2, 11, tzinfo=UTC)
LONG_AGO = datetime(2026, 11, 10, 10, 48, 0, tzinfo=UTC)
VIP = "172.26.127.20"
SERVICE = f"TCP:{VIP}:445"
FIRST = "172.26.127.21:445"
SECOND = "172.26.127.22:445"


def later(seconds: float) -> datetime:
    """`NOW` and so many seconds."""
    return NOW + timedelta(seconds=seconds)


def vs_key(text: str) -> VirtualServerKey:
    """`TCP:172.26.127.20:445`, `FWM:7`, `FWM:7:inet6` or `FWM:7:?` (family unknown)."""
    protocol, _, rest = text.partition(":")
    if protocol == Protocol.FWM:
        mark, _, family = rest.partition(":")
        return VirtualServerKey.of_fwmark(int(mark), None if family == "?" else Family(family or "inet"))
    return VirtualServerKey.of_endpoint(Protocol(protocol), *parse_endpoint(rest))


@cache
def rs_key(text: str) -> RealServerKey:
    """`172.26.127.21:445`."""
    return RealServerKey(*parse_endpoint(text))


def real_server(
    text: str, weight: int = 1, *, forwarding: str = "Route", active: int = 0, inactive: int = 0
) -> RealServer:
    """A row of the kernel's table."""
    return RealServer(rs_key(text), ForwardingMethod(forwarding), weight, active, inactive)


def virtual_server(
    text: str = SERVICE, *rows: RealServer | str, scheduler: str = "rr", **more: object
) -> VirtualServer:
    """A virtual server of the kernel's table; `more` are fields, e.g. `persistent=True`."""
    servers = tuple(real_server(row) if isinstance(row, str) else row for row in rows)
    values: dict[str, Any] = {
        "persistent": False,
        "persistence_seconds": None,
        "persistence_prefix": None,
        "one_packet": False,
    }
    values.update(more)
    return VirtualServer(vs_key(text), scheduler, real_servers=servers, **values)


def checked(
    text: str, *, weight: int = 1, effective: int | None = None, alive: bool = True, inhibit: bool = False
) -> CheckedRealServer:
    """A real server as keepalived's checkers see it."""
    effective = weight if effective is None else effective
    return CheckedRealServer(rs_key(text), ForwardingMethod.ROUTE, weight, effective, alive, 0 if alive else 1, inhibit)


def checked_server(
    text: str = SERVICE, *rows: CheckedRealServer | str, quorum_up: bool | None = True, sorry: str | None = None
) -> CheckedVirtualServer:
    """A virtual server as keepalived's checkers see it."""
    servers = tuple(checked(row) if isinstance(row, str) else row for row in rows)
    return CheckedVirtualServer(vs_key(text), 1, quorum_up, rs_key(sorry) if sorry else None, servers)


def detail(
    rows: Mapping[str, RealServerDetail] | None = None,
    *,
    flags: Sequence[str] = (),
    persistence_seconds: int = 0,
    engine: str | None = None,
) -> VirtualServerDetail:
    """The privileged part of a virtual server."""
    servers = {rs_key(text): row for text, row in (rows or {}).items()}
    return VirtualServerDetail(tuple(flags), persistence_seconds, None, engine, False, servers)


def row_detail(
    upper: int | None = 0, lower: int | None = 0, *, persistent: int | None = 0, tunnel: Tunnel | None = None
) -> RealServerDetail:
    """The privileged part of a real server."""
    return RealServerDetail(upper, lower, persistent, tunnel)


def counters(value: int) -> Counters:
    """All five totals alike."""
    return Counters(value, value, value, value, value)


def server_counters(total: int, rows: Mapping[str, int]) -> VirtualServerCounters:
    """Counters of a virtual server."""
    return VirtualServerCounters(counters(total), {rs_key(text): counters(value) for text, value in rows.items()})


def vrrp_counters(sent: int = 0, received: int = 0, *, became: int = 0, released: int = 0) -> VrrpCounters:
    """VRRP statistics without errors."""
    return VrrpCounters(received, sent, became, released, 0, 0, AdvertErrors(0, 0, 0, 0, 0, 0, 0, 0))


def instance(state: str | None, name: str | None = "SMB", *vips: str, **more: object) -> VrrpInstance:
    """A VRRP instance as keepalived tells it; the usual VIP unless others are given."""
    addresses = tuple(VirtualAddress(ip_address(vip), 24, "ens3") for vip in vips or (VIP,))
    values: dict[str, Any] = {"source": VrrpSource.KEEPALIVED, "vrid": 20, "last_transition": LONG_AGO}
    values.update(more)
    return VrrpInstance(name, None if state is None else VrrpState(state), vips=addresses, **values)


def address(text: str, interface: str | None = "ens3") -> InterfaceAddress:
    """An address in the kernel."""
    return InterfaceAddress(ip_address(text), 24, interface)


def sync_daemon(role: str, sync_id: int | None = 20) -> SyncDaemon:
    """A synchronisation daemon."""
    return SyncDaemon(SyncRole(role), "ens3", sync_id)


TABLE = (virtual_server(SERVICE, FIRST, SECOND),)
CHECKS = (checked_server(SERVICE, FIRST, SECOND),)
SYSCTLS = Sysctls(1, 1, 0, 1, 0, 0, 0, 1)


def director(name: str = "keepalived1", **more: object) -> DirectorSnapshot:
    """A live director that knows everything of itself, and is neither master nor backup of anything."""
    values: dict[str, Any] = {
        "host": f"{name}.example",
        "status": DirectorStatus.LIVE,
        "read_at": NOW,
        "age_seconds": 0.3,
        "privilege": Privilege.ROOT,
        "kernel": "6.1.0",
        "uptime": 1000.0,
        "keepalived": Keepalived("2.2.7", True, 800),
        "vrrp": (),
        "vrrp_read_at": NOW,
        "sync_groups": (),
        "checks": CHECKS,
        "addresses": (address("172.26.127.2"),),
        "ipvs_loaded": True,
        "virtual_servers": TABLE,
        "sysctls": SYSCTLS,
        "sync_daemons": (sync_daemon("backup"),),
    }
    values.update(more)
    return DirectorSnapshot(name, **values)


def master(name: str = "keepalived1", **more: object) -> DirectorSnapshot:
    """A director that is MASTER and holds the VIP."""
    values: dict[str, Any] = {
        "vrrp": (instance("MASTER"),),
        "addresses": (address("172.26.127.23"), address(VIP)),
        "sync_daemons": (sync_daemon("master"),),
    }
    values.update(more)
    return director(name, **values)


def backup(name: str = "keepalived2", **more: object) -> DirectorSnapshot:
    """A director that is BACKUP and ready."""
    values: dict[str, Any] = {"vrrp": (instance("BACKUP"),), "addresses": (address("172.26.127.24"),)}
    values.update(more)
    return director(name, **values)


def silent(name: str = "keepalived2", status: DirectorStatus = DirectorStatus.UNREACHABLE) -> DirectorSnapshot:
    """A director that does not answer and of which nothing is known."""
    fault = Fault(FaultKind.TIMEOUT, "no answer from 172.26.127.24:22 within 5 s", "ping 172.26.127.24")
    return DirectorSnapshot(name, f"{name}.example", status, fault=fault)


def gone(snapshot: DirectorSnapshot, status: DirectorStatus = DirectorStatus.UNREACHABLE) -> DirectorSnapshot:
    """The same director, silent now, with its past still shown."""
    return replace(snapshot, status=status, fault=silent().fault, age_seconds=42.0)


def unprivileged(snapshot: DirectorSnapshot) -> DirectorSnapshot:
    """What is left of a director where nothing but world-readable files may be read."""
    return replace(
        snapshot,
        privilege=Privilege.NONE,
        vrrp=None,
        vrrp_read_at=None,
        sync_groups=None,
        checks=None,
        details=None,
        counters=None,
    )


def cluster(
    *directors: DirectorSnapshot,
    vips: Sequence[str] = (),
    now: datetime = NOW,
    memory: Memory | None = None,
) -> ClusterSnapshot:
    """A merged cluster; the healthy pair where no directors are given."""
    addresses: list[IPAddress] = [ip_address(vip) for vip in vips]
    return merge("smb", directors or (master(), backup()), vips=addresses, now=now, memory=memory)


def told(snapshot: ClusterSnapshot) -> list[tuple[str, str, str]]:
    """Alerts as (code, severity, subject)."""
    return [(str(alert.code), str(alert.severity), alert.subject) for alert in snapshot.alerts]


def alert(snapshot: ClusterSnapshot, code: str, subject: str | None = None) -> Alert:
    """The only alert of a code (and subject)."""
    (found,) = [each for each in snapshot.alerts if each.code == code and subject in (None, each.subject)]
    return found


def row(real: str, service: str = SERVICE) -> str:
    """The subject of an alert about a row."""
    key = rs_key(real)
    return f"{format_endpoint(key.address, key.port)} of {vs_key(service)}"
