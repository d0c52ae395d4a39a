"""A share as a bar: what a real server gets, against what scheduler and weights would give it."""

from lvstop import format as fmt
from lvstop.analysis.shares import Share, Verdict
from lvstop.ui.table.cells import UNKNOWN, Cell, Slot
from lvstop.ui.widgets.keyed_table import Pieces, TableColumn

_BAR = 10
SHARE = TableColumn("GETS/DUE", 9 + _BAR + 5)

_WORDS = {Verdict.MORE: " more", Verdict.LESS: " less"}


def share_pieces(share: Share | None) -> Pieces:
    """`60/50 % ━━━━━┿━────`: heavy is what it gets, the stroke across is what is due; the word says that it matters."""
    if share is None or (share.actual is None and share.expected is None):
        return (UNKNOWN,)
    actual, due = fmt.percent(share.actual), fmt.percent(share.expected)
    full = 0 if share.actual is None else round(share.actual * _BAR)
    mark = None if not share.expected else min(_BAR - 1, int(share.expected * _BAR))
    before, rest = _bar(0, full, mark, "━┿"), _bar(full, _BAR, mark, "─┼")
    word = "" if share.verdict is None else _WORDS.get(share.verdict, "")
    return (
        Cell(f"{f'{actual}/{due}%':>8} ", Slot.MUTED if share.actual is None else Slot.PLAIN),
        Cell(before, Slot.SHARE),
        Cell(rest, Slot.MUTED),
        Cell(word, Slot.DRIFT),
    )


def _bar(start: int, end: int, mark: int | None, signs: str) -> str:
    return "".join(signs[place == mark] for place in range(start, end))
