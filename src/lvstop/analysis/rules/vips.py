"""Rules about the VIPs in the kernels, and about VRRP as keepalived tells it."""

from collections.abc import Iterable

from lvstop.analysis.rules.scene import Scene
from lvstop.analysis.vrrp import InstanceGroup, Member, claimed_on_loopback, holds, keepalived_is_down, told_instances
from lvstop.analysis.words import age, listing
from lvstop.model.alert import Alert, AlertCode, Severity
from lvstop.model.cluster import VipHolding
from lvstop.model.vrrp import VrrpSource, VrrpState

MOVING = " It may be moving: something changed a moment ago."


def no_master(scene: Scene) -> Iterable[Alert]:
    """No director is MASTER of an instance.

    Critical where every director was asked. One that cannot be asked may be the MASTER: an instance that is BACKUP
    hears a master (RFC 5798 §6.4.2), so nothing is said then; where none of those asked is BACKUP, a warning is due.
    The same holds for a cluster file with one director: its peer is not in it.
    """
    unasked = [director.name for director in scene.cluster.directors if told_instances(director) is None]
    for group in scene.groups:
        states = [member.instance.state for member in group.members]
        if scene.settling(group.label) or group.masters or None in states:
            continue
        if _held_without_word(scene, group, unasked):
            continue
        if VrrpState.BACKUP in states and (unasked or _is_alone(scene)):
            continue
        said = listing(f"{member.director.name} is {member.instance.state}" for member in group.members)
        down = [director.name for director in scene.answering if keepalived_is_down(director)]
        said += f"; keepalived is not running on {listing(down)}" if down else ""
        if unasked:
            summary = (
                f"Nobody is known to be MASTER of {group.label}: {said}, and {listing(unasked)} could not be asked."
            )
        else:
            summary = f"Nobody is MASTER of {group.label}: {said}."
        severity = Severity.WARNING if unasked else Severity.CRITICAL
        remedy = "Look for what keeps it in that state (interface, track scripts and files): journalctl -u keepalived."
        yield Alert(AlertCode.NO_MASTER, severity, group.label, summary, remedy)


def _is_alone(scene: Scene) -> bool:
    return len(scene.cluster.directors) == 1


def _held_without_word(scene: Scene, group: InstanceGroup, unasked: list[str]) -> bool:
    """A director whose keepalived could not be asked holds the addresses: it is MASTER for all one can see."""
    return any(
        holder in unasked for vip in scene.cluster.vips if vip.address in group.addresses for holder in vip.holders
    )


def multiple_masters(scene: Scene) -> Iterable[Alert]:
    """More than one director is MASTER of an instance."""
    for group in scene.groups:
        masters = group.masters
        if len(masters) > 1 and not scene.settling(group.label):
            names = listing(member.director.name for member in masters)
            summary = (
                f"{names} are both MASTER of {group.label}"
                if len(masters) == 2
                else (f"{names} are all MASTER of {group.label}")
            )
            summary += f"{_disagreement(masters)}."
            remedy = "They do not accept each other's adverts: check the network between them, VRID and authentication."
            yield Alert(AlertCode.MULTIPLE_MASTERS, Severity.CRITICAL, group.label, summary, remedy)


def _disagreement(masters: tuple[Member, ...]) -> str:
    """What in their configurations already explains that they do not hear each other."""
    found = []
    vrids = {member.instance.vrid for member in masters}
    if len(vrids) > 1 and None not in vrids:
        found.append(f"VRID {listing(f'{m.instance.vrid} on {m.director.name}' for m in masters)}")
    if len({frozenset(vip.address for vip in member.instance.vips) for member in masters}) > 1:
        found.append("their virtual addresses differ")
    return f": {'; '.join(found)}" if found else ""


def vip_missing(scene: Scene) -> Iterable[Alert]:
    """Every director was asked, and none has the address.

    A lone director that is BACKUP hears a master that is not in the cluster file: that is a warning about the file.
    """
    for vip in scene.cluster.vips:
        if vip.holders or vip.unknown_on or not scene.answering:
            continue
        states = _states(scene, vip)
        summary = f"No director holds {vip.address}{_of(vip)}{': ' + states if states else ''}."
        remedy = "The address is served by nobody; see why no director is MASTER, or `ip addr` on the one that is."
        severity = Severity.CRITICAL
        if _is_alone(scene) and scene.state_words(scene.answering[0], vip.instance) == VrrpState.BACKUP:
            severity, summary = Severity.WARNING, f"{summary} Its master is not in the cluster file."
            remedy = "Add the other director to the cluster file."
        elif scene.settling(vip.address):
            severity, summary = Severity.WARNING, summary + MOVING
        yield Alert(AlertCode.VIP_MISSING, severity, str(vip.address), summary, remedy)


