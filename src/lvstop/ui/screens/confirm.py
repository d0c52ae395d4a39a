"""The question before anything is changed: what exactly will be done, and whether it is to be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.getters import query_one
from textual.widget import Widget
from textual.widgets import Button, Input, Label

from lvstop.actions.entries import SPAN_FORMS, parse_span
from lvstop.actions.plan import Plan
from lvstop.model.change import ChangeKind
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.actions.dialog import ActionDialog, consequential, harmless
from lvstop.ui.actions.plan_lines import plan_lines
from lvstop.ui.actions.words import VERB

_SPAN = f"{SPAN_FORMS}: then it reminds you; nothing is restored by itself"


@dataclass(frozen=True, slots=True)
class Decision:
    """The operator said yes.

    Attributes:
        reason: in his words; may be empty.
        within: after how long he means to restore it; None where he did not say.
    """

    reason: str = ""
    within: timedelta | None = None


def decided(plan: Plan, decision: Decision, now: datetime) -> Plan:
    """The plan with what the operator said; nothing else of it changes."""
    change = plan.change
    until = change.until if decision.within is None else now + decision.within
    return replace(plan, change=replace(change, reason=decision.reason or change.reason, until=until))


class ConfirmPlan(ActionDialog[Decision | None]):
    """A plan at length. The focus is on Cancel; None is a no."""

    HELP = """\
Nothing has happened yet. Listed are the rows with their weights before and after on each director, how long the change
will hold, and the commands as they will be run. Just before, everything is read again: if it is not as it is shown
here, nothing is done. Ctrl+G does it; enter on Cancel and escape do not.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", tooltip="Nothing is done", id="confirm.cancel"),
        Binding("ctrl+g", "go", "Go", tooltip="Do exactly this", id="confirm.go"),
    ]

    go = query_one("#go", Button)
    complaint = query_one("#complaint", Label)

    def __init__(self, heading: str, plan: Plan, snapshot: ClusterSnapshot) -> None:
        super().__init__(f"{heading}?", "ctrl+g goes · esc cancels")
        self._plan = plan
        self._snapshot = snapshot
        self._within: timedelta | None = None
        self._wrong = False

    def lines(self, width: int) -> Sequence[Content]:
        """The whole plan."""
        return plan_lines(self._plan, self._snapshot, width)

    def controls(self) -> Iterable[Widget]:
        """A drain is kept on record: why, and until when."""
        if self._plan.change.kind is not ChangeKind.DRAIN:
            return
        reason = Input(self._plan.change.reason, placeholder="for whoever finds it", id="reason", compact=True)
        yield Horizontal(Label("why", classes="asks"), reason, classes="line first")
        within = Input(placeholder=_SPAN, id="within", compact=True)
        yield Horizontal(Label("for", classes="asks"), within, classes="line")

    def buttons(self) -> Iterable[Widget]:
        """No, and yes."""
        yield harmless("Cancel")
        yield consequential(VERB[self._plan.change.kind].partition(" ")[0], "go")
        yield Label("", id="complaint")

    def on_input_changed(self, event: Input.Changed) -> None:
        """A length of time has to be one."""
        if event.input.id != "within":
            return
        said = ""
        try:
            self._within = parse_span(event.value)
        except ValueError as error:
            said = str(error)
        self._wrong = bool(said)
        self.go.disabled = self._wrong
        self.complaint.update(Content.styled(said, "$health-warning"))

    def on_input_submitted(self) -> None:
        """The next question; enter in a line never goes."""
        self.focus_next()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """An answer."""
        if event.button.id == "go":
            self.action_go()
        else:
            self.action_cancel()

    def action_cancel(self) -> None:
        """No."""
        self.answer(None)

    def action_go(self) -> None:
        """Yes, unless what was typed makes no sense."""
        if self._wrong:
            return
        reasons = self.query("#reason").results(Input)
        reason = next((each.value.strip() for each in reasons), self._plan.change.reason)
        self.answer(Decision(reason, self._within))
