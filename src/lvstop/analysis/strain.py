"""What of a machine is near its end, over time: beyond a mark it is, and it is over only well below it. A pure fold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from lvstop.analysis.thresholds import Mark, Thresholds
from lvstop.analysis.vitals import conntrack_fill, memory_left
from lvstop.model.alert import Severity
from lvstop.model.director import DirectorSnapshot
from lvstop.model.vitals import Vitals

LOOPBACK = "lo"


class StrainKind(StrEnum):
    """What is near its end."""

    CONNTRACK = "conntrack"
    SOFTIRQ = "softirq"
    BACKLOG = "backlog"
    INTERFACES = "interfaces"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Strain:
    """It is beyond its mark, or was and is not well below it yet.

    Attributes:
        severity: by the mark that was reached.
        since: when it was first seen beyond the lower mark.
    """

    severity: Severity
    since: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Strains:
    """What is near its end on one director.

    Attributes:
        vitals: the reading that was looked at last.
    """

    vitals: Vitals | None = None
    standing: Mapping[StrainKind, Strain] = field(default_factory=dict)


NO_STRAINS = Strains()


def follow_strains(before: Strains, director: DirectorSnapshot, thresholds: Thresholds, now: datetime) -> Strains:
    """`before` and one more look. What is unknown stays as it was: that nobody can tell does not make it better."""
    if director.vitals is None or director.vitals is before.vitals:
        return before
    values = _values(director)
    standing: dict[StrainKind, Strain] = {}
    for kind, mark in _marks(thresholds).items():
        old = before.standing.get(kind)
        value = values[kind]
        strain = old if value is None else _follow(old, value, mark, now)
        if strain is not None:
            standing[kind] = strain
    return Strains(director.vitals, standing)


def _follow(old: Strain | None, value: float, mark: Mark, now: datetime) -> Strain | None:
    since = now if old is None else old.since
    levels = ((Severity.CRITICAL, mark.critical), (Severity.WARNING, mark.warning))
    for severity, reached_at in levels:
        held = old is not None and old.severity >= severity
        if reached_at is not None and value >= reached_at - (mark.relief if held else 0.0):
            return Strain(severity, since)
    return None


def _marks(thresholds: Thresholds) -> Mapping[StrainKind, Mark]:
    return {
        StrainKind.CONNTRACK: thresholds.conntrack,
        StrainKind.SOFTIRQ: thresholds.softirq,
        StrainKind.BACKLOG: thresholds.backlog_drops,
        StrainKind.INTERFACES: thresholds.interface_drops,
        StrainKind.MEMORY: thresholds.memory_used,
    }


def _values(director: DirectorSnapshot) -> Mapping[StrainKind, float | None]:
    rates, left = director.vitals_rates, memory_left(director.vitals)
    softnet = None if rates is None else rates.softnet
    lost = lost_by_interface(director)
    return {
        StrainKind.CONNTRACK: conntrack_fill(director.vitals),
        StrainKind.SOFTIRQ: None if rates is None or not rates.cpus else max(cpu.softirq for cpu in rates.cpus),
        StrainKind.BACKLOG: None if softnet is None else softnet.dropped,
        StrainKind.INTERFACES: None if lost is None else max(lost.values(), default=0.0),
        StrainKind.MEMORY: None if left is None else 1.0 - left,
    }


def lost_by_interface(director: DirectorSnapshot) -> Mapping[str, float] | None:
    """Packets a second that were dropped or spoiled, by interface; None before rates are known."""
    if director.interface_rates is None:
        return None
    return {
        name: each.received_dropped + each.received_errors + each.sent_dropped + each.sent_errors
        for name, each in director.interface_rates.items()
        if name != LOOPBACK
    }
