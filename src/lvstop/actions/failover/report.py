"""The report of a failover: for people as Markdown, for programs as JSON. Whoever was not there can follow it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from lvstop import __version__
from lvstop.actions.failover import words
from lvstop.actions.failover.checks import Check, Verdict
from lvstop.actions.failover.commands import commands_of
from lvstop.actions.failover.documents import (
    JsonObject,
    assessment_document,
    moment_text,
    outcome_document,
    plan_document,
)
from lvstop.actions.failover.outcome import FailoverOutcome
from lvstop.actions.failover.plan import Consequences, FailoverPlan, LeverOption
from lvstop.actions.failover.timeline import Timeline
from lvstop.analysis.words import listing
from lvstop.plain import plain

SCHEMA: Final = 1

_SPECIAL: Final = re.compile(r"[\\`*|<\[\]&]")
"""What would be formatting within a line (CommonMark 0.31, 2.4)."""

_BLOCK: Final = re.compile(r"^(?:[#+=>~-]|\d+[.)])")
"""What would begin a heading, a list or a quotation within a list's line (CommonMark 0.31, 4 and 5)."""

_ONE_LINE: Final = dict.fromkeys(map(ord, "\n\t\u2028\u2029"), " ")


def file_name(plan: FailoverPlan) -> str:
    """What to call a report, without its suffix: `smb-failover-20261122T140211Z-ab12`."""
    cluster = re.sub(r"[^A-Za-z0-9._-]", "-", plan.failover.cluster).lstrip(".")
    act = "release" if plan.releases else "failover"
    return f"{cluster}-{act}-{plan.failover.id}"


def document(plan: FailoverPlan, outcome: FailoverOutcome) -> JsonObject:
    """The report as JSON; its parts are described in `documents`."""
    return {
        "schema": SCHEMA,
        "report": "failover",
        "lvstop": __version__,
        "cluster": plan.failover.cluster,
        "plan": plan_document(plan),
        "assessment": assessment_document(plan.assessment),
        "outcome": outcome_document(outcome),
    }


def markdown(plan: FailoverPlan, outcome: FailoverOutcome) -> str:
    """The report as Markdown: the result first, then how it came about."""
    sections = (
        _head(plan, outcome),
        _lines("What to do now", outcome.way_out),
        _where_it_stands(outcome),
        _gaps(outcome.timeline),
        _timeline(outcome.timeline),
        _connections(plan.assessment.consequences, outcome),
        _preflight(outcome.checks or plan.assessment.checks, plan),
        _levers(plan),
        _commands(plan),
        _notes(outcome.notes),
    )
    return "\n".join(line for section in sections for line in section).rstrip("\n") + "\n"


def _head(plan: FailoverPlan, outcome: FailoverOutcome) -> Iterator[str]:
    failover = plan.failover
    title = words.title(plan)
    yield f"# {_text(title[:1].upper() + title[1:])}"
    yield ""
    yield f"**{_text(words.headline(plan, outcome))}**"
    yield ""
    yield from _bullets(f"{each.sentence} ({each.code})" for each in outcome.objections)
    rows = [
        ("record", failover.id),
        ("VRRP instances", listing(plan.move.instances)),
        ("sync groups", listing(plan.move.groups)),
        ("virtual addresses", listing(plan.move.vips)),
        ("lever", f"{failover.lever} on {failover.source}"),
        ("asked for by", f"{failover.author}, {moment_text(failover.at)}"),
        ("reason", failover.reason),
        ("lever touched at", "" if outcome.timeline is None else moment_text(outcome.timeline.began)),
        ("accepted warnings", ", ".join(plan.accepted_warnings)),
        ("lvstop", __version__),
    ]
    yield from _table(("", ""), [row for row in rows if row[1]])


def _where_it_stands(outcome: FailoverOutcome) -> Iterator[str]:
    rows = [(each.director, words.standing_words(each)) for each in outcome.standings]
    yield from _section("Where it stands", _table(("director", "found"), rows))


