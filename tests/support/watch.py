"""A live session on a lab, watched as the terminal would watch it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from lab.lab import Lab
from lvstop.clock import SystemClock
from lvstop.config.load import load_cluster_file
from lvstop.engine.cluster_session import cluster_session
from lvstop.engine.connections import ssh_probes
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot


@dataclass
class Watch:
    """Everything that was published, with the moment of it on the monotonic clock."""

    seen: list[tuple[float, ClusterSnapshot]] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def publish(self, snapshot: ClusterSnapshot) -> None:
        """Take one snapshot, as the session calls it."""
        self.seen.append((SystemClock().monotonic(), snapshot))
        self.news.set()

    @property
    def last(self) -> ClusterSnapshot:
        """The newest."""
        return self.seen[-1][1]

    def director(self, name: str) -> DirectorSnapshot:
        """One director in the newest."""
        return next(each for each in self.last.directors if each.name == name)

    async def until(self, condition: Callable[[ClusterSnapshot], bool], what: str, timeout: float = 60.0) -> float:
        """Wait for a snapshot that fulfils the condition and return its moment."""
        try:
            async with asyncio.timeout(timeout):
                while not (self.seen and condition(self.last)):
                    self.news.clear()
                    await self.news.wait()
        except TimeoutError:
            raise AssertionError(f"{what}: not within {timeout:g} s; last: {self._describe()}") from None
        return self.seen[-1][0]

    def _describe(self) -> str:
        if not self.seen:
            return "nothing was published"
        directors = [f"{each.name} {each.status} {each.fault}" for each in self.last.directors]
        return f"{directors}, alerts {[str(alert.code) for alert in self.last.alerts]}"


@asynccontextmanager
async def watching(lab: Lab, cluster_file: Path) -> AsyncIterator[Watch]:
    """Run a session inside the lab's network until the block ends."""
    watch, clock = Watch(), SystemClock()
    with lab.inside():
        session = cluster_session(load_cluster_file(cluster_file), ssh_probes(clock, None), clock, watch.publish)
        task = asyncio.create_task(session.run())
        try:
            yield watch
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def everybody_lives(snapshot: ClusterSnapshot) -> bool:
    """All directors answer, and have told what is read once in the beginning."""
    return all(director.answers and director.sysctls is not None for director in snapshot.directors)
