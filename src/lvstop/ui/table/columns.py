"""The columns: what each shows of a virtual server and of a real server, how wide it is, what it sorts by."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lvstop import format as fmt
from lvstop.analysis.board import RealServerFacts, RowState, Twin, VirtualServerFacts
from lvstop.model.director import DirectorSnapshot, Privilege
from lvstop.model.ipvs import ForwardingMethod, Rates, RealServer
from lvstop.ui.table.cells import NOTHING, UNKNOWN, Cell, Slot, Surroundings, bar, sparkline

SPARK_WIDTH = 10
BAR_WIDTH = 4
_NUMBER_WIDTH = 7

ServerCell = Callable[[VirtualServerFacts, Surroundings], Cell]
RowCell = Callable[[RealServerFacts, Surroundings], Cell]
SortValue = Callable[[RealServer | None, Rates | None], float | None]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table.

    Attributes:
        id: its name in the settings file.
        about: what it shows, one sentence for the column chooser and for help.
        priority: where there is no room, columns with the greatest number go first.
        sort: what its order is made from; None where only the row's own order makes sense.
        privileged: nobody but root can read it.
        automatic: shown without being asked for.
    """

    id: str
    title: str
    about: str
    width: int
    priority: int
    server: ServerCell
    row: RowCell
    right: bool = True
    sort: SortValue | None = None
    privileged: bool = False
    automatic: bool = True


def _number(value: int | None, *, quiet: bool = False) -> Cell:
    if value is None:
        return UNKNOWN
    return Cell(_short(value, fmt.number(value)), Slot.MUTED if quiet or value == 0 else Slot.PLAIN)


def _rate(value: float | None) -> Cell:
    if value is None:
        return UNKNOWN
    return Cell(_short(value, fmt.per_second(value)), Slot.MUTED if value == 0 else Slot.PLAIN)


def _short(value: float, text: str) -> str:
    """A number that would not fit is rounded: one that is cut off would be read as another one."""
    if len(text) <= _NUMBER_WIDTH:
        return text
    return f"{value / 1e6:.2f}M" if value < 999.995e6 else f"{value / 1e9:.2f}G"


def _bits(value: float | None) -> Cell:
    return UNKNOWN if value is None else Cell(fmt.bits(value), Slot.MUTED if value == 0 else Slot.PLAIN)


def _forwarding(facts: RealServerFacts, _around: Surroundings) -> Cell:
    if facts.row is not None:
        return Cell(str(facts.row.forwarding), Slot.MUTED)
    method = None if facts.checked is None else facts.checked.forwarding
    return NOTHING if method is None else Cell(str(method), Slot.UNKNOWN)


def _weight(facts: RealServerFacts, _around: Surroundings) -> Cell:
    """The kernel's weight; where keepalived wrote another one, that one first."""
    if facts.row is None:
        return Cell("gone", Slot.DOWN if RowState.DOWN in facts.states else Slot.DRIFT)
    weight, checked = facts.row.weight, facts.checked
    written = None if checked is None or not checked.alive else checked.effective_weight
    text = str(weight) if written in (None, weight) else f"{written}→{weight}"
    if weight == 0:
        return Cell(text, Slot.DOWN if RowState.DOWN in facts.states else Slot.DRAINED)
    return Cell(text, Slot.PLAIN if written in (None, weight) else Slot.DRIFT)


def _state(facts: RealServerFacts, around: Surroundings) -> Cell:
    if facts.leader.virtual_servers is None:
        return UNKNOWN
    for state, word, slot in _STATE_WORDS:
        if state in facts.states:
            record = around.record((facts.virtual_server, facts.key)) if state is RowState.DRAINED else ""
            return Cell(f"{word} {record}" if record else word, slot)
    return Cell("up", Slot.MUTED) if facts.checked is not None else UNKNOWN


_STATE_WORDS = (
    (RowState.DOWN, "✖ down", Slot.DOWN),
    (RowState.DRAINED, "◌ drained", Slot.DRAINED),
    (RowState.SORRY, "▲ sorry", Slot.DRAINED),
    (RowState.ABSENT, "absent", Slot.DRIFT),
)


