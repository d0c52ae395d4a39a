"""Clusters in the states that matter to an operator, as the snapshots that lead there. Everything is fixed."""

import math
from collections.abc import Sequence
from dataclasses import replace

from lvstop.analysis.memory import Memory
from lvstop.analysis.merge import merge
from lvstop.config.schema import ClusterConfig, DirectorConfig
from lvstop.engine.feed import waiting
from lvstop.model.checks import CheckedVirtualServer
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot, DirectorStatus, Fault, FaultKind, Keepalived
from lvstop.model.host import InterfaceRates, LoadAverage
from lvstop.model.ipvs import Rates, RealServer, VirtualServer, VirtualServerCounters, VirtualServerRates
from lvstop.model.vrrp import AdvertRates, VrrpInstance
from support.clocks import ManualClock
from support.factories import (
    address,
    backup,
    checked,
    checked_server,
    counters,
    gone,
    instance,
    later,
    master,
    real_server,
    row_detail,
    server_counters,
    sync_daemon,
    unprivileged,
    virtual_server,
    vrrp_counters,
)
from support.factories import detail as server_detail

VIP = "172.26.127.20"
SMB, NETBIOS = f"TCP:{VIP}:445", f"TCP:{VIP}:139"
FIRST, SECOND = "172.26.127.21", "172.26.127.22"

Scene = Sequence[ClusterSnapshot]


def played(frames: Sequence[Sequence[DirectorSnapshot]], *, name: str = "smb", every: float = 1.0) -> Scene:
    """One snapshot a frame, the last one at `NOW`, with the events and alerts that follow from one another."""
    from lvstop.analysis.diff import dated, events

    memory, before, snapshots = Memory(), None, []
    for number, directors in enumerate(frames):
        now = later(every * (number - len(frames) + 1))
        timed = [replace(each, read_at=now) if each.answers else each for each in directors]
        snapshot = merge(name, timed, vips=(), now=now, memory=memory)
        snapshot = dated(before, snapshot)
        snapshot = replace(snapshot, events=events(before, snapshot))
        memory, before = memory.observe(snapshot), snapshot
        snapshots.append(snapshot)
    return snapshots


def smb_table(second: int, *, weight: int = 1, drained_left: int | None = None) -> tuple[VirtualServer, ...]:
    """The seed's two services with a traffic that breathes; the second real server may be drained."""
    wave = round(40 * math.sin(second / 9))
    active = 600 + wave if drained_left is None else drained_left
    return (
        virtual_server(NETBIOS, real_server(f"{FIRST}:139"), real_server(f"{SECOND}:139")),
        virtual_server(
            SMB,
            real_server(f"{FIRST}:445", active=601 + wave, inactive=150),
            real_server(f"{SECOND}:445", weight, active=active, inactive=161),
        ),
    )


def rates_of(table: Sequence[VirtualServer], per_connection: float = 0.035) -> dict[object, VirtualServerRates]:
    """Rates in proportion to connections, so that they can be checked by eye."""
    found: dict[object, VirtualServerRates] = {}
    for server in table:
        rows = {row.key: _rates(row, per_connection) for row in server.real_servers}
        total = Rates(
            sum(each.connections for each in rows.values()),
            sum(each.in_packets for each in rows.values()),
            0.0,
            sum(each.in_bytes for each in rows.values()),
            0.0,
        )
        found[server.key] = VirtualServerRates(total, rows)
    return found


def _rates(row: RealServer, per_connection: float) -> Rates:
    connections = row.active_connections * per_connection * (row.weight > 0)
    return Rates(connections, connections * 50, 0.0, connections * 54_000, 0.0)


