"""Rules about a director as such: can it be asked, does keepalived run, what may not be seen."""

from collections.abc import Iterable

from lvstop.analysis.rules.scene import Scene
from lvstop.analysis.vrrp import has_keepalived, keepalived_is_down
from lvstop.analysis.words import age, count, is_are, listing
from lvstop.model.alert import Alert, AlertCode, Severity
from lvstop.model.director import DirectorSnapshot, DirectorStatus, LackCause
from lvstop.model.vrrp import VrrpState


def director_unreachable(scene: Scene) -> Iterable[Alert]:
    """A director cannot be asked. Critical where none can; else the others still tell what is going on."""
    for director in scene.cluster.directors:
        if director.status is DirectorStatus.UNREACHABLE:
            fault = director.fault
            why = "it does not answer" if fault is None else fault.summary
            summary = (
                f"{director.name} cannot be asked: {why.rstrip('.')}.{_last_answer(director)}{_known_of_it(scene)}"
            )
            remedy = "" if fault is None else fault.remedy
            yield Alert(AlertCode.DIRECTOR_UNREACHABLE, _blindness(scene), director.name, summary, remedy)


def director_stale(scene: Scene) -> Iterable[Alert]:
    """A director is connected, but its last answer is too old."""
    for director in scene.cluster.directors:
        if director.status is DirectorStatus.STALE:
            old = "too old" if director.age_seconds is None else f"{age(director.age_seconds)} old"
            why = f": {director.fault.summary.rstrip('.')}" if director.fault is not None else ""
            summary = f"The last answer of {director.name} is {old}{why}.{_known_of_it(scene)}"
            remedy = "Look at its load and at the network on the way there."
            yield Alert(AlertCode.DIRECTOR_STALE, _blindness(scene), director.name, summary, remedy)


def director_degraded(scene: Scene) -> Iterable[Alert]:
    """A director answers, but something that it should tell could not be read or not be understood."""
    for director in scene.answering:
        failed = [lack for lack in director.lacks if lack.cause is LackCause.FAILED]
        degraded = director.status is DirectorStatus.DEGRADED
        if not (degraded or failed or director.issues):
            continue
        parts = [f"{lack.what} could not be read ({lack.detail.rstrip('.')})" for lack in failed[:3]]
        if len(failed) > 3:
            parts.append(f"{len(failed) - 3} more could not be read")
        if director.issues:
            first = director.issues[0]
            where = first.source if first.line_number == 0 else f"{first.source}, line {first.line_number}"
            many = count(len(director.issues), "line")
            parts.append(f"{many} not understood, the first in {where}: {first.reason.rstrip('.')}")
        if director.fault is not None and not parts:
            parts.append(director.fault.summary.rstrip("."))
        said = "; ".join(parts) or "something that it should tell could not be read"
        remedy = "" if director.fault is None else director.fault.remedy
        remedy = remedy or "`lvstop check` tells what is missing and what each command answered."
        yield Alert(AlertCode.DIRECTOR_DEGRADED, Severity.WARNING, director.name, f"{director.name}: {said}.", remedy)


def keepalived_down(scene: Scene) -> Iterable[Alert]:
    """keepalived does not run on a director that has it.

    Critical where the director still holds a VIP (after `kill -9` addresses and table stay behind and nobody keeps
    them) and where no other director is known to be MASTER; else the redundancy is gone and the service is not.
    Directors without keepalived anywhere (IPVS kept by something else) are no fault.
    """
    if not any(has_keepalived(director) for director in scene.cluster.directors):
        return
    for director in scene.answering:
        if not keepalived_is_down(director):
            continue
        held = scene.held_by(director.name)
        masters = _masters_but(scene, director.name)
        severity = Severity.CRITICAL if held or not masters else Severity.WARNING
        if held:
            tail = f", yet it still holds {listing(held)}: nobody checks its real servers or gives the address up"
        elif masters:
            tail = f"; {listing(masters)} {is_are(masters)} MASTER, and nobody could take over"
        else:
            tail = ", and no other director is known to be MASTER"
        summary = f"keepalived is not running on {director.name}{tail}."
        remedy = f"On {director.name}: systemctl start keepalived; why it stopped: journalctl -u keepalived."
        yield Alert(AlertCode.KEEPALIVED_DOWN, severity, director.name, summary, remedy)


def privilege_missing(scene: Scene) -> Iterable[Alert]:
    """What cannot be seen for want of rights, one alert per director."""
    for director in scene.answering:
        hidden = [lack.what for lack in director.lacks if lack.cause is LackCause.UNPRIVILEGED]
        if hidden:
            summary = f"Without root or sudo on {director.name} this stays unknown: {listing(dict.fromkeys(hidden))}."
            remedy = "Log in as root, or allow this login `sudo -n sh` without a password."
            yield Alert(AlertCode.PRIVILEGE_MISSING, Severity.INFO, director.name, summary, remedy)


def _blindness(scene: Scene) -> Severity:
    return Severity.WARNING if scene.answering else Severity.CRITICAL


def _last_answer(director: DirectorSnapshot) -> str:
    return "" if director.age_seconds is None else f" Its last answer is {age(director.age_seconds)} old."


def _known_of_it(scene: Scene) -> str:
    """What the others say in its place: their kernels, and the adverts they hear."""
    unheld = [vip.address for vip in scene.cluster.vips if not vip.holders and vip.unknown_on]
    if not scene.answering:
        return ""
    if not unheld:
        holders = sorted({holder for vip in scene.cluster.vips for holder in vip.holders})
        verb = "holds" if len(holders) == 1 else "hold"
        return f" {listing(holders)} {verb} every VIP." if holders else ""
    hears = [
        f"{member.director.name} is BACKUP of {group.label}, so it hears a master"
        for group in scene.groups
        for member in group.members
        if member.instance.state is VrrpState.BACKUP and not group.masters and group.addresses.intersection(unheld)
    ]
    return f" Who holds {listing(unheld, most=3)} is unknown{'; ' + '; '.join(hears) if hears else ''}."


def _masters_but(scene: Scene, name: str) -> list[str]:
    """Other directors that are MASTER of something, by keepalived's word or by the VIPs they hold."""
    told = {member.director.name for group in scene.groups for member in group.masters}
    holding = {holder for vip in scene.cluster.vips for holder in vip.holders}
    down = {director.name for director in scene.answering if keepalived_is_down(director)}
    return sorted((told | holding) - down - {name})
