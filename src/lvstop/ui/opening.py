"""What the terminal shows at once: whose cluster this is, and that its directors are about to be asked.

A few lines need next to nothing that has to be imported; what the screens need is imported while they are painted.
"""

import asyncio
from collections.abc import Callable, Iterable

from textual.app import ComposeResult
from textual.content import Content
from textual.driver import Driver
from textual.widgets import Static

from lvstop.config.schema import ClusterConfig
from lvstop.config.themes import ThemeSpec
from lvstop.ui.themed import ThemedApp


class OpeningLine(Static):
    """One line, or more where names are long."""

    DEFAULT_CSS = """
    OpeningLine.-bar { background: $header-background; color: $header-text; }
    """


class EarlyApp(ThemedApp[None]):
    """An application that is on the terminal before it can do anything but end."""

    def __init__(
        self,
        first: ClusterConfig,
        themes: Iterable[ThemeSpec],
        prepare: Callable[[], object] | None,
        driver_class: type[Driver] | None,
    ) -> None:
        """`prepare` imports what `open` needs; a thread calls it. None: there is nothing to wait for, nor to see."""
        super().__init__(themes, driver_class)
        self._first = first
        self._prepare = prepare
        self._is_open = prepare is None

    @property
    def badge(self) -> str:
        """What cannot be done here, in a word; empty where all can."""
        return ""

    def open(self) -> None:
        """Show what the application is for."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Before it is open, one can only leave."""
        return super().check_action(action, parameters) if self._is_open or action == "quit" else False

    def compose(self) -> ComposeResult:
        """The top bar as far as it is known, and whom lvstop will connect to."""
        if self._prepare is None:
            return
        names = ", ".join(director.name for director in self._first.directors)
        bar = Content.assemble((" lvstop ", "bold $primary"), ("· ", "$muted"), (self._first.name, "bold"))
        if self.badge:
            bar += Content.assemble("  ", (self.badge, "bold"))
        yield OpeningLine(bar, classes="-bar")
        yield OpeningLine(Content.styled(f" connecting to {names} …", "$muted"))

    def on_mount(self) -> None:
        """Open at once, or when the lines are painted and the rest is imported."""
        if self._prepare is None:
            self.open()
        else:
            self.call_after_refresh(self._wait_for, self._prepare)

    def _wait_for(self, prepare: Callable[[], object]) -> None:
        async def finish() -> None:
            await asyncio.to_thread(prepare)
            self._is_open = True
            # data is bound by the node whose message is handled: that has to be the application
            self.call_later(self.open)

        # awaited here, it would keep the application from its keys
        self.run_worker(finish(), description="importing the screens")
