"""Which levers there are, which would work here, what each would do and cost, and which one is chosen. Pure.

What works is by keepalived's vrrp.c, and by measurements on real pairs: a BACKUP that preempts discards adverts of a
lower priority than its own and takes over when its timer runs out, while the old master goes on serving; one that is
`nopreempt` accepts them, so that nothing moves. A master that stops, or goes into FAULT, takes its addresses away first
and says so with priority 0.
"""

from collections.abc import Callable, Iterable, Sequence

from lvstop.actions.failover.plan import Cost, LeverOption
from lvstop.actions.failover.situation import Pair, Situation
from lvstop.actions.failover.timers import preemption, skew
from lvstop.actions.failover.track_files import NUMBERS, OWNER, Trial, tracked, trial, weighs_real_servers
from lvstop.analysis.vrrp import keepalived_is_down, told_instances
from lvstop.analysis.words import listing
from lvstop.model.change import FileChange
from lvstop.model.failover import FailoverLever, PriorityChange, ServiceChange
from lvstop.model.sounding import PriorityLine
from lvstop.model.vrrp import VrrpInstance, VrrpState, VrrpTrackFile

GENTLE = frozenset({FailoverLever.TRACK_FILE, FailoverLever.PRIORITY})
"""The old master serves until the new one does."""

PREEMPTION_GAP = (0.03, 0.05)
"""Seconds for which nobody answers when a lower priority moves an address, as measured."""

STOP_GAP = (0.0, 0.5)
"""The same when the master gives up first: so much more than the skew time of the one that takes over."""

_SLACK = {FailoverLever.TRACK_FILE: 3.0, FailoverLever.FAULT: 3.0, FailoverLever.PRIORITY: 8.0, FailoverLever.STOP: 8.0}
"""Seconds more than the timers allow before it counts as failed: a busy director, a reload, a service manager."""


def limit_of(lever: FailoverLever, takeover: float) -> float:
    """Seconds after the first step within which the target has to have taken over."""
    return takeover + max(_SLACK[lever], takeover / 2)


def options(situation: Situation, named: FailoverLever | None = None) -> tuple[LeverOption, ...]:
    """Every lever, the gentlest first.

    Args:
        named: the operator, or the cluster file, asks for this one. Only then a configuration is edited.
    """
    return (
        _track_file(situation),
        _priority(situation, permitted=named is FailoverLever.PRIORITY),
        _fault(situation),
        _stop(situation),
    )


def choose(found: Sequence[LeverOption], named: FailoverLever | None = None) -> LeverOption | None:
    """The gentlest that works, or the one that was named if that works."""
    return next((each for each in found if each.usable and named in (None, each.lever)), None)


def _unusable(lever: FailoverLever, why: str) -> LeverOption:
    return LeverOption(lever, usable=False, why=why)


def _names(items: Iterable[str]) -> str:
    return listing(dict.fromkeys(items), most=3)


def _cannot_preempt(situation: Situation) -> str:
    """Why a lower priority on the source would move nothing, or nobody can tell; empty where it would."""
    name = situation.target.name
    for pair in situation.pairs:
        peer = pair.target
        if peer is None:
            return f"What keepalived on {name} makes of {pair.name} is not known."
        if peer.preempt is False:
            return (
                f"{pair.name} is `nopreempt` on {name}: it accepts a master of a lower priority than its own, "
                "so that a lower one moves nothing."
            )
        if peer.preempt is None:
            return f"Whether {pair.name} preempts on {name} is not known."
        if peer.effective_priority is None or pair.source.effective_priority is None:
            return f"The priorities of {pair.name} are not known."
        if pair.source.priority == OWNER:
            return f"{pair.name} has priority 255 on {situation.source.name}, which no tracker changes."
        if preemption(peer) is None:
            return f"The advert interval of {pair.name} on {name} is not known."
    return "" if situation.pairs else "No VRRP instance is known that would move."


