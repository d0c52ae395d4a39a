"""How wide the table's columns are on a screen of a given width."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from lvstop import format as fmt
from lvstop.analysis.board import Board
from lvstop.analysis.words import listing
from lvstop.model.director import DirectorStatus
from lvstop.ui.table.columns import GAP, NAME_INDENT, NAME_MINIMUM, Column, choose_columns, lacking
from lvstop.ui.table.order import server_name

SPARK_MAXIMUM = 61
RECORD_SINCE = 7
RECORD_WHOLE = 16
"""Cells beside a state for when a drain was made, and for who made it and when."""

_MARK = 2
_ROOMY = 100
_MEASURED = 200
"""So many real servers of each virtual server are measured; measuring ten thousand would be felt."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns with their widths in cells. The name stands before them and does not scroll.

    Attributes:
        peer: title of the column that compares, the other director's name where there is one other director.
        lacks: titles of the columns that nobody here may read, so that they are left out.
    """

    name: int
    columns: tuple[Column, ...]
    widths: tuple[int, ...]
    peer: str
    lacks: tuple[str, ...]

    @property
    def width(self) -> int:
        """Cells of everything, the name included."""
        return self.name + sum(self.widths) + GAP * len(self.widths)

    def title(self, column: Column) -> str:
        """What stands above a column."""
        return self.peer if column.id == "other" else column.title


class NameWidth(NamedTuple):
    """Cells that the longest name takes, alone and with its scheduler."""

    bare: int = NAME_MINIMUM
    whole: int = NAME_MINIMUM


def wanted_name(board: Board) -> NameWidth:
    """Measured for all of them, so that the column stays as it is while rows scroll."""
    bare = whole = NAME_MINIMUM
    for index, listed in enumerate(board.listing.servers):
        copy = board.copy(index, listed.leader)
        scheduler = "" if copy is None else copy.scheduler
        persistent = " persistent 300s" if copy is not None and copy.persistent else ""
        name = len(server_name(listed.key))
        reals = islice(listed.real_servers, _MEASURED)
        bare = max(bare, _MARK + name + 1, NAME_INDENT + 1 + max((len(str(key)) for key in reals), default=0))
        whole = max(whole, bare, NAME_INDENT + name + len(scheduler) + len(persistent) + 1)
    return NameWidth(bare, whole)


def lay_out(board: Board, width: int, chosen: Sequence[str], wanted: NameWidth) -> Layout:
    """Fit the columns into `width` cells."""
    directors = board.snapshot.directors
    privileged = not lacking(directors)
    alone = len(directors) < 2
    # a small terminal rather leaves out a scheduler than a column
    name = wanted.bare if width < _ROOMY else wanted.whole
    columns = choose_columns(width, chosen, privileged=privileged, alone=alone, name=name)
    everything = choose_columns(10_000, chosen, privileged=True, alone=alone, name=name)
    widths, kept = [column.width for column in columns], [column.id for column in columns]
    rest = width - sum(widths) - GAP * len(widths)
    name = max(NAME_MINIMUM, min(rest, wanted.whole))
    spare = rest - name
    if board.snapshot.changes and "state" in kept:
        grown = next((size for size in (RECORD_WHOLE, RECORD_SINCE) if size <= spare), 0)
        widths[kept.index("state")] += grown
        spare -= grown
    for index, column in enumerate(columns):
        if column.id == "spark" and spare > 0:
            grown = min(SPARK_MAXIMUM - widths[index], spare)
            widths[index] += max(0, grown)
            spare -= max(0, grown)
    if spare > 0 and not chosen:
        name += min(spare, 24)
    lacks = () if privileged else tuple(column.title for column in everything if column.privileged)
    return Layout(name, tuple(columns), tuple(widths), _peer(board), lacks)


def why_empty(board: Board | None) -> str:
    """Why there is no row at all; nothing as long as it is not known that there is none."""
    if board is None:
        return ""
    directors = board.snapshot.directors
    if board.listing.servers:
        return "No row fits; escape shows all of them."
    if all(director.status is DirectorStatus.CONNECTING for director in directors):
        return ""
    if not any(director.answers for director in directors):
        return "No director's table is known: none answers."
    if all(director.virtual_servers is None for director in directors):
        return "No director's table could be read."
    return "No virtual server is in any director's table."


def whose_rows(board: Board) -> str:
    """Whose rows are shown where it is not those of a director that is known to hold a VIP; else nothing."""
    vips, directors = board.snapshot.vips, board.snapshot.directors
    leaders = [directors[index] for index in sorted({listed.leader for listed in board.listing.servers})]
    past = [f"past of {each.name}, {fmt.age(each.age_seconds)} old" for each in leaders if not each.answers]
    answering = any(director.answers for director in directors)
    nobody = "no director that answers holds a VIP" if answering and not any(vip.holders for vip in vips) else ""
    if past:
        return f"{listing(past)}{': ' if nobody else ''}{nobody}"
    return f"numbers of {listing(each.name for each in leaders)}: {nobody}" if vips and leaders and nobody else ""


def _peer(board: Board) -> str:
    """The one director that all rows are compared with, else `OTHERS`; without rows nothing is compared."""
    if not board.listing.servers:
        return fmt.UNKNOWN
    names = [director.name for director in board.snapshot.directors]
    leaders = {listed.leader for listed in board.listing.servers}
    others = [name for index, name in enumerate(names) if index not in leaders]
    return others[0] if len(names) == 2 and len(others) == 1 else "OTHERS"
