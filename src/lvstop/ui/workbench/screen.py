"""The panel that breaks and mends."""

from collections.abc import Sequence
from itertools import groupby
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Input, Label, OptionList
from textual.widgets.option_list import Option

from lvstop.errors import LvstopError
from lvstop.ui.workbench.parts import Part, Workbench

_MOST = 200
"""Parts that are shown at once; the filter finds the others."""

_GROUP = "workbench"


class PartList(OptionList):
    """The parts, under the headings of their groups."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "select", "Do it", tooltip="What the line says", id="workbench.do")
    ]


class WorkbenchScreen(ModalScreen[None]):
    """Parts of the cluster that is shown, how they are, and what can be done to them. It stays until it is left."""

    HELP = """\
# Break and mend

Each line is a part of the simulated cluster: how it is, and what enter does to it. The panel stays open, so that one
thing can be broken after another; escape leaves it. Type to find a part.
"""
    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = "PartList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,B", "leave", "Close", tooltip="Back to what it did", id="workbench.close"),
        Binding("slash", "find", "Find", tooltip="Only parts with these words", id="workbench.find"),
        Binding("down", "to_list", "To the list", show=False, id="workbench.to-list"),
    ]

    options = query_one(PartList)
    words = query_one("#words", Input)
    said = query_one("#said", Label)

    def __init__(self, workbench: Workbench, cluster: str) -> None:
        super().__init__()
        self._workbench = workbench
        self._cluster = cluster
        self._parts: Sequence[Part] = ()
        self._shown: Sequence[Part] = ()

    def compose(self) -> ComposeResult:
        """A line to type into, the list, and what happened last."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(f"Break and mend {self._cluster}")
            dialog.border_subtitle = "enter does it · / finds · esc closes"
            yield Input(placeholder="find", id="words", compact=True)
            yield PartList(compact=True)
            yield Label("", id="said")

    def on_mount(self) -> None:
        """Read the parts, and again every second: things happen by themselves as well."""
        self.refresh_parts()
        self.set_interval(1.0, self.refresh_parts)

    def refresh_parts(self) -> None:
        """Read the parts and show what differs."""
        self.run_worker(self._refresh(), group=_GROUP, exclusive=True, exit_on_error=False)

    async def _refresh(self) -> None:
        self._parts = await self._workbench.parts(self._cluster)
        self._fill()

    def _fill(self) -> None:
        """Show what matches; the cursor stays with its part."""
        wanted = self.words.value.lower().split()
        matching = [part for part in self._parts if all(word in _words(part) for word in wanted)]
        shown = matching[:_MOST]
        if list(shown) == list(self._shown):
            return
        same = [part.key for part in shown] == [part.key for part in self._shown]
        before, self._shown = self._shown, shown
        if same:
            for part, old in zip(shown, before, strict=True):
                if part != old:
                    self.options.replace_option_prompt(part.key, _line(part))
            return
        marked = None
        if self.options.highlighted is not None:
            marked = self.options.get_option_at_index(self.options.highlighted).id
        self.options.clear_options()
        for group, parts in groupby(shown, key=lambda part: part.group):
            self.options.add_option(Option(Content.styled(group, "$muted"), disabled=True))
            self.options.add_options(Option(_line(part), id=part.key) for part in parts)
        if shown:
            keys = [part.key for part in shown]
            self.options.highlighted = self.options.get_option_index(marked if marked in keys else keys[0])
        rest = len(matching) - len(shown)
        self.said.update(Content(f"{rest:,} more: type to find them" if rest else ""))

    def on_input_changed(self) -> None:
        """Another word to find."""
        self._fill()

    def on_input_submitted(self) -> None:
        """Found: on to the list."""
        self.action_to_list()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Do it."""
        if event.option.id is not None:
            self.run_worker(self._act(event.option.id), group=f"{_GROUP}-act", exit_on_error=False)

    async def _act(self, key: str) -> None:
        try:
            said = await self._workbench.act(self._cluster, key)
        except LvstopError as error:
            self.said.update(Content.styled(str(error), "$health-warning"))
            return
        self.said.update(Content(said))
        await self._refresh()

    def action_leave(self) -> None:
        """Close."""
        self.dismiss(None)

    def action_find(self) -> None:
        """Type words."""
        self.words.focus()

    def action_to_list(self) -> None:
        """From the words to the list."""
        self.options.focus()


def _words(part: Part) -> str:
    return f"{part.group} {part.name} {part.state} {part.does}".lower()


def _line(part: Part) -> Content:
    """A sign and a word for the state, and what would be done."""
    sign, style = ("✖", "$health-critical") if part.broken else ("✔", "$health-ok")
    return Content.assemble(
        (f" {sign} ", style),
        (f"{part.name:<34.34} ", "bold"),
        (f"{part.state:<18.18} ", style if part.broken else "$muted"),
        part.does,
    )
