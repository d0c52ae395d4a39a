"""A warning that has to be ticked by hand."""

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from lvstop.actions.failover.checks import Check, CheckCode
from lvstop.ui.failover.assessment_lines import tick_lines


class Tick(Static, can_focus=True):
    """A check with a box. Nothing ticks it but space, enter or a click on it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "tick", "Tick", tooltip="Accept this warning, or take that back", id="failover.tick"),
    ]

    ticked: reactive[bool] = reactive(default=False, init=False)

    @dataclass
    class Changed(Message):
        """It was ticked, or is not any more."""

        code: CheckCode
        ticked: bool

    def __init__(self, check: Check, *, ticked: bool = False) -> None:
        super().__init__(classes="tick")
        self.check = check
        self.set_reactive(Tick.ticked, ticked)
        self._width = 0

    def fill(self, width: int) -> int:
        """Write it in lines of `width` cells. Returns how many it has."""
        self._width = width
        lines = tick_lines(self.check, width, ticked=self.ticked)
        self.update(Content("\n").join(lines))
        return len(lines)

    def watch_ticked(self, ticked: bool) -> None:
        """Show it, and tell."""
        self.fill(self._width)
        self.post_message(self.Changed(self.check.code, ticked))

    def action_tick(self) -> None:
        """The other way round."""
        self.ticked = not self.ticked

    def on_click(self) -> None:
        """As the key."""
        self.action_tick()
