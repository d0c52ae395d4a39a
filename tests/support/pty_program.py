"""A program on a terminal of ours: read from, fed, stalled by not reading, resized, hung up."""

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

GENEROUS = 60.0
"""Seconds after which a condition is taken for never coming."""

_OTHER_SCREEN = 1049

_PIECE = re.compile(
    rb"\x1b\[(?P<parameters>[0-9;?<>=$]*)(?P<final>[@-~])"
    rb"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
    rb"|\x1b[^\[\]]"
    rb"|(?P<text>[^\x00-\x1f\x7f]+)"
    rb"|(?P<control>[\x00-\x1a\x1c-\x1f\x7f])"
)


class Screen:
    """As much of a terminal as Textual needs: cells of width 1, the cursor's place, private modes."""

    def __init__(self) -> None:
        self.modes: dict[int, bool] = {25: True}
        self._cells: dict[tuple[int, int], str] = {}
        self._x = self._y = 0
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Take output; a sequence cut at the end waits for its rest."""
        data = self._rest + data
        end = 0
        for piece in _PIECE.finditer(data):
            whole = piece.group("text") is None or piece.end() < len(data)
            if piece.start() != end or not whole:
                break
            end = piece.end()
            self._take(piece)
        self._rest = data[end:]
        if b"\x18" in self._rest:  # cancels what was begun
            self._rest, after = b"", self._rest.split(b"\x18", 1)[1]
            self.feed(after)

    def blank(self) -> None:
        """Forget every cell, so that what is seen later was painted later."""
        self._cells.clear()

    def row(self, y: int) -> str:
        """The text of one row, without blanks at its end."""
        width = max((x for x, row in self._cells if row == y), default=-1) + 1
        return "".join(self._cells.get((x, y), " ") for x in range(width)).rstrip()

    def _take(self, piece: re.Match[bytes]) -> None:
        if piece.group("text") is not None:
            for character in piece.group("text").decode():
                self._cells[self._x, self._y] = character
                self._x += 1
        elif piece.group("control") == b"\r":
            self._x = 0
        elif piece.group("control") == b"\n":
            self._y += 1
        elif piece.group("final") == b"H":
            row, column = piece.group("parameters").split(b";")
            self._x, self._y = int(column) - 1, int(row) - 1
        elif piece.group("final") in (b"h", b"l") and piece.group("parameters").startswith(b"?"):
            mode = int(piece.group("parameters")[1:])
            self.modes[mode] = piece.group("final") == b"h"
            if mode == _OTHER_SCREEN:
                # it is entered blank, and what was on it is gone when it is left
                self._cells.clear()


class PtyProgram:
    """A running program and the side of its terminal where the operator sits. What nobody reads, stalls it."""

    def __init__(self, process: subprocess.Popen[bytes], master: int, tale: int) -> None:
        self.process = process
        self.screen = Screen()
        self.output = bytearray()
        self.lines: list[str] = []
        self._master = master
        self._tale = tale
        self._told = b""

    def feed(self, keys: bytes) -> None:
        """Type."""
        os.write(self._master, keys)

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Read the terminal until the condition holds."""
        self._wait(condition, what, [self._master, self._tale])

    def stalled_until(self, condition: Callable[[], bool], what: str) -> None:
        """Read nothing from the terminal until the condition holds, only the lines the program tells."""
        self._wait(condition, what, [self._tale])

    def ends(self) -> int:
        """Wait for the end of the program without reading its terminal; its return code."""
        return self.process.wait(GENEROUS)

    def read_rest(self) -> None:
        """Read what the terminal of an ended program still holds."""
        while select.select([self._master], [], [], 0)[0] and self._read_terminal():
            pass

    def size(self, width: int, height: int) -> None:
        """Resize the terminal; the program gets SIGWINCH."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def attributes(self) -> list[int | list[bytes | int]]:
        """The terminal's termios settings."""
        return termios.tcgetattr(self._master)

    def hang_up(self) -> None:
        """Close the operator's side."""
        if self._master >= 0:
            os.close(self._master)
        self._master = -1

    def _wait(self, condition: Callable[[], bool], what: str, sources: list[int]) -> None:
        deadline = monotonic() + GENEROUS
        while not condition():
            left = deadline - monotonic()
            assert left > 0, f"{what}: never came; told: {self.lines[-3:]}, shown: {self.screen.row(0)!r}"
            if not sources:
                self.process.wait(left)
                assert condition(), f"{what}: the program ended: {bytes(self.output[-1000:])!r}"
            for ready in select.select(sources, [], [], left)[0] if sources else ():
                if not (self._read_terminal() if ready == self._master else self._read_tale()):
                    sources.remove(ready)

    def _read_terminal(self) -> bool:
        try:
            data = os.read(self._master, 1 << 16)
        except OSError:  # Linux says EIO where nobody is left on the other side
            return False
        self.output += data
        self.screen.feed(data)
        return bool(data)

    def _read_tale(self) -> bool:
        data = os.read(self._tale, 1 << 16)
        *lines, self._told = (self._told + data).split(b"\n")
        self.lines += [line.decode() for line in lines]
        return bool(data)


@contextmanager
def on_a_terminal(argv: list[str], environment: dict[str, str]) -> Iterator[PtyProgram]:
    """Run a program on an 80×24 terminal; it finds the pipe for its lines as file descriptor `TALE`."""
    master, slave = os.openpty()
    tale, told = os.pipe()
    program: PtyProgram | None = None
    try:
        process = subprocess.Popen(
            argv,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            pass_fds=(told,),
            env={**environment, "TALE": str(told), "TERM": "xterm-256color"},
            start_new_session=True,
        )
        program = PtyProgram(process, master, tale)
        program.size(80, 24)
        os.close(slave)
        os.close(told)
        yield program
    finally:
        if program is not None:
            program.process.send_signal(signal.SIGKILL)
            program.process.wait()
            program.hang_up()
        os.close(tale)
