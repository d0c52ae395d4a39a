"""A program that runs on this machine, as a child process: bytes in, bytes out, an exit status.

Not with asyncio's own subprocesses: they kill a child whose pipes are closed. What changes a director must come to its
end as it does where an SSH connection is lost: its input ends, and nobody listens any more.
"""

import asyncio
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import IO

from lvstop.model.director import Fault, FaultKind
from lvstop.transport.base import TransportError
from lvstop.transport.running import Ending, Errors, Receiver

PLACE = "this machine"
"""What the local director is called in messages."""

_CLOSE_PATIENCE = 2.0
_KEPT = ("PATH", "HOME", "USER", "LOGNAME", "TZ")


def environment(ours: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """What of lvstop's own environment its programs get: about as much as a login over SSH has.

    Not the rest: a virtual environment's paths or a `TMPDIR` are lvstop's alone.
    """
    return {"PATH": os.defpath, **{name: ours[name] for name in _KEPT if name in ours}, **more}


class Child:
    """A `transport.running.Carrier`: one child process in a session of its own, so that no Ctrl-C reaches it.

    Args:
        variables: what it finds in its environment besides.
    """

    def __init__(self, receiver: Receiver, variables: Mapping[str, str]) -> None:
        self._receiver = receiver
        self._variables = variables
        self._errors = Errors()
        self._stdin: asyncio.WriteTransport | None = None
        self._outputs: list[asyncio.ReadTransport] = []
        self._open_outputs = 0
        self._returncode: int | None = None
        self._abandoned = False
        self._exited = asyncio.Event()

    async def start(self, argv: Sequence[str], first: bytes) -> None:
        """Start the command, and write `first` to it.

        Raises:
            TransportError: `forbidden`: the command is not there, or may not be run.
        """
        try:
            process = subprocess.Popen(  # noqa: S603, ASYNC220 - argv is made of constants and names that were checked
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                cwd="/",
                env=environment(os.environ, self._variables),
                start_new_session=True,
            )
        except OSError as error:
            self._exited.set()
            summary = f"{argv[0]} cannot be run on {PLACE}: {error.strerror or error}"
            raise TransportError(Fault(FaultKind.FORBIDDEN, summary)) from error
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._await_exit, args=(process, loop), name=f"wait {process.pid}", daemon=True).start()
        complete = False
        try:
            await self._connect(process, loop)
            complete = True
        finally:
            if not complete:
                self.abandon()
                for pipe in _pipes(process):
                    pipe.close()
        if self._abandoned:
            # while it was connected, so that not all of it was there to be closed
            self.abandon()
        self.write(first)

    async def _connect(self, process: subprocess.Popen[bytes], loop: asyncio.AbstractEventLoop) -> None:
        stdin, stdout, stderr = _pipes(process)
        for pipe, take in ((stdout, self._receiver.received), (stderr, self._errors.add)):
            self._open_outputs += 1
            transport, _ = await loop.connect_read_pipe(partial(_Output, take, self._output_ended), pipe)
            self._outputs.append(transport)
        self._stdin, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, stdin)

    def _await_exit(self, process: subprocess.Popen[bytes], loop: asyncio.AbstractEventLoop) -> None:
        """In a thread: pidfds are not to be had on every kernel that runs directors, and SIGCHLD is not ours."""
        returncode = process.wait()
        try:
            loop.call_soon_threadsafe(self._exit, returncode)
        except RuntimeError:
            return  # the loop is closed: nobody is left who would want to know

    def _exit(self, returncode: int) -> None:
        self._returncode = returncode
        self._end_input()
        self._exited.set()
        self._end_if_over()

    def _end_input(self) -> None:
        if self._stdin is not None and not self._stdin.is_closing():
            self._stdin.abort()

    def _output_ended(self) -> None:
        self._open_outputs -= 1
        self._end_if_over()

    def _end_if_over(self) -> None:
        """Not before all that it has written is read."""
        if self._returncode is not None and self._open_outputs == 0:
            self._receiver.ended()

    def write(self, data: bytes) -> None:
        """As `Carrier.write`."""
        if self._stdin is not None and not self._stdin.is_closing():
            self._stdin.write(data)

    def pause(self) -> None:
        """As `Carrier.pause`."""
        if self._outputs and not self._outputs[0].is_closing():
            self._outputs[0].pause_reading()

    def resume(self) -> None:
        """As `Carrier.resume`."""
        if self._outputs and not self._outputs[0].is_closing():
            self._outputs[0].resume_reading()

    def abandon(self) -> None:
        """As `Carrier.abandon`: what it is doing it does to its end; what it waits for has ended."""
        self._abandoned = True
        self._end_input()
        for output in self._outputs:
            output.close()

    async def finish(self) -> None:
        """As `Carrier.finish`."""
        self.abandon()
        try:
            async with asyncio.timeout(_CLOSE_PATIENCE):
                await self._exited.wait()
        except TimeoutError:
            # It is in the middle of a command, and ends after it: each has its time limit.
            return

    @property
    def has_exited(self) -> bool:
        """The process is gone."""
        return self._exited.is_set()

    def ending(self) -> Ending:
        """As `Carrier.ending`; the connection to this machine is always there."""
        code = self._returncode
        killed = None if code is None or code >= 0 else _name(-code)
        return Ending(True, code if code is not None and code >= 0 else None, killed, self._errors.text())


def _name(number: int) -> str:
    """A signal's name without SIG; its number where it has none, as most real-time signals (signal(7))."""
    try:
        return signal.Signals(number).name.removeprefix("SIG")
    except ValueError:
        return str(number)


class _Output(asyncio.Protocol):
    def __init__(self, take: Callable[[bytes], None], ended: Callable[[], None]) -> None:
        self._take = take
        self._ended = ended

    def data_received(self, data: bytes) -> None:
        self._take(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended()


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise RuntimeError("a child process was started without pipes")
    return process.stdin, process.stdout, process.stderr