def _is_below(pair: Pair, priority: int | None) -> bool:
    """Its priority on the source would be below the target's own."""
    rival = None if pair.target is None else pair.target.effective_priority
    return priority is not None and rival is not None and priority < rival


def _preemption_cost(situation: Situation) -> Cost:
    times = [preemption(pair.target) or 0.0 for pair in situation.pairs if pair.target is not None]
    return Cost(max(times, default=0.0), PREEMPTION_GAP)


def _stop_cost(situation: Situation) -> Cost | None:
    """None where the timers are not known."""
    times = [None if pair.target is None else skew(pair.target) for pair in situation.pairs]
    known = [each for each in times if each is not None]
    if not known or len(known) < len(times):
        return None
    longest = max(known)
    return Cost(longest + STOP_GAP[1], (longest + STOP_GAP[0], longest + STOP_GAP[1]))


# a track file with a weight


def _track_file(situation: Situation) -> LeverOption:
    lever = FailoverLever.TRACK_FILE
    source, names = situation.source.name, _names(pair.name for pair in situation.pairs)
    files = tracked(situation)
    if files is None:
        return _unusable(lever, f"Which track files {names or 'VRRP'} has on {source} is not known.")
    weighted = [file for file, counting in files if any(counting.get(pair.name, 0) for pair in situation.pairs)]
    if not weighted:
        return _unusable(lever, f"No track file with a weight is tracked by {names} on {source}.")
    reason = _cannot_preempt(situation)
    if reason:
        return _unusable(lever, reason)
    found = _cover(situation, weighted, _lowering)
    if isinstance(found, str):
        return _unusable(lever, found)
    return LeverOption(
        lever,
        usable=True,
        why=_lowered(situation, found),
        steps=tuple(_change(situation, each) for each in found),
        cost=_preemption_cost(situation),
        release=_given_back(situation, found),
    )


_Search = Callable[[Situation, VrrpTrackFile, int], Trial | str]


def _cover(situation: Situation, files: Sequence[VrrpTrackFile], search: _Search) -> Sequence[Trial] | str:
    """As few files as it takes to move everything, each with its number; or why they do not."""
    reasons: list[str] = []
    trials: list[Trial] = []
    for file in files:
        reason = _unfit(situation, file)
        result = reason or search(situation, file, file.status or 0)
        if isinstance(result, str):
            reasons.append(result)
        else:
            trials.append(result)
    left = {pair.name for pair in situation.pairs}
    chosen: list[Trial] = []
    while left:
        best = max(trials, key=lambda each: (len(left & _moved(situation, each)), -abs(each.number)), default=None)
        if best is None or not left & _moved(situation, best):
            return reasons[0] if reasons else f"No track file moves {_names(sorted(left))}."
        chosen.append(best)
        left -= _moved(situation, best)
    return chosen


def _unfit(situation: Situation, file: VrrpTrackFile) -> str:
    """Why a file is not to be written, whatever it would do; empty where it may be."""
    source = situation.source
    if file.path is None or file.status is None:
        return f"Where the track file {file.name} is on {source.name}, or what is in it, is not known."
    if weighs_real_servers(source.director, file):
        return f"{file.path} on {source.name} also decides weights of real servers (FILE_CHECK)."
    return ""


def _lowering(situation: Situation, file: VrrpTrackFile, status: int) -> Trial | str:
    """The smallest number that brings whatever tracks the file below the target, and disturbs nothing else."""
    disturbed: tuple[str, ...] = ()
    for number in NUMBERS:
        found = None if number == status else trial(situation, file, number)
        if found is None or not found.effects:
            continue
        pairs = [pair for pair in situation.pairs if pair.name in found.effects]
        if not all(_is_below(pair, found.effects[pair.name].priority) for pair in pairs):
            continue
        if not found.disturbs and not found.weakens:
            return found
        disturbed = disturbed or (*found.disturbs, *found.weakens)
    if disturbed:
        return f"{file.path} on {situation.source.name} would touch {_names(disturbed)} as well, which is not to move."
    names = _names(pair.name for pair in situation.pairs)
    return f"No number in {file.path} brings {names} on {situation.source.name} below {situation.target.name}."


