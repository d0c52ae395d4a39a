"""What the program takes of memory and of the processor, and whether that grows."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Sample:
    """One look: seconds on a monotonic clock, resident kB, seconds of CPU so far."""

    at: float
    resident: float
    cpu: float


def sample(pid: int, at: float) -> Sample:
    """What the process has now."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    user, system = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
    return Sample(at, pages * os.sysconf("SC_PAGE_SIZE") / 1024, (int(user) + int(system)) / _TICKS)


@dataclass(frozen=True, slots=True)
class Slope:
    """A straight line through samples, by least squares: kB per minute, with the standard error of that."""

    per_minute: float
    error: float


def slope(samples: Sequence[Sample]) -> Slope:
    """How resident memory grows. Needs three samples at different moments."""
    times = [each.at / 60 for each in samples]
    values = [each.resident for each in samples]
    middle, mean = sum(times) / len(times), sum(values) / len(values)
    spread = sum((at - middle) ** 2 for at in times)
    rise = sum((at - middle) * (value - mean) for at, value in zip(times, values, strict=True)) / spread
    left = sum((value - mean - rise * (at - middle)) ** 2 for at, value in zip(times, values, strict=True))
    return Slope(rise, sqrt(left / (len(samples) - 2) / spread))


def cpu_percent(samples: Sequence[Sample]) -> float:
    """Of one core, from the first to the last."""
    first, last = samples[0], samples[-1]
    return 100 * (last.cpu - first.cpu) / (last.at - first.at)
