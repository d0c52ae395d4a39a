"""Failovers as text: what is known before the deed, what happens, and what became of it."""

from collections.abc import Iterator, Mapping, Sequence

from lvstop.actions.failover import words
from lvstop.actions.failover.checks import Check, CheckCode, Verdict, blocked
from lvstop.actions.failover.commands import commands_of
from lvstop.actions.failover.outcome import FailoverOutcome, FailoverProgress, FailoverStage
from lvstop.actions.failover.plan import Assessment, FailoverPlan, FailoverRefusal, LeverOption, Suggestion
from lvstop.actions.outcome import OutcomeKind
from lvstop.actions.plan import Objection
from lvstop.analysis.words import age, count
from lvstop.cli.failover_json import Tried
from lvstop.cli.table import labelled, lay_out
from lvstop.model.failover import FailoverLever, FailoverPhase

_WIDTH = 14
"""Columns of the labels."""


def plan_text(plan: FailoverPlan, accepted: frozenset[CheckCode], *, suggestions: bool) -> str:
    """Everything that is to be known before saying yes: the preflight first, the commands last, as they will be run.

    Args:
        accepted: warnings that the operator has accepted so far.
        suggestions: with the lines that would add a gentle lever, else only with how to get them.
    """
    lines = [f"{words.title(plan)} ({plan.failover.id})", ""]
    lines += _assessment(plan.assessment, accepted, levers=not plan.releases)
    lines += _labelled("reason", [plan.failover.reason] if plan.failover.reason else [])
    lines += _suggestions(plan.assessment.suggestions, plan.failover.cluster, whole=suggestions)
    commands = commands_of(plan)
    if commands:
        lines += ["", f"  {count(len(commands), 'command')}, one after the other:"]
        lines += [f"    {command.director}# {command}" for command in commands]
    else:
        lines += ["", "  no command: everything is done already, and is only waited for"]
    if plan.moves:
        otherwise = "it is told what stands instead" if plan.releases else "the lever is released again"
        lines += ["", f"  {plan.move.target} has to hold everything within {plan.limit:.1f} s, else {otherwise}"]
    return "\n".join(lines) + "\n"


def assessment_text(assessment: Assessment, cluster: str) -> str:
    """What is known where nothing can be done."""
    move = assessment.move
    lines = [] if move is None else [f"{cluster}: {words.what_moves(move)} from {move.source} to {move.target}", ""]
    lines += _assessment(assessment, frozenset(), levers=True)
    lines += _suggestions(assessment.suggestions, cluster, whole=True)
    return "\n".join(lines) + "\n" if lines else ""


def _assessment(assessment: Assessment, accepted: frozenset[CheckCode], *, levers: bool) -> Iterator[str]:
    yield from _labelled("preflight", _checks(assessment.checks, accepted))
    if levers:
        chosen = assessment.chosen
        options = [_option(each, chosen=each == chosen) for each in assessment.options]
        yield from _labelled("levers", [line for option in options for line in option])
    expected = assessment.consequences
    if expected is None:
        return
    connections = words.connections_expected(expected.connections, expected.surviving, expected.breaking)
    yield from _labelled("connections", [connections])
    yield from _labelled("persistence", [expected.persistence] if expected.persistence else [])
    yield from _labelled("back", [f"{expected.failback}: {expected.failback_why}"])
    yield from _labelled("note", expected.sentences)


def _checks(checks: Sequence[Check], accepted: frozenset[CheckCode]) -> Iterator[str]:
    for check in checks:
        facts = [str(check.code)]
        facts += [] if check.age_seconds is None else [f"{age(check.age_seconds)} ago"]
        facts += ["accepted"] if check.verdict is Verdict.WARNED and check.code in accepted else []
        yield f"{words.SIGNS[check.verdict]} {check.sentence} ({', '.join(facts)})"
        if check.remedy and check.verdict is not Verdict.PASSED:
            yield f"  → {check.remedy}"


def _option(option: LeverOption, *, chosen: bool) -> Iterator[str]:
    sign = "▸" if chosen else "·" if option.usable else "–"
    yield f"{sign} {option.lever:<11}{option.why}"
    cost = option.cost
    if cost is not None and option.usable:
        shortest, longest = cost.gap
        takeover = f"taken over within {cost.takeover:.1f} s"
        yield f"{'':13}{takeover}, nobody answers for {shortest:.2f} to {longest:.2f} s"
    if chosen and option.release:
        yield f"{'':13}released: {option.release}"


def _suggestions(suggestions: Sequence[Suggestion], cluster: str, *, whole: bool) -> Iterator[str]:
    if not suggestions:
        return
    if not whole:
        yield from _labelled("gentler", [f"`lvstop failover {cluster} --suggest` prints lines that add a gentle lever"])
        return
    yield ""
    yield "  These lines would add a gentle lever:"
    for suggestion in suggestions:
        yield from (f"    {line}".rstrip() for line in suggestion_lines(suggestion))


def _labelled(label: str, sentences: "Sequence[str] | Iterator[str]") -> Iterator[str]:
    yield from labelled(label, sentences, width=_WIDTH)


