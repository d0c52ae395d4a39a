"""The maintenance board: a row for each change on record, and at length the one under the cursor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from textual.content import Content

from lvstop import format as fmt
from lvstop.analysis.board import Board
from lvstop.analysis.draining import DrainProgress, Safety, drain_progress
from lvstop.analysis.words import listing
from lvstop.model.change import Change, ChangeKind, ChangePhase, WeightChange
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot
from lvstop.ui.actions.drain_lines import SIGN, STYLE, head_lines
from lvstop.ui.actions.words import NOUN, UNDER_WAY_SECONDS, row_name, subject
from lvstop.ui.detail.paragraphs import labelled
from lvstop.ui.fitting import hanging
from lvstop.ui.table.cells import NOTHING, Cell, Slot
from lvstop.ui.widgets.keyed_table import TableColumn, TableRow
from lvstop.ui.words import muted

_NAME = 26
_WIDEST_NAME = 48
_ROOMY = 120
"""Cells from which on a virtual server stands beside its real server; else it stands below only."""

_FIXED = (("STATE", 14), ("SINCE", 8), ("BY", 15), ("UNTIL", 10))
_LEAST_WHY = 12
_WEIGHT = 12


class Standing(StrEnum):
    """How a change stands, the most urgent first."""

    UNFINISHED = "unfinished"
    REVERTED = "reverted"
    UNDER_WAY = "under way"
    DRAINED = "drained"


@dataclass(frozen=True, slots=True)
class BoardEntry:
    """One change on record.

    Attributes:
        progress: of a drain; None of other changes, which are never kept for long.
    """

    change: Change
    standing: Standing
    progress: DrainProgress | None

    @property
    def pending(self) -> bool:
        """Begun, and neither finished nor undone."""
        return self.change.phase is ChangePhase.PENDING

    def overdue(self, now: datetime) -> bool:
        """It was to be restored by now."""
        return not self.pending and self.change.until is not None and self.change.until <= now


def entries(snapshot: ClusterSnapshot) -> list[BoardEntry]:
    """All changes on record, the most urgent first, and among those the oldest."""
    board = Board.of(snapshot) if snapshot.changes else None
    found = [_entry(change, snapshot, board) for change in snapshot.changes]
    order = list(Standing)
    return sorted(found, key=lambda each: (order.index(each.standing), each.change.at))


def _entry(change: Change, snapshot: ClusterSnapshot, board: Board | None) -> BoardEntry:
    now = snapshot.generated_at
    if change.phase is ChangePhase.PENDING:
        fresh = (now - change.at).total_seconds() < UNDER_WAY_SECONDS
        return BoardEntry(change, Standing.UNDER_WAY if fresh else Standing.UNFINISHED, None)
    if change.kind is not ChangeKind.DRAIN:
        return BoardEntry(change, Standing.DRAINED, None)
    progress = drain_progress(change, snapshot, None, now, board=board)
    reverted = progress.safety is Safety.REVERTED
    return BoardEntry(change, Standing.REVERTED if reverted else Standing.DRAINED, progress)


def board_columns(found: Sequence[BoardEntry], width: int) -> list[TableColumn]:
    """As many columns as fit; the others stand below."""
    names = max((len(_name(each, width)) for each in found), default=0)
    fixed = [TableColumn(title, size) for title, size in _FIXED]
    most = max(_NAME, min(_WIDEST_NAME, width - sum(each.width + 1 for each in fixed) - 1))
    columns = [TableColumn("IN MAINTENANCE", min(most, max(_NAME, names))), *fixed]
    room = width - sum(each.width + 1 for each in columns) - 1
    return [*columns, TableColumn("WHY", room)] if room >= _LEAST_WHY else columns


def board_rows(found: Sequence[BoardEntry], now: datetime, width: int) -> list[TableRow]:
    """A row each, known by the record's id."""
    size = len(board_columns(found, width))
    return [TableRow(each.change.id, tuple((cell,) for cell in _cells(each, now, width)[:size])) for each in found]


def _name(entry: BoardEntry, width: int) -> str:
    rows = entry.change.rows
    if width >= _ROOMY:
        return subject(rows)
    if len(rows) == 1:
        return str(rows[0][1])
    addresses = list(dict.fromkeys(real.address for _, real in rows))
    return f"{listing(addresses, most=1)}, {len(rows)} rows"


def _cells(entry: BoardEntry, now: datetime, width: int) -> tuple[Cell, ...]:
    change = entry.change
    slot = Slot.DOWN if entry.standing in (Standing.UNFINISHED, Standing.REVERTED) else Slot.PLAIN
    until = NOTHING
    if change.until is not None:
        overdue = entry.overdue(now)
        until = Cell("▲ overdue" if overdue else f"in {fmt.duration(change.until - now)}", _late(overdue))
    return (
        Cell(_name(entry, width), slot),
        _state(entry),
        Cell(fmt.duration(now - change.at)),
        Cell(str(change.author)),
        until,
        Cell(change.reason, Slot.MUTED),
    )


