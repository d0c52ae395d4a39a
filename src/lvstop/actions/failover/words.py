"""Failovers in words, for reports and for the command line."""

from typing import Final

from lvstop.actions.failover.checks import Verdict
from lvstop.actions.failover.outcome import DirectorStanding, FailoverOutcome
from lvstop.actions.failover.plan import FailoverPlan, Move
from lvstop.actions.failover.timeline import AddressGap, Mark, Moment, Span
from lvstop.actions.outcome import OutcomeKind
from lvstop.analysis.words import count, listing
from lvstop.model.failover import Failover
from lvstop.model.vrrp import VrrpState

UNKNOWN: Final = "unknown"

SIGNS: Final = {Verdict.PASSED: "✔", Verdict.WARNED: "!", Verdict.BLOCKED: "✖"}
"""How a check is marked."""

_MARKS: Final = {
    Mark.LEVER_PULLED: "lever pulled",
    Mark.LEVER_RELEASED: "lever released",
    Mark.PRIORITY_CHANGED: "effective priority changed",
    Mark.VIP_REMOVED: "address gone",
    Mark.VIP_ADDED: "address there",
    Mark.ENTERED_MASTER: "MASTER",
    Mark.ENTERED_BACKUP: "BACKUP",
    Mark.ENTERED_FAULT: "FAULT",
    Mark.KEEPALIVED_STOPPED: "keepalived stopped",
    Mark.GRATUITOUS_ARP: "gratuitous ARP sent",
    Mark.LAST_CONNECTION: "last new connection served",
    Mark.FIRST_CONNECTION: "first new connection served",
    Mark.AGREED: "kernel and keepalived agree",
}


def what_moves(move: Move) -> str:
    """`SMB and WEB with 172.26.127.20`."""
    addresses = f" with {listing(move.vips, most=4)}" if move.vips else ""
    return f"{listing(move.instances, most=4)}{addresses}"


def what_moves_on(failover: Failover) -> str:
    """A failover on record, within a line: `fail SMB over from keepalived1 to keepalived2`."""
    return f"fail {listing(failover.instances, most=3)} over from {failover.source} to {failover.target}"


def title(plan: FailoverPlan) -> str:
    """What a plan is, on one line."""
    failover, move = plan.failover, plan.move
    if not plan.releases:
        return f"fail {failover.cluster} over from {move.source} to {move.target}: {what_moves(move)}"
    back = f": {what_moves(move)} back to {move.target}" if plan.moves else ", which moves nothing"
    return f"release the lever {failover.lever} on {failover.source} of {failover.cluster}{back}"


def headline(plan: FailoverPlan, outcome: FailoverOutcome) -> str:
    """How it ended, on one line."""
    took = f"{outcome.seconds:.1f} s"
    if outcome.kind is OutcomeKind.REFUSED:
        return "refused; nothing was touched"
    if outcome.kind is OutcomeKind.INCOMPLETE:
        return f"INCOMPLETE after {took}: {outcome.failure}"
    if outcome.kind is OutcomeKind.UNDONE:
        return f"failed and undone after {took}: {outcome.failure}"
    if not plan.moves:
        return f"done in {took}: the lever is released"
    held = listing(plan.move.vips, most=4) or listing(plan.move.instances, most=4)
    released = "; the lever is released" if plan.releases else ""
    return f"done in {took}: {plan.move.target} holds {held}, by the kernel and by keepalived{released}"


def mark_words(moment: Moment) -> str:
    """What happened: `address there: 172.26.127.20`."""
    words = _MARKS[moment.mark]
    return f"{words}: {moment.subject}" if moment.subject else words


def span_words(span: Span) -> str:
    """`0.031 s ± 0.008 s`, whatever its sign."""
    return f"{abs(span.seconds):.3f} s ± {span.error:.3f} s"


def absence_words(gap: AddressGap) -> str:
    """How long nobody had an address."""
    if gap.absent is None:
        return f"how long nobody had {gap.vip} cannot be told"
    who = "both directors had" if gap.absent.seconds < 0 else "nobody had"
    return f"{who} {gap.vip} for {span_words(gap.absent)}"


def connections_words(span: Span | None) -> str:
    """How long no new connection was served."""
    if span is None:
        return "too little traffic to tell for how long no new connection was served"
    if span.seconds < 0:
        return f"new connections were served by both directors for {span_words(span)}"
    return f"no new connection was served for {span_words(span)}"


def standing_words(standing: DirectorStanding) -> str:
    """What one director has after it all: `holds 172.26.127.20; SMB MASTER; maint 1`."""
    if standing.holds is None:
        holds = "nobody can tell what it holds"
    else:
        holds = f"holds {listing(standing.holds)}" if standing.holds else "holds none of the addresses"
    if standing.states is None:
        states = "its VRRP states are unknown"
    else:
        states = ", ".join(f"{name} {_state(state)}" for name, state in standing.states)
    return "; ".join(part for part in (holds, states, standing.lever) if part)


def _state(state: VrrpState | None) -> str:
    return UNKNOWN if state is None else str(state)


def number_words(number: int | None) -> str:
    """`1,204`, or that nobody knows."""
    return UNKNOWN if number is None else f"{number:,}"


def connections_expected(connections: int | None, surviving: int | None, breaking: int | None) -> str:
    """What becomes of the connections that are there."""
    if connections is None:
        return "how many connections there are is unknown"
    if not connections:
        return "no active connection is there"
    there = f"{count(connections, 'active connection')}: "
    if surviving is None and breaking is None:
        return f"{there}how many of them survive is unknown"
    return f"{there}{number_words(surviving)} expected to survive, {number_words(breaking)} to break"
