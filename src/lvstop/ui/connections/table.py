"""Countings as a table: a line for what was counted, two columns for each director."""

from collections.abc import Sequence

from textual.content import Content

from lvstop import format as fmt
from lvstop.analysis.counted import CountCell, CountRow, Unit, counted_cautions, counted_sentence
from lvstop.model.connections import Counting
from lvstop.ui.fitting import hanging
from lvstop.ui.table.cells import NOTHING, UNKNOWN, Cell, Slot
from lvstop.ui.widgets.keyed_table import Pieces, TableColumn, TableRow

_LEAST_LABEL, _MOST_LABEL = 30, 48
_NUMBER = 12
_PART = 5


def table_columns(countings: Sequence[Counting], rows: Sequence[CountRow]) -> list[TableColumn]:
    """Names, then for each director numbers and their parts of all its connections."""
    label = max((len(row.label) for row in rows), default=0)
    columns = [TableColumn("", max(_LEAST_LABEL, min(_MOST_LABEL, label)))]
    for each in countings:
        columns.append(TableColumn(each.director, max(_NUMBER, len(each.director)), right=True))
        columns.append(TableColumn("%", _PART, right=True))
    return columns


def table_rows(rows: Sequence[CountRow]) -> list[TableRow]:
    """A line each."""
    return [TableRow(row.key, ((_label(row),), *(cell for each in row.cells for cell in _cells(each)))) for row in rows]


def _label(row: CountRow) -> Cell:
    return Cell(row.label, Slot.SERVER if row.heading else Slot.PLAIN)


def _cells(cell: CountCell | None) -> tuple[Pieces, Pieces]:
    if cell is None:
        return (NOTHING,), (NOTHING,)
    if cell.number is None:
        return (UNKNOWN,), (NOTHING,)
    text = _clock(cell.number) if cell.unit is Unit.SECONDS else fmt.number(cell.number)
    part = NOTHING if cell.part is None else Cell(fmt.percent(cell.part), Slot.MUTED)
    return (Cell(f"{cell.bound} {text}".lstrip()),), (part,)


def _clock(seconds: int) -> str:
    """`14:53`, `1:02:03`."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def counted_lines(countings: Sequence[Counting], *, masks: bool, width: int) -> list[Content]:
    """What is said above the table: of each director how far it is, and how its numbers are to be read."""
    lines: list[Content] = []
    for each in countings:
        sign, style = _SIGNS[_state(each)]
        first = Content.assemble((f" {sign} ", style), (f"{each.director}  ", "bold"))
        lines += hanging(first, Content(counted_sentence(each)), width)
        for caution in counted_cautions(each):
            lines += hanging(Content.styled("   ▲ ", "$health-warning"), Content(caution), width)
    if masks:
        note = "Addresses of clients are masked: the cluster file says so (mask_clients)."
        lines += hanging(Content.styled(" · ", "$muted"), Content.styled(note, "$muted"), width)
    return lines


def _state(counting: Counting) -> str:
    return "failed" if counting.fault is not None else "counting" if counting.counts is None else "counted"


_SIGNS = {
    "counting": ("◌", "$director-connecting"),
    "counted": ("●", "$director-live"),
    "failed": ("✖", "$director-unreachable"),
}
