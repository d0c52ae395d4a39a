"""What is to be failed over, where there is a choice."""

from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from lvstop.ui.actions.dialog import ActionDialog, harmless
from lvstop.ui.failover.choices import Choice
from lvstop.ui.fitting import hanging
from lvstop.ui.words import muted


class ScopeScreen(ActionDialog[Choice | None]):
    """A list of what is held, each with who would take it. Nothing is asked of the directors yet."""

    AUTO_FOCUS = "#scopes"
    CSS_PATH: ClassVar[str | list[str | PurePath]] = ["dialog.tcss", "failover.tcss"]
    HELP = "Instances of a sync group move together. Enter leads to the preflight, which asks before anything is done."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", tooltip="Nothing is done", id="scope.cancel"),
        Binding("up", "move(-1)", "Up", show=False, id="scope.up"),
        Binding("down", "move(1)", "Down", show=False, id="scope.down"),
    ]

    def __init__(self, found: Sequence[Choice]) -> None:
        super().__init__("What is to be failed over?", "enter goes on · esc cancels")
        self._found = tuple(found)

    def lines(self, width: int) -> Sequence[Content]:
        """What happens next."""
        said = "The directors are asked next, and you are shown what was found before anything is done."
        return hanging(Content(" "), muted(said), width)

    def controls(self) -> Iterable[Widget]:
        """The list."""
        options = (
            Option(Content.assemble(f" {each.what}  ", (f"{each.source} → {each.target}", "$muted")))
            for each in self._found
        )
        yield OptionList(*options, id="scopes", compact=True)

    def buttons(self) -> Iterable[Widget]:
        """No; the list is the yes."""
        yield harmless("Cancel")

    def action_move(self, step: int) -> None:
        """Move in the list, wherever the focus is."""
        options = self.query_one("#scopes", OptionList)
        if step > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go on with it."""
        self.answer(self._found[event.option_index])

    def on_button_pressed(self) -> None:
        """Nothing."""
        self.answer(None)

    def action_cancel(self) -> None:
        """Nothing."""
        self.answer(None)
