"""Straight lines through memory, and what they are called."""

import os
import time

from soak.breaker import Entry
from soak.footprint import Sample, cpu_percent, sample, slope
from soak.judge import Judge
from soak.report import report


def samples(rise: float, noise: float = 0.0) -> list[Sample]:
    """Half an hour of a program that grows by so many kB a minute."""
    return [
        Sample(at, 80_000 + rise * at / 60 + noise * (at // 5 % 2), at / 50) for at in map(float, range(0, 1800, 5))
    ]


def test_a_line_is_found_through_noise() -> None:
    found = slope(samples(12.0, noise=400.0))
    assert abs(found.per_minute - 12.0) < 3 * found.error
    assert 0 < found.error < 5
    assert slope(samples(0.0)).per_minute == 0


def test_cpu_is_of_one_core() -> None:
    assert round(cpu_percent(samples(0.0)), 6) == 2.0


def test_growth_is_called_so() -> None:
    log = [Entry(0.0, "link cut", "keepalived1", "made"), Entry(9.0, "link cut", "keepalived1", "mended")]
    assert "GROWS" in report(Judge(), log, samples(100.0, noise=50.0))
    text = report(Judge(), log, samples(1.0, noise=50.0))
    assert "flat" in text
    assert "GROWS" not in text
    assert "link cut      1" in text


def test_a_process_is_measured() -> None:
    found = sample(os.getpid(), time.monotonic())
    assert found.resident > 1000
    assert found.cpu > 0
