"""Everything that is known before the deed, as text: who gives what to whom, checks, levers, consequences, commands."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from textual.content import Content

from lvstop import format as fmt
from lvstop.actions.command import Command
from lvstop.actions.failover.checks import Check, Verdict
from lvstop.actions.failover.plan import Assessment, Consequences, Cost, Failback, LeverOption, Move
from lvstop.actions.failover.words import SIGNS, connections_expected
from lvstop.analysis.words import count, listing
from lvstop.ui.detail.paragraphs import labelled
from lvstop.ui.failover.words import LEVER, VERDICT_STYLE
from lvstop.ui.fitting import hanging
from lvstop.ui.words import muted

_NOTHING = Content("")
_BACK = {
    Failback.AUTOMATIC: "by itself",
    Failback.STAYS: "not by itself",
    Failback.UNKNOWN: "nobody can tell",
}


def head_lines(move: Move | None, asked_at: datetime, width: int, *, moves: bool = True) -> list[Content]:
    """From → to as a picture, what moves in words, and when the directors were asked."""
    lines: list[Content] = []
    if not moves:
        lines += hanging(Content(" "), Content.styled("Nothing moves: only the lever is put back.", "bold"), width)
    elif move is not None:
        lines += [*picture_lines(move, width), *_scope_lines(move, width)]
    said = f"Asked at {asked_at:%H:%M:%S} UTC; all of it is asked again just before it is done."
    return [*lines, *hanging(Content(" "), muted(said), width)]


def picture_lines(move: Move, width: int) -> list[Content]:
    """`keepalived1 ──172.26.127.20──▶ keepalived2`, with as many addresses as there is room for."""
    room = width - len(move.source) - len(move.target) - 9
    addresses = [str(vip) for vip in move.vips]
    texts = (listing(addresses, most=most) for most in (len(addresses), 3, 2, 1))
    shown = next((text for text in texts if len(text) <= room), count(len(addresses), "address", "addresses"))
    arrow = Content.styled(f" ──{shown}──▶ " if addresses else " ──▶ ", "bold $primary")
    return [Content.assemble(" ", (move.source, "bold"), arrow, (move.target, "bold"))]


def _scope_lines(move: Move, width: int) -> list[Content]:
    """What moves together, by the names that keepalived.conf gives it."""
    names = listing(move.instances)
    said = f"{'instance' if len(move.instances) == 1 else 'instances'} {names}"
    if move.groups:
        said += f", together as sync group {listing(move.groups)}"
    return labelled("moves", Content(said), width)


def check_lines(check: Check, width: int) -> list[Content]:
    """One line of the preflight: sign, what was found, how old that is, and what mends it."""
    style = VERDICT_STYLE[check.verdict]
    bold = "" if check.verdict is Verdict.PASSED else "bold "
    return hanging(Content.styled(f" {SIGNS[check.verdict]} ", f"{bold}{style}"), *_told(check, width))


def tick_lines(check: Check, width: int, *, ticked: bool) -> list[Content]:
    """A warning with a box to be ticked."""
    box = "[✔]" if ticked else "[ ]"
    first = Content.styled(f" {box} {SIGNS[check.verdict]} ", f"bold {VERDICT_STYLE[check.verdict]}")
    lines = hanging(first, *_told(check, width))
    return [*lines, *_remedy(check, 7, width)]


def blocked_lines(check: Check, width: int) -> list[Content]:
    """What nothing overrides, with what mends it."""
    return [*check_lines(check, width), *_remedy(check, 3, width)]


def _told(check: Check, width: int) -> tuple[Content, int]:
    age = "" if check.age_seconds is None else f"  {fmt.age(check.age_seconds)}"
    code = "" if check.verdict is Verdict.PASSED else f"{check.code}  "
    return Content.assemble((code, f"bold {VERDICT_STYLE[check.verdict]}"), check.sentence, (age, "$muted")), width


def _remedy(check: Check, indent: int, width: int) -> list[Content]:
    return hanging(muted(" " * indent + "→ "), muted(check.remedy), width) if check.remedy else []


def decision_lines(assessment: Assessment, commands: Sequence[Command] | None, width: int) -> list[Content]:
    """What will be done and what comes of it: commands, lever, cost, connections, the way back.

    Args:
        commands: None where nothing will be done.
    """
    lines = [] if commands is None else [_NOTHING, *command_lines(commands, width)]
    if assessment.chosen is not None:
        lines += [_NOTHING, *_chosen_lines(assessment.chosen, width)]
    if assessment.consequences is not None:
        lines += [] if assessment.chosen is not None else [_NOTHING]
        lines += consequence_lines(assessment.consequences, width)
    return lines


def evidence_lines(assessment: Assessment, width: int) -> list[Content]:
    """What one may want to read besides: the other levers, and the checks that passed."""
    lines: list[Content] = []
    others = [each for each in assessment.options if each is not assessment.chosen]
    if others:
        heading = "Other levers:" if assessment.chosen is not None else "Levers:"
        lines += [_NOTHING, muted(f" {heading}")]
        lines += [line for option in others for line in _option_lines(option, width)]
    passed = [each for each in assessment.checks if each.verdict is Verdict.PASSED]
    if passed:
        lines += [_NOTHING, muted(f" {count(len(passed), 'check')} passed:")]
        lines += [line for check in passed for line in check_lines(check, width)]
    return lines


def _chosen_lines(option: LeverOption, width: int) -> list[Content]:
    named = Content.assemble((str(option.lever), "bold"), muted(f"  {LEVER[option.lever]}"))
    lines = [*labelled("lever", named, width), *labelled("", Content(option.why), width)]
    if option.cost is not None:
        lines += labelled("costs", Content(cost(option.cost)), width)
    return lines + (labelled("release", Content(option.release), width) if option.release else [])


def cost(each: Cost) -> str:
    """`nobody answers for 0.03 to 0.05 s; taken over within 3.6 s`."""
    low, high = each.gap
    gap = f"{low:.2g} s" if low == high else f"{low:.2g} to {high:.2g} s"
    return f"nobody answers for about {gap}; taken over within {each.takeover:.1f} s"


def _option_lines(option: LeverOption, width: int) -> list[Content]:
    sign, style = ("✔", "$health-ok") if option.usable else ("–", "$muted")
    text = Content.assemble((f"{option.lever}  ", "bold" if option.usable else "$muted"), option.why)
    if option.cost is not None:
        text += muted(f" It would cost: {cost(option.cost)}.")
    return hanging(Content.styled(f" {sign} ", style), text, width)


def consequence_lines(told: Consequences, width: int) -> list[Content]:
    """Connections, persistence, the way back, and what else there is to know."""
    lines = labelled("clients", _connections(told), width)
    if told.persistence:
        lines += labelled("", Content(told.persistence), width)
    back = Content.assemble((f"{_BACK[told.failback]}: ", "bold"), told.failback_why)
    lines += labelled("back", back, width)
    for place, sentence in enumerate(told.sentences):
        lines += labelled("" if place else "also", Content(sentence), width)
    return lines


def _connections(told: Consequences) -> Content:
    """Survivors and losses in numbers; unknown stays unknown."""
    style = "$unknown" if told.breaking is None else "bold $health-warning" if told.breaking else ""
    return Content.styled(connections_expected(told.connections, told.surviving, told.breaking), style)


def command_lines(commands: Sequence[Command], width: int) -> Iterator[Content]:
    """The commands as they will be run."""
    if not commands:
        yield from hanging(
            Content(" "), muted("No command: what stands is looked at, and the record follows it."), width
        )
        return
    yield muted(f" {count(len(commands), 'command')}{', one after the other' if len(commands) > 1 else ''}:")
    for command in commands:
        prompt = Content.styled(f" {command.director}# ", "$muted")
        yield from hanging(prompt, Content.styled(str(command), "$command"), width)
