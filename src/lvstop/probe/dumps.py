"""keepalived's own dumps: asked for with a signal, read when they are new and whole.

keepalived creates the file under its final name before it writes it (`fopen_safe`, up to 2.4.3), so that for about a
millisecond it is empty or cut short; a new inode and complete content are awaited. The checks against forged files
stand in `programs/facts.sh`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from lvstop.clock import Clock
from lvstop.probe.lanes import section_error, section_text
from lvstop.transport.base import Channel, Reply

_POLL = 0.03
_SLOWEST_POLL = 0.5
_FINAL = frozenset({3, 4, 5, 9})
"""Exit statuses of `dump` in programs/facts.sh that waiting does not mend: not running, hidden, unknown, unsafe folder.

Not 7, for a file that is not believed: what somebody put there is replaced when keepalived writes its own.
"""
_STARTING = 10
"""Exit status of `signal` there: keepalived does not wait for signals yet."""


@dataclass(frozen=True, slots=True)
class Dump:
    """A dump, or why there is none. `text` is None exactly where `failure` says why."""

    text: str | None
    failure: str = ""


def _inode(reply: Reply) -> str | None:
    text = section_text(reply, "stat")
    words = text.split() if text is not None else []
    return words[3] if len(words) > 3 else None


class DumpReader:
    """Asks keepalived for dumps over one channel."""

    def __init__(self, channel: Channel, clock: Clock, *, answer_timeout: float, dump_timeout: float) -> None:
        self._channel = channel
        self._clock = clock
        self._answer_timeout = answer_timeout
        self._dump_timeout = dump_timeout

    async def read(self, signal: str, dumps: tuple[str, ...], complete: Callable[[str, str], bool]) -> tuple[Dump, ...]:
        """Send one signal (`json` or `data`) and read the files that keepalived writes in answer to it.

        Args:
            dumps: `json`, or `data` and `check`: each process of keepalived writes its own.
            complete: whether a text is the whole of that dump.

        Raises:
            TransportError: the director cannot be asked.
        """
        before = {dump: _inode(await self._ask(f"stat {dump}")) for dump in dumps}
        deadline = self._clock.monotonic() + self._dump_timeout
        asked = await self._signal(signal, deadline)
        if section_text(asked, "signal") is None:
            return tuple(Dump(None, section_error(asked, "signal")) for _ in dumps)
        return tuple([await self._await_new(dump, before[dump], complete, deadline) for dump in dumps])

    async def _signal(self, signal: str, deadline: float) -> Reply:
        """Sent when keepalived waits for it: one that has just been started would be ended."""
        while True:
            asked = await self._ask(f"signal {signal}")
            section = asked.section("signal")
            starting = section is not None and section.status == _STARTING
            if not starting or self._clock.monotonic() >= deadline:
                return asked
            await self._clock.sleep(_SLOWEST_POLL)

    async def _ask(self, request: str) -> Reply:
        return await self._channel.ask(request, timeout=self._answer_timeout)

    async def _await_new(
        self, dump: str, before: str | None, complete: Callable[[str, str], bool], deadline: float
    ) -> Dump:
        previous: str | None = None
        pause = _POLL
        while True:
            reply = await self._ask(f"dump {dump}")
            text, section = section_text(reply, "dump"), reply.section("dump")
            if section is not None and section.status in _FINAL:
                return Dump(None, section_error(reply, "dump"))
            if text is not None and _inode(reply) != before and complete(dump, text):
                # Twice the same: a dump that is still being written grows.
                if text == previous:
                    return Dump(text)
                previous = text
            if self._clock.monotonic() >= deadline:
                reason = "it has not changed" if text is not None else section_error(reply, "dump")
                return Dump(None, f"keepalived wrote no new {dump} dump within {self._dump_timeout:g} s: {reason}")
            await self._clock.sleep(pause)
            pause = min(2 * pause, _SLOWEST_POLL)
