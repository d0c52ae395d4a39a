"""The directors are being asked what only a failover needs to know."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from lvstop.analysis.words import listing


class SoundingScreen(ModalScreen[None]):
    """Stands while they are asked. Nothing is changed meanwhile, so that leaving costs nothing."""

    CSS_PATH = "dialog.tcss"
    HELP = "The directors are asked; nothing is changed there. Escape leaves it."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", tooltip="Nothing is done", id="sounding.cancel"),
    ]

    def __init__(self, heading: str, directors: Sequence[str], cancel: Callable[[], object]) -> None:
        """`cancel`: called when the operator does not want to wait for it."""
        super().__init__()
        self._heading = heading
        self._directors = tuple(directors)
        self._cancel = cancel
        self._over = False

    def compose(self) -> ComposeResult:
        """Who is asked what."""
        with Vertical(id="frame", classes="dialog action-dialog") as frame:
            frame.border_title = Content(self._heading)
            frame.border_subtitle = Content("nothing is changed · esc cancels")
            said = f" Asking {listing(self._directors)}: configuration, adverts, connections, service, clocks …"
            yield Static(Content(said), id="words")

    def end(self) -> None:
        """They have answered, or are not asked any more."""
        self._over = True
        self._leave()

    def on_screen_resume(self) -> None:
        """What lay above is gone."""
        if self._over:
            self._leave()

    def _leave(self) -> None:
        if self.is_active:
            self.dismiss(None)

    def action_cancel(self) -> None:
        """Do not wait for it."""
        self._cancel()
