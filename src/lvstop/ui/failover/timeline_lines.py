"""What happened when, as lines: seconds since the lever, and how exactly that is known."""

from collections.abc import Sequence

from textual.content import Content

from lvstop.actions.failover.timeline import AddressGap, Mark, Moment, Span, Timeline
from lvstop.actions.failover.words import absence_words, connections_words, mark_words
from lvstop.ui.failover.gap_bar import bar_lines, window_of
from lvstop.ui.fitting import hanging
from lvstop.ui.words import muted

_SIGN = {
    Mark.LEVER_PULLED: ("▸", "bold"),
    Mark.LEVER_RELEASED: ("▸", "bold"),
    Mark.VIP_REMOVED: ("○", "$health-warning"),
    Mark.VIP_ADDED: ("●", "$vrrp-master"),
    Mark.ENTERED_MASTER: ("●", "$vrrp-master"),
    Mark.ENTERED_BACKUP: ("○", "$vrrp-backup"),
    Mark.ENTERED_FAULT: ("✖", "$vrrp-fault"),
    Mark.KEEPALIVED_STOPPED: ("✖", "$vrrp-fault"),
    Mark.AGREED: ("✔", "$health-ok"),
}


def moment_lines(moments: Sequence[Moment], width: int) -> list[Content]:
    """A line for each moment, in the order of their time."""
    names = max((len(moment.director) for moment in moments), default=0)
    lines: list[Content] = []
    for moment in sorted(moments, key=lambda each: each.at):
        sign, style = _SIGN.get(moment.mark, ("·", "$muted"))
        when = Content.assemble(f" {moment.at:7.3f} ", muted(f"±{moment.error:.3f} "), (f"{sign} ", style))
        first = Content.assemble(when, f"{moment.director:<{names}}  ")
        lines += hanging(first, Content(mark_words(moment)), width)
    return lines


def course_lines(timeline: Timeline, names: tuple[str, str], width: int) -> list[Content]:
    """The whole course: what it cost, bars, and every moment.

    Args:
        names: source and target.
    """
    lines = [line for gap in timeline.addresses for line in gap_lines(gap, width)]
    lines += hanging(_judged(timeline.connections), Content(connections_words(timeline.connections)), width)
    window = window_of(timeline)
    if window is not None and timeline.addresses:
        lines += [Content(""), *bar_lines(timeline.addresses, timeline.moments, names, window, width)]
    return [*lines, Content(""), *moment_lines(timeline.moments, width)]


def gap_lines(gap: AddressGap, width: int) -> list[Content]:
    """How long nobody had the address, or both had it."""
    return hanging(_judged(gap.absent), Content(absence_words(gap)), width)


def _judged(span: Span | None) -> Content:
    """What cannot be told is not called good, and what can is bad only beyond the stopwatch's own error."""
    if span is None:
        return Content.styled(" ? ", "$unknown")
    if span.seconds > span.error:
        return Content.styled(" ! ", "bold $health-warning")
    return Content.styled(" ✔ ", "$health-ok")
