"""The operator's command for alarms: run with a document on its standard input, watched, and killed when it hangs.

It runs on the operator's machine and changes no director, so that it runs in read-only mode as well. It never delays
anything: news are put into an outbox, and one run follows the other beside everything else.
"""

import asyncio
import contextlib
import os
import signal
import tempfile
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Callable, Sequence
from typing import IO

from lvstop.analysis.alarms import AlarmEvent, AlarmNews
from lvstop.clock import Clock
from lvstop.config.alarms import HookSettings
from lvstop.engine.hook_document import document
from lvstop.engine.outbox import Outbox
from lvstop.model.alert import AlertCode
from lvstop.plain import plain

_MOST_COMPLAINT = 4096
"""Bytes of what it says on its standard error that are kept."""

_LAST_WORDS = 1.0
"""Seconds for what a killed command said to arrive: something may have escaped with the other end of the pipe."""


class AlertHook:
    """Runs the command for one alarm after the other.

    Attributes:
        complaint: why the last run failed, a sentence; empty where it did not.
    """

    def __init__(self, settings: HookSettings, clock: Clock, tell: Callable[[str], object]) -> None:
        """`tell`: called with each complaint."""
        self.complaint = ""
        self._settings = settings
        self._clock = clock
        self._tell = tell
        self._outbox = Outbox(settings.per_minute)
        self._news = asyncio.Event()
        self._begun: set[tuple[str, AlertCode, str]] = set()

    def put(self, news: Sequence[AlarmNews]) -> None:
        """Have the command told; returns at once."""
        for each in news:
            if self._concerns(each):
                self._outbox.put(each)
                self._news.set()

    def _concerns(self, news: AlarmNews) -> bool:
        """It is severe enough, or the end of what was: an alarm may have become less severe before it was over."""
        key = (news.cluster, *news.alarm.key)
        if news.event is AlarmEvent.CLEARED:
            begun = key in self._begun
            self._begun.discard(key)
            return begun
        if news.alarm.severity < self._settings.severity:
            return False
        self._begun.add(key)
        return True

    async def run(self) -> None:
        """Tell until cancelled; nothing is left running then."""
        while True:
            self._news.clear()
            wait = self._outbox.due_in(self._clock.monotonic())
            if wait is None:
                await self._news.wait()
                continue
            if wait > 0:
                await self._clock.sleep(wait)
            taken = self._outbox.take(self._clock.monotonic())
            if taken is not None:
                news, left_out = taken
                await self._tell_command(document(news, left_out=left_out, waiting=self._outbox.waiting))

    async def _tell_command(self, text: str) -> None:
        complaint = await run_command(self._settings.command, text, self._settings.timeout)
        self.complaint = "" if complaint is None else f"on_alert: {self._settings.command[0]} {complaint}"
        if self.complaint:
            self._tell(self.complaint)


async def run_command(command: Sequence[str], text: str, timeout: float) -> str | None:
    """Run a program with `text` on its standard input, in a session of its own. Nothing of it is left afterwards.

    Args:
        timeout: seconds.

    Returns:
        What went wrong, to follow the program's name in a sentence; None where it ended with 0.
    """
    async with _listening() as (ear, mouth):
        try:
            # a file and no pipe: nobody has to wait until the program reads it
            with await asyncio.to_thread(_file_with, text) as told:
                process = await asyncio.create_subprocess_exec(
                    *command, stdin=told, stdout=DEVNULL, stderr=mouth, start_new_session=True
                )
        except (OSError, ValueError) as error:
            return f"cannot be started: {getattr(error, 'strerror', None) or error}."
        finally:
            os.close(mouth)
        hearing = asyncio.create_task(_last_line(ear), name="on_alert: stderr")
        in_time = True
        try:
            async with asyncio.timeout(timeout):
                await process.wait()
        except TimeoutError:
            in_time = False
        finally:
            _kill(process)
            await process.wait()
            await asyncio.wait([hearing], timeout=_LAST_WORDS)
            hearing.cancel()
    said = hearing.result() if hearing.done() and not hearing.cancelled() else ""
    return _verdict(process.returncode, in_time, timeout, said)


def _file_with(text: str) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked for it closes it
    file.write(text.encode("ascii"))
    file.seek(0)
    return file


@contextlib.asynccontextmanager
async def _listening() -> AsyncIterator[tuple[asyncio.StreamReader, int]]:
    """A pipe: what is read of it, and the descriptor that writes to it, which is the caller's to close.

    Not asyncio's own: that would wait for the program until everybody who has the other end has closed it.
    """
    hears, mouth = os.pipe()
    ear = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    file = os.fdopen(hears, "rb", buffering=0)
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(ear), file)
    try:
        yield ear, mouth
    finally:
        transport.close()


def _verdict(status: int | None, in_time: bool, timeout: float, said: str) -> str | None:
    behind = f": {said}" if said else "."
    if not in_time:
        return f"took longer than {timeout:g} s and was killed{behind}"
    if status is None or status == 0:
        return None
    if status < 0:
        return f"was ended by signal {-status}{behind}"
    return f"ended with {status}{behind}"


async def _last_line(ear: asyncio.StreamReader) -> str:
    """The last line that it said on its standard error. All of it is read, or the program would stand still."""
    kept = b""
    while piece := await ear.read(_MOST_COMPLAINT):
        kept = (kept + piece)[-_MOST_COMPLAINT:]
    lines = [line for line in plain(kept.decode("utf-8", "replace")).splitlines() if line.strip()]
    return lines[-1].strip()[:200] if lines else ""


def _kill(process: Process) -> None:
    """End it with everything that it started and that did not leave its process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
