"""Programs that are followed: lines as they happen."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable

from lvstop.transport.base import Program, TransportError
from lvstop.transport.installed import NOTHING_INSTALLED, Installed, parse_about
from lvstop.transport.running import Carrier, Receiver, Start, ending_fault, new_nonce

LINE_LIMIT = 64 * 1024
"""Bytes of a followed line; the rest of a longer one is dropped."""

_ABOUT_LINES = 100
_LINES_AHEAD = 1000


class Lines:
    """A receiver that keeps lines until they are taken; stops the program when nobody takes them.

    Attributes:
        lines: those that were not taken yet.
        over: no more will come.
        carrier: what carries the program, once that is known.
    """

    def __init__(self) -> None:
        self.carrier: Carrier | None = None
        self.lines: deque[bytes] = deque()
        self.over = False
        self._news = asyncio.Event()
        self._rest = bytearray()

    def received(self, data: bytes) -> None:
        """As `Receiver.received`."""
        *complete, rest = data.split(b"\n")
        for piece in complete:
            self._add(piece)
            self.lines.append(bytes(self._rest))
            self._rest.clear()
        self._add(rest)
        if complete:
            self._news.set()
        if len(self.lines) > _LINES_AHEAD and self.carrier is not None:
            self.carrier.pause()

    def _add(self, piece: bytes) -> None:
        self._rest += piece[: LINE_LIMIT - len(self._rest)]

    def ended(self) -> None:
        """As `Receiver.ended`."""
        if self._rest:
            self.lines.append(bytes(self._rest))
            self._rest.clear()
        self.over = True
        self._news.set()

    async def more(self) -> None:
        """Return when there are lines, or there will be none."""
        if self.carrier is not None:
            self.carrier.resume()
        await self._news.wait()
        self._news.clear()


async def follow_lines(program: Program, start: Start, *, host: str, elevated: bool) -> AsyncGenerator[bytes, None]:
    """The lines of `program`, without their newlines, until it ends with status 0 or the generator is closed.

    Args:
        start: how programs are started there.
        host: what the director is called in messages.

    Raises:
        TransportError: the program cannot be started, fails, or the connection is lost.
    """
    taken = Lines()
    try:
        taken.carrier = await start(taken, program, nonce=new_nonce(), elevated=elevated)
        seen = False
        while True:
            while taken.lines:
                seen = True
                yield taken.lines.popleft()
            if taken.over:
                break
            await taken.more()
        ending = taken.carrier.ending()
        if not ending.connected or ending.status != 0:
            refused = elevated and not seen
            raise TransportError(ending_fault(ending, program, host=host, elevated=refused, before="it was told to"))
    finally:
        if taken.carrier is not None:
            taken.carrier.abandon()


async def ask_installed(launch: Callable[[Receiver], Awaitable[Carrier]], timeout: float) -> Installed:
    """What `lvstop setup` has installed on a director; nothing where it does not say so within `timeout` seconds.

    Args:
        launch: asks there, by the command `installed.ABOUT`.
    """
    taken = Lines()
    lines: list[bytes] = []
    try:
        async with asyncio.timeout(timeout):
            taken.carrier = await launch(taken)
            while not (taken.over and not taken.lines) and len(lines) < _ABOUT_LINES:
                if taken.lines:
                    lines.append(taken.lines.popleft())
                else:
                    await taken.more()
    except (TimeoutError, TransportError):
        # what is wrong shows when a program is started
        return NOTHING_INSTALLED
    finally:
        if taken.carrier is not None:
            taken.carrier.abandon()
    return parse_about(b"\n".join(lines).decode("ascii", "replace"))
