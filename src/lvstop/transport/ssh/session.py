"""A program that runs on a director, as asyncssh sees it: bytes in, bytes out, an exit status.

`SSHClientSession` with bytes costs 40 % less CPU than asyncssh's process streams.
"""

import asyncio
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import asyncssh

from lvstop.model.director import Fault, FaultKind
from lvstop.transport.base import Program, TransportError
from lvstop.transport.installed import DIRECTOR, Installed

_STDERR_KEPT = 2048
_CLOSE_PATIENCE = 2.0
# A table of 10,000 real servers is 700 kB: it fits into the window, so that the director never waits for lvstop.
_WINDOW = 4 * 1024 * 1024
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_SUDO_REMEDY = "allow this login `sudo -n sh` without a password, or set `privilege: none` in the cluster file"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a program ended.

    Attributes:
        connected: the connection is still there.
        status: exit status, None where the program was killed or its end is not known.
        errors: the beginning and the end of what it wrote to its standard error.
    """

    connected: bool
    status: int | None
    signal: str | None
    errors: str


class ProgramSession(asyncssh.SSHClientSession[bytes]):
    """Base of the two uses of a program: asked (`AskedSession`) and followed (`FollowedSession`).

    Subclasses say what happens to bytes (`received`) and at the end (`ended`).
    """

    def __init__(self) -> None:
        self._channel: asyncssh.SSHClientChannel[bytes] | None = None
        self._abandoned = False
        self._errors_head = bytearray()
        self._errors_tail = bytearray()
        self._is_closed: Callable[[], bool] | None = None
        self._lost: Exception | None = None
        self._signal: str | None = None
        self._status: int | None = None

    def received(self, data: bytes) -> None:
        """Bytes of the program's standard output."""
        raise NotImplementedError

    def ended(self) -> None:
        """The program has ended, or the connection has."""
        raise NotImplementedError

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        self._channel = chan
        self._is_closed = chan.get_connection().is_closed
        if self._abandoned:
            chan.abort()

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        if datatype is None:
            self.received(data)
        else:
            room = _STDERR_KEPT - len(self._errors_head)
            self._errors_head += data[:room]
            self._errors_tail += data[room:]
            del self._errors_tail[:-_STDERR_KEPT]

    def exit_status_received(self, status: int) -> None:
        self._status = status

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:
        self._signal = signal

    def connection_lost(self, exc: Exception | None) -> None:
        self._channel = None
        self._lost = exc
        self.ended()

    @property
    def channel(self) -> asyncssh.SSHClientChannel[bytes] | None:
        """The open channel, None before the program has started and after it has ended."""
        return self._channel

    def write(self, data: bytes) -> None:
        """Write to the program's standard input; nothing happens where it has ended, which `ended` tells."""
        if self._channel is not None and not self._channel.is_closing():
            self._channel.write(data)

    def abandon(self) -> None:
        """End the program without waiting for it: end of input, and the channel closed. Safe at any moment."""
        self._abandoned = True
        if self._channel is not None:
            # `abort`, not `close`: that would wait until a program that hangs has read what was written to it.
            self._channel.write_eof()
            self._channel.abort()

    async def finish(self) -> None:
        """`abandon`, and wait until the director has confirmed it; not long, for it may be gone."""
        channel = self._channel
        self.abandon()
        if channel is None:
            return
        try:
            async with asyncio.timeout(_CLOSE_PATIENCE):
                await channel.wait_closed()
        except TimeoutError:
            # Nobody confirms: the director hangs or is gone. Its sshd ends the program with the connection.
            return

    def ending(self) -> Ending:
        """What is known of the program's end."""
        errors = (self._errors_head + self._errors_tail).decode("utf-8", "replace")
        closed = self._is_closed is not None and self._is_closed()
        connected = self._lost is None and not closed
        return Ending(connected, self._status, self._signal, errors)


def new_nonce() -> str:
    """A word that no content can hold by accident, and that nobody can guess."""
    return f"lvstop-{secrets.token_hex(12)}"


