"""Cells that both detail screens have beside those of the cluster's table."""

from lvstop import format as fmt
from lvstop.analysis.vrrp import keepalived_is_down
from lvstop.analysis.words import count
from lvstop.model.checks import CheckedRealServer
from lvstop.model.director import DirectorSnapshot
from lvstop.model.ipvs import ForwardingMethod, Rates, RealServer, RealServerDetail
from lvstop.ui.table.cells import NOTHING, UNKNOWN, Cell, Slot
from lvstop.ui.table.columns import replies_bypass
from lvstop.ui.widgets.keyed_table import TableColumn

WEIGHT = TableColumn("WEIGHT", 7, right=True)
STATE = TableColumn("STATE", 11)
ACTIVE = TableColumn("ACTIVE", 8, right=True)
INACTIVE = TableColumn("INACT", 7, right=True)
PERSISTENT = TableColumn("PERSIST", 7, right=True)
CONNECTIONS = TableColumn("CONN/S", 7, right=True)
IN = TableColumn("IN b/s", 7, right=True)
OUT = TableColumn("OUT b/s", 7, right=True)
CHECKS = TableColumn("CHECKS", 14)
CONFIGURED = TableColumn("CONF/EFF", 8)
LIMITS = TableColumn("LIMITS", 13)
FORWARDING = TableColumn("FWD", 6)
TUNNEL = TableColumn("TUNNEL", 14)


def number(value: int | None, *, quiet: bool = False) -> Cell:
    """A count; 0 is quiet."""
    if value is None:
        return UNKNOWN
    return Cell(fmt.number(value), Slot.MUTED if quiet or value == 0 else Slot.PLAIN)


def rate_cells(rates: Rates | None, row: RealServer) -> tuple[Cell, Cell, Cell]:
    """New connections per second, and bits in and out; out is unknown where replies do not pass the director."""
    if rates is None:
        return UNKNOWN, UNKNOWN, UNKNOWN
    texts = (fmt.per_second(rates.connections), fmt.bits(rates.in_bytes), fmt.bits(rates.out_bytes))
    values = (rates.connections, rates.in_bytes, rates.out_bytes)
    first, second, third = (
        Cell(text, Slot.MUTED if value == 0 else Slot.PLAIN) for text, value in zip(texts, values, strict=True)
    )
    return first, second, UNKNOWN if replies_bypass((row,), rates.out_bytes) else third


def up(checked: CheckedRealServer | None) -> Cell:
    """A row of the kernel of which nothing else is to be said: that it is up only a check can tell."""
    return UNKNOWN if checked is None else Cell("● up", Slot.MUTED)


def checks(checked: CheckedRealServer | None, director: DirectorSnapshot) -> Cell:
    """What keepalived's checkers believe. What a silent director or a stopped keepalived has not is unknown."""
    if checked is None:
        asked = director.answers and director.checks is not None and not keepalived_is_down(director)
        return Cell("not configured", Slot.DRIFT) if asked else UNKNOWN
    if checked.alive:
        return Cell("pass", Slot.MUTED)
    if checked.failed_checkers:
        return Cell(f"✖ {count(checked.failed_checkers, 'fails', 'fail')}", Slot.DOWN)
    return Cell("✖ fail", Slot.DOWN)


def configured(checked: CheckedRealServer | None) -> Cell:
    """The weight as configured, and what keepalived made of it."""
    if checked is None:
        return UNKNOWN
    same = checked.weight == checked.effective_weight
    return Cell(f"{checked.weight}/{checked.effective_weight}", Slot.MUTED if same else Slot.PLAIN)


def weight(row: RealServer | None, checked: CheckedRealServer | None, *, down: bool) -> Cell:
    """The kernel's weight; where keepalived wrote another one, that one first."""
    if row is None:
        return Cell("gone", Slot.DOWN if down else Slot.DRIFT)
    written = None if checked is None or not checked.alive else checked.effective_weight
    text = str(row.weight) if written in (None, row.weight) else f"{written}→{row.weight}"
    if row.weight == 0:
        return Cell(text, Slot.DOWN if down else Slot.DRAINED)
    return Cell(text, Slot.PLAIN if written in (None, row.weight) else Slot.DRIFT)


def limits(row: RealServer | None, detail: RealServerDetail | None) -> Cell:
    """Thresholds: takes connections up to the upper one, and again below the lower one."""
    if row is None:
        return NOTHING
    if detail is None or detail.upper_threshold is None:
        return UNKNOWN
    if detail.upper_threshold == 0:
        return Cell("none", Slot.MUTED)
    text = f"≤{detail.upper_threshold:,}"
    if detail.lower_threshold:
        text += f" <{detail.lower_threshold:,}"
    full = row.active_connections + row.inactive_connections >= detail.upper_threshold
    return Cell(f"▲ {text}", Slot.DRAINED) if full else Cell(text)


def forwarding(row: RealServer | None) -> Cell:
    """How packets are handed on."""
    return NOTHING if row is None else Cell(str(row.forwarding), Slot.MUTED)


def tunnel(row: RealServer | None, detail: RealServerDetail | None) -> Cell:
    """The encapsulation; nothing where there is none."""
    if row is None or row.forwarding is not ForwardingMethod.TUNNEL:
        return NOTHING
    return UNKNOWN if detail is None or detail.tunnel is None else Cell(str(detail.tunnel))