def vip_duplicate(scene: Scene) -> Iterable[Alert]:
    """More than one director has the address: clients reach whichever answered ARP last."""
    for vip in scene.cluster.vips:
        if len(vip.holders) > 1:
            states = _states(scene, vip, only_holders=True)
            summary = f"{vip.address}{_of(vip)} is on {listing(vip.holders)} at the same time"
            summary += f": {states}." if states else "."
            settling = scene.settling(vip.address)
            severity = Severity.WARNING if settling else Severity.CRITICAL
            remedy = "Remove it where it does not belong (`ip addr del`), after making sure who should be MASTER."
            yield Alert(
                AlertCode.VIP_DUPLICATE,
                severity,
                str(vip.address),
                summary + (MOVING if settling else ""),
                remedy,
            )


def vip_state_mismatch(scene: Scene) -> Iterable[Alert]:
    """keepalived's belief and the kernel differ on one director.

    keepalived does not put back an address that somebody removed, and an address can survive a keepalived that was
    killed. Where keepalived does not run at all, `keepalived-down` says that it still holds the address. A VRRP dump
    older than the last change of addresses is not compared with them.
    """
    for group in scene.groups:
        if scene.settling(group.label):
            continue
        for member in group.members:
            seen = scene.memory.sightings.get(member.director.name)
            changed = None if seen is None else seen.vips_changed
            asked = member.director.vrrp_read_at
            if changed is None or asked is None or asked >= changed:
                yield from _mismatches(group, member)


def _mismatches(group: InstanceGroup, member: Member) -> Iterable[Alert]:
    name, state = member.director.name, member.instance.state
    if state is None or member.instance.source is VrrpSource.INFERRED:
        return
    loopback = claimed_on_loopback(member.instance.vips)
    for vip in member.instance.vips:
        held = holds(member.director, vip.address, on_loopback=vip.address in loopback)
        subject = f"{vip.address} on {name}"
        if held is False and state is VrrpState.MASTER:
            summary = f"{name} is MASTER of {group.label}, but {vip.address} is not on its interfaces."
            remedy = (
                "keepalived 2.x puts a removed address back within a second; if it stays away, its log there says why."
            )
            yield Alert(AlertCode.VIP_STATE_MISMATCH, Severity.CRITICAL, subject, summary, remedy)
        elif held and state is not VrrpState.MASTER:
            summary = f"{name} is {state} for {group.label}, but {vip.address} is still on its interfaces."
            remedy = f"Left over from before: `ip addr del {vip.address}` on {name}, once another director is MASTER."
            yield Alert(AlertCode.VIP_STATE_MISMATCH, Severity.WARNING, subject, summary, remedy)


def flapping(scene: Scene) -> Iterable[Alert]:
    """An instance changed its state too often lately, as seen by this program."""
    limits = scene.thresholds
    worst: dict[str, tuple[int, str]] = {}
    for (director, label), times in scene.memory.transitions.items():
        recent = sum(scene.cluster.generated_at - at <= limits.flapping_window for at in times)
        if recent >= limits.flapping_transitions:
            worst[label] = max(worst.get(label, (0, "")), (recent, director))
    for label, (number, director) in worst.items():
        within = age(limits.flapping_window.total_seconds())
        summary = f"{label} changed its state {number} times within {within} on {director}."
        remedy = "Look for lost adverts and failing track scripts: journalctl -u keepalived on both directors."
        yield Alert(AlertCode.FLAPPING, Severity.WARNING, label, summary, remedy)


def _of(vip: VipHolding) -> str:
    return "" if vip.instance is None else f" ({vip.instance})"


def _states(scene: Scene, vip: VipHolding, *, only_holders: bool = False) -> str:
    """`keepalived1 is FAULT and keepalived2 is FAULT`; empty where VRRP is not known to have a part in it."""
    if vip.instance is None:
        return ""
    said = []
    for director in scene.answering:
        if only_holders and director.name not in vip.holders:
            continue
        words = scene.state_words(director, vip.instance)
        said.append(f"{words} on {director.name}" if " " in words else f"{director.name} is {words}")
    return listing(said)
