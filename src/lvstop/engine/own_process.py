"""What lvstop itself costs this machine: its process, and how late its event loop is."""

from collections import deque
from dataclasses import dataclass
from typing import Protocol

from lvstop.clock import Clock

BEAT = 0.1
"""Seconds that the event loop is asked to wait; what it takes longer is how late it is."""

BEATS = 300
"""Half a minute."""


@dataclass(frozen=True, slots=True)
class OwnUse:
    """A process at one moment.

    Attributes:
        cpu: seconds of a processor that it needs each second; None before the second look.
        rss_bytes: memory that it has and that is not swapped out.
    """

    cpu: float | None
    rss_bytes: int
    threads: int


class OwnProcess(Protocol):
    """Tells what this process uses."""

    def use(self) -> OwnUse:
        """Now; the processor's time since the last call."""
        ...


class PsutilProcess:
    """By psutil, which is imported when this is made: nothing else of lvstop needs it."""

    def __init__(self, clock: Clock) -> None:
        import psutil

        self._process = psutil.Process()
        self._clock = clock
        self._before: tuple[float, float] | None = None

    def use(self) -> OwnUse:
        """As `OwnProcess.use`."""
        with self._process.oneshot():
            times, memory, threads = (
                self._process.cpu_times(),
                self._process.memory_info(),
                self._process.num_threads(),
            )
        now, spent = self._clock.monotonic(), times.user + times.system
        before, self._before = self._before, (now, spent)
        cpu = None if before is None or now <= before[0] else (spent - before[1]) / (now - before[0])
        return OwnUse(cpu, memory.rss, threads)


class LoopLag:
    """How late the event loop is: what keeps it busy keeps keys waiting as well.

    Attributes:
        late: seconds, the last ones, oldest first.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.late: deque[float] = deque(maxlen=BEATS)

    async def run(self) -> None:
        """Measure until cancelled."""
        while True:
            before = self._clock.monotonic()
            await self._clock.sleep(BEAT)
            self.late.append(max(0.0, self._clock.monotonic() - before - BEAT))
