"""Events: what changed between two looks at a cluster.

A side that was unknown before or is unknown now has no news: a director that answers again has not got all its virtual
servers at that moment.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from lvstop.analysis.diff_changes import change_events
from lvstop.analysis.diff_table import table_events
from lvstop.analysis.vrrp import counted_transitions, instance_label, keepalived_is_down, only_reloaded
from lvstop.analysis.words import age
from lvstop.model.address import IPAddress
from lvstop.model.alert import Alert, AlertCode, Severity
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot, DirectorStatus
from lvstop.model.event import Event, EventKind
from lvstop.model.vrrp import VrrpInstance

ABOUT_ASKING = frozenset({AlertCode.DIRECTOR_UNREACHABLE, AlertCode.DIRECTOR_STALE})


def events(before: ClusterSnapshot | None, after: ClusterSnapshot) -> tuple[Event, ...]:
    """What happened between two looks, in order of time. Nothing without an earlier look."""
    if before is None or before is after:
        return ()
    now = after.generated_at
    found: list[Event] = []
    earlier = {director.name: director for director in before.directors}
    for director in after.directors:
        old = earlier.get(director.name)
        if old is None or old is director:
            continue
        found += _status_events(old, director, now)
        if old.answers and director.answers:
            found += _keepalived_events(old, director, now)
            found += _vrrp_events(old, director, before.generated_at, now)
            found += table_events(old, director, now)
    found += _vip_events(before, after)
    found += change_events(before, after)
    found += _alert_events(before, after)
    return tuple(sorted(found, key=lambda event: event.at))


def dated(before: ClusterSnapshot | None, after: ClusterSnapshot) -> ClusterSnapshot:
    """`after` with alerts that tell since when they stand: as before, or from now on.

    An alert that became worse or better is still the same one.
    """
    if not after.alerts or (before is not None and before.alerts is after.alerts):
        return after
    known = {} if before is None else {(alert.code, alert.subject): alert.since for alert in before.alerts}
    now = after.generated_at
    alerts = tuple(replace(alert, since=known.get((alert.code, alert.subject)) or now) for alert in after.alerts)
    return replace(after, alerts=alerts)


def _status_events(old: DirectorSnapshot, new: DirectorSnapshot, now: datetime) -> Iterator[Event]:
    if old.status is new.status:
        return
    why = "" if new.fault is None else f": {new.fault.summary.rstrip('.')}"
    said = f"{_STATUS_WORDS[new.status]}{why}"
    if new.status is DirectorStatus.LIVE:
        said = _live_again(old)
    elif new.status is DirectorStatus.UNREACHABLE and old.status is not DirectorStatus.CONNECTING:
        said = f"cannot be asked any more{why}"
    yield Event(now, new.name, EventKind.DIRECTOR, new.name, f"{new.name} {said}.")


_STATUS_WORDS = {
    DirectorStatus.CONNECTING: "is being connected again",
    DirectorStatus.LIVE: "answers",
    DirectorStatus.DEGRADED: "answers, but not everything could be read",
    DirectorStatus.STALE: "does not answer in time",
    DirectorStatus.UNREACHABLE: "cannot be asked",
}


def _live_again(old: DirectorSnapshot) -> str:
    if old.status is DirectorStatus.CONNECTING:
        return "answers"
    if old.status is DirectorStatus.DEGRADED:
        return "could be read completely again"
    silence = "" if old.age_seconds is None else f", after {age(old.age_seconds)}"
    return f"answers again{silence}"


def _keepalived_events(old: DirectorSnapshot, new: DirectorSnapshot, now: datetime) -> Iterator[Event]:
    was, now_is = old.keepalived, new.keepalived
    if was is None or now_is is None or was is now_is:
        return
    said: list[str] = []
    if was.running is True and now_is.running is False:
        said.append("keepalived stopped")
    elif was.running is False and now_is.running is True:
        said.append("keepalived started")
    elif was.pid is not None and now_is.pid is not None and was.pid != now_is.pid:
        said.append("keepalived was restarted")
    if was.version is not None and now_is.version is not None and was.version != now_is.version:
        said.append(f"keepalived changed from version {was.version} to {now_is.version}")
    for each in said:
        yield Event(now, new.name, EventKind.KEEPALIVED, "keepalived", f"{each} on {new.name}.")


def _vrrp_events(old: DirectorSnapshot, new: DirectorSnapshot, previous: datetime, now: datetime) -> Iterator[Event]:
    if old.vrrp is new.vrrp or old.vrrp is None or new.vrrp is None:
        return
    if keepalived_is_down(old) or keepalived_is_down(new):
        return
    restarted = _pid(old) != _pid(new)
    instances = {instance_label(instance): instance for instance in old.vrrp}
    for instance in new.vrrp:
        before = instances.get(instance_label(instance))
        if before is not None and before is not instance:
            yield from _instance_events(before, instance, new.name, _since(old, previous), now, restarted=restarted)


def _pid(director: DirectorSnapshot) -> int | None:
    return None if director.keepalived is None else director.keepalived.pid


def _since(old: DirectorSnapshot, previous: datetime) -> datetime:
    """The time of the earlier look at VRRP: what keepalived dates later than that is news."""
    return previous if old.vrrp_read_at is None else min(previous, old.vrrp_read_at)


def _instance_events(
    old: VrrpInstance, new: VrrpInstance, director: str, previous: datetime, now: datetime, *, restarted: bool
) -> Iterator[Event]:
    label = instance_label(new)
    told = new.last_transition
    at = min(told, now) if told is not None and told > previous else now
    if old.state is not None and new.state is not None and old.state is not new.state:
        summary = f"{label} went from {old.state} to {new.state} on {director}."
        yield Event(at, director, EventKind.VRRP, label, summary)
    elif old.state is new.state and _came_back(old, new, restarted=restarted):
        summary = f"{label} left {new.state} on {director} and came back to it."
        yield Event(at, director, EventKind.VRRP, label, summary)
    was, priority = old.effective_priority, new.effective_priority
    if was is not None and priority is not None and was != priority:
        summary = f"The priority of {label} changed from {was} to {priority} on {director}."
        yield Event(now, director, EventKind.VRRP, label, summary)


def _came_back(old: VrrpInstance, new: VrrpInstance, *, restarted: bool) -> bool:
    """It is in the same state as before, but was not all the time."""
    if None in (old.last_transition, new.last_transition, new.state) or old.last_transition == new.last_transition:
        return False
    return restarted or not only_reloaded(counted_transitions(old), counted_transitions(new))


def _vip_events(before: ClusterSnapshot, after: ClusterSnapshot) -> Iterator[Event]:
    """Addresses that came to a director or left it, where that could be seen on both occasions."""
    known = _knowing(before) & _knowing(after)
    earlier = {vip.address: vip for vip in before.vips}
    for vip in after.vips:
        old = earlier.get(vip.address)
        if old is None or old.holders == vip.holders:
            continue
        for name in (director.name for director in after.directors):
            if name in known and name not in old.unknown_on and name not in vip.unknown_on:
                had, has = name in old.holders, name in vip.holders
                if had != has:
                    yield _moved(after.generated_at, name, vip.address, has)


def _moved(at: datetime, director: str, address: IPAddress, has: bool) -> Event:
    summary = f"{address} appeared on {director}." if has else f"{address} left {director}."
    return Event(at, director, EventKind.VIP, str(address), summary)


def _knowing(cluster: ClusterSnapshot) -> set[str]:
    return {director.name for director in cluster.directors if director.answers and director.addresses is not None}


def _alert_events(before: ClusterSnapshot, after: ClusterSnapshot) -> Iterator[Event]:
    """Alerts that were raised, changed their severity, or were cleared.

    Where less is known than before, an alert that is gone may only be out of sight: its end is not claimed then. What
    is in maintenance is told by the records' own events, until it is overdue.
    """
    if before.alerts is after.alerts:
        return
    earlier = {(alert.code, alert.subject): alert for alert in before.alerts}
    now = after.generated_at
    for alert in after.alerts:
        old = earlier.pop((alert.code, alert.subject), None)
        if _is_maintenance(alert):
            continue
        if old is None:
            summary = f"{alert.severity}: {alert.summary}"
            yield Event(now, None, EventKind.ALERT, f"{alert.code} {alert.subject}", summary)
        elif old.severity is not alert.severity:
            summary = f"now {alert.severity}: {alert.summary}"
            yield Event(now, None, EventKind.ALERT, f"{alert.code} {alert.subject}", summary)
    blind = _knows_less(before, after)
    answering = {director.name for director in after.directors if director.answers}
    for (code, subject), gone in earlier.items():
        if _is_maintenance(gone):
            continue
        if not blind or (code in ABOUT_ASKING and subject in answering):
            yield Event(now, None, EventKind.ALERT, f"{code} {subject}", f"cleared: {code} of {subject}.")


def _is_maintenance(alert: Alert) -> bool:
    return alert.code is AlertCode.MAINTENANCE and alert.severity is Severity.INFO


_LANES: tuple[Callable[[DirectorSnapshot], object], ...] = (
    lambda director: director.virtual_servers,
    lambda director: director.addresses,
    lambda director: director.changes,
    lambda director: director.vrrp,
    lambda director: director.checks,
    lambda director: director.details,
    lambda director: director.sync_daemons,
    lambda director: director.sysctls,
    lambda director: director.keepalived,
)


def _knows_less(before: ClusterSnapshot, after: ClusterSnapshot) -> bool:
    later = {director.name: director for director in after.directors}
    for old in before.directors:
        if old.answers:
            new = later.get(old.name)
            if new is None or not new.answers:
                return True
            # A keepalived that stopped is known to believe nothing.
            lanes = _LANES if not keepalived_is_down(new) else _LANES[:3]
            if any(lane(old) is not None and lane(new) is None for lane in lanes):
                return True
    return False
