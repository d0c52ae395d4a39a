"""What an operator does with lvstop: from an intent to its outcome, as the terminal and the command line go."""

from collections.abc import Awaitable, Callable

from conformance.pair import BOTH, Pair
from conformance.player import look_at
from conformance.sight import Sight, masked
from lvstop.actions.failover.checks import CheckCode, blocked
from lvstop.actions.failover.intent import FailOver, FailoverIntent, Release
from lvstop.actions.failover.plan import FailoverRefusal
from lvstop.actions.failover.timeline import Mark
from lvstop.actions.intent import Drain, Intent, Restore, Row
from lvstop.actions.outcome import OutcomeKind
from lvstop.actions.plan import ObjectionCode, Refusal
from lvstop.actions.select import find_rows
from lvstop.engine.actors import ssh_actors
from lvstop.engine.failovers import ssh_failover_actors
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import Privilege

_PASSING = {ObjectionCode.FAILOVER_UNDER_WAY, ObjectionCode.RELOAD_UNDER_WAY}
"""Refusals for as long as keepalived has not settled; a reload looks like a transition for some seconds."""

_ELSEWHERE = {CheckCode.NOT_FLAPPING, CheckCode.PEER_LOAD, CheckCode.CLOCKS, CheckCode.DIRECTORS_LIVE}
"""Checks whose verdict depends on what was before, and on how fast the machine is that all this runs on."""
_DETAILED = {Mark.GRATUITOUS_ARP}
"""What keepalived logs with `-D` only: the demo's was started with it, the one of Debian's package is not."""


def drain(address: str) -> Callable[[Pair, ClusterSnapshot], Awaitable[Sight]]:
    """Take a real server out of service, everywhere or, where the address has a port, there."""
    return lambda pair, seen: _change(pair, seen, address, lambda rows: Drain(rows, reason="conformance"))


def restore(address: str) -> Callable[[Pair, ClusterSnapshot], Awaitable[Sight]]:
    """Put it back."""
    return lambda pair, seen: _change(pair, seen, address, Restore)


async def _change(
    pair: Pair, seen: ClusterSnapshot, address: str, intend: Callable[[tuple[Row, ...]], Intent]
) -> Sight:
    actor = ssh_actors(pair.clock, None, pair.folder)(pair.config(Privilege.SUDO))
    assert actor is not None
    rows = find_rows(seen, address, None)
    assert isinstance(rows, tuple), rows
    plan = actor.plan(intend(rows), seen, insist="conformance")
    while isinstance(plan, Refusal) and {each.code for each in plan.objections if not each.overridable} <= _PASSING:
        await pair.clock.sleep(1.0)
        plan = actor.plan(intend(rows), await look_at(pair, Privilege.SUDO), insist="conformance")
    assert not isinstance(plan, Refusal), plan
    outcome = await actor.execute(plan, lambda _: None)
    assert outcome.kind is OutcomeKind.DONE, outcome
    told: Sight = {"told/lever": plan.change.lever}
    for what, lines in (
        ("commands", [f"{each.director}: {each}" for each in plan.commands]),
        ("lifetime", plan.lifetime),
        ("remarks", [each.sentence for each in plan.remarks]),
        ("found", [each.found for each in outcome.rows]),
        ("notes", outcome.notes),
    ):
        told |= {f"told/{what}/{place}": masked(line) for place, line in enumerate(lines)}
    return told


async def fail_over(pair: Pair, _seen: ClusterSnapshot) -> Sight:
    """Move everything to the other director, by the gentlest lever."""
    return await _fail_over(pair, FailOver(reason="conformance"))


async def release(pair: Pair, seen: ClusterSnapshot) -> Sight:
    """Release the lever that is held."""
    (held,) = seen.failovers
    return await _fail_over(pair, Release(held.id))


async def _fail_over(pair: Pair, intent: FailoverIntent) -> Sight:
    actor = ssh_failover_actors(pair.clock, None, pair.folder)(pair.config(Privilege.SUDO))
    assert actor is not None
    while True:
        # asking takes its time: what is looked at has to be newer than that
        soundings = await actor.sound()
        seen = await look_at(pair, Privilege.SUDO)
        plan = actor.plan(intent, seen, soundings, accepted=frozenset(CheckCode))
        if not isinstance(plan, FailoverRefusal) or not _unsettled(plan):
            break
        await pair.clock.sleep(1.0)
    assert not isinstance(plan, FailoverRefusal), plan
    outcome = await actor.execute(plan, lambda _: None)
    assert outcome.kind is OutcomeKind.DONE, outcome
    assert outcome.timeline is not None
    told: Sight = {
        f"told/checks/{each.code}": each.verdict for each in plan.assessment.checks if each.code not in _ELSEWHERE
    }
    told |= {f"told/levers/{each.lever}": masked(each.why) for each in plan.assessment.options}
    told["told/lever"] = plan.failover.lever
    for director in BOTH:
        marks = {each.mark for each in outcome.timeline.moments if each.director == director} - _DETAILED
        told[f"told/marks/{director}"] = ", ".join(sorted(marks))
    return told


def _unsettled(refusal: FailoverRefusal) -> bool:
    """Only that VRRP has not settled speaks against it."""
    against = {each.code for each in blocked(refusal.assessment.checks)}
    return not refusal.objections and against == {CheckCode.NOT_FLAPPING}
