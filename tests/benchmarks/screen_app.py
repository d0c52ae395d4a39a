"""`python -m benchmarks.screen_app lvstop|datatable ROWS`: a table that is driven by `OnTerminal.ask`.

`ticks N` lets N seconds pass, one after the other, and answers the CPU seconds of each. `every SECONDS` lets one pass
so often from now on, `every 0` none. `cursor` answers the background of the table's cursor.
"""

import asyncio
import gc
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count

from rich.style import Style
from textual.app import App, ComposeResult
from textual.widgets import DataTable

from benchmarks.farm import Farm
from lvstop.config.schema import ClusterConfig, DirectorConfig
from lvstop.config.settings import Settings
from lvstop.config.themes import shipped_themes
from lvstop.ui.app import LvstopApp, Start
from lvstop.ui.driver import driver_class
from lvstop.ui.table.widget import ClusterTable
from support.clocks import ManualClock
from support.terminal import open_idle

_QUIET = 0.05
_IDLE = 0.003
"""Seconds of CPU that an app needs in `_QUIET` when it has nothing to paint; more than that and it is at work."""


@dataclass(frozen=True, slots=True)
class Subject:
    """An app with a table.

    Attributes:
        prepare: makes ready what is new in a second in which every number changes; what it returns, shows it.
        live: lets a second pass in which every row changes, as it comes in earnest.
        cursor: the style of the table's cursor.
    """

    app: App[None]
    prepare: Callable[[], Callable[[], object]]
    live: Callable[[], object]
    cursor: Callable[[], Style]


def lvstop(rows: int) -> Subject:
    """lvstop with a pair of directors. In earnest rules, events and memory come with each second."""
    farm = Farm(rows)
    directors = tuple(DirectorConfig(each.name, each.host) for each in farm.answers[0])
    start = Start(
        clusters=(ClusterConfig("farm", directors),),
        open_session=open_idle,
        clock=ManualClock(),
        themes=shipped_themes(),
        settings=Settings(),
    )
    app = LvstopApp(start, driver_class=driver_class())
    app.feed.take(farm.look())
    return Subject(
        app,
        lambda: partial(app.feed.take, farm.look()),
        lambda: app.feed.take(farm.look()),
        lambda: app.screen.query_one(ClusterTable).get_component_rich_style("table--cursor", partial=True),
    )


_TITLES = ("SERVER", "WEIGHT", "STATE", "ACTIVE", "INACT", "CONN/S", "IN b/s", "SHARE/DUE", "60 s", "OTHER")
_CHANGING = ("ACTIVE", "INACT", "CONN/S", "IN b/s")


class _TableApp(App[None]):
    """The same rows in Textual's own table."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self._rows = [f"10.0.{row // 250}.{row % 250}:80" for row in range(rows)]

    def compose(self) -> ComposeResult:
        """Nothing but the table."""
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        """Fill it."""
        table = self.query_one(DataTable)
        for title in _TITLES:
            table.add_column(title, key=title, width=9)
        for name in self._rows:
            table.add_row(name, "1", "up", "0", "0", "0", "0", "10/10%", "▁▁▁", "same", key=name)
        table.focus()

    def show(self, values: Mapping[str, Sequence[str]]) -> None:
        """Give the cells of these columns their new values."""
        table = self.query_one(DataTable)
        for title, column in values.items():
            for name, value in zip(self._rows, column, strict=True):
                table.update_cell(name, title, value)


def datatable(rows: int) -> Subject:
    """Textual's `DataTable`. In earnest one column changes."""
    app = _TableApp(rows)
    seconds = count(1)

    def values(titles: Sequence[str]) -> dict[str, Sequence[str]]:
        second = next(seconds)
        return {title: [str((row * 7919 + second * len(title)) % 9973) for row in range(rows)] for title in titles}

    return Subject(
        app,
        lambda: partial(app.call_later, app.show, values(_CHANGING)),
        lambda: app.call_later(app.show, values(_CHANGING[:1])),
        lambda: app.query_one(DataTable).get_component_rich_style("datatable--cursor"),
    )


async def _tick(subject: Subject) -> float:
    """Let a second pass; seconds of CPU until all is painted and the app has nothing left to do."""
    work = subject.prepare()
    gc.collect()
    started = before = time.process_time()
    work()
    while True:
        await asyncio.sleep(_QUIET)
        now = time.process_time()
        if now - before < _IDLE:
            return before - started
        before = now


async def _every(subject: Subject, seconds: float) -> None:
    due = time.monotonic()
    while True:
        subject.live()
        due += seconds
        await asyncio.sleep(max(0.0, due - time.monotonic()))


async def _obey(subject: Subject) -> None:
    control, tale = int(os.environ["CONTROL"]), int(os.environ["TALE"])
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(control, "rb")
    )
    passing: asyncio.Task[None] | None = None
    while line := await reader.readline():
        command, _, argument = line.decode().strip().partition(" ")
        answer = "done"
        if command == "ticks":
            answer = " ".join([f"{await _tick(subject):.6f}" for _ in range(int(argument))])
        elif command == "every":
            if passing is not None:
                passing.cancel()
            passing = asyncio.create_task(_every(subject, float(argument))) if float(argument) else None
        elif command == "cursor":
            colour = subject.cursor().bgcolor
            answer = "" if colour is None else ";".join(colour.get_ansi_codes(foreground=False))
        os.write(tale, f"{answer}\n".encode())


async def _main(subject: Subject) -> None:
    obeying = asyncio.create_task(_obey(subject))
    await subject.app.run_async()
    obeying.cancel()


def main(name: str, rows: int) -> None:
    """Run one of them."""
    os.environ.setdefault("TEXTUAL_FPS", "60")
    subject = lvstop(rows) if name == "lvstop" else datatable(rows)
    gc.collect()
    gc.freeze()
    asyncio.run(_main(subject))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
