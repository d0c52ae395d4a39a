"""What a poll costs the director: CPU, user and system, of all that runs for it there."""

import tempfile
from pathlib import Path

from benchmarks.asked import Asked, Table, path_with_awk
from benchmarks.frames import Frames
from benchmarks.measure import Effort, Sample, children_cpu, interleaved
from benchmarks.report import Row
from lvstop.probe import programs
from lvstop.transport.base import Program

_ROWS = 100
_CHANGING = 0.1
_REQUEST = "t 0 0 1"
_WITH_VITALS = f"{_REQUEST} 1"
"""What is asked every five seconds."""
_FLOOR = "one `cat` of the same files"
_AWKS = {"mawk": 0.5, "gawk": 0.5, "busybox": 1.2}


def director_rows(effort: Effort) -> list[Row]:
    """The table program with each awk that is here, and the one without awk."""
    with tempfile.TemporaryDirectory(prefix="lvstop-bench-") as name:
        folder = Path(name)
        table = Table(folder, Frames(_ROWS, _CHANGING))
        paths = {awk: path_with_awk(folder, awk) for awk in _AWKS}
        samples: dict[str, Sample] = {"floor": _poll(table, table.read_by_cat(), None, effort.polls)}
        for awk, path in paths.items():
            if path is not None:
                samples[awk] = _poll(table, table.read_by(programs.table()), path, effort.polls)
        fast = next((path for path in paths.values() if path is not None), None)
        if fast is not None:
            samples["vitals"] = _poll(table, table.read_by(programs.table()), fast, effort.polls, _WITH_VITALS)
        samples["cat"] = _poll(table, table.read_by(programs.table_cat()), None, effort.polls)
        costs = interleaved(samples, effort.samples)
    rows = [_awk_row(awk, costs, budget) for awk, budget in _AWKS.items()]
    rows.append(_vitals_row(costs))
    rows.append(
        Row(
            f"director CPU, {_ROWS} rows: table_cat.sh",
            "ms",
            costs["cat"] * 1000,
            costs["floor"] * 1000,
            _FLOOR,
            budget=1.2,
            limit="beside the `cat` of the table the shell reads the small files byte by byte, a system call each",
        )
    )
    return rows


def _awk_row(awk: str, costs: dict[str, float], budget: float) -> Row:
    what = f"director CPU, {_ROWS} rows: table.sh, {awk}"
    if awk not in costs:
        return Row(what, budget=budget, skipped=f"no {awk} here (Debian package {awk})")
    limit = "opening, reading and comparing eight files a poll"
    return Row(what, "ms", costs[awk] * 1000, costs["floor"] * 1000, _FLOOR, budget=budget, limit=limit)


def _vitals_row(costs: dict[str, float]) -> Row:
    what = f"director CPU, {_ROWS} rows: table.sh with the machine's vitals, every 5 s"
    if "vitals" not in costs:
        return Row(what, skipped="no awk here")
    note = "the fastest awk that is here; the kernel makes /proc/stat of all interrupts"
    return Row(what, "ms", costs["vitals"] * 1000, costs["floor"] * 1000, _FLOOR, note=note)


def _poll(table: Table, program: Program, path: str | None, polls: int, request: str = _REQUEST) -> Sample:
    """Seconds of CPU per poll. What starting costs is measured apart and taken off."""

    def run(count: int) -> float:
        before = children_cpu()
        with Asked(program, path=path) as asked:
            for _ in range(count):
                table.step()
                asked.ask(request)
        return children_cpu() - before

    return lambda: (run(polls + 1) - run(1)) / polls
