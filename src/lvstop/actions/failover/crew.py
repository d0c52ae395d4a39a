"""Both directors in hand while addresses move: what changes them, and what watches them."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from lvstop.actions.failover.stopwatch import DirectorClock, Stopwatch
from lvstop.actions.failover.timeline import Moment
from lvstop.actions.failover.watch import DirectorWatch
from lvstop.actions.hands import DirectorHands, HandsError
from lvstop.clock import Clock
from lvstop.model.address import IPAddress
from lvstop.transport.base import Transport

_ROUND_TRIPS = 7
"""How often a director is asked for its time; the shortest round trip tells the most."""

_LISTEN_SECONDS = 10.0
_POLL_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Grip:
    """A director in hand.

    Attributes:
        transport: over which `hands` work, and over which it is watched.
    """

    hands: DirectorHands
    transport: Transport


Reach = Callable[[str], Awaitable[Grip]]
"""Connects to a director anew and lays hands on it. Raises HandsError."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that was not done on a director, and whether that one is lost."""

    sentence: str
    lost: bool


class Crew:
    """The directors of one failover.

    Args:
        names: in the order in which they are locked, which is the same for every lvstop.
        owner: how the locks are signed.
        seen: called with each moment that is watched, and with None for other news.
    """

    def __init__(
        self,
        names: Sequence[str],
        owner: str,
        reach: Reach,
        clock: Clock,
        seen: Callable[[Moment | None], None],
    ) -> None:
        self.names = tuple(names)
        self._owner = owner
        self._reach = reach
        self._clock = clock
        self._seen = seen
        self._grips: dict[str, Grip] = {}
        self._watches: dict[str, DirectorWatch] = {}
        self._clocks: dict[str, DirectorClock] = {}

    async def connect(self, needed: Collection[str]) -> tuple[str, ...]:
        """Lay hands on all of them at the same time. All have answered when the first failure is raised.

        One that is not needed may be unreachable: the crew goes on without it, and what became of it is a sentence.
        """
        answers = await asyncio.gather(*map(self._reach, self.names), return_exceptions=True)
        told = dict(zip(self.names, answers, strict=True))
        self._grips = {name: answer for name, answer in told.items() if isinstance(answer, Grip)}
        missing: list[str] = []
        for name, answer in told.items():
            if isinstance(answer, HandsError) and answer.lost and name not in needed:
                missing.append(f"{answer}.")
            elif isinstance(answer, BaseException):
                raise answer
        self.names = tuple(self._grips)
        return tuple(missing)

    async def lock(self, name: str) -> None:
        """Keep other lvstops off. Raises LockedError, HandsError."""
        await self.hands(name).lock(self._owner)

    def hands(self, name: str) -> DirectorHands:
        """What changes a director."""
        return self._grips[name].hands

    async def again(self, name: str) -> DirectorHands:
        """The hands on a director, over a new connection where the old one is lost.

        Raises:
            HandsError: it cannot be reached.
        """
        try:
            await self.hands(name).holds()
        except HandsError as error:
            if not error.lost:
                raise
            await self.hands(name).close()
            self._grips[name] = await self._reach(name)
            # what it was at is to be ended in any case; its own lock may outlive a connection that was cut
            with suppress(HandsError):
                await self.lock(name)
        return self.hands(name)

    async def everywhere(
        self, ask: Callable[[DirectorHands], Awaitable[None]], *, insist: bool = False
    ) -> tuple[Failure, ...]:
        """Something on all of them at the same time; what failed, in their order.

        Args:
            insist: where a connection is lost, once more over a new one. What is asked may then have been done twice.
        """
        failures = await asyncio.gather(*(self._ask(name, ask, insist) for name in self.names))
        return tuple(failure for failure in failures if failure is not None)

    async def _ask(self, name: str, ask: Callable[[DirectorHands], Awaitable[None]], insist: bool) -> Failure | None:
        try:
            try:
                await ask(self.hands(name))
            except HandsError as error:
                if not (insist and error.lost):
                    raise
                await ask(await self.again(name))
        except HandsError as error:
            return Failure(f"{error}.", error.lost)
        return None

    # what they tell

    async def measure_clocks(self) -> Mapping[str, DirectorClock]:
        """How each one's clock is to be read. One that cannot tell fractions of a second is missing."""
        for name in self.names:
            best: DirectorClock | None = None
            for _ in range(_ROUND_TRIPS):
                try:
                    sent = self._clock.monotonic()
                    stamp = await self.hands(name).date()
                    received = self._clock.monotonic()
                except HandsError:
                    break
                error = (received - sent) / 2
                if best is None or error < best.error:
                    best = DirectorClock(stamp - (sent + received) / 2, error)
            if best is not None:
                self._clocks[name] = best
        return dict(self._clocks)

    def round_trip(self, name: str) -> float:
        """Seconds to a director and back, at best; 0 where that was not measured."""
        clock = self._clocks.get(name)
        return 0.0 if clock is None else 2 * clock.error

    async def holds(self, *, insist: bool = True) -> Mapping[str, frozenset[IPAddress] | None]:
        """The addresses in each one's kernel now; None where it does not answer.

        Args:
            insist: where a connection is lost, over a new one.
        """
        found = await asyncio.gather(*(self._holds(name, insist) for name in self.names))
        return dict(zip(self.names, found, strict=True))

    async def _holds(self, name: str, insist: bool) -> frozenset[IPAddress] | None:
        try:
            async with asyncio.timeout(_POLL_SECONDS):
                return await (await self.again(name) if insist else self.hands(name)).holds()
        except (HandsError, TimeoutError):
            return None

    async def watch(self, stopwatch: Stopwatch) -> tuple[str, ...]:
        """Watch all of them; returns when they listen. What cannot be watched is a sentence."""
        for name in self.names:
            grip = self._grips[name]
            watch = DirectorWatch(name, grip.transport, self._clock, elevated=grip.hands.elevated, seen=self._seen)
            self._watches[name] = watch
            watch.start(stopwatch)
        listening = asyncio.gather(*(watch.listening() for watch in self._watches.values()))
        try:
            async with asyncio.timeout(_LISTEN_SECONDS):
                await listening
        except TimeoutError:
            return (f"Not everything could be watched: a director did not begin to tell within {_LISTEN_SECONDS:g} s.",)
        uncounted = [each.name for each in self._watches.values() if not each.counts]
        return (*self.unseen, *(f"New connections are not counted on {name}." for name in uncounted))

    @property
    def blind(self) -> bool:
        """A director does not tell any more when an address comes or goes: it has to be asked."""
        return any(watch.blind for watch in self._watches.values())

    @property
    def unseen(self) -> tuple[str, ...]:
        """Why something may have happened that is not in the timeline, a sentence each."""
        return tuple(f"{watch.lost}." for watch in self._watches.values() if watch.lost)

    async def let_go(self) -> None:
        """Stop watching and close everything. Never raises."""
        await asyncio.gather(*(watch.close() for watch in self._watches.values()))
        grips, self._grips = list(self._grips.values()), {}
        await asyncio.gather(*(grip.hands.close() for grip in grips))
