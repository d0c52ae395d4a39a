"""A drain as it goes: a bar for each real server, and the verdict in one line."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from textual.content import Content

from lvstop import format as fmt
from lvstop.analysis.draining import DrainProgress, RowProgress, Safety
from lvstop.model.change import Change, Lever
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.actions.words import LEVER, directors_named, row_name, told
from lvstop.ui.detail.paragraphs import labelled
from lvstop.ui.fitting import hanging
from lvstop.ui.table.cells import bar
from lvstop.ui.words import muted

_BAR = 24
_BESIDE = 44
"""Cells of a row beside its name: numbers, bar, part done and forecast."""

SIGN = {Safety.SAFE: "●", Safety.GONE: "●", Safety.NOT_YET: "◌", Safety.UNKNOWN: "?", Safety.REVERTED: "✖"}
STYLE = {
    Safety.SAFE: "$drain-safe",
    Safety.GONE: "$drain-safe",
    Safety.NOT_YET: "$drain-waiting",
    Safety.UNKNOWN: "$unknown",
    Safety.REVERTED: "$drain-reverted",
}
LIFE = {
    Lever.IPVSADM: "lost when keepalived writes the row again: a check that fails and passes, a quorum, a restart",
    Lever.TRACK_FILE: "holds through checks, reloads and restarts of keepalived",
}


def head_lines(change: Change, snapshot: ClusterSnapshot, width: int) -> list[Content]:
    """What is drained, by whom, why, until when and by which lever."""
    now = snapshot.generated_at
    lines = hanging(Content(" "), Content.styled(told(change), "bold"), width)
    where = directors_named(change.directors, snapshot)
    lines += labelled("on", Content(where), width)
    lines += labelled("by", Content.assemble(str(change.author), muted(f"  {since(change.at, now)}")), width)
    if change.reason:
        lines += labelled("why", Content(change.reason), width)
    if change.until is not None:
        lines += labelled("until", until(change.until, now), width)
    return [*lines, *labelled("lever", Content(f"{LEVER[change.lever]}; {LIFE[change.lever]}"), width)]


def since(at: datetime, now: datetime) -> str:
    """`since 13:58:00 (4m 11s)`."""
    return f"since {fmt.day_time(at, now)} ({fmt.duration(now - at)})"


def until(when: datetime, now: datetime) -> Content:
    """When it was to be restored, and how far off that is."""
    if when <= now:
        return Content.styled(f"▲ {fmt.day_time(when, now)}: overdue by {fmt.duration(now - when)}", "$health-warning")
    return Content.assemble(_moment(when, now), muted(f"  in {fmt.duration(when - now)}"))


def _moment(when: datetime, now: datetime) -> str:
    """A moment to come: `16:00` within a day, else with its day."""
    when_utc = when.astimezone(UTC)
    return f"{when_utc:%H:%M}" if when - now < timedelta(hours=20) else f"{when_utc:%-d %b %H:%M}"


def progress_lines(progress: DrainProgress, width: int) -> list[Content]:
    """Two lines for each row: how far it is, and in words what keeps it."""
    names = max(len(row_name((row.virtual_server, row.real_server))) for row in progress.rows)
    beside = width - names - 3 >= _BESIDE
    lines: list[Content] = []
    for row in progress.rows:
        name = row_name((row.virtual_server, row.real_server))
        sign = Content.styled(f" {SIGN[row.safety]} ", f"bold {STYLE[row.safety]}")
        if beside:
            lines.append(Content.assemble(sign, f"{name:<{names}}", *_bar_parts(row)))
        else:
            lines += [*hanging(sign, Content(name), width), Content.assemble("  ", *_bar_parts(row))]
        lines += hanging(Content("   "), Content.styled(row.words + _besides(row), _words_style(row)), width)
    return lines


def _besides(row: RowProgress) -> str:
    """What else there is while connections are left; the words of other verdicts say it themselves."""
    if row.safety is not Safety.NOT_YET:
        return ""
    counts = ((row.inactive, "inactive"), (row.persistent, "persistent"))
    return "".join(f" · {number:,} {word}" for number, word in counts if number)


def _words_style(row: RowProgress) -> str:
    return STYLE[row.safety] if row.safety is Safety.REVERTED else "$muted"


def _bar_parts(row: RowProgress) -> Sequence[Content]:
    """`602 → 12  ██████████  98 %  about 40 s`."""
    numbers = "" if row.safety is Safety.GONE else f"{fmt.number(row.start)} → {fmt.number(row.left)}"
    drawn = bar(row.done or 0.0, _BAR).rstrip()
    rest = "░" * (_BAR - len(drawn))
    part = fmt.UNKNOWN if row.done is None else f"{int(row.done * 100)} %"
    return (
        Content(f"{numbers:>15}  "),
        Content.styled(drawn, STYLE[row.safety] if row.safety is not Safety.NOT_YET else "$share-bar"),
        Content.styled(rest, "$share-rest"),
        Content(f" {part:>5}"),
        muted(f"  {forecast(row.safety, row.seconds)}"),
    )


def forecast(safety: Safety, seconds: float | None) -> str:
    """How long it will take; nothing where that has no answer."""
    if safety is not Safety.NOT_YET:
        return ""
    if seconds is None:
        return "no forecast"
    return f"about {fmt.duration(timedelta(seconds=max(1.0, seconds)))}"
