"""Asking for a weight, with what would come of it."""

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.getters import query_one
from textual.widget import Widget
from textual.widgets import Button, Input, Label

from lvstop import format as fmt
from lvstop.actions.entries import WEIGHT_FORMS, parse_weight
from lvstop.actions.intent import Intent, Row
from lvstop.actions.plan import Plan, Refusal
from lvstop.analysis.words import listing
from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot
from lvstop.ui.actions.dialog import ActionDialog, consequential, harmless
from lvstop.ui.actions.plan_lines import scope_lines, share_lines
from lvstop.ui.actions.words import row_name, subject
from lvstop.ui.fitting import hanging
from lvstop.ui.screens.refusal import objection_lines
from lvstop.ui.words import muted

Preview = Callable[[Intent], Plan | Refusal]


class WeightScreen(ActionDialog[Intent | None]):
    """A line for a weight. What it would do is shown while it is typed; it is asked for again before it is done."""

    AUTO_FOCUS = "#weight"
    HELP = """\
A number sets the weight, `+1` and `-1` add to it, `50%` is that part of what keepalived means it to be. Nothing happens
here: enter shows the plan.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", tooltip="Nothing is done", id="weight.cancel"),
    ]

    weight = query_one("#weight", Input)
    show_plan = query_one("#show-plan", Button)

    def __init__(self, rows: Sequence[Row], preview: Preview, snapshot: ClusterSnapshot) -> None:
        super().__init__(f"Weight of {subject(rows)}", "enter shows the plan · esc cancels")
        self._rows = tuple(rows)
        self._preview = preview
        self._snapshot = snapshot
        self._intent: Intent | None = None
        self._said: Plan | Refusal | str = ""

    def lines(self, width: int) -> Sequence[Content]:
        """What would come of it."""
        said = self._said
        if isinstance(said, Plan):
            shares = [Content(""), *share_lines(said.shares, width)] if said.shares else []
            return [*scope_lines(said.expects, self._snapshot, width), *shares]
        if isinstance(said, Refusal):
            return [line for objection in said.objections for line in objection_lines(objection, width)]
        if said:
            return hanging(Content.styled(" ✖ ", "$health-warning"), Content(said), width)
        return present_lines(self._rows, self._snapshot, width)

    def controls(self) -> Iterable[Widget]:
        """The line."""
        entry = Input(placeholder=WEIGHT_FORMS, id="weight", compact=True)
        yield Horizontal(Label("weight", classes="asks"), entry, classes="line first")

    def buttons(self) -> Iterable[Widget]:
        """No, and on to the plan."""
        yield harmless("Cancel")
        yield consequential("Show the plan …", "show-plan", disabled=True)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what would come of it."""
        self._intent, self._said = None, ""
        if event.value.strip():
            try:
                self._intent = parse_weight(event.value, self._rows)
            except ValueError as error:
                self._said = str(error)
            else:
                self._said = self._preview(self._intent)
        self.show_plan.disabled = self._intent is None
        self.draw()

    def on_input_submitted(self) -> None:
        """On to the plan, which asks."""
        self._take()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """An answer."""
        if event.button.id == "show-plan":
            self._take()
        else:
            self.action_cancel()

    def _take(self) -> None:
        if self._intent is not None:
            self.answer(self._intent)

    def action_cancel(self) -> None:
        """Nothing."""
        self.answer(None)


def present_lines(rows: Sequence[Row], snapshot: ClusterSnapshot, width: int) -> list[Content]:
    """The weights that rows have now, on each director."""
    lines: list[Content] = []
    for server, real in rows:
        weights = ((each.name, _weight_on(each, server, real)) for each in snapshot.directors)
        told = listing(f"{fmt.UNKNOWN if weight is None else weight} on {name}" for name, weight in weights)
        lines += hanging(Content(" "), Content.assemble(row_name((server, real)), muted(f"  has {told}")), width)
    return lines


def _weight_on(director: DirectorSnapshot, server: VirtualServerKey, real: RealServerKey) -> int | None:
    """None where nobody can tell, and where the director does not have the row."""
    tables = director.virtual_servers if director.answers else None
    rows = (row for table in tables or () if table.key == server for row in table.real_servers)
    return next((row.weight for row in rows if row.key == real), None)
