"""The screen of somebody who has no cluster file yet: what lvstop is, and the ways to go on."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from lvstop.ui.fitting import hanging, wrapped
from lvstop.ui.welcome.words import INIT, WAYS, Choice, Way, paragraphs
from lvstop.ui.widgets.key_bar import KeyBar

_WIDEST = 92
"""Columns of a line that is read with ease."""


class WelcomeScreen(Screen[Choice]):
    """A few lines and a list. Its result is what was chosen."""

    HELP = """\
# Welcome

lvstop has found no cluster file. Choose what to do with the arrows and enter, or with the key that is named below. The
demo needs nothing of yours and leaves nothing behind; the command that connects your own pair is typed in a shell.
"""
    CSS_PATH = "welcome.tcss"
    AUTO_FOCUS = "OptionList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "demo", "Demo", tooltip="A simulated pair on this machine", id="welcome.demo"),
        Binding("y", "copy", "Copy command", tooltip="The command that connects your pair", id="welcome.copy"),
        Binding("escape", "app.quit", "Quit", show=False, id="welcome.quit"),
    ]

    options = query_one(OptionList)
    story = query_one("#story", Static)

    def __init__(self, folder: Path) -> None:
        """`folder`: where cluster files are found."""
        super().__init__()
        self._folder = folder

    def compose(self) -> ComposeResult:
        """The top bar, what lvstop is, the ways to go on, the keys."""
        bar = Content.assemble(("lvstop ", "bold $primary"), ("· ", "$muted"), ("welcome", "bold"))
        yield Static(bar, classes="bar")
        with VerticalScroll(can_focus=False):
            yield Static("", id="story")
        yield OptionList(compact=True)
        yield KeyBar()

    def on_resize(self) -> None:
        """Lines are wrapped as wide as there is room."""
        self._draw()

    def _draw(self) -> None:
        width = min(_WIDEST, self.size.width - 4)
        story: list[Content] = []
        for paragraph in paragraphs(self._folder):
            story += [line for part in paragraph.split("\n") for line in wrapped(Content(part), width)]
            story.append(Content(""))
        self.story.update(Content("\n").join(story))
        marked = self.options.highlighted
        self.options.clear_options()
        self.options.add_options(Option(_way(way, width), id=way.choice) for way in WAYS)
        self.options.add_option(Option(Content.styled("Quit", "bold"), id=Choice.QUIT))
        self.options.highlighted = marked or 0

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Do it."""
        match event.option.id:
            case Choice.DEMO:
                self.action_demo()
            case Choice.INIT:
                self.action_copy()
            case _:
                self.dismiss(Choice.QUIT)

    def action_demo(self) -> None:
        """The demo takes the terminal over."""
        self.dismiss(Choice.DEMO)

    def action_copy(self) -> None:
        """Put the command into the operator's clipboard (OSC 52)."""
        self.app.copy_to_clipboard(INIT)
        self.notify("The command is in the clipboard: leave (q), and type your hosts.", timeout=6, markup=False)


def _way(way: Way, width: int) -> Content:
    """A title with its command, and below it what comes of it."""
    return Content("\n").join(_lines(way, width))


def _lines(way: Way, width: int) -> Iterator[Content]:
    yield Content.assemble((f"{way.title:<20}", "bold"), (way.command, "$command"))
    yield from hanging(Content("  "), Content.styled(way.does, "$muted"), width)
