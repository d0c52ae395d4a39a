"""One cluster for the whole wall: its name and state, the holder in large letters, what it carries, what is wrong."""

from collections.abc import Sequence
from datetime import timedelta

from textual.content import Content

from lvstop import format as fmt
from lvstop.analysis.totals import active_connections, throughput
from lvstop.analysis.words import listing
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.fitting import cut_off, fitted, hanging
from lvstop.ui.wall.giant import giant
from lvstop.ui.wall.words import SHAPE, WORD, OnWall, holder, troubles
from lvstop.ui.words import HEALTH_STYLE, SEVERITY_SIGN, SEVERITY_STYLE, STATUS_SIGN, STATUS_STYLE, muted

_MOST_ALERTS = 4
_AROUND = 3
"""Lines of the holder's part that are no letters of its name."""


def holder_lines(cluster: OnWall, width: int, height: int) -> list[Content]:
    """The state and the name of the cluster, and who holds its addresses, as large as there is room."""
    snapshot = cluster.snapshot
    style = f"bold {HEALTH_STYLE[cluster.health]}"
    head = Content.assemble(
        (f"{SHAPE[cluster.health]} {WORD[cluster.health]}", style), ("   ", ""), (snapshot.name, "bold")
    )
    held = holder(snapshot)
    letters = giant(held.word, width, max(1, height - _AROUND))
    below = [held.below, _since(snapshot)] if held.known else [held.below]
    return [
        head,
        Content(""),
        *(Content.styled(line, "bold" if held.known else style) for line in letters),
        fitted([Content(part) for part in below if part], width),
    ]


def is_large(lines: Sequence[Content]) -> bool:
    """Whether the holder stands in large letters there."""
    return len(lines) > _AROUND + 1


def fact_lines(cluster: OnWall, width: int) -> list[Content]:
    """What it carries, whether its directors answer, the worst of what is wrong, and what is not known."""
    snapshot = cluster.snapshot
    numbers = [
        Content.assemble((fmt.number(active_connections(snapshot)), "bold"), (" connections", "$muted")),
        Content.assemble((f"{fmt.bits(throughput(snapshot))}b/s", "bold"), (" through IPVS", "$muted")),
    ]
    directors = [
        Content.assemble(
            (f"{STATUS_SIGN[each.status]} ", STATUS_STYLE[each.status]),
            (each.name, "bold"),
            (f" {each.status}", STATUS_STYLE[each.status]),
            ("" if each.age_seconds is None else f" {each.age_seconds:.0f}s", "$muted"),
        )
        for each in snapshot.directors
    ]
    return [fitted(numbers, width, "   "), fitted(directors, width, "   "), *_troubles(cluster, width)]


def _troubles(cluster: OnWall, width: int) -> Sequence[Content]:
    lines = trouble_lines(cluster, width, most=_MOST_ALERTS)
    if cluster.fine:
        lines = [Content.styled("Everything is fine.", HEALTH_STYLE[cluster.health])]
    elif cluster.unknown and not lines:
        said = f"Not known: {listing(cluster.unknown, most=3)}."
        lines += cut_off(hanging(muted("? "), muted(said), width), 1, width)
    return [Content(""), *lines] if lines else lines


def trouble_lines(cluster: OnWall, width: int, *, most: int) -> list[Content]:
    """What is wrong, up to two lines each: sign, what is to be known of the alarm, sentence."""
    lines: list[Content] = []
    for trouble in troubles(cluster, most):
        style = SEVERITY_STYLE[trouble.severity]
        sign = Content.styled(f"{SEVERITY_SIGN[trouble.severity]} ", f"bold {style}")
        note = f"({trouble.note}) " if trouble.note else ""
        said = Content.assemble((note, "$muted"), (trouble.summary, "$muted" if note else style))
        lines += cut_off(hanging(sign, said, width), 2, width)
    return lines


def _since(snapshot: ClusterSnapshot) -> str:
    moments = [vip.since for vip in snapshot.vips if vip.since is not None]
    if not moments:
        return ""
    latest = max(moments)
    span = max(timedelta(0), snapshot.generated_at - latest)
    return f"since {fmt.day_time(latest, snapshot.generated_at)} ({fmt.duration(span)})"
