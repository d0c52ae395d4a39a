"""`lvstop status` for people. The first lines answer: is it fine, and who holds the VIP."""

from collections.abc import Sequence

from lvstop import format as fmt
from lvstop.analysis.board import Board, RealServerFacts, RowState, Twin, VirtualServerFacts
from lvstop.analysis.listing import leading
from lvstop.cli.table import lay_out
from lvstop.model.address import VirtualServerKey
from lvstop.model.alert import AlertCode, Severity
from lvstop.model.change import ChangePhase, WeightChange
from lvstop.model.cluster import ClusterSnapshot, Health, VipHolding
from lvstop.model.director import DirectorSnapshot
from lvstop.model.ipvs import Rates
from lvstop.model.vrrp import VrrpInstance, VrrpSource

_HEALTH_SIGN = {Health.OK: "●", Health.WARNING: "▲", Health.CRITICAL: "✖", Health.UNKNOWN: "?"}
_SEVERITY_SIGN = {Severity.INFO: "·", Severity.WARNING: "▲", Severity.CRITICAL: "✖"}


def report(cluster: ClusterSnapshot) -> str:
    """One cluster: headline, VIPs, directors, table, maintenance, alerts."""
    blocks = [
        [
            f"{_HEALTH_SIGN[cluster.health]} {cluster.name}  {str(cluster.health).upper()}  "
            f"{fmt.moment(cluster.generated_at)}"
        ],
        [f"  {_vip(cluster, vip)}" for vip in cluster.vips] or ["  No VIP is known."],
        [f"  {line}" for line in _directors(cluster.directors)],
        [f"  {line}" for line in _table(cluster)],
        [f"  {line}" for line in _maintenance(cluster)],
        [f"  {line}" for line in _alerts(cluster)],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _vip(cluster: ClusterSnapshot, vip: VipHolding) -> str:
    unknown = f" ({', '.join(vip.unknown_on)} cannot be asked)" if vip.unknown_on else ""
    if not vip.holders:
        return (
            f"{vip.address} is on no director that answers{unknown}" if unknown else f"{vip.address} is on NO director"
        )
    if len(vip.holders) > 1:
        return f"{vip.address} is on SEVERAL directors at once: {', '.join(vip.holders)}{unknown}"
    since = ""
    if vip.since is not None:
        since = f" since {fmt.moment(vip.since)} ({fmt.duration(cluster.generated_at - vip.since)})"
    return f"{vip.address} is on {vip.holders[0]}{since}{unknown}"


def _directors(directors: Sequence[DirectorSnapshot]) -> list[str]:
    rows = [("DIRECTOR", "STATUS", "AGE", "PRIVILEGE", "VRRP", "SYNC", "LOAD", "KEEPALIVED", "KERNEL")]
    for director in directors:
        instances = _instances(director)
        rows.append(
            (
                director.name,
                str(director.status),
                fmt.age(director.age_seconds),
                fmt.UNKNOWN if director.privilege is None else str(director.privilege),
                instances[0],
                _sync(director),
                fmt.UNKNOWN if director.load is None else f"{director.load.one:.2f}",
                _keepalived(director),
                director.kernel or fmt.UNKNOWN,
            )
        )
        rows.extend(("", "", "", "", instance, "", "", "", "") for instance in instances[1:])
    faults = [f"{director.name}: {director.fault.summary}" for director in directors if director.fault is not None]
    return lay_out(rows, right=frozenset({2, 6})) + faults


def _instances(director: DirectorSnapshot) -> list[str]:
    if director.vrrp is None:
        return [fmt.UNKNOWN]
    return [_instance(instance) for instance in director.vrrp] or ["none configured"]


def _instance(instance: VrrpInstance) -> str:
    state = fmt.UNKNOWN if instance.state is None else str(instance.state)
    words = [instance.name or "?", state]
    if instance.priority is not None or instance.effective_priority is not None:
        words.append(f"{fmt.number(instance.effective_priority)}/{fmt.number(instance.priority)}")
    if instance.vrid is not None:
        words.append(f"vrid {instance.vrid}")
    if instance.source is VrrpSource.INFERRED:
        words.append("(inferred)")
    return " ".join(words)


def _sync(director: DirectorSnapshot) -> str:
    if director.sync_daemons is None:
        return fmt.UNKNOWN
    return "+".join(str(daemon.role) for daemon in director.sync_daemons) or "none"


def _keepalived(director: DirectorSnapshot) -> str:
    keepalived = director.keepalived
    if keepalived is None or keepalived.running is None:
        return fmt.UNKNOWN
    return (keepalived.version or "running") if keepalived.running else "not running"


def _table(cluster: ClusterSnapshot) -> list[str]:
    leader = cluster.directors[leading(cluster)]
    if not leader.answers or leader.virtual_servers is None:
        return ["No IPVS table can be shown: no director answers."]
    board = Board.of(cluster)
    servers = board.listing.servers
    if not servers:
        loaded = "is empty" if leader.ipvs_loaded else "is not there: ip_vs is not loaded"
        return [f"The IPVS table of {leader.name} {loaded}."]
    leaders = {server.leader for server in servers}
    title, others = "VIRTUAL SERVER / REAL SERVER", ["OTHER DIRECTORS"]
    if len(leaders) == 1:
        title = f"{title} on {leader.name}"
        others = [director.name for director in cluster.directors if director is not leader]
    rows: list[Sequence[str]] = [
        (title, "FORWARD", "WEIGHT", "ACTIVE", "INACT", "CONN/S", "IN b/s", "OUT b/s", *others)
    ]
    for index, server in enumerate(servers):
        rows.append(_virtual_server_row(board.virtual_server(index), apart=len(leaders) == 1))
        rows += [
            _real_server_row(board.real_server(index, real), apart=len(leaders) == 1)
            for real in range(len(server.real_servers))
        ]
        if not server.real_servers:
            rows.append(("  no real servers",))
    return lay_out(rows, right=frozenset(range(2, 8)))


def _virtual_server_row(facts: VirtualServerFacts, *, apart: bool) -> tuple[str, ...]:
    return (
        f"{_name(facts.key)}  {_scheduling(facts)}".rstrip(),
        "",
        "" if facts.server is not None else "absent ≠",
        *_numbers(facts.active_connections, facts.inactive_connections, facts.rates, present=facts.server is not None),
        *_twins(facts.twins, present=facts.server is not None, apart=apart),
    )


def _real_server_row(facts: RealServerFacts, *, apart: bool) -> tuple[str, ...]:
    row = facts.row
    if row is None:
        weight = "down" if RowState.DOWN in facts.states else "absent ≠"
        return (f"  {facts.key}", "", weight, *[""] * 5, *_twins(facts.twins, present=False, apart=apart))
    return (
        f"  {row.key}",
        str(row.forwarding),
        str(row.weight) if row.weight else "0 drained",
        *_numbers(row.active_connections, row.inactive_connections, facts.rates, present=True),
        *_twins(facts.twins, present=True, apart=apart),
    )


def _numbers(active: int | None, inactive: int | None, rates: Rates | None, *, present: bool) -> tuple[str, ...]:
    """Connections and rates; nothing at all of what is not there."""
    if not present:
        return ("",) * 5
    return (
        fmt.number(active),
        fmt.number(inactive),
        fmt.per_second(None if rates is None else rates.connections),
        fmt.bits(None if rates is None else rates.in_bytes),
        fmt.bits(None if rates is None else rates.out_bytes),
    )


def _twins(twins: Sequence[Twin], *, present: bool, apart: bool) -> tuple[str, ...]:
    """The other directors' view, a column each, or one for all where they do not lead everywhere."""
    alike = "same" if present else "absent"
    words = [fmt.UNKNOWN if not twin.known else f"{twin.words} ≠" if twin.words else alike for twin in twins]
    if apart:
        return tuple(words)
    return (", ".join(f"{twin.director}: {word}" for twin, word in zip(twins, words, strict=True)),)


def _name(key: VirtualServerKey) -> str:
    protocol, _, rest = str(key).partition(":")
    return f"{protocol} {rest}"


def _scheduling(facts: VirtualServerFacts) -> str:
    server, detail = facts.server, facts.detail
    if server is None:
        return ""
    words = [server.scheduler]
    if detail is not None and detail.scheduler_flags:
        words.append(f"({','.join(detail.scheduler_flags)})")
    if server.persistent:
        seconds = server.persistence_seconds if detail is None else detail.persistence_seconds
        words.append("persistent" if seconds is None else f"persistent {seconds}s")
    if server.one_packet or (detail is not None and detail.one_packet):
        words.append("ops")
    return " ".join(words)


def _maintenance(cluster: ClusterSnapshot) -> list[str]:
    """What is on record as begun or standing. A drain's weights are those that a restore brings back."""
    rows: list[Sequence[str]] = []
    for change in cluster.changes:
        what = f"{change.kind}, {change.phase}" if change.phase is ChangePhase.PENDING else "drained"
        until = "" if change.until is None else f", until {fmt.moment(change.until)}"
        why = f": {change.reason}" if change.reason else ""
        who = f"{change.author} since {fmt.moment(change.at)}{until}{why}"
        for key, real_server in change.rows:
            rows.append((what, f"{real_server} of {key}", _before(cluster, change.on(key, real_server)), who))
            who = ""
    return lay_out([("MAINTENANCE", "REAL SERVER", "WEIGHT BEFORE", "BY"), *rows]) if rows else []


def _before(cluster: ClusterSnapshot, row: Sequence[WeightChange]) -> str:
    """`5`, or `5 on keepalived1, 1 on keepalived2` where the directors differ or one of them is left out."""
    weights = {each.before.weight for each in row}
    if len(weights) == 1 and {each.director for each in row}.issuperset(each.name for each in cluster.directors):
        return str(weights.pop())
    return ", ".join(f"{each.before.weight} on {each.director}" for each in row)


def _alerts(cluster: ClusterSnapshot) -> list[str]:
    lines: list[str] = []
    for alert in cluster.alerts:
        if alert.code is AlertCode.MAINTENANCE and alert.severity is Severity.INFO:
            continue  # said above, in full
        # Most sentences name what they are about themselves.
        about = "" if alert.subject in alert.summary else f"{alert.subject}: "
        lines.append(f"{_SEVERITY_SIGN[alert.severity]} {alert.code}  {about}{alert.summary}")
        if alert.remedy:
            lines.append(f"    → {alert.remedy}")
    return lines