def equipped(director: DirectorSnapshot, second: int, **more: object) -> DirectorSnapshot:
    """A director with everything that a privileged login tells: details, counters, rates, load and traffic."""
    table = director.virtual_servers or ()
    details = {
        server.key: server_detail(
            {str(row.key): row_detail() for row in server.real_servers},
            persistence_seconds=server.persistence_seconds or 0,
        )
        for server in table
    }
    totals: dict[object, VirtualServerCounters] = {
        server.key: server_counters(1000 + second, {str(row.key): 500 + second for row in server.real_servers})
        for server in table
    }
    values: dict[str, object] = {
        "details": details,
        "counters": totals,
        "totals": counters(5000 + second),
        "rates": rates_of(table),
        "load": LoadAverage(0.21, 0.18, 0.12),
        "interface_rates": {"ens3": _interface(table)},
        "advert_rates": {"SMB": AdvertRates(0.0, 1.0)},
    }
    values.update(more)
    return replace(director, **values)  # type: ignore[arg-type]  # a builder: its callers name fields


def _interface(table: Sequence[VirtualServer]) -> InterfaceRates:
    """What comes in from clients goes out to real servers, beside lvstop's own questions and VRRP."""
    total = [rates.total for rates in rates_of(table).values() if rates.total is not None]
    size, packets = sum(each.in_bytes for each in total), sum(each.in_packets for each in total)
    return InterfaceRates(size + 150.0, packets + 2.0, 0.0, 0.0, size + 900.0, packets + 9.0, 0.0, 0.0)


def told(state: str, name: str = "SMB", *vips: str, **more: object) -> VrrpInstance:
    """An instance with the settings that keepalived tells of it."""
    settings: dict[str, object] = {
        "interface": "ens3",
        "version": 2,
        "preempt": True,
        "preempt_delay": 0.0,
        "advert_interval": 1.0,
    }
    return instance(state, name, *vips, **{**settings, **more})


def lead(second: int = 60, table: Sequence[VirtualServer] | None = None, **more: object) -> DirectorSnapshot:
    """keepalived1, MASTER with the VIP and the traffic."""
    mine = smb_table(second) if table is None else tuple(table)
    vrrp = (
        told("MASTER", priority=150, effective_priority=150, counters=vrrp_counters(sent=90_000 + second, became=1)),
    )
    checks = tuple(_checks(each) for each in mine)
    values: dict[str, object] = {
        "virtual_servers": mine,
        "checks": checks,
        "vrrp": vrrp,
        "advert_rates": {"SMB": AdvertRates(0.0, 1.0)},
    }
    values.update(more)
    return equipped(master(virtual_servers=mine), second, **values)


def stand_by(second: int = 60, table: Sequence[VirtualServer] | None = None, **more: object) -> DirectorSnapshot:
    """keepalived2, BACKUP, with the same table and no traffic."""
    theirs = tuple(
        replace(each, real_servers=tuple(_idle(row) for row in each.real_servers))
        for each in (smb_table(second) if table is None else table)
    )
    vrrp = (told("BACKUP", priority=50, effective_priority=50, counters=vrrp_counters(received=90_000 + second)),)
    checks = tuple(_checks(each) for each in theirs)
    values: dict[str, object] = {
        "virtual_servers": theirs,
        "checks": checks,
        "vrrp": vrrp,
        "rates": rates_of(theirs),
        "load": LoadAverage(0.08, 0.05, 0.01),
        "advert_rates": {"SMB": AdvertRates(1.0, 0.0)},
    }
    values.update(more)
    return equipped(backup(virtual_servers=theirs), second, **values)


def _checks(server: VirtualServer) -> CheckedVirtualServer:
    """keepalived wrote what is in the kernel."""
    return checked_server(str(server.key), *(checked(str(row.key), weight=row.weight) for row in server.real_servers))


def _idle(row: RealServer) -> RealServer:
    return replace(row, active_connections=0, inactive_connections=0)


def steady() -> Scene:
    """A healthy pair after a minute."""
    return played([(lead(second), stand_by(second)) for second in range(61)])