def _late(overdue: bool) -> Slot:
    return Slot.DRAINED if overdue else Slot.MUTED


def _state(entry: BoardEntry) -> Cell:
    noun = NOUN[entry.change.kind]
    if entry.standing is Standing.UNFINISHED:
        return Cell("✖ UNFINISHED", Slot.DOWN)
    if entry.standing is Standing.UNDER_WAY:
        return Cell(f"▸ {noun} …", Slot.PLAIN)
    if entry.progress is None:
        return Cell(f"◌ {noun}", Slot.DRAINED)
    words, slot = _STATES[entry.progress.safety]
    return Cell(f"{SIGN[entry.progress.safety]} {words}", slot)


_STATES = {
    Safety.REVERTED: ("REVERTED", Slot.DOWN),
    Safety.NOT_YET: ("draining", Slot.DRAINED),
    Safety.SAFE: ("safe to stop", Slot.PLAIN),
    Safety.GONE: ("gone, safe", Slot.PLAIN),
    Safety.UNKNOWN: ("unknown", Slot.UNKNOWN),
}


def entry_lines(entry: BoardEntry, snapshot: ClusterSnapshot, width: int) -> list[Content]:
    """One change at length: what, by whom, why, and each row on each director."""
    lines = head_lines(entry.change, snapshot, width)
    if entry.standing is Standing.UNFINISHED:
        said = "UNFINISHED: it was begun, and nobody finished or undid it. Below is what stands where."
        lines += hanging(Content.styled(" ✖ ", "bold $change-unfinished"), _bold(said, "$change-unfinished"), width)
    elif entry.standing is Standing.UNDER_WAY:
        said = "It was begun moments ago, here or elsewhere, and is probably being made right now."
        lines += hanging(Content(" ▸ "), Content(said), width)
    if entry.progress is not None:
        safety = entry.progress.safety
        first = Content.styled(f" {SIGN[safety]} ", f"bold {STYLE[safety]}")
        lines += hanging(first, _bold(entry.progress.headline, STYLE[safety]), width)
    for file in entry.change.files:
        said = f"{file.path} on {file.director}: {file.before} → {file.after}"
        lines += labelled("file", Content(said), width)
    return [*lines, Content(""), *_weights(entry.change, snapshot, width)]


def _bold(text: str, style: str) -> Content:
    return Content.styled(text, f"bold {style}")


def _weights(change: Change, snapshot: ClusterSnapshot, width: int) -> list[Content]:
    """A line for each row: on each director the weight before, that of the change, and what it is now."""
    names = max((len(row_name(row)) for row in change.rows), default=0)
    directors = {each.name: each for each in snapshot.directors}
    room = min(names, max(20, width - 3 - len(change.directors) * (_WEIGHT + 2)))
    titles = "".join(f"  {name:>{max(_WEIGHT, len(name))}}" for name in change.directors)
    lines = [muted(f"   {'WEIGHT BEFORE → WANTED':<{room}}{titles}")]
    for row in change.rows:
        found: Mapping[str, WeightChange] = {each.director: each for each in change.on(*row)}
        cells = [_now(found.get(name), directors.get(name), max(_WEIGHT, len(name))) for name in change.directors]
        name = row_name(row)
        if len(name) > room:
            lines += hanging(Content("   "), Content(name), width)
            name = ""
        lines.append(Content.assemble(f"   {name:<{room}}", *cells))
    return lines


def _now(change: WeightChange | None, director: DirectorSnapshot | None, width: int) -> Content:
    """`5 → 0 ✔` where it holds, `5 → 0 ≠ 5` where it does not, `5 → 0 ?` where nobody can tell."""
    if change is None:
        return Content(" " * (width + 2))
    text = f"{change.before.weight} → {change.after}"
    known, weight = _weight_now(change, director)
    if not known:
        return _right(f"{text} ?", "$unknown", width)
    if weight is None:
        return _right(f"{text} gone", "$muted", width)
    if weight != change.after:
        return _right(f"{text} ≠ {weight}", "bold $drain-reverted", width)
    return _right(f"{text} ✔", "$foreground", width)


def _right(text: str, style: str, width: int) -> Content:
    return Content.assemble("  ", " " * max(0, width - len(text)), (text, style))


def _weight_now(change: WeightChange, director: DirectorSnapshot | None) -> tuple[bool, int | None]:
    """Whether the director's table is known, and the row's weight there; None where it has no such row."""
    if director is None or not director.answers or director.virtual_servers is None:
        return False, None
    rows = (row for each in director.virtual_servers if each.key == change.virtual_server for row in each.real_servers)
    return True, next((row.weight for row in rows if row.key == change.real_server), None)


def unread(snapshot: ClusterSnapshot) -> str:
    """Directors whose own records are not known: what stands there only is not on this board; empty where none is."""
    names = [each.name for each in snapshot.directors if each.changes is None]
    return f"What is on record on {listing(names)} could not be read." if names else ""
