"""Programs on a terminal of 120×40, driven through a pipe: they are told one command a line and answer one line."""

import fcntl
import os
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measure import compile_all

WIDTH, HEIGHT = 120, 40
_PATIENCE = 60.0
_TESTS = str(Path(__file__).parents[1])


class StuckError(Exception):
    """A program did not do what it was asked to."""


class OnTerminal:
    """A running program. Its terminal is read while something is waited for, and by nobody in between."""

    def __init__(self, process: "subprocess.Popen[bytes]", master: int, control: int, tale: int) -> None:
        self.process = process
        self._master = master
        self._control = control
        self._tale = tale
        self._told = b""

    def ask(self, command: str) -> str:
        """Say something and wait for the answer."""
        os.write(self._control, f"{command}\n".encode())
        deadline = time.monotonic() + _PATIENCE
        while b"\n" not in self._told:
            self.read(deadline, (self._master, self._tale))
        line, _, self._told = self._told.partition(b"\n")
        return line.decode()

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._master, keys)

    def read(self, deadline: float, sources: Sequence[int] = ()) -> bytes:
        """What the terminal was sent next; waits until something comes.

        Raises:
            StuckError: nothing came in time, or the program ended.
        """
        ready = select.select(sources or (self._master,), [], [], max(0.0, deadline - time.monotonic()))[0]
        if not ready:
            raise StuckError(f"{self.process.args!r} is stuck")
        if self._tale in ready:
            self._told += self._more(self._tale)
        return self._more(self._master) if self._master in ready else b""

    def until(self, text: bytes) -> None:
        """Read the terminal until it was sent `text`."""
        seen, deadline = b"", time.monotonic() + _PATIENCE
        while text not in seen:
            seen += self.read(deadline)

    def watch(self, seconds: float) -> bytes:
        """Read the terminal for so long, as an emulator does."""
        seen, end = b"", time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select((self._master,), [], [], left)[0]:
                seen += self._more(self._master)
        return seen

    def _more(self, source: int) -> bytes:
        try:
            data = os.read(source, 1 << 18)
        except OSError:  # Linux says EIO where nobody is left on the other side
            data = b""
        if not data:
            raise StuckError(f"{self.process.args!r} ended")
        return data


def watch_all(programs: Sequence[OnTerminal], seconds: float) -> None:
    """Read the terminals of several programs for so long."""
    by_terminal = {program._master: program for program in programs}
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        for ready in select.select(list(by_terminal), [], [], left)[0]:
            by_terminal[ready]._more(ready)


@contextmanager
def on_terminal(argv: Sequence[str], environment: Mapping[str, str] | None = None) -> Iterator[OnTerminal]:
    """Run a program; it finds its pipes as the file descriptors `CONTROL` and `TALE`."""
    compile_all()
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
    control_end, control = os.pipe()
    tale, tale_end = os.pipe()
    pipes = {"CONTROL": str(control_end), "TALE": str(tale_end)}
    plain = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8", "PYTHONPATH": _TESTS}
    process = subprocess.Popen(
        argv,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        pass_fds=(control_end, tale_end),
        env={**os.environ, **plain, **(environment or {}), **pipes},
        start_new_session=True,
    )
    for ours in (slave, control_end, tale_end):
        os.close(ours)
    try:
        yield OnTerminal(process, master, control, tale)
    finally:
        process.kill()
        process.wait()
        for theirs in (master, control, tale):
            os.close(theirs)


_PIECE = re.compile(rb"\x1b\[(\d+);\d+H|\x1b\[([0-9;]*)m([^\x1b]*)")


class CursorFinder:
    """Where the cursor of a table was painted last: the line with its background."""

    def __init__(self, background: str) -> None:
        """`background`: the parameters of the SGR sequence that sets it."""
        self._background = background.encode()
        self.begin()

    def begin(self) -> None:
        """Forget what was seen."""
        self._rest = b""
        self._line = 0
        self.painted: set[int] = set()

    def feed(self, data: bytes) -> None:
        """Take output. `painted` has the lines, from 1, on which the background was seen."""
        data = self._rest + data
        begin = data.rfind(b"\x1b")
        data, self._rest = (data[:begin], data[begin:]) if begin >= 0 else (data, b"")
        for piece in _PIECE.finditer(data):
            line, style, text = piece.groups()
            if line is not None:
                self._line = int(line)
            else:
                if self._background in style and text.strip(b"\r\n"):
                    self.painted.add(self._line)
                self._line += text.count(b"\n")
