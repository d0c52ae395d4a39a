"""The curves of a virtual server: those of the director that serves it, and of one that served it a while ago."""

from collections.abc import Sequence

from lvstop.analysis.board import Board
from lvstop.analysis.history import History
from lvstop.analysis.series import Field, RowKey
from lvstop.ui.widgets.chart import ChartLine


def history_keys(board: Board, server: int) -> list[RowKey]:
    """The virtual server on each director that has it, the leader first."""
    leader = board.listing.servers[server].leader
    others = [index for index in range(len(board.snapshot.directors)) if index != leader]
    copies = [(board.snapshot.directors[index].name, board.copy(server, index)) for index in (leader, *others)]
    return [RowKey(name, copy.key) for name, copy in copies if copy is not None]


def serving(history: History, keys: Sequence[RowKey], span: float) -> list[RowKey]:
    """The first key, and the other that took most connections in this time: after a failover both tell the story.

    A director that only has copies of connections (sync daemon) takes no new ones. Where rates may not be read, those
    that are open have to do.
    """
    field = Field.CONNECTIONS
    if not any(_known(history, key, field, span) for key in keys):
        field = Field.ACTIVE
    busy = [(sum(_known(history, key, field, span)), key) for key in keys[1:]]
    most = max(busy, key=lambda each: each[0], default=None)
    return [*keys[:1], *([most[1]] if most is not None and most[0] > 0 else [])]


def _known(history: History, key: RowKey, field: Field, span: float) -> list[float]:
    return [value for _, value in history.series(key, field, span=span).points if value is not None]


def lines_of(
    history: History, keys: Sequence[RowKey], fields: Sequence[tuple[Field, str]], span: float
) -> list[ChartLine]:
    """A line for each director and field. Directors are named where there are several."""
    return [
        ChartLine(f"{name} {key.director}".strip() if len(keys) > 1 else name, history.series(key, field, span=span))
        for key in keys
        for field, name in fields
    ]
