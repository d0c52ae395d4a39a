"""A Textual app that paints at every beat of its heart and tells the beats on a pipe. Run as a program.

Lines told: `beat N`, and after the key f, which stops the counting, `frozen N`. Arguments: `textual` for Textual's own
driver, `recording` for ours with a memory, `deaf` to ignore SIGHUP.
"""

import asyncio
import fcntl
import json
import os
import signal
import sys
import termios

from textual.app import App, ComposeResult
from textual.driver import Driver
from textual.widgets import Static

from lvstop.ui.driver import driver_class
from lvstop.ui.steady_driver import SteadyDriver, is_frame

STATIC_ROWS = [f"this row never changes, {number}" for number in range(5)]
NOISE_ROWS = 12
BEAT_SECONDS = 0.01


def noise(count: int) -> list[str]:
    """Rows without a cell in common with those of the count before."""
    return [chr(ord("a") + (count + row) % 26) * 79 for row in range(NOISE_ROWS)]


def expected_rows(count: int) -> list[str]:
    """What the screen shows at this count, from the top."""
    return [f"count {count}", *STATIC_ROWS, *noise(count)]


class RecordingDriver(SteadyDriver):
    """Remembers what was not taken for a frame."""

    kept: list[str] = []  # noqa: RUF012 - read through the class: the app offers no way to its driver

    def write(self, data: str) -> None:
        """Write it."""
        if not is_frame(data):
            self.kept.append(data)
        super().write(data)


class TickingApp(App[None]):
    """Counts."""

    CSS = "Static { height: auto; } #corner { dock: bottom; width: 1fr; text-align: right; }"
    BINDINGS = [("q", "quit", ""), ("f", "freeze", ""), ("b", "bell", ""), ("s", "shell", "")]  # noqa: RUF012 - as Textual has it

    def __init__(self, tale: int, driver: type[Driver] | None) -> None:
        super().__init__(driver_class=driver)
        self._tale = tale
        self._count = 0
        self._heart: asyncio.Task[None] | None = None
        self._number = Static("count 0")
        self._noise = Static()

    def compose(self) -> ComposeResult:
        """One changing number, rows that never change, rows that always do, and something at the bottom."""
        yield self._number
        yield Static("\n".join(STATIC_ROWS))
        yield self._noise
        yield Static("corner", id="corner")

    def on_mount(self) -> None:
        """Begin."""
        self._heart = asyncio.create_task(self._beat())

    def action_freeze(self) -> None:
        """Stop counting and tell the number, and all that was written beside frames."""
        if self._heart is not None:
            self._heart.cancel()
        self._tell(f"kept {json.dumps(RecordingDriver.kept)}")
        self._tell(f"frozen {self._count}")

    def action_shell(self) -> None:
        """Lend the terminal to another program."""
        with self.suspend():
            os.write(1, b"a shell")

    async def _beat(self) -> None:
        while True:
            self._count += 1
            self._number.update(f"count {self._count}")
            self._noise.update("\n".join(noise(self._count)))
            self._tell(f"beat {self._count}")
            await asyncio.sleep(BEAT_SECONDS)

    def _tell(self, line: str) -> None:
        os.write(self._tale, f"{line}\n".encode())


def main(arguments: list[str]) -> int:
    """Make the terminal ours, so that it signals us, and run."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    if "deaf" in arguments:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    driver = None if "textual" in arguments else RecordingDriver if "recording" in arguments else driver_class()
    app = TickingApp(int(os.environ["TALE"]), driver)
    app.run()
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
