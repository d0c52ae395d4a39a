"""Checks of the moment: nothing has just moved, nothing is under way."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lvstop.actions.failover.checks import Check, CheckCode
from lvstop.actions.failover.preflight.verdicts import blocked, passed, warned
from lvstop.actions.failover.situation import Look, Side, Situation, oldest
from lvstop.actions.guards.moments import SETTLING
from lvstop.analysis.vrrp import told_instances
from lvstop.analysis.words import age, count, listing, moment, rows_subject
from lvstop.model.change import ChangeKind, ChangePhase
from lvstop.model.failover import FailoverPhase

FLAP_WINDOW = timedelta(minutes=10)
"""Addresses that have moved within this time are not moved again without a thought."""

_WORKS = timedelta(minutes=1)
"""A lever has moved everything within this time of being pulled, or never does."""

_NAMED = 3
_VERBS = {ChangeKind.DRAIN: "drain", ChangeKind.RESTORE: "restore", ChangeKind.WEIGHT: "re-weight"}


def not_flapping(situation: Situation) -> Check:
    """The instances have kept their states for a while. What the lever did that is to be released is no flapping."""
    code, look = CheckCode.NOT_FLAPPING, situation.look
    evidence = oldest(*map(look.sounding_age, situation.both))
    found = sorted({entry for side in situation.both for entry in _transitions(situation, side)})
    recent = [entry for entry in found if look.now - entry.at < FLAP_WINDOW]
    settling = [entry for entry in recent if look.now - entry.at < SETTLING]
    if settling:
        ago = age((look.now - settling[-1].at).total_seconds())
        said = f"{settling[-1].said} {ago} ago: wait until VRRP has settled."
        return blocked(code, said, evidence, "ask again in a moment")
    window = age(FLAP_WINDOW.total_seconds())
    unexplained = _unexplained(recent, None if situation.releasing is None else situation.releasing.at)
    if unexplained:
        last = unexplained[-1]
        ago = age((look.now - last.at).total_seconds())
        times = count(len(unexplained), "change")
        return warned(code, f"{times} of state within {window}, the last {ago} ago: {last.said}.", evidence)
    silent = [f"{side.name}{side.why_not('log')}" for side in situation.both if not _tells(side)]
    if silent:
        return warned(code, f"When VRRP last moved is not known on {listing(silent)}.", evidence)
    if recent:
        return passed(code, f"No change of state within {window} but what the lever did.", evidence)
    before = f"; the last was {moment(found[-1].at, look.now)}" if found else ""
    return passed(code, f"No change of state within {window}{before}.", evidence)


@dataclass(frozen=True, slots=True, order=True)
class _Entry:
    """A change of state: when, in words, and of what (instance and director)."""

    at: datetime
    said: str
    of: tuple[str, str]


def _unexplained(entries: Sequence[_Entry], pulled: datetime | None) -> Sequence[_Entry]:
    """Those that no lever has made: of each instance on each director it makes one, soon after it was pulled."""
    explained: dict[tuple[str, str], _Entry] = {}
    for each in entries:
        if pulled is not None and pulled <= each.at < pulled + _WORKS:
            explained.setdefault(each.of, each)
    return [each for each in entries if explained.get(each.of) != each]


def _transitions(situation: Situation, side: Side) -> Iterator[_Entry]:
    """By the operator's clock, as far as the director's is known."""
    names = {pair.name for pair in situation.pairs}
    names |= {pair.target.name for pair in situation.pairs if pair.target is not None and pair.target.name is not None}
    reading = None if side.sounding is None else side.sounding.clock
    ahead = timedelta(seconds=0 if reading is None else round(reading.ahead))
    logged = None if side.sounding is None else side.sounding.transitions
    for each in logged or ():
        if each.instance in names:
            said = f"{each.instance} became {each.state} on {side.name}"
            yield _Entry(each.at - ahead, said, (each.instance, side.name))
    for instance in told_instances(side.director) or ():
        if instance.last_transition is None or (instance.name or "VRRP") not in names:
            continue
        at = instance.last_transition - ahead
        if logged is None or situation.look.now - at >= FLAP_WINDOW:  # else the log has it
            state = "changed its state" if instance.state is None else f"became {instance.state}"
            name = instance.name or "VRRP"
            yield _Entry(at, f"{name} {state} on {side.name}", (name, side.name))


def _tells(side: Side) -> bool:
    """The log was read, or keepalived itself told when it last changed each instance's state."""
    if side.sounding is not None and side.sounding.transitions is not None:
        return True
    told = told_instances(side.director)
    return bool(told) and all(instance.last_transition is not None for instance in told or ())


def nothing_under_way(look: Look) -> Check:
    """No other failover, no change and no reload is going on, and no lever is held."""
    code = CheckCode.NOTHING_UNDER_WAY
    asked = [each.changes_asked_at for each in look.snapshot.directors if each.changes_asked_at is not None]
    evidence = (look.now - min(asked)).total_seconds() if asked else None
    hindrances = [*_failovers(look), *_changes(look), *_reloads(look)]
    if hindrances:
        remedy = f"wait for it, or see `lvstop resume {look.snapshot.name}` if it was interrupted"
        return blocked(code, f"{listing(hindrances, most=_NAMED)}.", evidence, remedy)
    held = [each for each in look.others if each.phase is FailoverPhase.HELD]
    if held:
        told = listing(
            f"{each.lever} of {listing(each.instances, most=_NAMED)} on {each.source}, pulled by {each.author} "
            f"at {moment(each.at, look.now)}"
            for each in held
        )
        return warned(code, f"A lever is held: {told}.", evidence)
    unread = [side.name for side in look.sides if not side.director.answers or side.director.changes is None]
    if unread:
        return warned(code, f"What is on record on {listing(unread)} could not be read.", evidence)
    standing = [each for each in look.snapshot.changes if each.phase is ChangePhase.STANDING]
    drains = f"; {count(len(standing), 'drain')} on record" if standing else ""
    return passed(code, f"No change, reload or failover is under way{drains}.", evidence)


def _failovers(look: Look) -> Iterator[str]:
    for each in look.others:
        if each.phase is FailoverPhase.PENDING:
            ago = age((look.now - each.at).total_seconds())
            yield (
                f"{each.author} began to move {listing(each.instances, most=_NAMED)} to {each.target} {ago} ago, "
                "and it is not finished"
            )


def _changes(look: Look) -> Iterator[str]:
    for each in look.snapshot.changes:
        if each.phase is ChangePhase.PENDING:
            ago = age((look.now - each.at).total_seconds())
            yield f"{each.author} began to {_VERBS[each.kind]} {rows_subject(each.rows)} {ago} ago"


def _reloads(look: Look) -> Iterator[str]:
    for side in look.sides:
        if side.sounding is not None and side.sounding.reloading:
            yield f"keepalived on {side.name} is taking over a new configuration"