def _moved(situation: Situation, found: Trial) -> set[str]:
    """What a trial moves: below the target, or in FAULT, which takes the rest of a sync group with it."""
    moved: set[str] = set()
    for pair in situation.pairs:
        if pair.name not in found.effects:
            continue
        priority = found.effects[pair.name].priority
        if priority is None:
            moved |= set(together(situation, pair.name))
        elif _is_below(pair, priority):
            moved.add(pair.name)
    return moved


def together(situation: Situation, name: str) -> tuple[str, ...]:
    """The instances of the move that are in one sync group with this one on the source, itself included."""
    moving = {pair.name for pair in situation.pairs}
    for group in situation.source.director.sync_groups or ():
        if name in group.instances:
            return tuple(each for each in group.instances if each in moving)
    return (name,)


def _change(situation: Situation, found: Trial) -> FileChange:
    file = found.file
    return FileChange(situation.source.name, file.name, file.path or "", file.status or 0, found.number)


def _lowered(situation: Situation, found: Sequence[Trial]) -> str:
    target = situation.target.name
    said = []
    for each in found:
        parts = [
            f"{pair.name} from {pair.source.effective_priority} to {each.effects[pair.name].priority} "
            f"({target}: {pair.target.effective_priority})"
            for pair in situation.pairs
            if pair.name in each.effects and pair.target is not None
        ]
        said.append(f"{each.number} in {each.file.path} lowers {_names(parts)}")
    return f"{listing(said)}, and {target} preempts."


def _given_back(situation: Situation, found: Sequence[Trial]) -> str:
    files = listing(f"{each.file.status or 0} in {each.file.path}" for each in found)
    back = _names(f"{pair.name} {pair.source.effective_priority}" for pair in situation.pairs)
    return f"{files} {'gives' if len(found) == 1 else 'give'} the priorities back: {back}."


# the configured priority


def _priority(situation: Situation, *, permitted: bool) -> LeverOption:
    lever = FailoverLever.PRIORITY
    reason = _cannot_preempt(situation)
    if reason:
        return _unusable(lever, reason)
    steps: list[PriorityChange] = []
    for pair in situation.pairs:
        step = _lower_line(situation, pair)
        if isinstance(step, str):
            return _unusable(lever, step)
        steps.append(step)
    said = _names(f"{step.instance} from {step.before} to {step.after} in {step.path}" for step in steps)
    if not permitted:
        why = f"Lowering {said} and a reload would do; a configuration is edited only where `priority` is asked for."
        return _unusable(lever, why)
    back = _names(f"{step.instance} to {step.before}" for step in steps)
    return LeverOption(
        lever,
        usable=True,
        why=f"Lowering {said} and a reload brings it below {situation.target.name}, which preempts.",
        steps=tuple(steps),
        cost=_preemption_cost(situation),
        release=f"Setting {back} again, and a reload.",
    )


def _lower_line(situation: Situation, pair: Pair) -> PriorityChange | str:
    """The configured priority that brings the effective one just below the target's."""
    source = situation.source
    lines = None if source.sounding is None else source.sounding.priority_lines
    if lines is None:
        return f"Where priorities are configured on {source.name} is not known{source.why_not('priorit')}."
    mine = [line for line in lines if line.instance == pair.name]
    own, rival = pair.source, pair.target
    if len(mine) != 1:
        return f"{len(mine)} lines of {source.name}'s configuration set the priority of {pair.name}; it takes one."
    if own.priority is None or own.effective_priority is None or rival is None or rival.effective_priority is None:
        return f"The priorities of {pair.name} are not known."
    if mine[0].priority != own.priority:
        return _not_running(mine[0], own, source.name)
    after = own.priority - (own.effective_priority - rival.effective_priority) - 1
    if not 1 <= after < own.priority:
        return f"No priority of {pair.name} on {source.name} is below the {rival.effective_priority} of the target."
    return PriorityChange(source.name, mine[0].path, pair.name, mine[0].priority, after)


