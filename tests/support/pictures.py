"""Pictures of the terminal: what the snapshot tests share."""

import gc
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any, Protocol

import pytest
from textual.app import App
from textual.pilot import Pilot

from lvstop.analysis.board import Board
from lvstop.analysis.series import RowKey
from lvstop.engine.actor import MakeActor
from lvstop.engine.counting import CountConnections
from lvstop.engine.failover_actor import MakeFailoverActor
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.app import LvstopApp
from support import machines, scenes, troubles
from support.terminal import make_app

SIZES = {"80x24": (80, 24), "120x40": (120, 40), "140x45": (140, 45), "200x60": (200, 60)}

Size = tuple[int, int]


class SnapCompare(Protocol):
    """The fixture of pytest-textual-snapshot; any application has its picture taken."""

    def __call__(
        self,
        app: App[Any],
        press: Iterable[str] = (),
        terminal_size: Size = ...,
        run_before: Callable[[Pilot[None]], Awaitable[None]] | None = None,
    ) -> bool: ...


def at(*names: str) -> pytest.MarkDecorator:
    """Parametrizes `size`, by the names of `SIZES`."""
    return pytest.mark.parametrize("size", [pytest.param(SIZES[name], id=name) for name in names])


def app_of(
    name: str,
    theme: str = "lvstop-dark",
    others: Sequence[ClusterSnapshot] = (),
    count_connections: CountConnections | None = None,
) -> LvstopApp:
    """The application after a scene that was on screen all the time, so that sparklines have a value a second."""
    return after(scene(name), theme=theme, others=others, count_connections=count_connections)


def after(
    played: scenes.Scene,
    *,
    theme: str = "lvstop-dark",
    others: Sequence[ClusterSnapshot] = (),
    make_actor: MakeActor | None = None,
    make_failover_actor: MakeFailoverActor | None = None,
    count_connections: CountConnections | None = None,
) -> LvstopApp:
    """The application after these snapshots were on screen, one after the other."""
    first, *rest = played
    app = make_app(
        first,
        theme=theme,
        others=others,
        make_actor=make_actor,
        make_failover_actor=make_failover_actor,
        count_connections=count_connections,
    )
    feed, board = app.feeds[first.name], Board.of(first, None)
    for snapshot in rest:
        feed.history.watch(_rows(board))
        feed.take(snapshot)
        board = Board.of(snapshot, board)
    return app


def _rows(board: Board) -> Iterator[RowKey]:
    """As many rows as a screen has, of the directors that lead."""
    for listed in islice(board.listing.servers, 10):
        leader = board.snapshot.directors[listed.leader].name
        yield RowKey(leader, listed.key, None)
        for real in islice(listed.real_servers, 10):
            yield RowKey(leader, listed.key, real)


@cache
def scene(name: str) -> scenes.Scene:
    """A scene, played once for all pictures of it: ten thousand rows take their time."""
    played = {**scenes.ALL, **troubles.ALL, **machines.ALL}[name]()
    # it lives to the end: the collector need not look through it again and again
    gc.collect()
    gc.freeze()
    return played