def _server_state(facts: VirtualServerFacts, _around: Surroundings) -> Cell:
    if facts.leader.virtual_servers is None:
        return UNKNOWN
    if RowState.ABSENT in facts.states:
        return Cell("absent", Slot.DRIFT)
    if RowState.EMPTY in facts.states:
        return Cell("✖ empty", Slot.DOWN)
    return Cell("✖ quorum", Slot.DOWN) if RowState.DOWN in facts.states else NOTHING


def twin_cell(twins: Sequence[Twin]) -> Cell:
    """What the other directors say of a row: `same`, or who differs in what, or – where nobody can tell."""
    differing = [twin for twin in twins if twin.words]
    if differing:
        named = (f"{twin.director} {twin.words}" if len(twins) > 1 else twin.words for twin in differing)
        return Cell(f"{', '.join(named)} ≠", Slot.DRIFT)
    if not twins:
        return NOTHING
    return Cell("same", Slot.MUTED) if all(twin.known for twin in twins) else UNKNOWN


def _share(facts: RealServerFacts, around: Surroundings) -> Cell:
    share = around.share((facts.virtual_server, facts.key))
    if share is None or share.actual is None:
        return UNKNOWN
    expected = "" if share.expected is None else f"/{fmt.percent(share.expected)}"
    numbers = f"{fmt.percent(share.actual)}{expected}%"
    return Cell(f"{numbers:>8} {bar(share.actual, BAR_WIDTH)}", Slot.SHARE)


def _server_spark(facts: VirtualServerFacts, around: Surroundings) -> Cell:
    return Cell(sparkline(around.spark(facts.leader.name, (facts.key, None), SPARK_WIDTH)), Slot.SPARK)


def _row_spark(facts: RealServerFacts, around: Surroundings) -> Cell:
    row = (facts.virtual_server, facts.key)
    return Cell(sparkline(around.spark(facts.leader.name, row, SPARK_WIDTH)), Slot.SPARK)


def _nothing(_facts: object, _around: Surroundings) -> Cell:
    return NOTHING


def replies_bypass(rows: Sequence[RealServer], counted: float | None) -> bool:
    """Replies of these real servers go to clients without passing the director, so that 0 is what it does not know."""
    return not counted and bool(rows) and all(row.forwarding is not ForwardingMethod.MASQ for row in rows)


def _rate_column(
    identity: str,
    title: str,
    about: str,
    priority: int,
    take: Callable[[Rates], float],
    show: Callable[[float | None], Cell],
    *,
    automatic: bool = True,
    replies: bool = False,
) -> Column:
    """A column of rates; `replies`: of what goes back to clients, which is not counted where it does not pass."""

    def value(rates: Rates | None) -> float | None:
        return None if rates is None else take(rates)

    def server(facts: VirtualServerFacts, _around: Surroundings) -> Cell:
        rows = () if facts.server is None else facts.server.real_servers
        return UNKNOWN if replies and replies_bypass(rows, value(facts.rates)) else show(value(facts.rates))

    def row(facts: RealServerFacts, _around: Surroundings) -> Cell:
        if facts.row is None:
            return NOTHING
        return UNKNOWN if replies and replies_bypass((facts.row,), value(facts.rates)) else show(value(facts.rates))

    return Column(
        identity,
        title,
        about,
        7,
        priority,
        server,
        row,
        sort=lambda _, rates: value(rates),
        privileged=True,
        automatic=automatic,
    )


