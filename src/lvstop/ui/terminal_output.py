"""Output to a terminal that may stop reading: frames are dropped then, modes never, and nobody waits."""

import os
import sys
import termios
import threading
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from queue import SimpleQueue

SYNC_START = "\x1b[?2026h"
SYNC_END = "\x1b[?2026l"
BELL = "\a"
NOTIFY_OSC9 = "\x1b]9;"
NOTIFY_OSC777 = "\x1b]777;notify;"

MOST_WAITING = 32 * 1024
"""Characters of frames that may wait behind the one under way before frames are dropped."""

DRAIN_SECONDS = 1.0
"""How long leaving waits for the terminal to take what is still to be said."""

ABANDON_SECONDS = 0.5
"""How long leaving then waits for the thread, whose write cannot be interrupted everywhere."""

_CANCEL = "\x18"  # ends an escape sequence that was cut


class _Kind(Enum):
    FRAME = auto()
    KEPT = auto()
    GAP = auto()  # frames were dropped here
    END = auto()


def _open_again(fd: int) -> int | None:
    """The terminal behind `fd`, opened for ourselves; None where there is none or it is another user's."""
    try:
        # Non-blocking only for the open, which else waits for a serial line's carrier.
        own = os.open(os.ttyname(fd), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return None
    os.set_blocking(own, True)
    return own


class TerminalOutput:
    """A thread that writes to a terminal.

    `frame`, `keep` and `leave` never block, may be called from a signal handler, and `keep` from any thread.
    `on_drained` is called when frames were dropped and the terminal has taken all that came before: it must have the
    whole screen painted. `on_lost` is called once when the terminal is gone. Both are called from the thread.
    """

    def __init__(self, fd: int, on_drained: Callable[[], object], on_lost: Callable[[], object]) -> None:
        """Write to the terminal behind `fd`, which itself is left as it is. To be closed."""
        # Blocking, as the kernel then passes a large frame on without asking for the interpreter's lock in between. Our
        # own, as it is made non-blocking to leave, which must not happen to the shell that shares `fd`.
        own = _open_again(fd)
        self._interruptible = own is not None
        self._fd = os.dup(fd) if own is None else own
        self._on_drained = on_drained
        self._on_lost = on_lost
        # A SimpleQueue because its put may be interrupted by a signal handler that puts: no lock of ours anywhere.
        self._inbox: SimpleQueue[tuple[_Kind, str]] = SimpleQueue()
        self._handed_in = 0  # characters of frames; written by the painting thread only
        self._taken_out = 0  # the same; written by our thread only
        self._dropping = False
        self._leaving = False
        self._closed = False
        self._farewell: list[str] = []
        stderr = sys.__stderr__
        self._encoding = "utf-8" if stderr is None else stderr.encoding
        self._thread = threading.Thread(target=self._run, name="lvstop-output", daemon=True)
        self._thread.start()

    def frame(self, text: str) -> None:
        """Paint this, or drop it where too much waits already. A frame is all there or not at all."""
        if self._dropping or self._leaving:
            return
        if self._handed_in - self._taken_out > MOST_WAITING:
            self._dropping = True  # before the gap is told: whoever takes the gap out sets it back
            self._inbox.put((_Kind.GAP, ""))
            return
        self._handed_in += len(text)
        self._inbox.put((_Kind.FRAME, text))

    def keep(self, text: str) -> None:
        """Write this however long it takes: modes, questions to the terminal. Nobody is called late: no bell."""
        if self._dropping and (text == BELL or text.startswith((NOTIFY_OSC9, NOTIFY_OSC777))):
            return
        if self._leaving:
            self._farewell.append(text)
        self._inbox.put((_Kind.KEPT, text))

    def leave(self) -> None:
        """Paint nothing more. What is kept from now on is the farewell, which even a stalled terminal gets."""
        self._leaving = True

    def close(self) -> None:
        """End the thread, after `DRAIN_SECONDS` + `ABANDON_SECONDS` at the latest.

        A terminal that takes nothing until then loses what it has not read, and gets the farewell instead.
        """
        self._leaving = True
        self._inbox.put((_Kind.END, ""))
        self._thread.join(DRAIN_SECONDS)
        if self._thread.is_alive() and self._interruptible:
            self._interrupt()
        self._thread.join(ABANDON_SECONDS)
        if not self._thread.is_alive() and not self._closed:  # a thread that still hangs needs it
            self._closed = True
            os.close(self._fd)

    def _interrupt(self) -> None:
        """Have the write that hangs fail. To stop and start the flow wakes it; it then finds that it may not block."""
        with suppress(OSError, termios.error):  # the terminal may have gone meanwhile
            os.set_blocking(self._fd, False)
            termios.tcflow(self._fd, termios.TCOOFF)
            termios.tcflow(self._fd, termios.TCOON)

    def _run(self) -> None:
        try:
            while self._step():
                pass
        except BlockingIOError:
            self._part()
        except OSError:
            if not self._leaving:
                self._on_lost()

    def _step(self) -> bool:
        """Do the next thing; False when it was the last."""
        kind, text = self._inbox.get()
        if kind is _Kind.END:
            return False
        if kind is _Kind.GAP:
            self._dropping = False
            if not self._leaving:
                self._on_drained()
            return True
        if kind is _Kind.FRAME:
            self._taken_out += len(text)
            if self._dropping or self._leaving:
                return True  # the whole screen will be painted anew, or nothing more
        data = self._encoded(text)
        while data:
            data = data[os.write(self._fd, data) :]
        return True

    def _encoded(self, text: str) -> bytes:
        return text.encode(self._encoding, "backslashreplace")

    def _part(self) -> None:
        """Make room in the terminal by discarding what it has not read, and say the farewell."""
        with suppress(termios.error):
            termios.tcflush(self._fd, termios.TCOFLUSH)
        with suppress(OSError):
            os.write(self._fd, self._encoded(_CANCEL + SYNC_END + "".join(self._farewell)))
