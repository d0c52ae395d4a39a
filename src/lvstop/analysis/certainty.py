"""What is known of a cluster, as against what was not read: the difference between `away` and `not seen`. Pure."""

from collections.abc import Iterator

from lvstop.analysis.vrrp import has_keepalived, instance_groups, keepalived_is_down, told_instances
from lvstop.model.alert import AlertCode
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot

Sight = frozenset[tuple[str, str]]
"""Directors, each with something of it that was read or is known: what could be seen at one look."""

_ANSWERS = ""

_OF_KEEPALIVED = ("vrrp", "checks", "sync")

ABOUT_ASKING = frozenset({AlertCode.DIRECTOR_UNREACHABLE, AlertCode.DIRECTOR_STALE})
"""They stand because nothing was read; that nothing is read says nothing of them."""

_ABOUT_ONE_DIRECTOR = ABOUT_ASKING | {
    AlertCode.DIRECTOR_DEGRADED,
    AlertCode.KEEPALIVED_DOWN,
    AlertCode.VIP_STATE_MISMATCH,
    AlertCode.BACKUP_NOT_READY,
    AlertCode.SYNC_DAEMON_MISSING,
    AlertCode.PRIVILEGE_MISSING,
    AlertCode.CONNTRACK_FILLING,
    AlertCode.SOFTIRQ_SATURATED,
    AlertCode.PACKETS_DROPPED,
    AlertCode.MEMORY_LOW,
}

_SILENT_WHILE_MOVING = frozenset({AlertCode.NO_MASTER, AlertCode.MULTIPLE_MASTERS})
"""The rules say nothing of them while their instance moves (`Thresholds.settle`)."""

_MILDER_WHILE_MOVING = frozenset({AlertCode.VIP_MISSING, AlertCode.VIP_DUPLICATE})
"""The rules call them less severe while their address moves."""


def sight_of(snapshot: ClusterSnapshot) -> Sight:
    """What was read at this look."""
    return frozenset(seen for director in snapshot.directors if director.answers for seen in _read_of(director))


def known_of(snapshot: ClusterSnapshot, read: Sight) -> Sight:
    """What was `read` at this look, and what is known besides: a keepalived that does not run has nothing to tell.

    That is never a part of what an alert stood by: a login that may not ask keepalived knows it only while it is down.
    """
    down = [each.name for each in snapshot.directors if each.answers and keepalived_is_down(each)]
    return read | {(name, lane) for name in down for lane in _OF_KEEPALIVED}


def _read_of(director: DirectorSnapshot) -> Iterator[tuple[str, str]]:
    yield director.name, _ANSWERS
    runs = not keepalived_is_down(director)  # what an earlier one told is not the present
    known = {
        "addresses": director.addresses is not None,
        "table": director.virtual_servers is not None,
        "daemon": director.keepalived is not None and director.keepalived.running is not None,
        "vrrp": runs and told_instances(director) is not None,
        "checks": runs and director.checks is not None,
        "sync": director.sync_daemons is not None,
        "details": director.details is not None,
        "records": director.changes is not None,
        "failovers": director.failovers is not None,
        "vitals": director.vitals is not None,
        "vitals over time": director.vitals_rates is not None,
    }
    for lane, is_known in known.items():
        if is_known:
            yield director.name, lane


def judged_with_patience(code: AlertCode, subject: str, snapshot: ClusterSnapshot) -> bool:
    """What the rules say of it is held back while something moves: that they say less is no evidence."""
    if code is AlertCode.SYNC_DAEMON_MISSING:
        return bool(snapshot.moving)
    if code is AlertCode.VIP_STATE_MISMATCH:
        address, _, _ = subject.partition(" on ")
        instances = {vip.instance for vip in snapshot.vips if str(vip.address) == address}
        return not snapshot.moving.isdisjoint({address, *instances})
    return code in _SILENT_WHILE_MOVING | _MILDER_WHILE_MOVING and subject in snapshot.moving


def known_away(code: AlertCode, subject: str, then: Sight, snapshot: ClusterSnapshot, now: Sight) -> bool:
    """An alert that does not stand now is away, and not merely out of sight.

    That is so where everything that could be seen while it stood can be seen now; of an alert about one director, on
    that director, which answers; and where its opposite is seen: an address that somebody holds is not missing, whoever
    else cannot be asked. It is not so where the rules say nothing of it because it moves.

    Args:
        then: what was read while it stood.
        now: what is known by `snapshot`.
    """
    if code not in _MILDER_WHILE_MOVING and judged_with_patience(code, subject, snapshot):
        return False
    if code is AlertCode.VIP_MISSING and any(vip.holders for vip in snapshot.vips if str(vip.address) == subject):
        return True
    if code is AlertCode.NO_MASTER:
        groups = instance_groups(snapshot.directors)
        if any(group.masters for group in groups if group.label == subject):
            return True
    if code in _ABOUT_ONE_DIRECTOR:
        about = {
            each.name for each in snapshot.directors if subject == each.name or subject.endswith(f" on {each.name}")
        }
        if about:
            return {(name, _ANSWERS) for name in about} | {seen for seen in then if seen[0] in about} <= now
    return then <= now


def what_is_unknown(snapshot: ClusterSnapshot) -> tuple[str, ...]:
    """What keeps anybody from saying that everything is fine, a few words each; nothing where nothing does."""
    found = [f"{each.name} is {each.status}" for each in snapshot.directors if not each.answers]
    for director in snapshot.directors:
        if director.answers:
            found += [f"{what} of {director.name}" for what in _unread(director)]
    found += [f"who holds {vip.address}" for vip in snapshot.vips if not vip.holders and vip.unknown_on]
    if not snapshot.vips and not found:
        found.append("which virtual addresses there are")
    return tuple(found)


def _unread(director: DirectorSnapshot) -> Iterator[str]:
    if director.addresses is None:
        yield "the addresses"
    if director.virtual_servers is None:
        yield "the table"
    daemon = director.keepalived
    if daemon is None or daemon.running is None:
        yield "whether keepalived runs"
    elif daemon.running and has_keepalived(director):
        if told_instances(director) is None:
            yield "the VRRP state"
        if director.checks is None:
            yield "the health checks"
