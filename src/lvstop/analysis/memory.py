"""What earlier looks have shown: the little history that some rules need."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from lvstop.analysis.drains import Drain, DrainKey, follow_drains, forget
from lvstop.analysis.strain import NO_STRAINS, Strains, follow_strains
from lvstop.analysis.thresholds import DEFAULT_THRESHOLDS, Thresholds
from lvstop.analysis.vips import Claim, claims_of
from lvstop.analysis.vrrp import (
    counted_transitions,
    instance_groups,
    instance_label,
    instance_names,
    keepalived_is_down,
    only_reloaded,
    told_instances,
)
from lvstop.model.address import IPAddress, RealServerKey, VirtualServerKey
from lvstop.model.change import ChangeKind
from lvstop.model.checks import CheckedVirtualServer
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot
from lvstop.model.ipvs import VirtualServer
from lvstop.model.vrrp import VrrpInstance, VrrpState

MOST_TRANSITIONS = 64
LONG_GAP = timedelta(minutes=2)
"""Transitions that keepalived counted while nobody looked for so long are not known to be recent."""


Row = tuple[VirtualServerKey, RealServerKey]

_Name = TypeVar("_Name", IPAddress, str)


@dataclass(frozen=True, slots=True)
class InstanceSighting:
    """An instance as it was last seen.

    Attributes:
        changes: what keepalived counted of becoming and ceasing to be MASTER.
        seen: as it was told; two sightings that differ in nothing else are equal.
    """

    state: VrrpState | None
    last_transition: datetime | None
    changes: int | None
    seen: VrrpInstance = field(compare=False)


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """A director as it last answered.

    Attributes:
        at: when it was seen.
        held: the cluster's addresses that it held; None where that was unknown.
        instances: by label, as keepalived told them; None where it was not asked.
        vips_changed: when `held` was last seen to change; None where it never did.
        vrrp_changed: the same for a state of an instance.
    """

    at: datetime
    pid: int | None
    held: frozenset[IPAddress] | None
    instances: Mapping[str, InstanceSighting] | None
    table: tuple[VirtualServer, ...] | None
    checks: tuple[CheckedVirtualServer, ...] | None
    vips_changed: datetime | None = None
    vrrp_changed: datetime | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """A fold over snapshots, of bounded size. An empty memory is that of somebody who looks for the first time.

    Attributes:
        claims: by director, the addresses its VRRP claimed when keepalived was last asked.
        transitions: by director and instance, when the instance was seen to change its state.
        drains: weights 0 that keepalived did not set.
        recorded: rows that were on record as drained, as far as the directors told.
        strains: by director, what of its machine is near its end.
        moved_vips: when an address was last seen to come or go, within `Thresholds.settle`.
        moved_instances: the same of instances that changed their state, by all their names.
    """

    sightings: Mapping[str, Sighting] = field(default_factory=dict)
    claims: Mapping[str, tuple[Claim, ...]] = field(default_factory=dict)
    transitions: Mapping[tuple[str, str], tuple[datetime, ...]] = field(default_factory=dict)
    drains: Mapping[DrainKey, Drain] = field(default_factory=dict)
    recorded: frozenset[Row] = frozenset()
    strains: Mapping[str, Strains] = field(default_factory=dict)
    moved_vips: Mapping[IPAddress, datetime] = field(default_factory=dict)
    moved_instances: Mapping[str, datetime] = field(default_factory=dict)

    def observe(self, snapshot: ClusterSnapshot, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> "Memory":
        """This memory and one more look. Looking at the same snapshot twice adds nothing."""
        now = snapshot.generated_at
        memory = self._without_strangers({director.name for director in snapshot.directors})
        for director in snapshot.directors:
            if director.answers:
                memory = memory._seen(director, snapshot, now)._strained(director, thresholds, now)
        transitions = {
            key: kept
            for key, times in memory.transitions.items()
            if (kept := tuple(at for at in times if now - at <= thresholds.flapping_window))
        }
        memory = memory._on_record(snapshot)
        return replace(
            memory,
            transitions=transitions,
            drains=forget(memory.drains, now, thresholds),
            moved_vips=_recent(memory.moved_vips, now, thresholds),
            moved_instances=_recent(memory.moved_instances, now, thresholds),
        )

    def moving(self, snapshot: ClusterSnapshot, thresholds: Thresholds) -> frozenset[str]:
        """Addresses that moved a moment ago, and instances that did or that are theirs, by the names of all members.

        An address does not move with its instance: where it is follows from the kernels alone.
        """
        now = snapshot.generated_at
        addresses = {str(address) for address in _recent(self.moved_vips, now, thresholds)}
        names = addresses | _recent(self.moved_instances, now, thresholds).keys()
        if not names:
            return frozenset()
        names |= {vip.instance for vip in snapshot.vips if vip.instance and str(vip.address) in addresses}
        moving = set[str]()
        for group in instance_groups(snapshot.directors):
            if not names.isdisjoint(name for member in group.members for name in instance_names(member.instance)):
                moving |= {group.label, *(instance_label(member.instance) for member in group.members)}
        return frozenset(moving | addresses)

    def _on_record(self, snapshot: ClusterSnapshot) -> "Memory":
        """Whoever takes a drain off the record has restored it: what undid it before is no news any more."""
        drained = frozenset(row for each in snapshot.changes if each.kind is ChangeKind.DRAIN for row in each.rows)
        if not drained and not self.recorded:
            return self
        if not all(director.answers and director.changes is not None for director in snapshot.directors):
            return replace(self, recorded=self.recorded | drained)
        over = self.recorded - drained
        drains = {key: drain for key, drain in self.drains.items() if (key.virtual_server, key.real_server) not in over}
        return replace(self, recorded=drained, drains=drains)

    def _without_strangers(self, names: set[str]) -> "Memory":
        """Without directors that left the cluster file; the same object where there are none."""
        if names.issuperset(self.sightings) and names.issuperset(self.claims):
            return self
        return replace(
            self,
            sightings={name: seen for name, seen in self.sightings.items() if name in names},
            claims={name: claims for name, claims in self.claims.items() if name in names},
            transitions={key: times for key, times in self.transitions.items() if key[0] in names},
            drains={key: drain for key, drain in self.drains.items() if key.director in names},
            strains={name: strains for name, strains in self.strains.items() if name in names},
        )

    def _strained(self, director: DirectorSnapshot, thresholds: Thresholds, now: datetime) -> "Memory":
        before = self.strains.get(director.name, NO_STRAINS)
        after = follow_strains(before, director, thresholds, now)
        return self if after is before else replace(self, strains={**self.strains, director.name: after})

    def _seen(self, director: DirectorSnapshot, snapshot: ClusterSnapshot, now: datetime) -> "Memory":
        before = self.sightings.get(director.name)
        told = told_instances(director)
        instances = None if told is None else {instance_label(each): _instance_sighting(each) for each in told}
        held = _held(director, snapshot)
        pid = _pid(director, before)
        restarted = before is not None and before.pid is not None and before.pid != pid
        moved_vips = frozenset[IPAddress]() if before is None else _moved_vips(before.held, held)
        moved_instances = frozenset[str]() if before is None else _moved_instances(before, instances, restarted)
        sighting = Sighting(
            at=now,
            pid=pid,
            held=held,
            instances=instances,
            table=director.virtual_servers,
            checks=director.checks,
            vips_changed=now if moved_vips else None if before is None else before.vips_changed,
            vrrp_changed=now if moved_instances else None if before is None else before.vrrp_changed,
        )
        asked = told is not None and not keepalived_is_down(director)
        return replace(
            self,
            sightings={**self.sightings, director.name: sighting},
            claims={**self.claims, director.name: claims_of(told or ())} if asked else self.claims,
            transitions=self._transitions(director.name, before, instances or {}, restarted, now),
            drains=self._drains(director, before, restarted, now),
            moved_vips={**self.moved_vips, **dict.fromkeys(moved_vips, now)},
            moved_instances={**self.moved_instances, **dict.fromkeys(moved_instances, now)},
        )

    def _transitions(
        self,
        director: str,
        before: Sighting | None,
        instances: Mapping[str, InstanceSighting],
        restarted: bool,
        now: datetime,
    ) -> Mapping[tuple[str, str], tuple[datetime, ...]]:
        if before is None or not before.instances:
            return self.transitions
        transitions = dict(self.transitions)
        for label, instance in instances.items():
            old = before.instances.get(label)
            times = _transitions_between(old, instance, restarted) if old is not None else 0
            if times and now - before.at > LONG_GAP:
                times = 1
            if times:
                known = transitions.get((director, label), ())
                transitions[director, label] = (*known, *([now] * times))[-MOST_TRANSITIONS:]
        return transitions

    def _drains(
        self, director: DirectorSnapshot, before: Sighting | None, restarted: bool, now: datetime
    ) -> Mapping[DrainKey, Drain]:
        if director.virtual_servers is None:
            return self.drains
        unchanged = before is not None and before.table is director.virtual_servers and before.checks is director.checks
        if unchanged and not restarted:
            return self.drains
        return follow_drains(self.drains, director, restarted, now)


def _instance_sighting(instance: VrrpInstance) -> InstanceSighting:
    return InstanceSighting(instance.state, instance.last_transition, counted_transitions(instance), instance)


def _recent(moved: Mapping[_Name, datetime], now: datetime, thresholds: Thresholds) -> dict[_Name, datetime]:
    """In either direction: a wall clock that was set back must not leave anything moving for hours."""
    return {name: at for name, at in moved.items() if abs(now - at) < thresholds.settle}


def _pid(director: DirectorSnapshot, before: Sighting | None) -> int | None:
    """keepalived's process id; a daemon that is down or hidden keeps the last known one, to notice its successor."""
    pid = None if director.keepalived is None else director.keepalived.pid
    return pid if pid is not None or before is None else before.pid


