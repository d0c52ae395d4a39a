"""What all dialogues about changes have in common: text that scrolls, and below it what can be answered."""

from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.message import Message
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button, Static

WIDEST = 112
"""Cells of a dialogue; longer lines are hard to read."""

_SIDES = 5
"""Cells beside the text: border and blank on either side, and the scrollbar."""

_FRAME = 4
"""Lines around the text: the border, the buttons and the blank line above them."""

Answer = TypeVar("Answer")


def harmless(label: str) -> Button:
    """The answer that has the focus at first."""
    return Button(Content(label).pad(1, 1), id="cancel", compact=True)


def consequential(label: str, identity: str, *, disabled: bool = False) -> Button:
    """An answer from which something follows."""
    return Button(Content(label).pad(1, 1), id=identity, classes="go", disabled=disabled, compact=True)


class DialogText(VerticalScroll, can_focus=False):
    """The text. It is scrolled by the dialogue's keys, so that the focus stays on an answer."""

    class Scrolled(Message):
        """Other lines are in sight."""

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Whoever counts the lines below follows."""
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Scrolled())


class ActionDialog(ModalScreen[Answer]):
    """A dialogue whose first button is harmless and has the focus."""

    CSS_PATH: ClassVar[str | list[str | PurePath]] = "dialog.tcss"
    AUTO_FOCUS = "#cancel"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_text(-1)", "Scroll up", show=False, id="dialog.up"),
        Binding("down", "scroll_text(1)", "Scroll down", show=False, id="dialog.down"),
        Binding("pageup", "scroll_text(-10)", "Page up", show=False, id="dialog.page-up"),
        Binding("pagedown", "scroll_text(10)", "Page down", show=False, id="dialog.page-down"),
        Binding("left", "app.focus_previous", "Previous answer", show=False, id="dialog.previous"),
        Binding("right", "app.focus_next", "Next answer", show=False, id="dialog.next"),
    ]

    hint: reactive[Content] = reactive(Content(""), init=False)
    """What can be done here, at the edge of the frame."""

    frame = query_one("#frame", Vertical)
    text = query_one(DialogText)
    words = query_one("#words", Static)

    def __init__(self, title: str, hint: str) -> None:
        super().__init__()
        self._title = title
        self.set_reactive(ActionDialog.hint, Content(hint))

    def lines(self, width: int) -> Sequence[Content]:
        """The text, in lines of `width` cells."""
        raise NotImplementedError

    def body(self) -> Iterable[Widget]:
        """What scrolls."""
        yield Static(id="words")

    def fill(self, width: int) -> int:
        """Bring what scrolls up to date. Returns how many lines it has."""
        lines = self.lines(width)
        self.words.update(Content("\n").join(lines))
        return len(lines)

    def controls(self) -> Iterable[Widget]:
        """What is asked for between text and buttons, a line each."""
        return ()

    def buttons(self) -> Iterable[Widget]:
        """The answers; the harmless one is called `cancel`."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """From the top: text, controls, buttons."""
        with Vertical(id="frame", classes="dialog action-dialog") as frame:
            frame.border_title = Content(self._title)
            with DialogText():
                yield from self.body()
            yield from self.controls()
            with Horizontal(id="answers"):
                yield from self.buttons()

    def on_mount(self) -> None:
        """Show the text."""
        self.draw()

    def on_resize(self) -> None:
        """Another width: other lines."""
        self.draw()

    def watch_hint(self) -> None:
        """Show it."""
        self._tell_rest()

    def on_dialog_text_scrolled(self) -> None:
        """Say how much is left below."""
        self._tell_rest()

    def draw(self) -> None:
        """Bring the text up to date."""
        width, height = self.size
        lines = self.fill(max(20, min(width, WIDEST) - _SIDES))
        controls = len(self.frame.children) - 2
        room = max(1, height - _FRAME - (controls + 1 if controls else 0))
        self.text.styles.height = min(lines, room)
        self.call_after_refresh(self._tell_rest)

    def _tell_rest(self) -> None:
        below = int(self.text.max_scroll_y - self.text.scroll_offset.y)
        more = f"↓ {below} more · " if below > 0 else ""
        self.frame.border_subtitle = Content(more) + self.hint

    def answer(self, result: Answer) -> None:
        """Leave with an answer, once: a second key on a dialogue that is gone would close what lies below."""
        if self.is_active:
            self.dismiss(result)

    def action_scroll_text(self, lines: int) -> None:
        """Scroll the text."""
        self.text.scroll_relative(y=lines, animate=False, force=True)