def suggestion_lines(suggestion: Suggestion) -> Iterator[str]:
    """Configuration lines, with where they belong."""
    if suggestion.lines:
        yield f"keepalived.conf of {suggestion.director}, at the top level:"
        yield from (f"    {line}" for line in suggestion.lines)
    for block, lines in suggestion.within:
        yield f"keepalived.conf of {suggestion.director}, inside of {block}:"
        yield from (f"    {line}" for line in lines)


def gentle_lever(assessment: Assessment) -> LeverOption | None:
    """A lever that is there already and needs no lines."""
    return next((each for each in assessment.options if each.usable and each.lever is FailoverLever.TRACK_FILE), None)


def suggested_text(assessment: Assessment, tried: Mapping[str, Tried]) -> str:
    """What would add a gentle lever, and what keepalived says of it."""
    if not assessment.suggestions:
        option = gentle_lever(assessment)
        if option is not None:
            return f"a gentle lever is there: {option.lever}: {option.why}\n"
        whys = [f"  ✖ {each.sentence} ({each.code})" for each in blocked(assessment.checks)]
        whys += [f"  – {each.lever}: {each.why}" for each in assessment.options if not each.usable]
        return "\n".join(["no lines are known that would add a gentle lever", *whys]) + "\n"
    lines = [line for each in assessment.suggestions for line in suggestion_lines(each)]
    return "\n".join([*lines, "", *(_checked(name, each) for name, each in tried.items())]) + "\n"


def _checked(director: str, tried: Tried) -> str:
    """What `keepalived -t` says of the lines."""
    check = tried.check
    if check is None:
        return f"✖ {director} could not be asked: {tried.failure}"
    said = "takes these lines" if check.valid else "does not take these lines"
    return "\n".join(
        [f"{'✔' if check.valid else '✖'} keepalived -t on {director} {said}", *(f"    {line}" for line in check.said)]
    )


def refusal_text(refusal: FailoverRefusal) -> str:
    """Why nothing was done, and what could be accepted."""
    lines = ["refused; nothing was touched:"]
    lines += [f"  ✖ {each.sentence} ({each.code})" for each in refusal.objections]
    lines += [f"  ✖ {each.sentence} ({each.code})" for each in blocked(refusal.assessment.checks)]
    lines += [f"  {line}" for line in unaccepted_lines(refusal)]
    return "\n".join(lines) + "\n"


def unaccepted_lines(refusal: FailoverRefusal) -> Iterator[str]:
    """Warnings that nobody has accepted, and how that is done."""
    for check in refusal.assessment.checks:
        if check.code in refusal.unaccepted:
            yield f"! {check.sentence} (--accept {check.code})"


def objections_text(objections: Sequence[Objection]) -> str:
    """Why nothing was done, where nothing could even be assessed."""
    return "\n".join(["refused; nothing was touched:", *(f"  ✖ {each.sentence} ({each.code})" for each in objections)])


def progress_line(progress: FailoverProgress) -> str:
    """One step, or one moment by the stopwatch, on a line."""
    moment = progress.moment
    if moment is not None:
        where = f"{moment.director}: " if moment.director else ""
        return f"  {moment.at:+9.3f} s ± {moment.error:.3f}  {where}{words.mark_words(moment)}"
    commanded = progress.stage in (FailoverStage.PULLING, FailoverStage.UNDOING) and progress.director
    prompt = f"{progress.director}# " if commanded else ""
    return f"  {progress.stage:<11}{prompt}{progress.what}"


def outcome_text(plan: FailoverPlan, outcome: FailoverOutcome) -> str:
    """How it ended. What stands where is told in full unless all is as planned."""
    if outcome.kind is OutcomeKind.REFUSED:
        return objections_text(outcome.objections) + "\n"
    lines = [words.headline(plan, outcome)]
    if outcome.timeline is not None and plan.moves:
        gaps = [words.absence_words(gap) for gap in outcome.timeline.addresses]
        lines += _labelled("gap", [*gaps, words.connections_words(outcome.timeline.connections)])
    lines += _labelled("connections", lay_out(_tallies(outcome)))
    if outcome.kind is not OutcomeKind.DONE:
        standings = [(each.director, words.standing_words(each)) for each in outcome.standings]
        lines += _labelled("found", lay_out(standings))
    lines += [f"  ! {note}" for note in outcome.notes]
    if outcome.way_out:
        lines += ["  what to type now:", *(f"    {line}" for line in outcome.way_out)]
    return "\n".join(lines) + "\n"


def _tallies(outcome: FailoverOutcome) -> list[tuple[str, str]]:
    return [
        (each.director, f"{words.number_words(each.active_before)} → {words.number_words(each.active_after)} active")
        for each in outcome.tallies
    ]


def next_step(outcome: FailoverOutcome) -> str:
    """What the operator can do now; empty where nothing is left to do."""
    failover = outcome.failover
    if failover is None or outcome.kind is OutcomeKind.REFUSED:
        return ""
    if failover.phase is FailoverPhase.PENDING:
        return f"it is on record: `lvstop resume {failover.cluster} {failover.id} --finish` or `--undo`"
    return f"the lever is held: `lvstop failover {failover.cluster} --release` releases it"
