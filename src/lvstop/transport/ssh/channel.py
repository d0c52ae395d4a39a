"""Programs that are asked (`SshChannel`) and programs that are followed (`follow_lines`)."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable

import asyncssh

from lvstop.clock import Clock
from lvstop.model.director import Fault, FaultKind
from lvstop.transport.base import ANSWER_LIMIT, Program, Reply, TransportError
from lvstop.transport.framing import AnswerBuffer, bad_answer, decode_sections
from lvstop.transport.installed import ABOUT, NOTHING_INSTALLED, Installed, parse_about
from lvstop.transport.ssh.session import ProgramSession, ending_fault, launch, new_nonce, start

LINE_LIMIT = 64 * 1024
"""Bytes of a followed line; the rest of a longer one is dropped."""

_ABOUT_LINES = 100
_LINES_AHEAD = 1000


class AskedSession(ProgramSession):
    """Gives each whole answer to the future that waits for it."""

    def __init__(self, nonce: str, limit: int) -> None:
        super().__init__()
        self._buffer = AnswerBuffer(nonce, limit=limit)
        self._answer: asyncio.Future[bytes | None] | None = None
        self._over = False
        self.broken: TransportError | None = None

    def wait(self) -> "asyncio.Future[bytes | None]":
        """The next whole answer; None where there will be none: see `broken`, else the program has ended."""
        self._answer = asyncio.get_running_loop().create_future()
        if self._over:
            self._answer.set_result(None)
        return self._answer

    def head(self) -> bytes:
        """The beginning of the unfinished answer."""
        return self._buffer.head(300)

    def received(self, data: bytes) -> None:
        if self._over:
            return
        try:
            answer = self._buffer.feed(data)
        except TransportError as error:
            self._break(error)
            return
        if answer is not None and not self._give(answer):
            self._break(bad_answer("came without a request"))

    def _break(self, error: TransportError) -> None:
        self.broken = error
        self.abandon()
        self.ended()

    def ended(self) -> None:
        self._over = True
        self._give(None)

    def _give(self, answer: bytes | None) -> bool:
        if self._answer is None or self._answer.done():
            return False
        self._answer.set_result(answer)
        return True


class SshChannel:
    """A `transport.base.Channel` over SSH."""

    greeting: Reply

    def __init__(
        self,
        program: Program,
        *,
        host: str,
        elevated: bool,
        clock: Clock,
        limit: int = ANSWER_LIMIT,
        installed: Installed = NOTHING_INSTALLED,
    ) -> None:
        self._program = program
        self._host = host
        self._elevated = elevated
        self._installed = installed
        self._clock = clock
        self._nonce = new_nonce()
        self._session = AskedSession(self._nonce, limit)
        self._sequence = 0
        self._busy = False
        self._fault: Fault | None = None

    async def open(self, connection: asyncssh.SSHClientConnection, timeout: float) -> None:
        """Start the program and wait for its greeting. `timeout`: seconds for both.

        Raises:
            TransportError: as `transport.base.Transport.open`.
        """
        started = self._clock.monotonic()
        self.greeting = await self._guarded(self._open(connection, started), "greeting", timeout)

    async def _open(self, connection: asyncssh.SSHClientConnection, started: float) -> Reply:
        # Before the program starts: its greeting may arrive together with the news that it was started.
        greeting = self._session.wait()
        await start(
            connection,
            self._session,
            self._program,
            nonce=self._nonce,
            elevated=self._elevated,
            installed=self._installed,
            host=self._host,
        )
        return self._reply(await greeting, started, "greeting")

    async def ask(self, request: str, *, timeout: float) -> Reply:
        """As `transport.base.Channel.ask`."""
        if self._fault is not None:
            raise TransportError(self._fault)
        if self._busy:
            raise RuntimeError(f"{self._program.name} is already being asked")
        if not request or not request.isprintable():
            raise ValueError(f"not a request: {request!r}")
        self._busy = True
        self._sequence += 1
        answer = self._session.wait()
        started = self._clock.monotonic()
        self._session.write(f"{self._sequence} {request}\n".encode())
        reply = await self._guarded(self._wait(answer, request, started), f"answer to {request!r}", timeout)
        self._busy = False
        return reply

    async def _wait(self, answer: "asyncio.Future[bytes | None]", request: str, started: float) -> Reply:
        return self._reply(await answer, started, f"answer to {request!r}")

    def _reply(self, answer: bytes | None, started: float, before: str) -> Reply:
        if answer is None:
            raise self._session.broken or TransportError(self._ended(before))
        took = self._clock.monotonic() - started
        sections = decode_sections(answer, nonce=self._nonce, sequence=self._sequence)
        return Reply(sections, took, len(answer))

    def _ended(self, before: str) -> Fault:
        greeting = self._sequence == 0
        return ending_fault(
            self._session.ending(),
            self._program,
            host=self._host,
            elevated=self._elevated and greeting,
            before=f"its {before}",
            # Where a greeting should be, a login shell may have explained why there is none.
            output=self._session.head() if greeting else b"",
        )

    async def _guarded(self, waiting: Awaitable[Reply], before: str, timeout: float) -> Reply:
        """Wait, and whatever goes wrong leave no program behind."""
        try:
            async with asyncio.timeout(timeout):
                return await waiting
        except TimeoutError as error:
            said = f"{self._host} did not answer within {timeout:g} s ({self._program.name}: no {before})"
            fault = Fault(FaultKind.NO_ANSWER, said)
            self._give_up(fault)
            raise TransportError(fault) from error
        except TransportError as error:
            fault = self._named(error.fault)
            self._give_up(fault)
            raise TransportError(fault) from error
        except asyncio.CancelledError:
            self._give_up(Fault(FaultKind.DISCONNECTED, f"{self._program.name} on {self._host} was given up"))
            raise

    def _named(self, fault: Fault) -> Fault:
        if fault.kind not in (FaultKind.BAD_ANSWER, FaultKind.ANSWER_TOO_LARGE) or self._host in fault.summary:
            return fault
        return Fault(fault.kind, f"{self._program.name} on {self._host}: {fault.summary}", fault.remedy)

    def _give_up(self, fault: Fault) -> None:
        self._fault = fault
        self._session.abandon()

    async def close(self) -> None:
        """As `transport.base.Channel.close`."""
        if self._fault is None:
            self._fault = Fault(FaultKind.DISCONNECTED, f"{self._program.name} on {self._host} was closed")
        await self._session.finish()


class FollowedSession(ProgramSession):
    """Keeps lines until they are taken; stops the director when nobody takes them."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[bytes] = deque()
        self.over = False
        self._news = asyncio.Event()
        self._rest = bytearray()

    def received(self, data: bytes) -> None:
        *complete, rest = data.split(b"\n")
        for piece in complete:
            self._add(piece)
            self.lines.append(bytes(self._rest))
            self._rest.clear()
        self._add(rest)
        if complete:
            self._news.set()
        if len(self.lines) > _LINES_AHEAD and self.channel is not None:
            self.channel.pause_reading()

    def _add(self, piece: bytes) -> None:
        self._rest += piece[: LINE_LIMIT - len(self._rest)]

    def ended(self) -> None:
        if self._rest:
            self.lines.append(bytes(self._rest))
            self._rest.clear()
        self.over = True
        self._news.set()

    async def more(self) -> None:
        """Return when there are lines, or there will be none."""
        if self.channel is not None:
            self.channel.resume_reading()
        await self._news.wait()
        self._news.clear()


