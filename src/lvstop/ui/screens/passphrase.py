"""Asking for the passphrase of a key."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label


class PassphraseScreen(ModalScreen[str | None]):
    """One line without echo. None where the operator declines."""

    HELP = "The key is unlocked in memory for as long as lvstop runs. Nothing is stored."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "decline", "Without this key", tooltip="Log in another way", id="passphrase.decline"),
    ]

    def __init__(self, prompt: str) -> None:
        super().__init__()
        self._prompt = prompt

    def compose(self) -> ComposeResult:
        """The question and the line."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "A key is locked"
            dialog.border_subtitle = "enter unlocks · esc goes on without this key"
            yield Label(Content(self._prompt))
            yield Input(password=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """What was typed; nothing typed is a refusal."""
        self.dismiss(event.value or None)

    def action_decline(self) -> None:
        """Go on without the key."""
        self.dismiss(None)