COLUMNS: tuple[Column, ...] = (
    Column("forward", "FWD", "forwarding method", 7, 6, _nothing, _forwarding, right=False),
    Column(
        "weight",
        "WEIGHT",
        "weight in the kernel; 3→0 where keepalived wrote 3 and somebody else 0",
        6,
        1,
        _nothing,
        _weight,
        sort=lambda row, _: None if row is None else row.weight,
    ),
    Column("state", "STATE", "drained, down, sorry server", 10, 3, _server_state, _state, right=False),
    Column(
        "active",
        "ACTIVE",
        "ActiveConn: established connections; UDP has none",
        7,
        0,
        lambda facts, _: _number(facts.active_connections),
        lambda facts, _: NOTHING if facts.row is None else _number(facts.row.active_connections),
        sort=lambda row, _: None if row is None else row.active_connections,
    ),
    Column(
        "inactive",
        "INACT",
        "InActConn: connections in any other state; decays by timeout",
        7,
        2,
        lambda facts, _: _number(facts.inactive_connections, quiet=True),
        lambda facts, _: NOTHING if facts.row is None else _number(facts.row.inactive_connections, quiet=True),
        sort=lambda row, _: None if row is None else row.inactive_connections,
    ),
    Column(
        "persistent",
        "PERSIST",
        "persistence templates: clients bound to this real server",
        8,
        30,
        _nothing,
        lambda facts, _: UNKNOWN if facts.detail is None else _number(facts.detail.persistent_connections),
        privileged=True,
        automatic=False,
    ),
    _rate_column("connections", "CONN/S", "new connections per second", 5, lambda rates: rates.connections, _rate),
    _rate_column("in", "IN b/s", "bits per second from clients", 7, lambda rates: rates.in_bytes, _bits),
    _rate_column(
        "out",
        "OUT b/s",
        "bits per second to clients; – in Route and Tunnel, where replies do not pass the director",
        10,
        lambda rates: rates.out_bytes,
        _bits,
        replies=True,
    ),
    _rate_column(
        "in-packets", "IN p/s", "packets in per second", 31, lambda rates: rates.in_packets, _rate, automatic=False
    ),
    _rate_column(
        "out-packets",
        "OUT p/s",
        "packets out per second",
        32,
        lambda rates: rates.out_packets,
        _rate,
        automatic=False,
        replies=True,
    ),
    Column(
        "share",
        "SHARE/DUE",
        "what the real server gets of its virtual server, and what scheduler and weights would give it",
        1 + 8 + 1 + BAR_WIDTH,
        9,
        _nothing,
        _share,
        right=False,
    ),
    Column("spark", "LAST 60 s", "the last minute", 1 + SPARK_WIDTH, 8, _server_spark, _row_spark, right=False),
    Column(
        "other",
        "OTHER",
        "the same row on the other director",
        12,
        4,
        lambda facts, _: twin_cell(facts.twins),
        lambda facts, _: twin_cell(facts.twins),
        right=False,
    ),
)

BY_ID = {column.id: column for column in COLUMNS}
GAP = 1
"""Blank cells between two columns."""

NAME_MINIMUM = 24
NAME_INDENT = 4


def scheduling(facts: VirtualServerFacts) -> str:
    """Scheduler, its flags, persistence and one-packet: `wlc persistent 300s`."""
    if facts.server is None:
        return ""
    words = [facts.server.scheduler, *(() if facts.detail is None else facts.detail.scheduler_flags)]
    if facts.server.persistent:
        seconds = facts.server.persistence_seconds if facts.detail is None else facts.detail.persistence_seconds
        words.append("persistent" if seconds is None else f"persistent {seconds}s")
    if facts.server.one_packet or (facts.detail is not None and facts.detail.one_packet):
        words.append("ops")
    return " ".join(words)


def lacking(directors: Sequence[DirectorSnapshot]) -> bool:
    """No director's privilege allows to read what only root can: its columns would be empty."""
    if any(director.counters is not None or director.details is not None for director in directors):
        return False
    return any(director.privilege is Privilege.NONE for director in directors)


def choose_columns(width: int, chosen: Sequence[str], *, privileged: bool, alone: bool, name: int) -> list[Column]:
    """The columns to show. The operator's own choice as it is; else as many as fit beside the name, by priority.

    Args:
        chosen: ids from the settings or the column chooser; empty for automatic.
        privileged: what only root can read is there.
        alone: there is no other director to compare with.
        name: cells that the first column wants.
    """
    known = [BY_ID[identity] for identity in chosen if identity in BY_ID]
    if known:
        return known
    usable = [
        column
        for column in COLUMNS
        if column.automatic and (privileged or not column.privileged) and not (alone and column.id == "other")
    ]
    room = width - max(NAME_MINIMUM, min(name, width // 3))
    kept: set[str] = set()
    for column in sorted(usable, key=lambda column: column.priority):
        if column.width + GAP <= room:
            kept.add(column.id)
            room -= column.width + GAP
        else:
            break
    return [column for column in usable if column.id in kept]
