"""Why something is not done, and where it may be, what it takes to insist."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.getters import query_one
from textual.widget import Widget
from textual.widgets import Button, Input, Label

from lvstop.actions.plan import Objection, Refusal
from lvstop.analysis.words import count
from lvstop.ui.actions.dialog import ActionDialog, consequential, harmless
from lvstop.ui.fitting import hanging
from lvstop.ui.words import muted


class RefusalScreen(ActionDialog[str | None]):
    """Objections, a sentence each. The answer is the reason by which the operator insists; None where he does not."""

    HELP = """\
Nothing has happened. Each objection has its evidence. Where all of them may be overridden there is a line for a reason,
which is written into the audit; the plan is shown before anything is done, as always.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave it", tooltip="Nothing is done", id="refusal.leave"),
    ]

    insist = query_one("#insist", Button)

    def __init__(self, heading: str, refusal: Refusal) -> None:
        hint = "tab to the reason · esc leaves it" if refusal.overridable else "esc closes"
        super().__init__(f"Not done: {heading}", hint)
        self._refusal = refusal

    def lines(self, width: int) -> Sequence[Content]:
        """All objections, and what follows."""
        objections = self._refusal.objections
        lines = [line for objection in objections for line in (*objection_lines(objection, width), Content(""))]
        final = sum(not objection.overridable for objection in objections)
        if self._refusal.overridable:
            said = (
                "You may insist. Your reason is written into the audit, and the plan is shown before anything is done."
            )
        elif final < len(objections):
            said = f"{count(final, 'objection')} of {len(objections)} cannot be overridden (✖)."
        else:
            return lines[:-1]
        return [*lines, *hanging(Content(" "), muted(said), width)]

    def controls(self) -> Iterable[Widget]:
        """Whoever insists says why."""
        if self._refusal.overridable:
            reason = Input(placeholder="needed to insist", id="reason", compact=True)
            yield Horizontal(Label("why", classes="asks"), reason, classes="line first")

    def buttons(self) -> Iterable[Widget]:
        """Leave it, or insist."""
        yield harmless("Leave it" if self._refusal.overridable else "Close")
        if self._refusal.overridable:
            yield consequential("Insist …", "insist", disabled=True)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Without a reason nobody insists."""
        self.insist.disabled = not event.value.strip()

    def on_input_submitted(self) -> None:
        """To the buttons; enter in a line insists on nothing."""
        self.focus_next()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """An answer."""
        if event.button.id == "insist":
            self.answer(self.query_one("#reason", Input).value.strip() or None)
        else:
            self.action_leave()

    def action_leave(self) -> None:
        """Nothing is done."""
        self.answer(None)


def objection_lines(objection: Objection, width: int) -> list[Content]:
    """A code and its sentence; the sign says whether it may be overridden."""
    sign, style = ("▲", "$health-warning") if objection.overridable else ("✖", "$health-critical")
    head = Content.styled(f" {sign} {objection.code}", f"bold {style}")
    if objection.overridable:
        head += muted("  may be overridden")
    return [head, *hanging(Content("   "), Content(objection.sentence), width)]
