"""Programs that are asked: one request, one answer."""

import asyncio
from collections.abc import Awaitable, Callable

from lvstop.clock import Clock
from lvstop.model.director import Fault, FaultKind
from lvstop.transport.base import ANSWER_LIMIT, Program, Reply, TransportError
from lvstop.transport.framing import AnswerBuffer, bad_answer, decode_sections
from lvstop.transport.running import UNKNOWN_END, Carrier, Start, ending_fault, new_nonce


def _nothing() -> None:
    pass


class Answers:
    """A receiver that gives each whole answer to the future that waits for it.

    Attributes:
        broken: what was wrong with an answer; nothing is taken after that.
        abandon: called at that moment.
    """

    def __init__(self, nonce: str, limit: int) -> None:
        self._buffer = AnswerBuffer(nonce, limit=limit)
        self._answer: asyncio.Future[bytes | None] | None = None
        self._over = False
        self.broken: TransportError | None = None
        self.abandon: Callable[[], None] = _nothing

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
        """As `Receiver.received`."""
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
        """As `Receiver.ended`."""
        self._over = True
        self._give(None)

    def _give(self, answer: bytes | None) -> bool:
        if self._answer is None or self._answer.done():
            return False
        self._answer.set_result(answer)
        return True


class AskedChannel:
    """A `transport.base.Channel`, whatever carries its program.

    Args:
        start: how programs are started there.
        host: what the director is called in messages.
        limit: bytes in one answer.
    """

    greeting: Reply

    def __init__(
        self,
        program: Program,
        start: Start,
        *,
        host: str,
        elevated: bool,
        clock: Clock,
        limit: int = ANSWER_LIMIT,
    ) -> None:
        self._program = program
        self._host = host
        self._elevated = elevated
        self._start = start
        self._clock = clock
        self._nonce = new_nonce()
        self._answers = Answers(self._nonce, limit)
        self._carrier: Carrier | None = None
        self._sequence = 0
        self._busy = False
        self._fault: Fault | None = None

    async def open(self, timeout: float) -> None:
        """Start the program and wait for its greeting. `timeout`: seconds for both.

        Raises:
            TransportError: as `transport.base.Transport.open`.
        """
        started = self._clock.monotonic()
        self.greeting = await self._guarded(self._open(started), "greeting", timeout)

    async def _open(self, started: float) -> Reply:
        # Before the program starts: its greeting may arrive together with the news that it was started.
        greeting = self._answers.wait()
        self._carrier = await self._start(self._answers, self._program, nonce=self._nonce, elevated=self._elevated)
        self._answers.abandon = self._carrier.abandon
        return self._reply(await greeting, started, "greeting")

    async def ask(self, request: str, *, timeout: float) -> Reply:
        """As `transport.base.Channel.ask`."""
        if self._fault is not None:
            raise TransportError(self._fault)
        if self._carrier is None:
            raise RuntimeError(f"{self._program.name} is not open")
        if self._busy:
            raise RuntimeError(f"{self._program.name} is already being asked")
        if not request or not request.isprintable():
            raise ValueError(f"not a request: {request!r}")
        self._busy = True
        self._sequence += 1
        answer = self._answers.wait()
        started = self._clock.monotonic()
        self._carrier.write(f"{self._sequence} {request}\n".encode())
        reply = await self._guarded(self._wait(answer, request, started), f"answer to {request!r}", timeout)
        self._busy = False
        return reply

    async def _wait(self, answer: "asyncio.Future[bytes | None]", request: str, started: float) -> Reply:
        return self._reply(await answer, started, f"answer to {request!r}")

    def _reply(self, answer: bytes | None, started: float, before: str) -> Reply:
        if answer is None:
            raise self._answers.broken or TransportError(self._ended(before))
        took = self._clock.monotonic() - started
        sections = decode_sections(answer, nonce=self._nonce, sequence=self._sequence)
        return Reply(sections, took, len(answer))

    def _ended(self, before: str) -> Fault:
        greeting = self._sequence == 0
        return ending_fault(
            UNKNOWN_END if self._carrier is None else self._carrier.ending(),
            self._program,
            host=self._host,
            elevated=self._elevated and greeting,
            before=f"its {before}",
            # Where a greeting should be, a login shell may have explained why there is none.
            output=self._answers.head() if greeting else b"",
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
        if self._carrier is not None:
            self._carrier.abandon()

    async def close(self) -> None:
        """As `transport.base.Channel.close`."""
        if self._fault is None:
            self._fault = Fault(FaultKind.DISCONNECTED, f"{self._program.name} on {self._host} was closed")
        if self._carrier is not None:
            await self._carrier.finish()
