"""Textual's driver for a browser, which ends when whoever serves it is gone."""

from textual.app import App
from textual.drivers.web_driver import WebDriver

SERVER_GONE_EXIT = 1
"""The app's return code when nobody serves it any more."""


class ServedDriver(WebDriver):
    """Reads what the browser sends from standard input, and does not outlive it.

    Textual's own goes on for ever without a browser: with its connections to the directors, and nobody to see it.
    """

    # Two underscores, so that no attribute a later Textual invents is overwritten.

    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        """As Textual calls it."""
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.__app = app

    def run_input_thread(self) -> None:
        """Read until told to stop, or until standard input ends."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            self.__app.call_later(self.__app.exit, return_code=SERVER_GONE_EXIT)