async def follow_lines(
    connection: asyncssh.SSHClientConnection,
    program: Program,
    *,
    host: str,
    elevated: bool,
    installed: Installed = NOTHING_INSTALLED,
) -> AsyncGenerator[bytes, None]:
    """The lines of `program`, without their newlines, until it ends with status 0 or the generator is closed.

    Raises:
        TransportError: the program cannot be started, fails, or the connection is lost.
    """
    session = FollowedSession()
    try:
        await start(connection, session, program, nonce=new_nonce(), elevated=elevated, installed=installed, host=host)
        seen = False
        while True:
            while session.lines:
                seen = True
                yield session.lines.popleft()
            if session.over:
                break
            await session.more()
        ending = session.ending()
        if not ending.connected or ending.status != 0:
            refused = elevated and not seen
            raise TransportError(ending_fault(ending, program, host=host, elevated=refused, before="it was told to"))
    finally:
        session.abandon()


async def ask_installed(connection: asyncssh.SSHClientConnection, *, host: str, timeout: float) -> Installed:
    """What `lvstop setup` has installed on a director; nothing where it does not say so within `timeout` seconds."""
    session = FollowedSession()
    lines: list[bytes] = []
    try:
        async with asyncio.timeout(timeout):
            await launch(connection, session, ABOUT, host=host)
            while not (session.over and not session.lines) and len(lines) < _ABOUT_LINES:
                if session.lines:
                    lines.append(session.lines.popleft())
                else:
                    await session.more()
    except (TimeoutError, TransportError):
        # what is wrong shows when a program is started
        return NOTHING_INSTALLED
    finally:
        session.abandon()
    return parse_about(b"\n".join(lines).decode("ascii", "replace"))
