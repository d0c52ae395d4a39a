"""One director over time: connected, polled, lost, and connected again, for as long as the session lasts."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from lvstop.clock import Clock
from lvstop.engine.effort_meter import EffortMeter
from lvstop.engine.pause import pause
from lvstop.engine.rate_meter import RateMeter
from lvstop.engine.slots import next_slot
from lvstop.model.director import DirectorSnapshot, DirectorStatus, Fault, FaultKind
from lvstop.probe.director import DirectorProbe
from lvstop.transport.backoff import Backoff
from lvstop.transport.base import TransportError

_LOG = logging.getLogger(__name__)


def _nothing() -> None:
    """Nobody is to be told."""


STEADY = 30.0
"""Seconds that a connection must have served before the next failure counts as the first one."""

CALM = 0.02
"""Seconds between a tick and one that an event calls for."""

SLEPT = 30.0
"""After so many seconds more than were to be waited for, this machine, or lvstop, was suspended."""

STALE_INTERVALS = 3.0
"""After so many intervals without an answer what is shown is called stale."""


class DirectorSession:
    """Keeps the latest snapshot of one director, whatever happens to the connection.

    Attributes:
        tell: called where there is something to show that will not wait for the next interval.
    """

    def __init__(
        self, name: str, host: str, probe: DirectorProbe, clock: Clock, *, interval: float, backoff: Backoff
    ) -> None:
        self.name = name
        self._probe = probe
        self._clock = clock
        self._interval = interval
        self._backoff = backoff
        self._latest = DirectorSnapshot(name=name, host=host, status=DirectorStatus.CONNECTING)
        self._answered_at: float | None = None
        self._meter = RateMeter(interval)
        self._effort = EffortMeter()
        self.tell: Callable[[], None] = _nothing
        self._woken = asyncio.Event()

    async def run(self) -> None:
        """Poll until cancelled. A failure is never the end: it is shown, and after a while tried again.

        That goes for a mistake of lvstop's own as well: it must not take the other directors from the operator's sight.
        """
        while True:
            polling = asyncio.create_task(self._poll(), name=f"poll {self.name}")
            try:
                await asyncio.wait([polling])
            finally:
                polling.cancel()
                await asyncio.wait([polling])
                error = None if polling.cancelled() else polling.exception()
                if error is not None:
                    _LOG.error("%s: %r", self.name, error, exc_info=error)
            if error is None:
                return
            self._fail(Fault.internal(error))
            await self._retreat()

    async def _poll(self) -> None:
        try:
            while True:
                try:
                    await self._connect_and_poll()
                except TransportError as error:
                    await self._probe.close()
                    self._fail(error.fault)
                    await self._retreat()
                else:
                    await self._probe.close()
        finally:
            await self._probe.close()

    @property
    def tells_moves(self) -> bool:
        """The director itself may call for a tick, and then for a look at the cluster."""
        return self._probe.tells_moves

    def wake(self) -> None:
        """This machine was suspended: what failed before that is no reason to wait any longer."""
        self._backoff.reset()
        self._woken.set()

    async def _retreat(self) -> None:
        """As long as the back-off says, or until somebody calls `wake`."""
        self._woken.clear()
        await pause(self._clock, self._backoff.next_delay(), self._waking)

    async def _waking(self) -> None:
        await self._woken.wait()

    def current(self) -> DirectorSnapshot:
        """The director now: what was read last, its age, and whether that can still be called the present."""
        effort = self._effort.effort()
        if self._answered_at is None:
            return replace(self._latest, effort=effort)
        age = self._clock.monotonic() - self._answered_at
        stale_after = max(STALE_INTERVALS * self._interval, 2.0)
        if self._latest.answers and age > stale_after:
            fault = Fault(FaultKind.NO_ANSWER, f"no answer for {age:.0f} s")
            return replace(self._latest, status=DirectorStatus.STALE, age_seconds=age, fault=fault, effort=effort)
        return replace(self._latest, age_seconds=age, effort=effort)

    async def _connect_and_poll(self) -> None:
        """Returns when this machine has been suspended: nobody knows whether its connections outlived that."""
        await self._probe.connect()
        self._effort.connected()
        self._take(self._probe.snapshot())
        self._probe.start_facts()
        self._probe.follow_journal()
        self._probe.follow_addresses()
        connected = due = self._clock.monotonic()
        early = False
        while True:
            began = self._clock.monotonic()
            self._take(await self._probe.tick())
            self._effort.looked(began, self._clock.monotonic(), self._probe.bytes_read)
            # The grid of ticks stays where it is; a tick that took too long costs those that it overran.
            now = self._clock.monotonic()
            if now - connected >= STEADY:
                self._backoff.reset()
            if early:
                self.tell()
            else:
                due += self._interval * max(1, 1 + int((now - due) / self._interval))
            early = await self._until_next(next_slot(due) - now)
            if self._clock.monotonic() - due > SLEPT:
                return

    async def _until_next(self, seconds: float) -> bool:
        """Until the next tick is due; True where the director itself calls for one before that."""
        if not self.tells_moves:
            await self._clock.sleep(seconds)
            return False
        return await pause(self._clock, seconds, self._calm_news)

    async def _calm_news(self) -> None:
        """keepalived adds addresses one by one: they are read together."""
        await self._clock.sleep(CALM)
        await self._probe.news()

    def _take(self, snapshot: DirectorSnapshot) -> None:
        self._latest = self._meter.take(snapshot)
        self._answered_at = self._clock.monotonic()

    def _fail(self, fault: Fault) -> None:
        self._effort.failed()
        self._latest = replace(self._latest, status=DirectorStatus.UNREACHABLE, fault=fault)
