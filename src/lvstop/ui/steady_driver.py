"""Textual's driver for POSIX terminals, made indifferent to whether the terminal reads."""

import asyncio
import errno
import re
import signal
import sys

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from lvstop.ui.terminal_output import SYNC_END, SYNC_START, TerminalOutput
from lvstop.ui.themed import ThemedApp

HANGUP_EXIT = 128 + signal.SIGHUP
"""The app's return code when its terminal went away: what a shell says of a program that SIGHUP ended."""

_CURSOR_LAST = re.compile(r"\x1b\[\d+;\d+H\Z")
_LONGEST_CURSOR = 16


def is_frame(text: str) -> bool:
    """Whether a write paints cells, and is made good by painting the whole screen.

    Textual ends every frame by putting the cursor in its place. All else sets modes, asks or rings.
    """
    return _CURSOR_LAST.search(text[-_LONGEST_CURSOR:]) is not None


class SteadyDriver(LinuxDriver):
    """Never lets a terminal that does not read stop the event loop.

    Frames are dropped while it does not read, and the whole screen is painted when it reads again. Leaving ends within
    two seconds. A terminal that is gone (a failed write, or SIGHUP unless that is ignored) makes the app exit with
    `HANGUP_EXIT`. LinuxDriver's own writer thread is started, used by nobody, and stopped.
    """

    # Two underscores, so that no attribute a later Textual invents is overwritten.

    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        """As Textual calls it."""
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.__app = app
        if isinstance(app, ThemedApp):
            app.tell_terminal = self.write
        self.__output: TerminalOutput | None = None
        self.__synchronised = False
        self.__hears_hangup = False

    def start_application_mode(self) -> None:
        """Start the writer, then take the terminal over."""
        if self.__output is None and sys.__stderr__ is not None:
            self.__output = TerminalOutput(sys.__stderr__.fileno(), self.__repaint, self.__hang_up)
        if signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.__hang_up)
            self.__hears_hangup = True
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual left its types out

    def resume_application_mode(self) -> None:
        """As after Ctrl-Z and `fg`: the alternate screen is empty then, and Textual paints only changes."""
        super().resume_application_mode()
        self.__repaint()

    def stop_application_mode(self) -> None:
        """Put the terminal back, painting nothing more."""
        if self.__output is not None:
            self.__output.leave()
        super().stop_application_mode()

    def close(self) -> None:
        """End the writer: at once where the terminal reads, else when its deadline is over."""
        if self.__output is not None:
            self.__output.close()
            self.__output = None
        if self.__hears_hangup:
            self.__hears_hangup = False
            asyncio.get_running_loop().remove_signal_handler(signal.SIGHUP)
        super().close()

    def write(self, data: str) -> None:
        """Hand output to the writer. While suspended or closed it goes nowhere."""
        if self.__output is None:
            return
        # The marks around a frame come as writes of their own; a frame that is dropped takes them with it.
        if data in (SYNC_START, SYNC_END):
            self.__synchronised = data == SYNC_START
        elif is_frame(data):
            self.__output.frame(f"{SYNC_START}{data}{SYNC_END}" if self.__synchronised else data)
        else:
            self.__output.keep(data)

    def run_input_thread(self) -> None:
        """Read keys until told to stop, or until the terminal is gone."""
        try:
            super().run_input_thread()
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            self.__hang_up()

    def __repaint(self) -> None:
        self.__app.call_later(self.__app.refresh, layout=True)

    def __hang_up(self) -> None:
        self.__app.call_later(self.__app.exit, return_code=HANGUP_EXIT)
