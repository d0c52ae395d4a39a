"""Alerts: one pure function per code. What cannot be known is not judged: the alert about the director says that."""

from dataclasses import replace

from lvstop.analysis.memory import Memory
from lvstop.analysis.rules.backups import backup_not_ready, sync_daemon_missing
from lvstop.analysis.rules.changes import change_unfinished, maintenance
from lvstop.analysis.rules.directors import (
    director_degraded,
    director_stale,
    director_unreachable,
    keepalived_down,
    privilege_missing,
)
from lvstop.analysis.rules.drift import drain_reverted, table_drift, weight_drift
from lvstop.analysis.rules.failovers import failover_held, failover_unfinished
from lvstop.analysis.rules.machines import conntrack_filling, memory_low, packets_dropped, softirq_saturated
from lvstop.analysis.rules.scene import Rule, Scene
from lvstop.analysis.rules.services import (
    all_weights_zero,
    persistence_defeats_drain,
    real_server_down,
    virtual_server_empty,
)
from lvstop.analysis.rules.vips import (
    flapping,
    multiple_masters,
    no_master,
    vip_duplicate,
    vip_missing,
    vip_state_mismatch,
)
from lvstop.analysis.thresholds import DEFAULT_THRESHOLDS, Thresholds
from lvstop.model.alert import Alert, AlertCode
from lvstop.model.cluster import ClusterSnapshot

RULES: tuple[Rule, ...] = (
    director_unreachable,
    director_stale,
    director_degraded,
    keepalived_down,
    no_master,
    multiple_masters,
    vip_missing,
    vip_duplicate,
    vip_state_mismatch,
    backup_not_ready,
    table_drift,
    weight_drift,
    virtual_server_empty,
    all_weights_zero,
    real_server_down,
    sync_daemon_missing,
    drain_reverted,
    change_unfinished,
    maintenance,
    failover_held,
    failover_unfinished,
    persistence_defeats_drain,
    flapping,
    conntrack_filling,
    softirq_saturated,
    packets_dropped,
    memory_low,
    privilege_missing,
)


def evaluate(
    cluster: ClusterSnapshot, memory: Memory, thresholds: Thresholds = DEFAULT_THRESHOLDS
) -> tuple[Alert, ...]:
    """All that is wrong, the worst first, then by code and subject. A code has at most one alert per subject."""
    scene = Scene.of(cluster, memory, thresholds)
    alerts: dict[tuple[AlertCode, str], Alert] = {}
    for rule in RULES:
        for alert in rule(scene):
            key = (alert.code, alert.subject)
            known = alerts.get(key)
            alerts[key] = alert if known is None else _joined(known, alert)
    return tuple(sorted(alerts.values(), key=lambda alert: (-alert.severity, alert.code, alert.subject)))


def _joined(one: Alert, other: Alert) -> Alert:
    """Two things about the same subject under the same code."""
    worse, lesser = (one, other) if one.severity >= other.severity else (other, one)
    return replace(worse, summary=f"{worse.summary} {lesser.summary}", extent=worse.extent + lesser.extent)
