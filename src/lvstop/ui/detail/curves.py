"""The curves of a virtual server: those of the director that serves it, and of one that served it a while ago."""

from collections.abc import Sequence

from lvstop.analysis.board import Board
from lvstop.analysis.history import History
from lvstop.analysis.series import Field, RowKey
from lvstop.model.address import VirtualServerKey
from lvstop.ui.widgets.chart import ChartLine


def history_keys(board: Board, server: int) -> list[RowKey]:
    """The virtual server on each director, the leader first: one whose kernel has it no more has had it."""
    listed = board.listing.servers[server]
    others = [index for index in range(len(board.snapshot.directors)) if index != listed.leader]
    return [_key(board, server, index, listed.key) for index in (listed.leader, *others)]


def _key(board: Board, server: int, director: int, listed: VirtualServerKey) -> RowKey:
    # a firewall mark may have another key there: its family is not told everywhere
    copy = board.copy(server, director)
    return RowKey(board.snapshot.directors[director].name, listed if copy is None else copy.key)


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
