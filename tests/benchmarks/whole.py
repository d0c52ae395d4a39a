"""The whole program beside others that an operator might have on his screen: CPU at one look a second."""

import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from benchmarks.first_frame import LVSTOP, home
from benchmarks.measure import Effort, process_cpu
from benchmarks.on_terminal import OnTerminal, on_terminal, watch_all
from benchmarks.pair import Pair, pair
from benchmarks.report import Row
from benchmarks.sshd import NoServerError

_ROWS = 100
_CHANGING = 0.1
_SETTLE = 4
"""Seconds until everything has started and all facts were read."""

_WHAT = f"whole program, 2 × {_ROWS} rows, 1 Hz: CPU"
_BUDGETS = {"htop": 2.5, "watch": 0.5}
_NAMES = {"htop": "htop -d 10", "watch": "two `watch -n1 ssh`, ControlMaster"}
_LIMIT = "half of it makes cells and paints them: Textual visits all between the first and the last line that changed"

Cost = Callable[[], float]


def whole_rows(effort: Effort) -> list[Row]:
    """All of them run side by side; CPU by the second, the median of several spans."""
    try:
        with pair(_ROWS, _CHANGING) as directors, ExitStack() as undo:
            return _compared(directors, undo, effort)
    except NoServerError as error:
        return [
            Row(f"{_WHAT} against {name}", budget=_BUDGETS[key], skipped=str(error)) for key, name in _NAMES.items()
        ]


def _compared(directors: Pair, undo: ExitStack, effort: Effort) -> list[Row]:
    missing = {name: f"no {name} here (Debian package {package})" for name, package in _PACKAGES if not _has(name)}
    terminals: dict[str, list[OnTerminal]] = {"lvstop": [undo.enter_context(_lvstop(directors))]}
    costs: dict[str, Cost] = {"lvstop": _own_cpu(terminals["lvstop"])}
    if "htop" not in missing:
        environment = home(directors.server.folder)
        terminals["htop"] = [undo.enter_context(on_terminal(["htop", "-d", "10"], environment))]
        costs["htop"] = _own_cpu(terminals["htop"])
    if "watch" not in missing:
        sockets = [undo.enter_context(_master(directors, number)) for number in range(2)]
        terminals["watch"] = [undo.enter_context(on_terminal(_watch(directors, path))) for path, _ in sockets]
        costs["watch"] = _watches_cpu(terminals["watch"], [process for _, process in sockets])
    everything = [program for programs in terminals.values() for program in programs]
    _pass(directors, everything, _SETTLE)
    spent: dict[str, list[float]] = {name: [] for name in costs}
    for _ in range(effort.turns):
        before = {name: cost() for name, cost in costs.items()}
        _pass(directors, everything, effort.span)
        for name, cost in costs.items():
            spent[name].append((cost() - before[name]) / effort.span)
    return [_row(key, {name: median(values) for name, values in spent.items()}, missing) for key in _BUDGETS]


_PACKAGES = (("htop", "htop"), ("watch", "procps"))


def _has(program: str) -> bool:
    return shutil.which(program) is not None


def _row(key: str, costs: dict[str, float], missing: dict[str, str]) -> Row:
    what = f"{_WHAT} against {_NAMES[key]}"
    if key in missing:
        return Row(what, budget=_BUDGETS[key], skipped=missing[key])
    return Row(what, "ms/s", costs["lvstop"] * 1000, costs[key] * 1000, _NAMES[key], budget=_BUDGETS[key], limit=_LIMIT)


def _pass(directors: Pair, programs: Sequence[OnTerminal], seconds: int) -> None:
    """Let so many seconds pass on the directors."""
    due = time.monotonic()
    for _ in range(seconds):
        directors.table.step()
        due += 1.0
        watch_all(programs, due - time.monotonic())


@contextmanager
def _lvstop(directors: Pair) -> Iterator[OnTerminal]:
    command = [*LVSTOP, "-c", str(directors.cluster_file(1))]
    with on_terminal(command, home(directors.server.folder)) as program:
        program.until(b"192.168.")
        yield program


def _own_cpu(programs: Sequence[OnTerminal]) -> Cost:
    return lambda: sum(process_cpu(program.process.pid) for program in programs)


@contextmanager
def _master(directors: Pair, number: int) -> Iterator[tuple[Path, "subprocess.Popen[bytes]"]]:
    """A connection that others share."""
    path = directors.server.folder / f"master-{number}"
    program, *words, _command = directors.server.ssh("")
    with subprocess.Popen([program, "-M", "-N", "-S", str(path), *words], stdin=subprocess.DEVNULL) as process:
        try:
            while not path.exists() and process.poll() is None:
                time.sleep(0.05)
            yield path, process
        finally:
            process.terminate()


def _watch(directors: Pair, path: Path) -> Sequence[str]:
    program, *words = directors.server.ssh(f"cat {directors.table.path}")
    return ["watch", "-n1", shlex.join([program, "-S", str(path), *words])]


def _watches_cpu(programs: Sequence[OnTerminal], masters: Sequence["subprocess.Popen[bytes]"]) -> Cost:
    """Of `watch`, of all `ssh` that it has waited for, and of the connections that these share."""

    def cost() -> float:
        own = sum(process_cpu(each.pid) for each in (*(program.process for program in programs), *masters))
        return own + sum(_waited_for(program.process.pid) for program in programs)

    return cost


def _waited_for(pid: int) -> float:
    """Seconds of CPU of a process's children that have ended."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[13:15]
    return (int(user) + int(system)) / 100.0