async def start(
    connection: asyncssh.SSHClientConnection,
    session: ProgramSession,
    program: Program,
    *,
    nonce: str,
    elevated: bool,
    installed: Installed,
    host: str,
) -> None:
    """Start `program` in a channel of its own: by its name where it is installed there, else handing over its text.

    Raises:
        TransportError: `forbidden` where the director opens no session, or this login may not run it; `disconnected`.
    """
    by_name = installed.has(program)
    what = f"{DIRECTOR} {program.name}" if by_name else f"sh -s -- {nonce}"
    await launch(connection, session, f"exec sudo -n -- {what}" if elevated else f"exec {what}", host=host)
    session.write(f"{nonce}\n".encode() if by_name else program.script.encode())


async def launch(connection: asyncssh.SSHClientConnection, session: ProgramSession, command: str, *, host: str) -> None:
    """Run a command line in a channel of its own.

    Raises:
        TransportError: as `start`.
    """
    opening = asyncio.ensure_future(
        connection.create_session(
            lambda: session,
            command,
            encoding=None,
            window=_WINDOW,
            # A terminal, an environment or a command of the SSH configuration is meant for people.
            request_pty=False,
            env={},
            send_env=(),
            x11_forwarding=False,
        )
    )
    try:
        # Shielded: asyncssh forgets a channel whose opening is cancelled, and the director would keep it.
        await asyncio.shield(opening)
    except asyncio.CancelledError:
        session.abandon()
        opening.add_done_callback(_forget)
        raise
    except asyncssh.ChannelOpenError as error:
        raise TransportError(_not_opened(error, connection, host)) from error
    except (OSError, asyncssh.Error) as error:
        raise TransportError(Fault(FaultKind.DISCONNECTED, f"{host} closed the connection: {error}")) from error


def _forget(opening: "asyncio.Future[Any]") -> None:
    """Take note of how an abandoned opening ended; the session has closed its channel by itself."""
    if not opening.cancelled():
        opening.exception()


def _not_opened(error: asyncssh.ChannelOpenError, connection: asyncssh.SSHClientConnection, host: str) -> Fault:
    if connection.is_closed() or error.reason == "SSH connection closed":
        return Fault(FaultKind.DISCONNECTED, f"the connection to {host} is closed")
    return Fault(
        FaultKind.FORBIDDEN,
        f"{host} opens no session for lvstop: {error.reason}",
        "MaxSessions and ForceCommand in sshd_config, and the user's login shell",
    )


def ending_fault(
    ending: Ending, program: Program, *, host: str, elevated: bool, before: str, output: bytes = b""
) -> Fault:
    """Why a program that should still run does not.

    Args:
        before: what it should have done first, e.g. `its greeting`.
        output: the beginning of what it wrote where nothing was expected: a login shell explains itself there.
    """
    if not ending.connected:
        return Fault(FaultKind.DISCONNECTED, f"the connection to {host} was lost before {before}")
    said = _first_line(ending.errors) or _first_line(output.decode("utf-8", "replace"))
    if elevated and ending.status in (1, 126, 127) and not output:
        reason = said or f"exit status {ending.status}"
        return Fault(FaultKind.FORBIDDEN, f"sudo refuses on {host}: {reason}", _SUDO_REMEDY)
    how = f"signal {ending.signal}" if ending.signal else f"status {ending.status}"
    if ending.status is None and ending.signal is None:
        how = "no status"
    tail = _last_line(ending.errors) or said
    told = f": {tail}" if tail else ""
    return Fault(FaultKind.BAD_ANSWER, f"the program {program.name} on {host} ended with {how} before {before}{told}")


def _lines(text: str) -> list[str]:
    lines = (_CONTROL.sub(" ", line).strip() for line in text.splitlines())
    return [line[:300] for line in lines if line]


def _first_line(text: str) -> str:
    return next(iter(_lines(text)), "")


def _last_line(text: str) -> str:
    return next(reversed(_lines(text)), "")
