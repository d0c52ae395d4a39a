"""Writing that holds up nothing: a terminal that takes no more, or is gone, is no reason to stop in the middle."""

import contextlib
import io
import os
import sys
import threading
from queue import SimpleQueue
from typing import TextIO

from lvstop.plain import plain


class Narrator:
    """Lines for the operator about what is being done, written by a thread of their own."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        # daemon: what cannot be written any more does not keep the command from ending
        self._thread = threading.Thread(target=self._write, name="narration", daemon=True)
        self._thread.start()

    def say(self, line: str) -> None:
        """Write a line when there is room for it. Never waits, never raises."""
        self._lines.put(plain(line))

    def finish(self, seconds: float = 2.0) -> None:
        """Let what was said be written, for so long at most."""
        self._lines.put(None)
        self._thread.join(seconds)

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            with contextlib.suppress(OSError, ValueError):  # gone, or closed
                self._stream.write(f"{line}\n")
                self._stream.flush()


def wrapped(text: str, width: int) -> str:
    """`text` in lines of `width` columns, broken between words; what goes on is indented a little more.

    Commands (behind an arrow) stay in one line, so that they can be copied.
    """
    import textwrap

    lines: list[str] = []
    for line in text.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        if len(line) <= width or line.lstrip().startswith("→"):
            lines.append(line)
            continue
        lines += textwrap.wrap(
            line,
            max(20, width),
            subsequent_indent=f"{indent}  ",
            break_long_words=False,
            break_on_hyphens=False,
            drop_whitespace=True,
        )
    return "\n".join(lines)


def write_out(text: str) -> bool:
    """Write data to stdout. False where nobody reads any more; what is written after that goes nowhere."""
    try:
        sys.stdout.write(plain(text))
        sys.stdout.flush()
    except (OSError, ValueError):
        discard_stdout()
        return False
    return True


def discard_stdout() -> None:
    """Python writes out what is left at its end: into nothing."""
    with contextlib.suppress(OSError, ValueError, io.UnsupportedOperation):  # not a real file: nothing is written then
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
