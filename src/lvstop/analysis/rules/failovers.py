"""Rules about failovers on record: a lever that is held, and one that nobody has finished."""

from collections.abc import Iterable

from lvstop.analysis.rules.scene import Scene
from lvstop.analysis.words import listing, moment
from lvstop.model.address import IPAddress
from lvstop.model.alert import Alert, AlertCode, Severity
from lvstop.model.change import FileChange
from lvstop.model.failover import Failover, FailoverLever, FailoverPhase, PriorityChange

_NAMED = 3

_LEVERS = {
    FailoverLever.TRACK_FILE: "its priority is lowered by a track file",
    FailoverLever.PRIORITY: "its configured priority is lowered",
    FailoverLever.FAULT: "it is held in FAULT by a track file",
    FailoverLever.STOP: "keepalived is stopped there",
}

_LEAVES_NOBODY = frozenset({FailoverLever.FAULT, FailoverLever.STOP})
"""While one of these is held, the director cannot take over, whatever happens to the other one."""


def failover_held(scene: Scene) -> Iterable[Alert]:
    """A lever decides who can be MASTER until somebody releases it. A warning where nobody is left to take over."""
    now = scene.cluster.generated_at
    for failover in scene.cluster.failovers:
        if failover.phase is not FailoverPhase.HELD:
            continue
        names = listing(failover.instances, most=_NAMED)
        summary = (
            f"{names} was moved from {failover.source} to {failover.target} by {failover.author} at "
            f"{moment(failover.at, now)}{_reason(failover)}, and the lever is held on {failover.source}: "
            f"{_LEVERS[failover.lever]}{_where(failover)}"
        )
        severity = Severity.INFO
        if failover.lever in _LEAVES_NOBODY:
            severity = Severity.WARNING
            summary += f", so that it does not take over if {failover.target} fails"
        remedy = f"`lvstop failover {scene.cluster.name} --release` releases it."
        yield Alert(AlertCode.FAILOVER_HELD, severity, _subject(failover), f"{summary}.", remedy)


def failover_unfinished(scene: Scene) -> Iterable[Alert]:
    """A failover that was begun, and neither finished nor undone: lvstop was ended in the middle of it.

    Critical where an address that it was to move is known to be with nobody, or with several.
    """
    now = scene.cluster.generated_at
    for failover in scene.cluster.failovers:
        if failover.phase is not FailoverPhase.PENDING or now - failover.at <= scene.thresholds.failover_unfinished:
            continue
        places = [place for vip in failover.vips if (place := _place(scene, vip))]
        astray = any(not alone for alone, _ in places)
        names = listing(failover.instances, most=_NAMED)
        summary = (
            f"{failover.author} began to move {names} from {failover.source} to {failover.target} at "
            f"{moment(failover.at, now)}{_reason(failover)} and did not finish"
        )
        if places:
            summary += f": {listing((said for _, said in places), most=_NAMED)}"
        yield Alert(
            AlertCode.FAILOVER_UNFINISHED,
            Severity.CRITICAL if astray else Severity.WARNING,
            _subject(failover),
            f"{summary}.",
            f"`lvstop resume {scene.cluster.name}` finishes it or undoes it.",
        )


def _subject(failover: Failover) -> str:
    return f"{listing(failover.instances, most=_NAMED)} from {failover.source} to {failover.target}"


def _place(scene: Scene, address: IPAddress) -> tuple[bool, str] | None:
    """Whether one director alone has an address, and who has it; None where nobody can tell."""
    vip = scene.holding(address)
    if vip is None or (not vip.holders and vip.unknown_on):
        return None
    if not vip.holders:
        return False, f"nobody holds {address}"
    return len(vip.holders) == 1, f"{address} is on {listing(vip.holders)}"


def _where(failover: Failover) -> str:
    paths = dict.fromkeys(step.path for step in failover.steps if isinstance(step, FileChange | PriorityChange))
    return f" ({listing(paths, most=_NAMED)})" if paths else ""


def _reason(failover: Failover) -> str:
    return f" ({failover.reason})" if failover.reason else ""
