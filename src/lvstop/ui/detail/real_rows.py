"""One real server as rows: each of its virtual servers on each director; and what that adds up to."""

from collections.abc import Sequence

from textual.content import Content

from lvstop import format as fmt
from lvstop.analysis.presence import Presence, Sums
from lvstop.model.ipvs import RealServer
from lvstop.ui.detail import columns as of
from lvstop.ui.fitting import fitted
from lvstop.ui.table.cells import NOTHING, UNKNOWN, Cell, Slot
from lvstop.ui.table.columns import replies_bypass
from lvstop.ui.table.order import server_name
from lvstop.ui.widgets.keyed_table import Pieces, TableColumn, TableRow
from lvstop.ui.words import muted, unknown

_NAME = 22
_DIFFERS = TableColumn("ROW", 9)


def real_columns(found: Sequence[Presence]) -> list[TableColumn]:
    """The columns, the most telling first."""
    names = max((len(server_name(each.virtual_server)) for each in found), default=0)
    directors = max((len(each.director.name) for each in found), default=0)
    return [
        TableColumn("VIRTUAL SERVER", max(_NAME, names)),
        TableColumn("DIRECTOR", max(9, directors + 2)),
        of.STATE,
        of.WEIGHT,
        _DIFFERS,
        of.ACTIVE,
        of.INACTIVE,
        of.CONNECTIONS,
        of.IN,
        of.OUT,
        of.CHECKS,
        of.CONFIGURED,
        of.PERSISTENT,
        of.LIMITS,
        of.FORWARDING,
        TableColumn("PORT", 5, right=True),
        of.TUNNEL,
    ]


def row_name(each: Presence) -> str:
    """The key of a row: it stays the same whatever else comes and goes."""
    return f"{each.virtual_server} {each.key.port} {each.director.name}"


def real_rows(found: Sequence[Presence]) -> list[TableRow]:
    """A row each."""
    return [TableRow(row_name(each), _cells(each), past=not each.director.answers) for each in found]


def _cells(each: Presence) -> tuple[Pieces, ...]:
    row, detail = each.row, each.detail
    rates = (NOTHING,) * 3 if row is None else of.rate_cells(each.rates, row)
    persistent = UNKNOWN if detail is None else of.number(detail.persistent_connections)
    gone = UNKNOWN if each.director.virtual_servers is None else of.weight(row, each.checked, down=each.down)
    return (
        (Cell(server_name(each.virtual_server), Slot.SERVER if each.leads else Slot.MUTED),),
        (Cell("● " if each.leads else "  ", Slot.SHARE), Cell(each.director.name)),
        (_state(each),),
        (gone,),
        (_differs(each),),
        (NOTHING if row is None else of.number(row.active_connections),),
        (NOTHING if row is None else of.number(row.inactive_connections, quiet=True),),
        *((rate,) for rate in rates),
        (of.checks(each.checked, each.director),),
        (of.configured(each.checked),),
        (NOTHING if row is None else persistent,),
        (of.limits(row, detail),),
        (of.forwarding(row),),
        (Cell(str(each.key.port) if each.key.port else "any", Slot.MUTED),),
        (of.tunnel(row, detail),),
    )


def _state(each: Presence) -> Cell:
    if each.director.virtual_servers is None:
        return UNKNOWN
    if each.down:
        return Cell("✖ down", Slot.DOWN)
    if each.row is None:
        return Cell("absent", Slot.DRIFT)
    return Cell("◌ drained", Slot.DRAINED) if each.drained else of.up(each.checked)


def _differs(each: Presence) -> Cell:
    if not each.known:
        return UNKNOWN
    return Cell("differs ≠", Slot.DRIFT) if each.differs else Cell("same", Slot.MUTED)


def sum_line(sums: Sums, rows: Sequence[RealServer], *, width: int, room: int) -> Content:
    """A director's sums on a line of `room` cells, the most telling first; `rows` are what they are of."""
    name = Content.assemble(f" {sums.director:<{width}}  ")
    if not sums.known:
        return Content.assemble(name, unknown(), muted("  its table is not known now"))
    rates = sums.rates
    out = None if rates is None or replies_bypass(rows, rates.out_bytes) else rates.out_bytes
    pairs = [
        (fmt.number(sums.active), "active"),
        (fmt.number(sums.inactive), "inactive"),
        (fmt.number(sums.persistent), "persistent"),
        (fmt.per_second(None if rates is None else rates.connections), "conn/s"),
        (fmt.bits(None if rates is None else rates.in_bytes), "b/s in"),
        (fmt.bits(out), "b/s out"),
    ]
    told = [Content.assemble(value, (f" {what}", "$muted")) for value, what in pairs]
    return fitted([name + told[0], *told[1:]], room)
