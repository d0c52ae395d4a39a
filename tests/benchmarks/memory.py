"""How much memory the whole program takes with two large tables and a quarter of an hour behind it."""

import os
import sys
import time
from pathlib import Path

from benchmarks.bare_app import GREETING
from benchmarks.first_frame import BARE, home
from benchmarks.measure import Effort
from benchmarks.on_terminal import OnTerminal, on_terminal, watch_all
from benchmarks.pair import Pair, pair
from benchmarks.report import Row
from benchmarks.sshd import NoServerError

_CHANGING = 0.1
_INTERVAL = 5
_SPEED = 30
"""Seconds that pass for the program in one of ours: a look each sixth of a second."""

_SETTLE = 1.0
_BUDGET = 2.0
_LIMIT = "connected with small tables it is 1.9 × already, by asyncssh above all; then rows, and what they leave behind"


def memory_rows(effort: Effort) -> list[Row]:
    """Resident memory, and what it is made of."""
    what = f"RSS, 2 × {effort.rows:,} rows, {effort.past} s of history"
    with on_terminal(BARE) as program:
        program.until(GREETING.encode())
        program.watch(_SETTLE)
        bare = _resident(program)
    try:
        with pair(effort.rows, _CHANGING) as directors:
            first, few, whole = _grown(directors, effort.past)
    except NoServerError as error:
        return [Row(what, budget=_BUDGET, skipped=str(error))]
    told = f"first frame {first:.0f}, connected with its tables {few:.0f}, then history"
    return [Row(what, "MB", whole, bare, "bare Textual app", budget=_BUDGET, limit=_LIMIT, note=told)]


def _grown(directors: Pair, past: int) -> tuple[float, float, float]:
    """MB at the first frame, with the first tables, and with `past` seconds of history."""
    command = [sys.executable, "-m", "benchmarks.hurried", str(_SPEED), "-c", str(directors.cluster_file(_INTERVAL))]
    with on_terminal(command, home(directors.server.folder)) as program:
        program.until(b"connecting to")
        first = _resident(program)
        program.until(b"192.168.")
        program.watch(_SETTLE)
        few = _resident(program)
        end = time.monotonic() + past / _SPEED
        while time.monotonic() < end:
            directors.table.step()
            watch_all([program], _INTERVAL / _SPEED)
        return first, few, _resident(program)


def _resident(program: OnTerminal) -> float:
    pages = int(Path(f"/proc/{program.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
