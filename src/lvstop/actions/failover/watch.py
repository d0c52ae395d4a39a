"""Watching one director while addresses move: its events as they come, its count of connections many times a second."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing

from lvstop.actions.failover.stopwatch import Stopwatch
from lvstop.actions.failover.timeline import Moment
from lvstop.actions.programs import moves, pulse
from lvstop.clock import Clock
from lvstop.probe.parse.moves import READY, parse_move, parse_pulse
from lvstop.transport.base import Channel, Transport, TransportError

PULSE_SECONDS = 0.01
"""From one count to the next, where the director answers as fast."""

_ANSWER_SECONDS = 5.0


class DirectorWatch:
    """Feeds a stopwatch with what one director tells, until it is closed or the connection is lost.

    Attributes:
        lost: why nothing is told any more; empty as long as something is.
        counts: new connections are counted; False where /proc does not tell them.
    """

    def __init__(
        self,
        name: str,
        transport: Transport,
        clock: Clock,
        *,
        elevated: bool,
        seen: Callable[[Moment | None], None],
    ) -> None:
        """`seen` is called with each moment, and with None for news that is none of the timeline's."""
        self.name = name
        self.lost = ""
        self.counts = True
        self._transport = transport
        self._clock = clock
        self._elevated = elevated
        self._seen = seen
        self._ready = asyncio.Event()
        self._counted = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, stopwatch: Stopwatch) -> None:
        """Begin to watch."""
        self._tasks = [
            asyncio.create_task(self._guarded(self._follow(stopwatch)), name=f"events of {self.name}"),
            asyncio.create_task(self._guarded(self._count(stopwatch)), name=f"pulses of {self.name}"),
        ]

    async def listening(self) -> None:
        """Return when nothing can be missed any more, or when the connection is lost."""
        await self._ready.wait()
        await self._counted.wait()

    @property
    def blind(self) -> bool:
        """Addresses may come and go there unnoticed."""
        return bool(self.lost) or not self._ready.is_set() or any(task.done() for task in self._tasks[:1])

    async def close(self) -> None:
        """Stop; nothing is left running there. Never raises."""
        running = [task for task in self._tasks if not task.done()]
        for task in running:
            task.cancel()
        if running:
            # not gathered: a mistake of lvstop's own is left for the event loop to complain of
            await asyncio.wait(running)

    async def _guarded(self, watching: Awaitable[None]) -> None:
        try:
            await watching
        except TransportError as error:
            self.lost = self.lost or f"{self.name}: {error}"
        finally:
            # who waits for the first word must not wait for ever
            self._ready.set()
            self._counted.set()
            self._seen(None)

    async def _follow(self, stopwatch: Stopwatch) -> None:
        async with aclosing(self._transport.follow(moves(), elevated=self._elevated)) as lines:
            async for line in lines:
                if line == READY:
                    self._ready.set()
                    continue
                told = parse_move(line)
                if told is not None:
                    self._seen(stopwatch.take(self.name, told))
        self.lost = self.lost or f"{self.name} tells no events any more"

    async def _count(self, stopwatch: Stopwatch) -> None:
        channel = await self._transport.open(pulse(), elevated=False, timeout=_ANSWER_SECONDS)
        try:
            # what is counted afterwards tells nothing, and would take time from a director that is read back
            while self.counts and not stopwatch.has_counted(self._clock.monotonic()):
                await self._pulse(stopwatch, channel)
        finally:
            await channel.close()

    async def _pulse(self, stopwatch: Stopwatch, channel: Channel) -> None:
        sent = self._clock.monotonic()
        reply = await channel.ask("p", timeout=_ANSWER_SECONDS)
        received = self._clock.monotonic()
        section = reply.section("percpu")
        text = "" if section is None or section.status else section.body.decode("ascii", "replace")
        value = parse_pulse(text).value
        self._counted.set()
        if value is None:
            self.counts = False
            return
        moment = stopwatch.pulse(self.name, sent, received, value)
        if moment is not None:
            self._seen(moment)
        await self._clock.sleep(max(0.0, sent + PULSE_SECONDS - received))
