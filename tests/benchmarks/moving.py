"""How long a VIP that has moved takes to the screen of a director that is this machine."""

import asyncio
import os
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from statistics import median

from benchmarks.measure import Effort
from benchmarks.report import Row
from lvstop.clock import SystemClock
from lvstop.config.schema import ClusterConfig, DirectorConfig
from lvstop.engine.cluster_session import cluster_session
from lvstop.engine.connections import ssh_probes
from lvstop.model.cluster import ClusterSnapshot

_WHAT = "a VIP moves on a local director: until it is published"
_VIP = "10.77.0.1"
_INTERVAL = 1.0
_TENTH = 0.1
"""Of the interval: 100 ms of a second."""


def moving_rows(effort: Effort) -> list[Row]:
    """From the moment at which the command that moves it was started."""
    if os.geteuid() != 0:
        return [Row(_WHAT, skipped="network namespaces are root's to make")]
    with _namespace() as netns:
        seconds = asyncio.run(_moves(netns, max(2, effort.turns)))
    return [
        Row(
            _WHAT,
            "ms",
            median(seconds) * 1000,
            _INTERVAL * 1000,
            "between two readings",
            budget=_TENTH,
            limit="the machine is busy: the kernel's event calls for a reading at once",
            note=f"longest {max(seconds) * 1000:.0f} ms",
        )
    ]


@contextmanager
def _namespace() -> Iterator[str]:
    name = f"lvstop-bench-{os.getpid()}"
    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        subprocess.run(["ip", "-n", name, "link", "set", "lo", "up"], check=True)
        yield name
    finally:
        subprocess.run(["ip", "netns", "del", name], check=True)


class _Screen:
    """What is published, and when."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()
        self.shows: bool | None = None
        self.at = 0.0

    def take(self, snapshot: ClusterSnapshot) -> None:
        """Look for the VIP."""
        addresses = snapshot.directors[0].addresses
        shows = None if addresses is None else _VIP in {str(each.address) for each in addresses}
        if shows is not self.shows:
            self.shows, self.at = shows, time.perf_counter()
            self._changed.set()

    async def until(self, shows: bool) -> float:
        """Wait until the VIP is there, or not; the moment at which that was published."""
        while self.shows is not shows:
            self._changed.clear()
            await self._changed.wait()
        return self.at


async def _moves(netns: str, count: int) -> list[float]:
    found = []
    async with _watching(netns) as screen, asyncio.timeout(60):
        await screen.until(False)
        for number in range(2 * count):
            there = number % 2 == 0
            # somewhere between two readings
            await asyncio.sleep(_INTERVAL * (1 + 0.37 * number % 1))
            began = time.perf_counter()
            verb = "add" if there else "del"
            words = ["ip", "-n", netns, "address", verb, f"{_VIP}/32", "dev", "lo"]
            moving = await asyncio.create_subprocess_exec(*words)
            found.append(await screen.until(there) - began)
            await moving.wait()
    return found


@asynccontextmanager
async def _watching(netns: str) -> AsyncIterator[_Screen]:
    config = ClusterConfig("here", (DirectorConfig("lb1", "local", netns=netns),), interval=_INTERVAL)
    clock, screen = SystemClock(), _Screen()
    session = cluster_session(config, ssh_probes(clock, None), clock, screen.take)
    task = asyncio.create_task(session.run())
    try:
        yield screen
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
