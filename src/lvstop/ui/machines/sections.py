"""What there is to say of one machine, in sections that stand beside those of the other one."""

from collections.abc import Sequence
from datetime import timedelta

from lvstop import format as fmt
from lvstop.analysis.thresholds import DEFAULT_THRESHOLDS
from lvstop.analysis.vitals import connection_table, conntrack_fill, memory_left
from lvstop.model.director import DirectorSnapshot
from lvstop.model.vitals import CpuShares, Memory
from lvstop.ui.machines.bars import BUSY, SOFTIRQ, STEAL, cpu_bar, fill_bar, sign
from lvstop.ui.vrrp.matrix import Line, Part, fit, heading, length
from lvstop.ui.words import STATUS_SIGN

LABEL = 13
"""Cells of the words on the left."""
_NUMBERS = 30
"""Cells that are left to the numbers behind a bar."""
_LONGEST_BAR = 40
_SPELLED_OUT = 8
"""So many processors have a line each."""
_CELL_BAR = 8
_CELL = 5 + _CELL_BAR + 5
UNKNOWN = Part(fmt.UNKNOWN, "$unknown")


def head_lines(director: DirectorSnapshot, room: int) -> list[Line]:
    """Who it is, whether it can be trusted, and the load."""
    parts = [f"{STATUS_SIGN[director.status]} {director.status}"]
    if director.age_seconds is not None:
        parts.append(fmt.age(director.age_seconds))
    if director.uptime is not None:
        parts.append(f"up {fmt.duration(timedelta(seconds=director.uptime))}")
    load = director.load
    said = (
        (UNKNOWN,)
        if load is None
        else (Part(f"{load.one:.2f}  {load.five:.2f}  {load.fifteen:.2f}"), Part("   over 1, 5 and 15 min", "$muted"))
    )
    return [heading(director.name, " · ".join(parts), room), _row("load", said, room)]