def _gaps(timeline: Timeline | None) -> Iterator[str]:
    if timeline is None:
        return
    lines = [words.absence_words(gap) for gap in timeline.addresses]
    yield from _lines("Gap", [*lines, words.connections_words(timeline.connections)])


def _timeline(timeline: Timeline | None) -> Iterator[str]:
    if timeline is None:
        return
    rows = [
        (f"{each.at:+.3f}", f"± {each.error:.3f}", each.director, words.mark_words(each)) for each in timeline.moments
    ]
    head = ("seconds since the lever", "error", "director", "what")
    yield from _section("Timeline", _table(head, rows))


def _connections(consequences: Consequences | None, outcome: FailoverOutcome) -> Iterator[str]:
    rows = [
        (each.director, words.number_words(each.active_before), words.number_words(each.active_after))
        for each in outcome.tallies
    ]
    yield from _section("Connections", _table(("director", "active connections before", "after"), rows))
    if consequences is not None:
        expected = words.connections_expected(consequences.connections, consequences.surviving, consequences.breaking)
        told = (expected, consequences.persistence, consequences.failback_why, *consequences.sentences)
        yield from _lines("Expected beforehand", [each for each in told if each])


def _preflight(checks: Sequence[Check], plan: FailoverPlan) -> Iterator[str]:
    rows = [
        (
            words.SIGNS[each.verdict],
            each.code,
            f"{each.sentence} {each.remedy}".rstrip(),
            "" if each.age_seconds is None else f"{each.age_seconds:.1f} s",
            "accepted" if each.verdict is Verdict.WARNED and each.code in plan.accepted else "",
        )
        for each in checks
    ]
    yield from _section("Preflight", _table(("", "check", "found", "age", ""), rows))


def _levers(plan: FailoverPlan) -> Iterator[str]:
    if plan.releases:
        return
    rows = [_lever(each, chosen=each.lever is plan.failover.lever) for each in plan.assessment.options]
    yield from _section("Levers", _table(("", "lever", "why", "takeover", "gap"), rows))


def _lever(option: LeverOption, *, chosen: bool) -> tuple[str, ...]:
    sign = "chosen" if chosen else "usable" if option.usable else "–"
    if option.cost is None:
        return (sign, option.lever, option.why, "", "")
    shortest, longest = option.cost.gap
    takeover = f"up to {option.cost.takeover:.1f} s"
    return (sign, option.lever, option.why, takeover, f"{shortest:.2f} to {longest:.2f} s")


def _commands(plan: FailoverPlan) -> Iterator[str]:
    lines = [plain(f"{each.director}# {each}").translate(_ONE_LINE) for each in commands_of(plan)]
    yield from _section("Commands", ["    " + line for line in lines])


def _notes(notes: Sequence[str]) -> Iterator[str]:
    yield from _lines("Notes", notes)


def _lines(heading: str, lines: Sequence[str]) -> Iterator[str]:
    yield from _section(heading, _bullets(lines))


def _section(heading: str, body: Iterable[str]) -> Iterator[str]:
    """Nothing where there is no body."""
    lines = list(body)
    if lines:
        yield from ("", f"## {heading}", "", *lines)


def _bullets(lines: Iterable[str]) -> Iterator[str]:
    yield from (f"- {_BLOCK.sub(_escaped_end, _text(line).strip(), count=1)}" for line in lines)


def _escaped_end(match: re.Match[str]) -> str:
    return f"{match[0][:-1]}\\{match[0][-1]}"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    if not rows:
        return
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(map(_text, row))} |" for row in rows)


def _text(text: str) -> str:
    """What stands there and nothing else: no formatting, no new line, nothing that a terminal obeys."""
    return _SPECIAL.sub(lambda match: f"\\{match[0]}", plain(text).translate(_ONE_LINE))
