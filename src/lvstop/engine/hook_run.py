"""One run of the operator's command: watched, and killed when it hangs; one that cannot be ended is kept in sight."""

import asyncio
import contextlib
import os
import signal
import tempfile
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import IO

from lvstop.plain import plain

MOST_UNENDED = 3
"""While so many runs are there that could not be ended no other one is started: each of them is a process."""

ENDING = 2.0
"""Seconds for a killed program to be gone. One that runs as somebody else (sudo) cannot be killed (kill(2), EPERM), and
one that waits for a dead file server does not end before that answers."""

LOOK_AGAIN = 1.0
"""Seconds between two looks whether a process of somebody else's is still there: nothing tells when it ends."""

_LAST_WORDS = 1.0
"""Seconds for what an ended program said to arrive: something may have escaped with the other end of the pipe."""

_MOST_COMPLAINT = 4096
"""Bytes of what it says on its standard error that are kept."""


class _Watch(asyncio.SubprocessProtocol):
    """Notices when a program has ended."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()

    def process_exited(self) -> None:
        self.ended.set()


@dataclass(frozen=True, slots=True)
class _Program:
    """A program that was started, in a session and process group of its own.

    Attributes:
        ended: set when it is gone and its status is known.
    """

    transport: asyncio.SubprocessTransport
    ended: asyncio.Event

    @property
    def status(self) -> int | None:
        """What it ended with, negative for a signal; None while it runs."""
        return self.transport.get_returncode()

    def kill(self) -> None:
        """End it with everything that it started and that did not leave its process group, as far as that can be."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.transport.get_pid(), signal.SIGKILL)

    @property
    def is_there(self) -> bool:
        """It has not ended; or it has, and what it started and cannot be signalled has not.

        sudo itself can be killed by whoever started it, and what it runs goes on as root. Whatever else is in the group
        has been killed: it may still be there as long as nobody has asked for its status.
        """
        if not self.ended.is_set():
            return True
        try:
            os.killpg(self.transport.get_pid(), 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return False

    async def outlive(self) -> None:
        """Return when it is gone. Cancelled: nobody waits for it any more."""
        try:
            await self.ended.wait()
            while self.is_there:  # noqa: ASYNC110 - there is no event
                await asyncio.sleep(LOOK_AGAIN)
        finally:
            self.close()

    def close(self) -> None:
        """Leave it to itself, if it still runs."""
        with contextlib.suppress(PermissionError):  # asyncio tries once more to kill it
            self.transport.close()


@dataclass(frozen=True, slots=True)
class _Ear:
    """What a program says on its standard error, as far as it has arrived."""

    kept: bytearray = field(default_factory=bytearray)

    async def hear(self, pipe: asyncio.StreamReader) -> None:
        """All of it is read, or the program would stand still."""
        while piece := await pipe.read(_MOST_COMPLAINT):
            self.kept.extend(piece)
            del self.kept[:-_MOST_COMPLAINT]

    @property
    def last_line(self) -> str:
        """The last line of it that is not empty, or the beginning of that."""
        lines = [line for line in plain(self.kept.decode("utf-8", "replace")).splitlines() if line.strip()]
        return lines[-1].strip()[:200] if lines else ""


class Runner:
    """Runs one program again and again, and knows what is left of that. To be closed at the end."""

    def __init__(self, command: Sequence[str], timeout: float) -> None:
        """`timeout`: seconds that a run may take."""
        self._command = command
        self._timeout = timeout
        self._unended: set[asyncio.Task[None]] = set()

    @property
    def unended(self) -> int:
        """How many runs took too long, could not be ended, and are still there."""
        return len(self._unended)

    async def one_gone(self) -> None:
        """Return when one of those that could not be ended is gone."""
        if self._unended:
            await asyncio.wait(self._unended, return_when=asyncio.FIRST_COMPLETED)

    async def close(self) -> None:
        """Wait for nothing any more."""
        for task in self._unended:
            task.cancel()
        await asyncio.gather(*self._unended, return_exceptions=True)

    async def run(self, text: str) -> str | None:
        """Run it with `text` on its standard input. Nothing of it is left afterwards that can be ended.

        Returns:
            What went wrong, to follow the program's name in a sentence; None where it ended with 0.
        """
        async with contextlib.AsyncExitStack() as stack:
            try:
                pipe, mouth = await stack.enter_async_context(_listening())
                program = await _start(self._command, text, mouth)
            except (OSError, ValueError) as error:
                return f"cannot be started: {getattr(error, 'strerror', None) or error}."
            return await self._watch(program, pipe)

    async def _watch(self, program: _Program, pipe: asyncio.StreamReader) -> str | None:
        ear, in_time = _Ear(), False
        hearing = asyncio.create_task(ear.hear(pipe), name="on_alert: stderr")
        try:
            in_time = await _within(self._timeout, program.ended)
        finally:
            program.kill()
            try:
                if await _within(ENDING, program.ended):
                    await asyncio.wait([hearing], timeout=_LAST_WORDS)
            finally:
                hearing.cancel()
                is_left = not in_time and program.is_there
                self._part_from(program, is_left)
        return _verdict(None if is_left else program.status, in_time, self._timeout, ear.last_line)

    def _part_from(self, program: _Program, is_left: bool) -> None:
        if not is_left:
            program.close()
            return
        task = asyncio.create_task(program.outlive(), name="on_alert: cannot be ended")
        self._unended.add(task)
        task.add_done_callback(self._unended.discard)


async def _start(command: Sequence[str], text: str, mouth: int) -> _Program:
    """Start a program with `text` on its standard input.

    Args:
        mouth: the descriptor that its standard error goes to. It is closed here: only the program has it then.

    Raises:
        OSError, ValueError: it cannot be started.
    """
    loop = asyncio.get_running_loop()
    try:
        # a file and no pipe: nobody has to wait until the program reads it
        with await asyncio.to_thread(_file_with, text) as told:
            transport, watch = await loop.subprocess_exec(
                _Watch, *command, stdin=told, stdout=DEVNULL, stderr=mouth, start_new_session=True
            )
    finally:
        os.close(mouth)
    return _Program(transport, watch.ended)


def _file_with(text: str) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked for it closes it
    file.write(text.encode("ascii"))
    file.seek(0)
    return file


@contextlib.asynccontextmanager
async def _listening() -> AsyncIterator[tuple[asyncio.StreamReader, int]]:
    """A pipe: what is read of it, and the descriptor that writes to it, which is the caller's to close.

    Not asyncio's own: that would wait for the program until everybody who has the other end has closed it.

    Raises:
        OSError: there can be no pipe.
    """
    hears, mouth = os.pipe()
    ear = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    with contextlib.ExitStack() as unused:
        unused.callback(os.close, mouth)
        file = unused.enter_context(os.fdopen(hears, "rb", buffering=0))
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(ear), file)
        unused.pop_all()
    try:
        yield ear, mouth
    finally:
        transport.close()


async def _within(seconds: float, event: asyncio.Event) -> bool:
    """It happened, and no later than that."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return event.is_set()
    return True


def _verdict(status: int | None, in_time: bool, timeout: float, said: str) -> str | None:
    """`status`: what it ended with; None: it, or what it started, could not be ended."""
    if in_time and status == 0:
        return None
    behind = f": {said}" if said else "."
    late = "" if in_time else f"took longer than {timeout:g} s and "
    if status is None:
        return f"{late}could not be ended{behind}"
    if status == -signal.SIGKILL and not in_time:
        return f"{late}was killed{behind}"
    if status < 0:
        return f"{late}was ended by signal {-status}{behind}"
    return f"{late}ended with {status}{behind}"
