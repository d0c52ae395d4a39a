"""One cluster over time: its directors polled side by side, one snapshot published per interval."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from lvstop.analysis.diff import dated, events
from lvstop.analysis.memory import Memory
from lvstop.analysis.merge import merge_and_remember
from lvstop.analysis.records import LocalRecords, ended, no_records
from lvstop.clock import Clock
from lvstop.config.schema import ClusterConfig
from lvstop.engine.connections import ProbeFactory
from lvstop.engine.director_session import SLEPT, DirectorSession
from lvstop.engine.pause import pause
from lvstop.engine.slots import next_slot
from lvstop.model.address import IPAddress
from lvstop.model.change import ChangePhase
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.failover import FailoverPhase
from lvstop.transport.backoff import Backoff


def keep_all(_record: str) -> None:
    """Nothing is kept here that could be forgotten."""


class ClusterSession:
    """Runs the sessions of a cluster's directors. They share nothing: a hung director delays no other one."""

    def __init__(
        self,
        name: str,
        directors: Sequence[DirectorSession],
        clock: Clock,
        *,
        interval: float,
        vips: Sequence[IPAddress],
        publish: Callable[[ClusterSnapshot], None],
        local_records: Callable[[], LocalRecords] = no_records,
        forget: Callable[[str], None] = keep_all,
    ) -> None:
        self._name = name
        self._directors = directors
        self._clock = clock
        self._interval = interval
        self._vips = vips
        self._publish = publish
        self._local_records = local_records
        self._forget = forget
        self._local_since: Mapping[str, datetime] = {}
        self._memory = Memory()
        self._before: ClusterSnapshot | None = None
        self._told = asyncio.Event()
        for director in directors:
            director.tell = self._told.set

    async def run(self) -> None:
        """Poll and publish until cancelled; nothing is left running then."""
        async with asyncio.TaskGroup() as group:
            for director in self._directors:
                group.create_task(director.run(), name=f"poll {self._name}/{director.name}")
            due = self._clock.monotonic()
            early = False
            while True:
                self._publish(self.look())
                if not early:
                    due = max(due + self._interval, self._clock.monotonic())
                early = await self._until_next(next_slot(due) - self._clock.monotonic())
                if self._clock.monotonic() - due > SLEPT:
                    for director in self._directors:
                        director.wake()

    async def _until_next(self, seconds: float) -> bool:
        """Until the next look is due; True where a director calls for one before that."""
        if not any(director.tells_moves for director in self._directors):
            await self._clock.sleep(seconds)
            return False
        return await pause(self._clock, seconds, self._news)

    async def _news(self) -> None:
        await self._told.wait()
        self._told.clear()

    def look(self) -> ClusterSnapshot:
        """The cluster now, with what happened since the last look."""
        now = self._clock.now()
        directors = [director.current() for director in self._directors]
        local = self._local_records()
        standing = [each.id for each in local.changes if each.phase is ChangePhase.STANDING]
        held = [each.id for each in local.failovers if each.phase is FailoverPhase.HELD]
        self._local_since = {name: self._local_since.get(name, now) for name in (*standing, *held)}
        snapshot, self._memory = merge_and_remember(
            self._name,
            directors,
            vips=self._vips,
            now=now,
            memory=self._memory,
            local=local.changes,
            local_failovers=local.failovers,
            local_since=self._local_since,
        )
        over = ended(self._name, local.changes, snapshot.changes)
        for record in over + ended(self._name, local.failovers, snapshot.failovers):
            self._forget(record)
        snapshot = dated(self._before, snapshot)
        snapshot = replace(snapshot, events=events(self._before, snapshot))
        self._before = snapshot
        return snapshot


def cluster_session(
    config: ClusterConfig,
    make_probe: ProbeFactory,
    clock: Clock,
    publish: Callable[[ClusterSnapshot], None],
    local_records: Callable[[], LocalRecords] = no_records,
    forget: Callable[[str], None] = keep_all,
) -> ClusterSession:
    """The session of one cluster file; nothing is connected before it runs.

    Args:
        local_records: what the operator's machine has on record, of whichever clusters; asked at every look.
        forget: called with the id of each record of those that was found to be over.
    """
    directors = [
        DirectorSession(
            director.name,
            director.host,
            make_probe(config, director),
            clock,
            interval=config.interval,
            backoff=Backoff(),
        )
        for director in config.directors
    ]
    return ClusterSession(
        config.name,
        directors,
        clock,
        interval=config.interval,
        vips=config.vips,
        publish=publish,
        local_records=local_records,
        forget=forget,
    )
