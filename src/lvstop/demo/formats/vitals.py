"""Files of /proc that tell what a machine has to do: proc_stat(5), proc_meminfo(5), net/core/net-procfs.c of Linux."""

from lvstop.demo.world.burden import MEMORY_KIB, SWAP_KIB, TICKS, Burden, Processor


def stat_lines(burden: Burden) -> list[str]:
    """The sum, a line for each processor, and some of what follows on them."""
    times = [_ticks(each) for each in burden.processors]
    sums = [sum(column) for column in zip(*times, strict=True)]
    lines = [f"cpu  {_joined(sums)}", *(f"cpu{number} {_joined(each)}" for number, each in enumerate(times))]
    return [*lines, "intr 0", "ctxt 0", "processes 0", "procs_running 1", "procs_blocked 0"]


def _ticks(processor: Processor) -> list[int]:
    user, system, idle, softirq, steal = (
        int(seconds * TICKS)
        for seconds in (processor.user, processor.system, processor.idle, processor.softirq, processor.steal)
    )
    return [user, 0, system, idle, 0, 0, softirq, steal, 0, 0]


def _joined(values: list[int]) -> str:
    return " ".join(map(str, values))


def meminfo_lines(burden: Burden) -> list[str]:
    """As far as anybody asks."""
    available = max(0, MEMORY_KIB - int(burden.used_kib))
    sizes = {
        "MemTotal": MEMORY_KIB,
        "MemFree": available // 2,
        "MemAvailable": available,
        "Buffers": 61_240,
        "Cached": 948_112,
        "SwapCached": 0,
        "SwapTotal": SWAP_KIB,
        "SwapFree": SWAP_KIB,
    }
    return [f"{f'{name}:':<16}{size:>8} kB" for name, size in sizes.items()]


def softnet_lines(burden: Burden) -> list[str]:
    """A line for each processor, fifteen hexadecimal numbers."""
    lines: list[str] = []
    for number, each in enumerate(burden.processors):
        processed = int(each.softirq * 200_000)
        values = [processed, int(each.dropped), int(each.squeezed), *([0] * 9), number, 0, 0]
        lines.append(" ".join(f"{value & 0xFFFFFFFF:08x}" for value in values))
    return lines