def cpu_lines(director: DirectorSnapshot, spark: str, room: int) -> list[Line]:
    """A bar for each processor; many of them stand in a grid."""
    cpus = None if director.vitals_rates is None else director.vitals_rates.cpus
    if not cpus:
        return [_row("processors", (UNKNOWN, _pending(director)), room)]
    legend = (
        SOFTIRQ,
        Part(" softirq  ", "$muted"),
        BUSY,
        Part(" other  ", "$muted"),
        STEAL,
        Part(" steal", "$muted"),
    )
    past = (Part("   5 min ", "$muted"), Part(spark, "$spark")) if spark else ()
    fits = LABEL + length((*legend, *past)) <= room
    lines = [_row("processors", (*legend, *past) if fits else legend, room)]
    if len(cpus) <= _SPELLED_OUT:
        return lines + [_cpu_line(cpu, room) for cpu in cpus]
    across = max(1, room // _CELL)
    rows = [cpus[start : start + across] for start in range(0, len(cpus), across)]
    return lines + [fit(tuple(part for cpu in row for part in _cpu_cell(cpu)), room) for row in rows]


def _cpu_line(cpu: CpuShares, room: int) -> Line:
    said = f"{cpu.busy:>5.0%}  softirq {cpu.softirq:>4.0%}"
    if cpu.steal >= 0.005:
        said += f"  steal {cpu.steal:.0%}"
    mark = sign(cpu.softirq, DEFAULT_THRESHOLDS.softirq)
    label = fit((mark, Part(f"cpu{cpu.number}", "$muted")), LABEL)
    return fit((*label, *cpu_bar(cpu, _bar_width(room)), Part(said)), room)


def _cpu_cell(cpu: CpuShares) -> Line:
    mark = sign(cpu.softirq, DEFAULT_THRESHOLDS.softirq)
    number = (
        Part(f"{cpu.number:>3}", "$muted")
        if not mark.text.strip()
        else Part(f"{mark.text[0]}{cpu.number:>2}", mark.style)
    )
    return (number, Part(" "), *cpu_bar(cpu, _CELL_BAR), Part(f"{cpu.busy:>5.0%} "))


def memory_lines(director: DirectorSnapshot, room: int) -> list[Line]:
    """Memory that is taken, and swap."""
    memory = None if director.vitals is None else director.vitals.memory
    if memory is None:
        return [_row("memory", (UNKNOWN,), room), _row("swap", (UNKNOWN,), room)]
    left = memory_left(director.vitals)
    if left is None or memory.available_bytes is None:
        first = _row("memory", (UNKNOWN, Part(f" of {_size(memory.total_bytes)}", "$muted")), room)
    else:
        said = f" {_size(memory.available_bytes)} of {_size(memory.total_bytes)} left"
        mark = DEFAULT_THRESHOLDS.memory_used
        first = _row(
            "memory", (*fill_bar(1.0 - left, mark, _bar_width(room)), Part(said)), room, sign(1.0 - left, mark)
        )
    return [first, _swap_line(memory, room)]


def _swap_line(memory: Memory, room: int) -> Line:
    total = memory.swap_total_bytes
    if not total:
        return _row("swap", (Part("none", "$muted"),), room)
    used = total - memory.swap_free_bytes
    said = f" {_size(used)} of {_size(total)} used"
    return _row("swap", (*fill_bar(used / total, None, _bar_width(room)), Part(said)), room)


def table_lines(director: DirectorSnapshot, room: int) -> list[Line]:
    """Tracked connections, IPVS's table, and what did not find room in the backlog."""
    return [_conntrack_line(director, room), _ipvs_line(director, room), _backlog_line(director, room)]


def _conntrack_line(director: DirectorSnapshot, room: int) -> Line:
    vitals = director.vitals
    fill, conntrack = conntrack_fill(vitals), None if vitals is None else vitals.conntrack
    if fill is None or conntrack is None:
        untracked = vitals is not None and vitals.conntrack_loaded is False
        return _row("conntrack", (Part("nothing is tracked", "$muted") if untracked else UNKNOWN,), room)
    mark = DEFAULT_THRESHOLDS.conntrack
    said = f" {conntrack.entries:,} of {conntrack.limit:,}, {fmt.percent(fill)} %"
    return _row("conntrack", (*fill_bar(fill, mark, _bar_width(room)), Part(said)), room, sign(fill, mark))


def _ipvs_line(director: DirectorSnapshot, room: int) -> Line:
    table = connection_table(director)
    if table is None:
        absent = director.ipvs_loaded is False
        return _row("IPVS", (Part("is not loaded", "$muted") if absent else UNKNOWN,), room)
    if not table.buckets:
        return _row("IPVS", (Part(f"{table.entries:,} connections"),), room)
    bar = fill_bar(min(1.0, table.entries / table.buckets), None, _bar_width(room))
    return _row("IPVS", (*bar, Part(f" {table.entries:,} in {table.buckets:,} buckets")), room)


def _backlog_line(director: DirectorSnapshot, room: int) -> Line:
    softnet = None if director.vitals_rates is None else director.vitals_rates.softnet
    if softnet is None:
        return _row("backlog", (UNKNOWN,), room)
    mark = DEFAULT_THRESHOLDS.backlog_drops
    dropped = f"{fmt.per_second(softnet.dropped) if softnet.dropped else 0}/s dropped"
    said = (
        Part(dropped, "" if softnet.dropped else "$muted"),
        Part(f"  {fmt.per_second(softnet.squeezed)}/s squeezed", "$muted"),
    )
    return _row("backlog", said, room, sign(softnet.dropped, mark))


def _bar_width(room: int) -> int:
    return max(6, min(_LONGEST_BAR, room - LABEL - _NUMBERS))


def _row(label: str, said: Sequence[Part], room: int, mark: Part = Part("  ")) -> Line:  # noqa: B008 - immutable
    line = (*fit((mark, Part(label, "$muted")), LABEL), *said)
    return line if length(line) <= room else fit(line, room)


def _pending(director: DirectorSnapshot) -> Part:
    soon = director.answers and director.vitals is not None and director.vitals.cpus is not None
    return Part("  from the second reading on, in some seconds" if soon else "", "$muted")


def _size(size: int) -> str:
    """Bytes with a binary prefix: `3.8 GiB`."""
    value = size / 1024**2
    return f"{value:.0f} MiB" if value < 1023.5 else f"{value / 1024:.1f} GiB"
