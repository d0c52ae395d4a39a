"""What a second costs to draw, and how long a key waits: lvstop's table against Textual's `DataTable`."""

import random
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from statistics import median

from benchmarks.measure import Effort
from benchmarks.on_terminal import CursorFinder, OnTerminal, on_terminal
from benchmarks.report import Row

_DOWN, _UP = b"\x1b[B", b"\x1b[A"
_KEYS = 16
"""Keys pressed in a row, half of them down and half of them up again: nothing scrolls."""

_EVERY = 1.0
_PATIENCE = 30.0
_SETTLE = 0.2
_LIMIT_TICK = "Textual composes the lines that changed, and each row's keys are compared with those before"
_LIMIT_KEY = "a key that comes during a tick waits for its end"
_NOTE_KEY = "ours with all that a look at two directors takes: rules, events, history"


def drawing_rows(effort: Effort) -> list[Row]:
    """CPU of a tick, and key → painted frame while ticks go on."""
    with ExitStack() as undo:
        programs = [undo.enter_context(_running(name, effort.rows)) for name in ("lvstop", "datatable")]
        return [_tick_row(programs, effort), *_key_rows(programs, effort)]


def _running(name: str, rows: int) -> AbstractContextManager[OnTerminal]:
    return on_terminal([sys.executable, "-m", "benchmarks.screen_app", name, str(rows)])


def _tick_row(programs: Sequence[OnTerminal], effort: Effort) -> Row:
    costs: list[list[float]] = [[], []]
    for turn in range(effort.turns + 1):
        for program, mine in zip(programs, costs, strict=True):
            cost = [float(word) * 1000 for word in program.ask("ticks 2").split()]
            mine += cost if turn else []
    ours, theirs = map(median, costs)
    what = f"tick, {effort.rows:,} rows, every number changed: CPU until painted"
    return Row(what, "ms", ours, theirs, "DataTable, update_cell for each", budget=0.05, limit=_LIMIT_TICK)


def _key_rows(programs: Sequence[OnTerminal], effort: Effort) -> list[Row]:
    fingers = [Finger(program) for program in programs]
    waits: list[list[float]] = [[], []]
    for _ in range(effort.turns):
        for finger, mine in zip(fingers, waits, strict=True):
            mine += finger.press_while(_EVERY, _KEYS)
    what, floor = f"key → painted, {effort.rows:,} rows changing each second", "DataTable, one cell a row"
    (slow, slow_floor), (usual, usual_floor) = (
        [_percentile(mine, part) * 1000 for mine in waits] for part in (0.95, 0.5)
    )
    return [
        Row(f"{what}: p95", "ms", slow, slow_floor, floor, budget=0.15, limit=_LIMIT_KEY, note=_NOTE_KEY),
        Row(f"{what}: p50", "ms", usual, usual_floor, floor),
    ]


def _percentile(values: Sequence[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


class Finger:
    """Presses the keys that move a table's cursor, and sees when it has moved."""

    def __init__(self, program: OnTerminal) -> None:
        """To be made while nothing but the cursor moves."""
        self._program = program
        self._finder = CursorFinder(program.ask("cursor"))
        self._random = random.Random(7)  # noqa: S311 - the same pauses in every run
        # answered when everything is painted
        program.ask("ticks 1")
        program.watch(_SETTLE)
        program.type(_DOWN)
        deadline = time.monotonic() + _PATIENCE
        while not self._finder.painted:
            self._finder.feed(program.read(deadline))
        self._finder.feed(program.watch(_SETTLE))
        # what was on its way painted the line above
        self._line = max(self._finder.painted)

    def press_while(self, every: float, keys: int) -> list[float]:
        """Seconds until each key was on screen, while a second passes for the table `every` so many."""
        self._program.ask(f"every {every}")
        waits = [self._press(down=number < keys // 2) for number in range(keys)]
        self._program.ask("every 0")
        return waits

    def _press(self, *, down: bool) -> float:
        self._program.watch(self._random.uniform(0.03, 0.12))
        self._finder.begin()
        self._line += 1 if down else -1
        started = time.monotonic()
        self._program.type(_DOWN if down else _UP)
        while self._line not in self._finder.painted:
            self._finder.feed(self._program.read(started + _PATIENCE))
        return time.monotonic() - started
