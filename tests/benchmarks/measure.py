"""How things are measured: floor and subject in turns, medians, no garbage collection meanwhile."""

import compileall
import gc
import resource
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median

import lvstop

Sample = Callable[[], float]
"""Does the work once and returns what it cost."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is done: the whole run is to take seconds, not minutes.

    Attributes:
        starts: rounds of starting programs.
        rows: destinations in a large table.
        parses: rounds of parsing.
        polls: polls per sample of a director's CPU.
        samples: samples of a director's CPU.
        blocks: turns of the SSH clients, each of `asks` polls.
        logins: logins of the client that logs in each time.
        turns: turns of programs with a screen.
        span: seconds in which programs are watched side by side, in each turn.
        past: seconds of history that a program gathers.
    """

    starts: int = 9
    rows: int = 10_000
    parses: int = 15
    polls: int = 120
    samples: int = 5
    blocks: int = 12
    asks: int = 30
    logins: int = 5
    turns: int = 5
    span: int = 8
    past: int = 900


QUICK = Effort(starts=5, parses=9, polls=80, samples=3, blocks=6, asks=25, logins=3, turns=1, span=4, past=150)


@cache
def compile_all() -> None:
    """Leave lvstop as pip does when it installs it, and the programs here that it is compared with.

    Where Python may write no bytecode (PYTHONDONTWRITEBYTECODE), each start would compile them again, and not what they
    import.
    """
    for module in (lvstop.__file__, __file__):
        compileall.compile_dir(Path(module).parent, quiet=1)


@contextmanager
def no_collections() -> Iterator[None]:
    """The garbage collector waits: when it runs is luck."""
    collects = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def interleaved(samples: Mapping[str, Sample], rounds: int) -> dict[str, float]:
    """The median cost of each sample, all taken once per round. A first round warms up and does not count."""
    costs: dict[str, list[float]] = {name: [] for name in samples}
    with no_collections():
        for number in range(rounds + 1):
            for name, sample in samples.items():
                cost = sample()
                if number:
                    costs[name].append(cost)
    return {name: median(values) for name, values in costs.items()}


def cpu(prepare: Callable[[], Callable[[], object]]) -> Sample:
    """Seconds of this process's CPU for what `prepare` returns; preparing is free."""

    def sample() -> float:
        work = prepare()
        started = time.process_time()
        work()
        return time.process_time() - started

    return sample


def wall(work: Callable[[], object]) -> Sample:
    """Seconds until `work` is done."""

    def sample() -> float:
        started = time.perf_counter()
        work()
        return time.perf_counter() - started

    return sample


def children_cpu() -> float:
    """Seconds of CPU, user and system, of all children that were waited for, and of theirs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def process_cpu(pid: int) -> float:
    """Seconds of CPU of a running process, without its children.

    Its CPU clock, whose number clock_getcpuclockid(3) makes like this: /proc counts in ticks of 10 ms.
    """
    return time.clock_gettime((~pid << 3) | 2)