def drained() -> Scene:
    """The second real server was drained on the master only; a failover would put it back to work."""
    frames = [(lead(second), stand_by(second)) for second in range(40)]
    for second in range(40, 61):
        left = round(600 * 0.82 ** (second - 40))
        table = smb_table(second, weight=0, drained_left=left)
        checks = (checked_server(NETBIOS, f"{FIRST}:139", f"{SECOND}:139"), checked_server(SMB, *_both(445)))
        frames.append((lead(second, table, checks=checks), stand_by(second)))
    return played(frames)


def _both(port: int) -> tuple[str, str]:
    return (f"{FIRST}:{port}", f"{SECOND}:{port}")


def real_server_down() -> Scene:
    """keepalived's checks took a real server out on both directors; one of its services keeps it at weight 0."""

    def after(second: int) -> tuple[DirectorSnapshot, DirectorSnapshot]:
        smb = virtual_server(SMB, real_server(f"{FIRST}:445", active=1190, inactive=300))
        netbios = virtual_server(NETBIOS, real_server(f"{FIRST}:139"), real_server(f"{SECOND}:139", 0))
        checks = (
            checked_server(NETBIOS, f"{FIRST}:139", checked(f"{SECOND}:139", effective=0, alive=False, inhibit=True)),
            checked_server(SMB, f"{FIRST}:445", checked(f"{SECOND}:445", alive=False)),
        )
        return (lead(second, (netbios, smb), checks=checks), stand_by(second, (netbios, smb), checks=checks))

    frames = [(lead(second), stand_by(second)) for second in range(50)]
    return played([*frames, *(after(second) for second in range(50, 61))])


def failover() -> Scene:
    """The master's keepalived has just stopped; the other director took the VIP a second ago."""
    frames = [(lead(second), stand_by(second)) for second in range(55)]
    down: dict[str, object] = {"keepalived": Keepalived("2.2.7", False, None), "sync_daemons": ()}
    for second in range(55, 57):
        nobody = lead(second, (), vrrp=None, checks=None, addresses=(address("172.26.127.23"),), **down)
        frames.append((nobody, stand_by(second)))
    for second in range(57, 61):
        nobody = lead(second, (), vrrp=None, checks=None, addresses=(address("172.26.127.23"),), **down)
        vrrp = (told("MASTER", priority=50, effective_priority=50, last_transition=later(57 - 60)),)
        frames.append(
            (
                nobody,
                replace(
                    lead(second, vrrp=vrrp),
                    name="keepalived2",
                    host="keepalived2.example",
                    addresses=(address("172.26.127.24"), address(VIP)),
                    sync_daemons=(sync_daemon("master"),),
                ),
            )
        )
    return played(frames)


def split_brain() -> Scene:
    """The VRRP link is cut: both are MASTER and both hold the VIP."""
    frames = [(lead(second), stand_by(second)) for second in range(50)]
    for second in range(50, 61):
        vrrp = (told("MASTER", priority=50, effective_priority=50, last_transition=later(-10)),)
        both = stand_by(
            second, vrrp=vrrp, sync_daemons=(sync_daemon("master"),), advert_rates={"SMB": AdvertRates(0.0, 1.0)}
        )
        both = replace(both, addresses=(address("172.26.127.24"), address(VIP)))
        frames.append((lead(second), both))
    return played(frames)


def unreachable() -> Scene:
    """The standby does not answer any more; its past is shown as such."""
    frames = [(lead(second), stand_by(second)) for second in range(30)]
    past = gone(stand_by(29))
    return played([*frames, *((lead(second), replace(past, age_seconds=second - 29.0)) for second in range(30, 61))])


def stale() -> Scene:
    """The master is connected and silent: everything shown of it is past."""
    frames = [(lead(second), stand_by(second)) for second in range(50)]
    silent = replace(gone(lead(49), DirectorStatus.STALE), fault=_no_answer("172.26.127.23"))
    return played(
        [*frames, *((replace(silent, age_seconds=second - 49.0), stand_by(second)) for second in range(50, 61))]
    )


def nobody_answers() -> Scene:
    """Both directors are out of reach from the start."""
    from support.factories import silent

    return played([(replace(silent("keepalived1"), fault=_no_answer("172.26.127.23")), silent("keepalived2"))])


