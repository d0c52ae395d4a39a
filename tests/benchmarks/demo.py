"""`lvstop demo` as it runs: a large pair, and a fleet, read once a second by the program that shows them."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.first_frame import LVSTOP, home
from benchmarks.measure import Effort, process_cpu
from benchmarks.on_terminal import OnTerminal, on_terminal
from benchmarks.report import Row

_SHOWN = {"large": "10,000 real servers", "fleet": "20 clusters, 40 directors"}
_SETTLE = 6
_STYLE = re.compile(rb"\x1b\[[0-9;]*m")
_AGE = re.compile(rb" live (\d+\.\d)s")
_CORE = "one core, for as long"
_LIMIT = "both processes: the simulation with its SSH servers, and lvstop, which reads and paints them"


def demo_rows(effort: Effort) -> list[Row]:
    """CPU of the simulation and of lvstop together, and how old the data on the screen became meanwhile."""
    return [_row(scenario, what, effort.span) for scenario, what in _SHOWN.items()]


def _row(scenario: str, what: str, seconds: int) -> Row:
    with _running(scenario) as program:
        pids = (program.process.pid, _simulation(program.process.pid))
        before = sum(map(process_cpu, pids))
        seen = program.watch(seconds)
        spent = sum(map(process_cpu, pids)) - before
    ages = [float(age) for age in _AGE.findall(_STYLE.sub(b"", seen))]
    oldest = f"data at most {max(ages):.1f} s old" if ages else "no age was shown"
    whole = f"`demo {scenario}`: {what} at 1 Hz: CPU"
    return Row(whole, "ms/s", spent / seconds * 1000, 1000.0, _CORE, budget=1.0, limit=_LIMIT, note=oldest)


@contextmanager
def _running(scenario: str) -> Iterator[OnTerminal]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as undo:
        program = undo.enter_context(on_terminal([*LVSTOP, "demo", scenario], home(Path(folder))))
        program.until(b"MASTER")
        program.watch(_SETTLE)
        yield program


def _simulation(terminal: int) -> int:
    """The process of the simulated directors."""
    (pid,) = Path(f"/proc/{terminal}/task/{terminal}/children").read_text().split()
    return int(pid)
