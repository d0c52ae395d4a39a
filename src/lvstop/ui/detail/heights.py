"""How a detail screen shares its lines out: sentences, charts and rows always fit, however many of them there are."""

from dataclasses import dataclass

_CHARTS = 7
"""Lines without which a chart says nothing: legend, time axis, and a few for the curve."""
_ROWS = 3
"""Lines of a table that is worth its place: titles and two rows."""
_SENTENCES = 3


@dataclass(frozen=True, slots=True)
class Heights:
    """Lines each part gets. Charts have none where there is no room for them."""

    facts: int
    charts: int
    table: int


def share_out(room: int, *, facts: int, rows: int, rest: int) -> Heights:
    """Share `room` lines out.

    Args:
        facts: lines of sentences that there are.
        rows: lines that the whole table takes, titles and scrollbar included.
        rest: lines that are taken anyway: blank ones, and the one that tells what is left out.
    """
    free = max(0, room - rest)
    least_rows = min(rows, _ROWS)
    with_charts = free >= min(facts, _SENTENCES) + least_rows + _CHARTS
    charts = _CHARTS if with_charts else 0
    sentences = min(facts, max(min(free, 1), free - least_rows - charts))
    left = free - sentences
    # of a long table the charts above it leave more than half
    table = min(rows, max(least_rows, left - max(charts, left * 2 // 5 if with_charts else 0)))
    table = min(table, left)
    return Heights(sentences, left - table if with_charts else 0, table)