def _no_answer(host: str) -> Fault:
    return Fault(FaultKind.TIMEOUT, f"no answer from {host}:22 within 5 s", f"ping {host}")


def connecting() -> Scene:
    """The first second after the start."""
    directors = (
        DirectorConfig("keepalived1", "keepalived1.example"),
        DirectorConfig("keepalived2", "keepalived2.example"),
    )
    return [waiting(ClusterConfig("smb", directors), ManualClock())]


def unprivileged_pair() -> Scene:
    """A plain user: VRRP inferred from addresses, no counters, no details."""

    def plain(director: DirectorSnapshot) -> DirectorSnapshot:
        bare = replace(director, rates=None, advert_rates=None, sync_daemons=None)
        return unprivileged(bare)

    return played([(plain(lead(second)), plain(stand_by(second))) for second in range(61)])


def empty_table() -> Scene:
    """keepalived runs, and no virtual server is configured anywhere."""
    return played([(lead(second, ()), stand_by(second, ())) for second in range(3)])


def many_rows(count: int = 10_000, seconds: int = 3) -> Scene:
    """Ten virtual servers with so many real servers altogether."""
    each = count // 10

    def table(second: int) -> tuple[VirtualServer, ...]:
        return tuple(
            virtual_server(
                f"TCP:10.3.0.{server + 1}:443",
                *(
                    real_server(
                        f"10.{20 + server}.{row // 250}.{row % 250 + 1}:443",
                        10,
                        active=(row * 7919 + second * 13) % 997,
                        inactive=row % 311,
                    )
                    for row in range(each)
                ),
                scheduler="wlc",
            )
            for server in range(10)
        )

    frames = []
    for second in range(seconds):
        mine = table(second)
        frames.append((lead(second, mine), stand_by(second, mine)))
    return played(frames, name="farm")


def long_ipv6() -> Scene:
    """Addresses of the greatest length, firewall marks of both families, persistence, every forwarding method."""
    vip = "2001:db8:1234:5678:9abc:def0:1234:5678"
    reals = [f"2001:db8:aaaa:bbbb:cccc:dddd:eeee:{number:04x}" for number in (0xFF01, 0xFF02)]
    table = (
        virtual_server(
            f"TCP:[{vip}]:443",
            real_server(f"[{reals[0]}]:8443", 100, forwarding="Masq", active=88_410, inactive=120_000),
            real_server(f"[{reals[1]}]:8443", 50, forwarding="Tunnel", active=44_105, inactive=61_000),
            scheduler="wlc",
            persistent=True,
            persistence_seconds=300,
        ),
        virtual_server("UDP:10.3.0.9:53", real_server("10.3.0.21:53"), scheduler="rr", one_packet=True),
        virtual_server("FWM:7:inet6", real_server(f"[{reals[0]}]:0", active=12), scheduler="sh"),
        virtual_server("FWM:4294967295", real_server("10.3.0.22:0"), scheduler="dh"),
    )
    mine = [told("MASTER", "V6", vip, priority=150, effective_priority=150)]
    theirs = [told("BACKUP", "V6", vip, priority=100, effective_priority=100)]
    held = (address("10.3.0.2"), address(vip))
    return played(
        [
            (
                lead(second, table, vrrp=tuple(mine), addresses=held, advert_rates={"V6": AdvertRates(0.0, 1.0)}),
                stand_by(second, table, vrrp=tuple(theirs), advert_rates={"V6": AdvertRates(1.0, 0.0)}),
            )
            for second in range(5)
        ],
        name="v6",
    )


ALL = {
    "steady": steady,
    "drained": drained,
    "real-server-down": real_server_down,
    "failover": failover,
    "split-brain": split_brain,
    "unreachable": unreachable,
    "stale": stale,
    "nobody-answers": nobody_answers,
    "connecting": connecting,
    "unprivileged": unprivileged_pair,
    "empty-table": empty_table,
    "many-rows": many_rows,
    "long-ipv6": long_ipv6,
}
