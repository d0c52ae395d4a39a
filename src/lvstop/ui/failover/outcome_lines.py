"""How a failover ended, as text: what went wrong, what stands where, what it cost, and the way out."""

from collections.abc import Iterator, Sequence

from textual.content import Content

from lvstop import format as fmt
from lvstop.actions.failover.checks import Verdict
from lvstop.actions.failover.outcome import DirectorStanding, FailoverOutcome, Tally
from lvstop.actions.failover.plan import FailoverPlan
from lvstop.actions.outcome import OutcomeKind
from lvstop.analysis.words import listing
from lvstop.model.failover import FailoverPhase
from lvstop.ui.failover.assessment_lines import blocked_lines, picture_lines
from lvstop.ui.failover.timeline_lines import course_lines
from lvstop.ui.fitting import hanging
from lvstop.ui.screens.refusal import objection_lines
from lvstop.ui.words import muted, vrrp_state

TITLES = {
    OutcomeKind.DONE: ("✔", "Done", "$health-ok"),
    OutcomeKind.REFUSED: ("✖", "Refused", "$health-warning"),
    OutcomeKind.UNDONE: ("↺", "Undone", "$health-warning"),
    OutcomeKind.INCOMPLETE: ("✖", "INCOMPLETE", "$change-unfinished"),
}
_NOTHING = Content("")


def outcome_lines(plan: FailoverPlan, outcome: FailoverOutcome, width: int) -> list[Content]:
    """Everything, the most urgent first."""
    style = TITLES[outcome.kind][2]
    lines = picture_lines(plan.move, width) if plan.moves else []
    lines += hanging(Content(" "), Content.styled(_sentence(plan, outcome.kind), f"bold {style}"), width)
    if outcome.failure:
        lines += hanging(Content.styled(" ✖ ", "$health-critical"), Content(outcome.failure), width)
    for objection in outcome.objections:
        lines += [_NOTHING, *objection_lines(objection, width)]
    if outcome.kind is OutcomeKind.REFUSED:
        found = [each for each in outcome.checks if each.verdict is not Verdict.PASSED]
        lines += [line for check in found for line in (_NOTHING, *blocked_lines(check, width))]
    if outcome.standings:
        lines += [_NOTHING, *standing_lines(outcome.standings, width)]
    lines += [*way_out_lines(outcome.way_out, width), *_note_lines(outcome, width)]
    if outcome.timeline is not None:
        names = (plan.move.source, plan.move.target)
        lines += [_NOTHING, *course_lines(outcome.timeline, names, width)]
    lines += tally_lines(outcome.tallies, width)
    return [*lines, _NOTHING, muted(f" after {outcome.seconds:.1f} s")] if outcome.seconds else lines


def _sentence(plan: FailoverPlan, kind: OutcomeKind) -> str:
    move = plan.move
    match kind:
        case OutcomeKind.DONE if plan.moves:
            return f"{move.target} holds {listing(move.vips, most=3)}, in the kernel and by keepalived's word."
        case OutcomeKind.DONE:
            return "The lever is released, and nothing moved."
        case OutcomeKind.REFUSED:
            return "Nothing was touched."
        case OutcomeKind.UNDONE:
            return f"{move.target} did not take over. The lever was put back, and everything stands where it was."
        case OutcomeKind.INCOMPLETE:
            return "It was begun and is neither done nor undone. This is what stands where:"


def standing_lines(standings: Sequence[DirectorStanding], width: int) -> list[Content]:
    """A line for each director: what it holds, what keepalived says, and its lever."""
    names = max(len(each.director) for each in standings)
    return [line for each in standings for line in _standing(each, names, width)]


def _standing(each: DirectorStanding, names: int, width: int) -> list[Content]:
    if each.holds is None:
        sign, held = Content.styled("?", "$unknown"), Content.styled("nobody can tell what it holds", "$unknown")
    elif each.holds:
        sign, held = Content.styled("●", "$vrrp-master"), Content(f"holds {listing(each.holds, most=3)}")
    else:
        sign, held = Content.styled("○", "$muted"), Content("holds none of it")
    first = Content.assemble(" ", sign, f" {each.director:<{names}}  ")
    lines = hanging(first, Content("  ").join([held, *_states(each)]), width)
    indent = Content(" " * (names + 5))
    return lines + (hanging(indent, muted(f"lever: {each.lever}"), width) if each.lever else [])


def _states(each: DirectorStanding) -> Iterator[Content]:
    if each.states is None:
        yield Content.styled("keepalived tells nothing", "$unknown")
        return
    for instance, state in each.states:
        yield Content.assemble(f"{instance} ", vrrp_state(state))


def way_out_lines(commands: Sequence[str], width: int) -> list[Content]:
    """What can be typed."""
    if not commands:
        return []
    lines = [_NOTHING, Content.styled(" The way out:", "bold")]
    return [*lines, *(line for each in commands for line in hanging(muted("   "), _command(each), width))]


def _command(text: str) -> Content:
    return Content.styled(text, "$command")


def tally_lines(tallies: Sequence[Tally], width: int) -> list[Content]:
    """Established connections before and after, by director."""
    if not tallies:
        return []
    told = (f"{each.director} {fmt.number(each.active_before)} → {fmt.number(each.active_after)}" for each in tallies)
    head = muted("active connections, before → after: ")
    return [_NOTHING, *hanging(Content(" "), Content.assemble(head, ", ".join(told)), width)]


def _note_lines(outcome: FailoverOutcome, width: int) -> list[Content]:
    """What stays on record, and what else there is to know."""
    lines: list[Content] = []
    failover = outcome.failover
    if failover is not None and failover.phase is FailoverPhase.HELD:
        said = f"The lever on {failover.source} stays pulled, and every view says so, until it is released (F)."
        lines += hanging(_sign("⇄", "bold $health-warning"), Content(said), width)
    elif failover is not None:
        said = "It stays on record, and every view says so, until it is finished or undone (F)."
        lines += hanging(_sign("✖", "$change-unfinished"), Content(said), width)
    for note in outcome.notes:
        lines += hanging(_sign("!", "$health-warning"), Content(note), width)
    return [_NOTHING, *lines] if lines else []


def _sign(sign: str, style: str) -> Content:
    return Content.styled(f" {sign} ", style)
