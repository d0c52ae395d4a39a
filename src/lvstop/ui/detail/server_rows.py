"""The real servers of one virtual server as rows: leader's values, shares, and the same row on the other directors."""

from collections.abc import Mapping, Sequence

from lvstop import format as fmt
from lvstop.analysis.board import Board, RealServerFacts, RowState
from lvstop.analysis.shares import Share
from lvstop.model.address import RealServerKey
from lvstop.ui.detail import columns as of
from lvstop.ui.detail.share_bar import SHARE, share_pieces
from lvstop.ui.table.cells import NOTHING, UNKNOWN, Cell, Slot
from lvstop.ui.widgets.keyed_table import Pieces, TableColumn, TableRow

_NAME = 18
_TWIN = 16
_MEASURED = 200


def server_columns(board: Board, server: int) -> list[TableColumn]:
    """The columns, the most telling first: what is not on screen can be scrolled to."""
    listed = board.listing.servers[server]
    names = max((len(str(key)) for key in listed.real_servers[:_MEASURED]), default=0)
    others = [
        TableColumn(director.name.upper(), max(_TWIN, len(director.name)))
        for index, director in enumerate(board.snapshot.directors)
        if index != listed.leader
    ]
    return [
        TableColumn("REAL SERVER", max(_NAME, names)),
        of.STATE,
        of.WEIGHT,
        of.ACTIVE,
        of.INACTIVE,
        of.CONNECTIONS,
        SHARE,
        *others,
        of.IN,
        of.OUT,
        of.CHECKS,
        of.CONFIGURED,
        of.PERSISTENT,
        of.LIMITS,
        of.FORWARDING,
    ]


def server_rows(board: Board, server: int, reals: Sequence[int], due: Mapping[RealServerKey, Share]) -> list[TableRow]:
    """A row for each of `reals`."""
    listed = board.listing.servers[server]
    others = [index for index in range(len(board.snapshot.directors)) if index != listed.leader]
    past = not board.leader(server).answers
    rows: list[TableRow] = []
    for real in reals:
        facts = board.real_server(server, real)
        twins = [(_twin(board, server, real, index, facts),) for index in others]
        rows.append(TableRow(str(facts.key), _cells(facts, twins, due.get(facts.key)), past))
    return rows


def _cells(facts: RealServerFacts, twins: Sequence[Pieces], share: Share | None) -> tuple[Pieces, ...]:
    row, leader = facts.row, facts.leader
    down = RowState.DOWN in facts.states
    slot = Slot.DOWN if down else Slot.DRAINED if RowState.DRAINED in facts.states else Slot.PLAIN
    rates = of.rate_cells(facts.rates, row) if row is not None else (NOTHING,) * 3
    detail = facts.detail
    persistent = UNKNOWN if detail is None else of.number(detail.persistent_connections)
    return (
        (Cell(str(facts.key), slot),),
        (_state(facts),),
        (UNKNOWN if leader.virtual_servers is None else of.weight(row, facts.checked, down=down),),
        (NOTHING if row is None else of.number(row.active_connections),),
        (NOTHING if row is None else of.number(row.inactive_connections, quiet=True),),
        (rates[0],),
        share_pieces(share) if row is not None else (NOTHING,),
        *twins,
        (rates[1],),
        (rates[2],),
        (of.checks(facts.checked, leader),),
        (of.configured(facts.checked),),
        (NOTHING if row is None else persistent,),
        (of.limits(row, detail),),
        (of.forwarding(row),),
    )


_STATES = (
    (RowState.DOWN, Cell("✖ down", Slot.DOWN)),
    (RowState.DRAINED, Cell("◌ drained", Slot.DRAINED)),
    (RowState.SORRY, Cell("▲ sorry", Slot.DRAINED)),
    (RowState.ABSENT, Cell("absent", Slot.DRIFT)),
)


def _state(facts: RealServerFacts) -> Cell:
    if facts.leader.virtual_servers is None:
        return UNKNOWN
    return next((cell for state, cell in _STATES if state in facts.states), of.up(facts.checked))


def _twin(board: Board, server: int, real: int, director: int, facts: RealServerFacts) -> Cell:
    """The same row there: `same · 12 act`, `weight 1 ≠`; – where that director's table is not known now."""
    there = board.snapshot.directors[director]
    twin = next((each for each in facts.twins if each.director == there.name), None)
    if twin is None or not twin.known:
        return UNKNOWN
    row = board.row(server, real, director)
    if twin.words:
        return Cell(f"{twin.words} ≠", Slot.DRIFT)
    if row is None:
        return Cell("absent too", Slot.MUTED)
    if row.active_connections:
        return Cell(f"same, {fmt.number(row.active_connections)} act", Slot.MUTED)
    return Cell("same", Slot.MUTED)
