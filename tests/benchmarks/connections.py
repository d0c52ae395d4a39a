"""Connections that are counted when somebody asks: what that costs the director, and how long somebody waits."""

import asyncio
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.asked import NONCE, Asked, path_with_awk
from benchmarks.measure import Effort, Sample, children_cpu, interleaved
from benchmarks.report import Row
from lvstop.probe import programs
from lvstop.probe.parse.counted import parse_progress
from lvstop.transport.base import Program
from lvstop.transport.framing import decode_sections
from lvstop.ui.app import LvstopApp
from lvstop.ui.screen_text import screen_text
from lvstop.ui.screens.connections import ConnectionsScreen
from support.conn_rows import TABLE, made
from support.counts import done, talkers, telling
from support.scenes import steady
from support.terminal import make_app

_TIMES_ROWS = 20
"""Entries for each destination of a large table: 200,000."""

_CLIENTS = 30_000
"""More than are counted each."""

_AWKS = ("mawk", "gawk", "busybox")
_FLOOR = "one `cat` of the same file"
_SCOPE = "TCP/AC1A7F14/01BD *"
_OPENING = "connections: from the key until the numbers are painted"


def connection_rows(effort: Effort) -> list[Row]:
    """The program with each awk that is here; and the screen."""
    return [*_director_rows(effort), _opening_row(effort)]


def _director_rows(effort: Effort) -> list[Row]:
    number = effort.rows * _TIMES_ROWS
    with tempfile.TemporaryDirectory(prefix="lvstop-bench-") as name:
        folder = Path(name)
        (folder / "ip_vs").write_text(TABLE)
        file = folder / "ip_vs_conn_sync"
        file.write_text(made(1, number, _CLIENTS).text)
        script = programs.conns().script.replace("/proc/net/ip_vs", str(folder / "ip_vs"))
        paths = {awk: path_with_awk(folder, awk) for awk in _AWKS}
        samples = {"floor": _cat(file)}
        for awk, path in paths.items():
            if path is not None:
                samples[awk] = _count(Program("conns", script), path, number)
        costs = interleaved(samples, max(1, effort.samples // 2))
    return [_row(awk, number, costs) for awk in _AWKS]


def _row(awk: str, number: int, costs: dict[str, float]) -> Row:
    """Without a budget: of a file `cat` copies nothing, while a kernel writes 2.3 µs at each entry of its table."""
    what = f"director CPU, {number:,} connections counted: conns.sh, {awk}"
    if awk not in costs:
        return Row(what, skipped=f"no {awk} here (Debian package {awk})")
    note = f"{costs[awk] / number * 1e6:.1f} µs an entry, once and not every second"
    return Row(what, "ms", costs[awk] * 1000, costs["floor"] * 1000, _FLOOR, note=note)


def _cat(file: Path) -> Sample:
    """The least that reads the file to its end."""
    greeting, end = "printf '\\n%s . 0\\n' \"$1\"", 'printf \'\\n%s . %s\\n\' "$1" "$n"'
    program = Program("cat", f"{greeting}\nwhile read -r n _; do\n  cat {file} >/dev/null\n  {end}\ndone\n")

    def sample() -> float:
        before = children_cpu()
        with Asked(program) as asked:
            asked.ask("go")
        return children_cpu() - before

    return sample


def _count(program: Program, path: str, number: int) -> Sample:
    """Seconds of CPU until the sum is told."""

    def sample() -> float:
        before = children_cpu()
        with Asked(program, path=path) as asked:
            sequence, verb, over, read = 0, f"begin {_SCOPE}", False, 0
            while not over:
                sequence += 1
                (section,) = decode_sections(asked.ask(verb), nonce=NONCE, sequence=sequence)
                progress = parse_progress(section.body.decode())
                assert progress is not None
                verb, (read, over) = "more", progress
            assert read == number
            asked.ask("sum")
        return children_cpu() - before

    return sample


def _opening_row(effort: Effort) -> Row:
    opened = [asyncio.run(_open()) for _ in range(max(1, effort.turns))]
    seconds, cpu = (median(each) * 1000 for each in zip(*opened, strict=True))
    limit = "the screen is imported, composed and painted"
    note = f"{cpu:.0f} ms of CPU"
    return Row(_OPENING, "ms", seconds, 1000.0, "a second", budget=1.0, limit=limit, note=note)


async def _open() -> tuple[float, float]:
    """Seconds, and seconds of CPU."""
    clients = talkers({f"10.8.{number}.7": 900 - number for number in range(50)}, distinct=4_000)
    both = [
        done(name, states={"ESTABLISHED": 99_000}, read=200_000, clients=clients)
        for name in ("keepalived1", "keepalived2")
    ]
    app: LvstopApp = make_app(*steady(), count_connections=telling(both))
    async with app.run_test(size=(140, 45)) as pilot:
        await pilot.press("home")
        began, spent = time.perf_counter(), time.process_time()
        await pilot.press("n")
        while not (isinstance(app.screen, ConnectionsScreen) and "99,000" in screen_text(app.screen)):
            await pilot.pause()
        return time.perf_counter() - began, time.process_time() - spent