def _not_running(line: PriorityLine, own: VrrpInstance, director: str) -> str:
    return (
        f"{line.path} on {director} gives {line.instance} priority {line.priority}, and keepalived runs with "
        f"{own.priority}: it has not been reloaded."
    )


# FAULT by a track file without a weight


def _fault(situation: Situation) -> LeverOption:
    lever = FailoverLever.FAULT
    source, names = situation.source.name, _names(pair.name for pair in situation.pairs)
    files = tracked(situation)
    if files is None:
        return _unusable(lever, f"Which track files {names or 'VRRP'} has on {source} is not known.")
    faulting = [file for file, counting in files if any(counting.get(pair.name) == 0 for pair in situation.pairs)]
    if not faulting:
        return _unusable(lever, f"No track file without a weight is tracked by {names} on {source}.")
    cost = _stop_cost(situation)
    if cost is None:
        return _unusable(lever, f"The timers of {names} on {situation.target.name} are not known.")
    found = _cover(situation, faulting, _faulting)
    if isinstance(found, str):
        return _unusable(lever, found)
    files_said = listing(f"1 in {each.file.path}" for each in found)
    weakened = _names(name for each in found for name in each.weakens)
    more = f"; {weakened}, which {source} does not hold, cannot come back to it meanwhile" if weakened else ""
    back = listing(f"{each.file.status or 0} in {each.file.path}" for each in found)
    return LeverOption(
        lever,
        usable=True,
        why=f"{files_said} puts {names} on {source} into FAULT{more}.",
        steps=tuple(_change(situation, each) for each in found),
        cost=cost,
        release=f"{back} ends the FAULT, and {source} is BACKUP again.",
    )


def _faulting(situation: Situation, file: VrrpTrackFile, status: int) -> Trial | str:
    if status != 0:
        return f"{file.path} on {situation.source.name} has {status} in it already."
    found = trial(situation, file, 1)
    if found is None:
        return f"What {file.path} on {situation.source.name} would do is not known."
    if found.disturbs:
        return f"{file.path} on {situation.source.name} would move {_names(found.disturbs)} as well."
    return found


# the service


def _stop(situation: Situation) -> LeverOption:
    lever, source = FailoverLever.STOP, situation.source
    if keepalived_is_down(source.director):
        return _unusable(lever, f"keepalived does not run on {source.name}.")
    service = None if source.sounding is None else source.sounding.service
    if service is None:
        return _unusable(lever, f"How keepalived is run on {source.name} is not known{source.why_not('service')}.")
    if service.unit is None or not service.active:
        return _unusable(lever, f"keepalived on {source.name} is not run by a service manager that could stop it.")
    moving = {pair.name for pair in situation.pairs}
    others = [each.name or "VRRP" for each in told_instances(source.director) or () if each.name not in moving]
    held = [
        each.name or "VRRP"
        for each in told_instances(source.director) or ()
        if each.name not in moving and each.state is VrrpState.MASTER
    ]
    if held:
        return _unusable(lever, f"Stopping {service.unit} on {source.name} would move {_names(held)} as well.")
    cost = _stop_cost(situation)
    if cost is None:
        names = _names(pair.name for pair in situation.pairs)
        return _unusable(lever, f"The timers of {names} on {situation.target.name} are not known.")
    weak = f"; {_names(others)}, which it does not hold, cannot come to it meanwhile" if others else ""
    return LeverOption(
        lever,
        usable=True,
        why=f"{service.unit} runs on {source.name} and can be stopped{weak}.",
        steps=(ServiceChange(source.name, service.unit),),
        cost=cost,
        release=f"{service.unit} is started again, and {source.name} is BACKUP at first.",
    )
