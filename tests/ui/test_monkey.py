"""Somebody presses anything at all, while clusters fall over: the table is right after every step, and nothing ends.

`LVSTOP_MONKEYS=50` lets more of them loose, and for longer.
"""

import os
import random
from collections.abc import Callable, Sequence
from functools import cache

import pytest
from textual import events
from textual.geometry import Offset, Region
from textual.pilot import Pilot

from lvstop.analysis.board import Board
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.app import LvstopApp
from lvstop.ui.screens.cluster import ClusterScreen
from lvstop.ui.table.layout import lay_out, wanted_name, why_empty
from lvstop.ui.table.order import Arrangement
from lvstop.ui.table.painter import Painter
from lvstop.ui.table.palette import read_palette
from lvstop.ui.table.rows import RowPainter
from lvstop.ui.table.widget import HEADER, ClusterTable
from support import scenes
from support.failover_scenes import LOADED, held, on_record
from support.failover_scenes import seed as seed_pair
from support.fake_failover_actor import FakeFailoverActor
from support.pilots import publish
from support.plans import FakeActor
from support.terminal import make_app

MONKEYS = int(os.environ.get("LVSTOP_MONKEYS", "0"))
SEEDS = range(MONKEYS or 3)
STEPS = 300 if MONKEYS else 100
SCENES = ("steady", "drained", "real-server-down", "failover", "split-brain", "unreachable", "stale", "unprivileged")
KEYS = (
    *("up", "down", "pageup", "pagedown", "home", "end", "left", "right", "enter", "space", "minus", "plus"),
    *("comma", "full_stop", "s", "r", "f", "t", "slash", "escape", "escape", "escape", "v", "e", "a", "o", "y", "p"),
    *("question_mark", "c", "left_square_bracket", "right_square_bracket", "T", "Y", "ctrl+p", "tab", "backspace"),
    *("F", "F", "f5", "f6", "d", "D", "w", "R", "m", "m", "M", "b", "f7", "ctrl+g", "enter", "escape"),
    *"1.:-x[]dk jA",
)
SPARKS = str.maketrans("▁▂▃▄▅▆▇", " " * 7)


@cache
def frames() -> Sequence[ClusterSnapshot]:
    """The last two snapshots of every scene, and a table of some length."""
    found = [snapshot for name in SCENES for snapshot in scenes.ALL[name]()[-2:]]
    return [*found, *scenes.many_rows(60, 2), *scenes.empty_table()[-1:], *on_record(scenes.steady()[-1:], held())]


class Monkey:
    """One of them, with its dice."""

    def __init__(self, app: LvstopApp, pilot: Pilot[None], seed: int) -> None:
        self.app = app
        self.pilot = pilot
        self.dice = random.Random(seed)  # noqa: S311 - dice, no secrets
        self.done: list[str] = []

    async def step(self) -> None:
        """Do something."""
        deed: Callable[[], object] = self.dice.choices(
            [self._press, self._click, self._wheel, self._resize, self._news], [60, 12, 6, 4, 18]
        )[0]
        await deed()  # type: ignore[misc]  # all of them are coroutines

    async def _press(self) -> None:
        key = self.dice.choice(KEYS)
        self.done.append(key)
        await self.pilot.press(key)

    def _place(self) -> Offset:
        width, height = self.app.size
        return Offset(self.dice.randrange(width), self.dice.randrange(height))

    async def _click(self) -> None:
        place, times = self._place(), self.dice.choice([1, 1, 2])
        self.done.append(f"click {place} {times}")
        await self.pilot.click(offset=place, times=times)

    async def _wheel(self) -> None:
        """Turn the wheel a few notches, wherever the mouse is, as the terminal tells it."""
        place, notches = self._place(), self.dice.choice([-5, -1, 1, 3, 9])
        self.done.append(f"wheel {place} {notches}")
        kind = events.MouseScrollUp if notches < 0 else events.MouseScrollDown
        for _ in range(abs(notches)):
            self.app.post_message(
                kind(
                    widget=None,
                    x=place.x,
                    y=place.y,
                    delta_x=0,
                    delta_y=0,
                    button=0,
                    shift=False,
                    meta=False,
                    ctrl=False,
                    screen_x=place.x,
                    screen_y=place.y,
                )
            )
        await self.pilot.pause()

    async def _resize(self) -> None:
        size = (self.dice.randrange(40, 251), self.dice.randrange(10, 81))
        self.done.append(f"resize {size}")
        await self.pilot.resize_terminal(*size)

    async def _news(self) -> None:
        snapshot = self.dice.choice(frames())
        self.done.append(f"news {snapshot.name}")
        await publish(self.app, self.pilot, snapshot)

    def check(self) -> None:
        """Nothing ended, and the table says what there is to say."""
        assert self.app.is_running, self.done[-9:]
        assert self.app._exception is None, (self.done[-9:], self.app._exception)
        screen = self.app.screen
        if isinstance(screen, ClusterScreen) and screen.shown is not None and screen.table.size:
            cursor_is_a_row(screen.table, screen.shown)
            assert on_screen(screen.table) == afresh(screen, screen.shown), self.done[-9:]