def _held(director: DirectorSnapshot, snapshot: ClusterSnapshot) -> frozenset[IPAddress] | None:
    if director.addresses is None:
        return None
    return frozenset(vip.address for vip in snapshot.vips if director.name in vip.holders)


def _moved_vips(old: frozenset[IPAddress] | None, new: frozenset[IPAddress] | None) -> frozenset[IPAddress]:
    return frozenset() if old is None or new is None else old ^ new


def _moved_instances(
    before: Sighting, instances: Mapping[str, InstanceSighting] | None, restarted: bool
) -> frozenset[str]:
    """All names of instances that came, went or changed their state."""
    if before.instances is None or instances is None or before.instances == instances:
        return frozenset()
    names = set[str]()
    for label in {*before.instances, *instances}:
        old, new = before.instances.get(label), instances.get(label)
        if old is None or new is None or _transitions_between(old, new, restarted):
            names.update(*(instance_names(each.seen) for each in (old, new) if each is not None))
    return frozenset(names)


def _transitions_between(old: InstanceSighting, new: InstanceSighting, restarted: bool) -> int:
    """How many transitions lie between two sightings; at least one where anything says so.

    keepalived's counters tell of those that happened between two dumps; they start again at 0 with keepalived.
    """
    told_apart = old.state is not None and new.state is not None and old.state is not new.state
    moved = old.last_transition is not None and new.last_transition not in (None, old.last_transition)
    if moved and not restarted and only_reloaded(old.changes, new.changes):
        moved = False
    counted = 0 if old.changes is None or new.changes is None else new.changes - old.changes
    return min(max(counted, int(told_apart or moved)), MOST_TRANSITIONS)
