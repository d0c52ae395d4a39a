"""Directors put side by side: one cluster, its VIPs, its alerts and one word for its health."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from lvstop.analysis.inference import with_inference
from lvstop.analysis.memory import Memory
from lvstop.analysis.records import join_failovers, join_records
from lvstop.analysis.rules import evaluate
from lvstop.analysis.thresholds import DEFAULT_THRESHOLDS, Thresholds
from lvstop.analysis.vips import cluster_claims, vip_holdings
from lvstop.analysis.vrrp import keepalived_is_down
from lvstop.model.address import IPAddress
from lvstop.model.alert import Alert, Severity
from lvstop.model.change import Change
from lvstop.model.cluster import ClusterSnapshot, Health, VipHolding
from lvstop.model.director import DirectorSnapshot
from lvstop.model.failover import Failover


def merge(
    name: str,
    directors: Sequence[DirectorSnapshot],
    *,
    vips: Sequence[IPAddress] = (),
    now: datetime,
    memory: Memory | None = None,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
    local: Sequence[Change] = (),
    local_failovers: Sequence[Failover] = (),
    local_since: Mapping[str, datetime] | None = None,
) -> ClusterSnapshot:
    """The cluster as its directors show it at `now`. `events` stay empty: they are `diff.events` of two of these.

    Args: as those of `merge_and_remember`.
    """
    return merge_and_remember(
        name,
        directors,
        vips=vips,
        now=now,
        memory=memory,
        thresholds=thresholds,
        local=local,
        local_failovers=local_failovers,
        local_since=local_since,
    )[0]


def merge_and_remember(
    name: str,
    directors: Sequence[DirectorSnapshot],
    *,
    vips: Sequence[IPAddress] = (),
    now: datetime,
    memory: Memory | None = None,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
    local: Sequence[Change] = (),
    local_failovers: Sequence[Failover] = (),
    local_since: Mapping[str, datetime] | None = None,
) -> tuple[ClusterSnapshot, Memory]:
    """As `merge`, with the memory that has seen this look as well: for the next one.

    Args:
        vips: addresses named in the cluster file.
        memory: what earlier looks have shown; the rules already see this look too.
        local: records of changes on the operator's machine; those of other clusters are passed over.
        local_failovers: the same of failovers.
        local_since: when each of them was first seen standing, or held, there, by its id; else it counts from its
            making.
    """
    memory = memory if memory is not None else Memory()
    claims = cluster_claims(directors, vips, memory.claims)
    addresses = tuple(claim.address for claim in claims)
    shown = tuple(with_inference(director, directors, addresses) for director in directors)
    changes = join_records(name, shown, local, local_since or {})
    failovers = join_failovers(name, shown, local_failovers, local_since or {})
    vips_held = vip_holdings(claims, shown)
    cluster = ClusterSnapshot(name, now, shown, vips_held, changes=changes, failovers=failovers)
    seen = memory.observe(cluster, thresholds)
    cluster = replace(cluster, moving=seen.moving(cluster, thresholds))
    alerts = evaluate(cluster, seen, thresholds)
    return replace(cluster, alerts=alerts, health=health_of(shown, cluster.vips, alerts)), seen


def health_of(directors: Sequence[DirectorSnapshot], vips: Sequence[VipHolding], alerts: Sequence[Alert]) -> Health:
    """One word. In this order, because a known disaster is worth more than a doubt, and a doubt more than a warning:

    1. unknown where no director answers: every other judgement would be about the past;
    2. critical where something critical is known;
    3. unknown where it cannot be told whether anybody holds a VIP: a director that cannot be asked may hold it;
    4. warning, then ok. Being unable to ask one of two directors is a warning while the other holds every VIP: the
       service runs, its redundancy cannot be vouched for.
    """
    if not any(director.answers for director in directors):
        return Health.UNKNOWN
    worst = max((alert.severity for alert in alerts), default=Severity.INFO)
    if worst is Severity.CRITICAL:
        return Health.CRITICAL
    if any(not vip.holders and vip.unknown_on for vip in vips) or (not vips and _vips_are_hidden(directors)):
        return Health.UNKNOWN
    return Health.WARNING if worst is Severity.WARNING else Health.OK


def _vips_are_hidden(directors: Sequence[DirectorSnapshot]) -> bool:
    """Nobody could tell which VIPs there are: some director's keepalived may have some and could not be asked."""
    return any(
        (not director.answers or director.vrrp is None) and not keepalived_is_down(director) for director in directors
    )