def cursor_is_a_row(table: ClusterTable, snapshot: ClusterSnapshot) -> None:
    """The cursor is on a row that there is, and that row is the one whose text is copied; or it is on none."""
    if table.cursor is None:
        # its virtual server went, or there is none
        assert table.row_text() == ""
        return
    board, (server, real) = Board.of(snapshot), table.cursor
    place = board.listing.find(server)
    assert place is not None
    assert real is None or real in board.listing.servers[place].real_servers
    assert (str(server).partition(":")[2] if real is None else str(real)) in table.row_text()


def on_screen(table: ClusterTable) -> list[str]:
    """The lines of the table as they are kept for the screen, titles left out."""
    region = Region(0, 0, *table.size)
    lines = [strip.text for strip in table.render_lines(region)]
    assert all(len(line) == table.size.width for line in lines)
    return [line.translate(SPARKS).rstrip() for line in lines[HEADER:]]


def afresh(screen: ClusterScreen, snapshot: ClusterSnapshot) -> list[str]:
    """What those lines should be, made from the snapshot without anything that was kept."""
    table, board, arrangement, rows = screen.table, Board.of(snapshot), Arrangement(), RowPainter()
    arrangement.arrange(board, table.wishes)
    bar = len(arrangement.lines) >= table.size.height
    layout = lay_out(board, max(1, table.size.width - bar), table.chosen, wanted_name(board))
    rows.layout = layout
    rows.take(board, screen.feed.history, ())
    painter = Painter(read_palette(table), layout, table.size.width, int(table.scroll_offset.x))
    top = table.scroll_offset.y
    visible = arrangement.lines[top : top + table.size.height - HEADER]
    texts = [painter.row(rows.paint(line, None, table.wishes)).text.translate(SPARKS).rstrip() for line in visible]
    if not arrangement.lines:
        texts = [f"  {why_empty(board)}"[: table.size.width].rstrip()][: table.size.height - HEADER]
    return [*texts, *[""] * (table.size.height - HEADER - len(texts))]


@pytest.mark.parametrize("seed", SEEDS)
async def test_monkey(seed: int) -> None:
    """After every step the table on screen is the one that a new table would show; unless it found how to leave."""
    others = [scenes.many_rows(60, 1)[0]]
    # every other one may change something
    actor = FakeActor()
    app = make_app(
        frames()[0],
        others=others,
        make_actor=(lambda _config: actor) if seed % 2 else None,
        make_failover_actor=FakeFailoverActor(seed_pair(LOADED)) if seed % 2 else None,
    )
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        monkey = Monkey(app, pilot, seed)
        for _ in range(STEPS):
            await monkey.step()
            if app._exit:
                return
            monkey.check()
