"""What could be done with directors that were just met: how a drain would last, what would move a VIP. Pure.

A first answer from one look. The plan of a drain and the preflight of a failover look closer.
"""

from collections.abc import Sequence

from lvstop.actions.failover.track_files import weights
from lvstop.actions.levers import DURABLE_SINCE, keepalived_version, watches
from lvstop.analysis.vrrp import told_instances
from lvstop.analysis.words import listing
from lvstop.model.checks import CheckedRealServer
from lvstop.model.director import DirectorSnapshot, Privilege
from lvstop.model.failover import FailoverLever
from lvstop.model.vrrp import VrrpInstance


def drain_prospect(directors: Sequence[DirectorSnapshot]) -> str:
    """How real servers would be drained; a sentence."""
    powerless = _powerless(directors)
    if powerless:
        return f"No drain with this login: weights are changed as root, which it is not on {powerless}."
    if any(each.checks is None for each in directors):
        return "Drains by ipvsadm; keepalived's checks are not known."
    rows = [(each, row) for each in directors for server in each.checks or () for row in server.real_servers]
    lasting = [row for director, row in rows if _outlasts(director, row)]
    if not rows:
        return "No real server is checked by keepalived; drains by ipvsadm."
    if len(lasting) == len(rows):
        return "Drains by track files (FILE_CHECK): they outlast failed checks, reloads and restarts."
    if lasting:
        return f"Drains by track files (FILE_CHECK) for {len(lasting)} of {len(rows)} real servers, else by ipvsadm."
    old = [each.name for each in directors if _is_old(each)]
    if old and any(row.file_checks for _, row in rows):
        return f"Drains by ipvsadm: FILE_CHECK can drain from keepalived 2.2.0 on, and {listing(old)} is older."
    return "Drains by ipvsadm: no FILE_CHECK is configured. A failed check or a restart ends them."


def failover_prospect(directors: Sequence[DirectorSnapshot]) -> str:
    """What would move a VIP, whichever director has it; a sentence."""
    powerless = _powerless(directors)
    if powerless:
        return f"No failover with this login: it takes root, which it is not on {powerless}."
    if any(told_instances(each) is None or each.vrrp_track_files is None for each in directors):
        return "What would move a VIP is not known: keepalived did not tell its track files."
    instances = [(each, instance) for each in directors for instance in told_instances(each) or ()]
    if not instances:
        return "There is no VRRP instance to fail over."
    levers = {lever_of(director, instance, directors) for director, instance in instances}
    if FailoverLever.STOP in levers:
        return "Failover by stopping keepalived: no track file moves every VRRP instance. A gap of most of a second."
    if FailoverLever.FAULT in levers:
        return "Failover by track files that cause a FAULT. A gap of most of a second."
    return "Failover by track files with a weight. A gap of hundredths of a second."


def lever_of(
    director: DirectorSnapshot, instance: VrrpInstance, directors: Sequence[DirectorSnapshot]
) -> FailoverLever:
    """The gentlest lever that an instance has where it is now: of track files, or a stop."""
    found = [
        weight
        for file in director.vrrp_track_files or ()
        for name, weight in weights(file, director).items()
        if name == instance.name and file.path is not None
    ]
    waits = any(
        other.preempt is False
        for each in directors
        if each is not director
        for other in told_instances(each) or ()
        if other.vrid == instance.vrid
    )
    if any(found) and not waits:
        return FailoverLever.TRACK_FILE
    return FailoverLever.FAULT if 0 in found else FailoverLever.STOP


def _powerless(directors: Sequence[DirectorSnapshot]) -> str:
    return listing(each.name for each in directors if each.answers and each.privilege is Privilege.NONE)


def _is_old(director: DirectorSnapshot) -> bool:
    version = keepalived_version(director)
    return version is not None and version < DURABLE_SINCE


def _outlasts(director: DirectorSnapshot, row: CheckedRealServer) -> bool:
    """A track file that decides nothing of VRRP decides its weight."""
    files = [file.name for file in director.track_files or () if file.vrrp_instances == ()]
    return not _is_old(director) and any(watches(row, name) for name in files)
