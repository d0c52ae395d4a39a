"""`lvstop status --json`: the documented schema 1, null where something is unknown."""

from collections.abc import Iterable
from datetime import datetime

from lvstop.cli.json_vitals import Json, JsonObject, vitals_of
from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.change import Change
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot
from lvstop.model.failover import Failover
from lvstop.model.ipvs import (
    Counters,
    Rates,
    RealServer,
    RealServerDetail,
    VirtualServer,
    VirtualServerCounters,
    VirtualServerDetail,
    VirtualServerRates,
)
from lvstop.model.vrrp import VirtualAddress, VrrpInstance

__all__ = ["Json", "JsonObject", "report"]


def report(clusters: Iterable[ClusterSnapshot], *, generated_at: datetime) -> JsonObject:
    """The whole document."""
    return {
        "schema": 1,
        "generated_at": _moment(generated_at),
        "clusters": [_cluster(cluster) for cluster in clusters],
    }


def _moment(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _cluster(cluster: ClusterSnapshot) -> JsonObject:
    return {
        "name": cluster.name,
        "health": str(cluster.health),
        "vips": [
            {
                "address": str(vip.address),
                "instance": vip.instance,
                "holders": list(vip.holders),
                "unknown_on": list(vip.unknown_on),
                "since": _moment(vip.since),
            }
            for vip in cluster.vips
        ],
        "alerts": [
            {
                "code": str(alert.code),
                "severity": str(alert.severity),
                "subject": alert.subject,
                "summary": alert.summary,
                "remedy": alert.remedy or None,
            }
            for alert in cluster.alerts
        ],
        "changes": [_change(change) for change in cluster.changes],
        "failovers": [_failover(failover) for failover in cluster.failovers],
        "directors": [_director(director) for director in cluster.directors],
    }


def _change(change: Change) -> JsonObject:
    return {
        "id": change.id,
        "kind": str(change.kind),
        "phase": str(change.phase),
        "lever": str(change.lever),
        "author": str(change.author),
        "at": _moment(change.at),
        "reason": change.reason or None,
        "until": _moment(change.until),
        "rows": [
            {
                "virtual_server": str(virtual_server),
                "real_server": str(real_server),
                "weights": {
                    each.director: {"before": each.before.weight, "after": each.after}
                    for each in change.on(virtual_server, real_server)
                },
            }
            for virtual_server, real_server in change.rows
        ],
    }


def _failover(failover: Failover) -> JsonObject:
    return {
        "id": failover.id,
        "phase": str(failover.phase),
        "lever": str(failover.lever),
        "source": failover.source,
        "target": failover.target,
        "instances": list(failover.instances),
        "vips": [str(vip) for vip in failover.vips],
        "author": str(failover.author),
        "at": _moment(failover.at),
        "reason": failover.reason or None,
    }


def _director(director: DirectorSnapshot) -> JsonObject:
    keepalived = director.keepalived
    return {
        "name": director.name,
        "host": director.host,
        "status": str(director.status),
        "error": None
        if director.fault is None
        else {
            "kind": str(director.fault.kind),
            "summary": director.fault.summary,
            "remedy": director.fault.remedy or None,
        },
        "age_seconds": None if director.age_seconds is None else round(director.age_seconds, 3),
        "privilege": None if director.privilege is None else str(director.privilege),
        "kernel": director.kernel,
        "keepalived": {
            "version": None if keepalived is None else keepalived.version,
            "running": None if keepalived is None else keepalived.running,
        },
        "vrrp": None if director.vrrp is None else [_instance(instance) for instance in director.vrrp],
        "sync_groups": None
        if director.sync_groups is None
        else [
            {"name": group.name, "state": group.state and str(group.state), "instances": list(group.instances)}
            for group in director.sync_groups
        ],
        "sync_daemons": None
        if director.sync_daemons is None
        else [
            {"role": str(daemon.role), "interface": daemon.interface, "sync_id": daemon.sync_id}
            for daemon in director.sync_daemons
        ],
        "addresses": None
        if director.addresses is None
        else [
            {"address": str(entry.address), "prefix_length": entry.prefix_length, "interface": entry.interface}
            for entry in director.addresses
        ],
        "vitals": vitals_of(director),
        "ipvs_loaded": director.ipvs_loaded,
        "virtual_servers": None
        if director.virtual_servers is None
        else [_virtual_server(director, virtual_server) for virtual_server in director.virtual_servers],
        "lacks": [{"what": lack.what, "cause": str(lack.cause), "detail": lack.detail} for lack in director.lacks],
        "issues": [
            {"source": issue.source, "line": issue.line_number, "text": issue.text, "reason": issue.reason}
            for issue in director.issues
        ],
    }


def _instance(instance: VrrpInstance) -> JsonObject:
    counters = instance.counters
    return {
        "instance": instance.name,
        "state": None if instance.state is None else str(instance.state),
        "source": str(instance.source),
        "vrid": instance.vrid,
        "interface": instance.interface,
        "priority": instance.priority,
        "effective_priority": instance.effective_priority,
        "preempt": instance.preempt,
        "last_transition": _moment(instance.last_transition),
        "vips": [_vip(vip) for vip in instance.vips],
        "adverts_sent": None if counters is None else counters.adverts_sent,
        "adverts_received": None if counters is None else counters.adverts_received,
        "sync_group": instance.sync_group,
    }


def _vip(vip: VirtualAddress) -> str:
    return str(vip.address)


def _virtual_server(director: DirectorSnapshot, server: VirtualServer) -> JsonObject:
    detail = None if director.details is None else director.details.get(server.key)
    counters = None if director.counters is None else director.counters.get(server.key)
    rates = None if director.rates is None else director.rates.get(server.key)
    one_packet = server.one_packet if detail is None else detail.one_packet
    return {
        **_key(server.key),
        "scheduler": server.scheduler,
        "scheduler_flags": None if detail is None else list(detail.scheduler_flags),
        "persistent": server.persistent,
        "persistence_seconds": _persistence_seconds(server, detail),
        "persistence_prefix": server.persistence_prefix,
        "persistence_engine": None if detail is None else detail.persistence_engine,
        "one_packet": one_packet,
        "active_connections": sum(row.active_connections for row in server.real_servers),
        "inactive_connections": sum(row.inactive_connections for row in server.real_servers),
        "counters": None if counters is None else _counters(counters.total),
        "rates": None if rates is None or rates.total is None else _counters(rates.total),
        "real_servers": [_real_server(row, detail, counters, rates) for row in server.real_servers],
    }


def _persistence_seconds(server: VirtualServer, detail: VirtualServerDetail | None) -> int | None:
    if detail is not None:
        return detail.persistence_seconds
    return server.persistence_seconds if server.persistent else 0


def _key(key: VirtualServerKey) -> JsonObject:
    return {
        "protocol": str(key.protocol),
        "address": None if key.address is None else str(key.address),
        "port": key.port,
        "fwmark": key.fwmark,
        "family": None if key.family is None else str(key.family),
    }


def _real_server(
    row: RealServer,
    detail: VirtualServerDetail | None,
    counters: VirtualServerCounters | None,
    rates: VirtualServerRates | None,
) -> JsonObject:
    own = None if detail is None else detail.real_servers.get(row.key)
    return {
        **_endpoint(row.key),
        "forwarding": str(row.forwarding),
        "weight": row.weight,
        "active_connections": row.active_connections,
        "inactive_connections": row.inactive_connections,
        **_detail(own),
        "counters": _counters(None if counters is None else counters.real_servers.get(row.key)),
        "rates": _counters(None if rates is None else rates.real_servers.get(row.key)),
    }


def _endpoint(key: RealServerKey) -> JsonObject:
    return {"address": str(key.address), "port": key.port}


def _detail(detail: RealServerDetail | None) -> JsonObject:
    return {
        "persistent_connections": None if detail is None else detail.persistent_connections,
        "upper_threshold": None if detail is None else detail.upper_threshold,
        "lower_threshold": None if detail is None else detail.lower_threshold,
        "tunnel": None if detail is None or detail.tunnel is None else str(detail.tunnel),
    }


def _counters(value: Counters | Rates | None) -> JsonObject | None:
    if value is None:
        return None
    return {
        "connections": value.connections,
        "in_packets": value.in_packets,
        "out_packets": value.out_packets,
        "in_bytes": value.in_bytes,
        "out_bytes": value.out_bytes,
    }
