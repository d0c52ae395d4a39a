"""Textual's driver for a browser, which says one thing after the other, and ends when whoever serves it is gone."""

import threading

from textual.app import App
from textual.drivers.web_driver import WebDriver

SERVER_GONE_EXIT = 1
"""The app's return code when nobody serves it any more."""


class ServedDriver(WebDriver):
    """Reads what the browser sends from standard input, does not outlive it, and writes whole packets.

    Textual's own goes on for ever without a browser: with its connections to the directors, and nobody to see it. It
    writes frames and chunks of an export from two threads into one pipe, which takes no more than PIPE_BUF (4096) bytes
    in one piece (pipe(7)): over a slow link one would arrive in the middle of the other.
    """

    # Two underscores, so that no attribute a later Textual invents is overwritten.

    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        """As Textual calls it."""
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.__app = app
        self.__saying = threading.Lock()

    def write(self, data: str) -> None:
        """As Textual calls it: what is painted."""
        with self.__saying:
            super().write(data)

    def write_meta(self, data: dict[str, object]) -> None:
        """As Textual calls it: what is no output."""
        with self.__saying:
            super().write_meta(data)

    def write_binary_encoded(self, data: tuple[str | bytes, ...]) -> None:
        """As Textual calls it: a chunk of a file that is delivered."""
        with self.__saying:
            super().write_binary_encoded(data)

    def run_input_thread(self) -> None:
        """Read until told to stop, or until standard input ends."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            self.__app.call_later(self.__app.exit, return_code=SERVER_GONE_EXIT)
