"""How a change ended where it did not end well: what went wrong, and what stands where."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button

from lvstop.actions.outcome import Outcome, OutcomeKind, RowStanding
from lvstop.ui.actions.dialog import ActionDialog, consequential, harmless
from lvstop.ui.actions.words import row_name
from lvstop.ui.fitting import hanging
from lvstop.ui.screens.refusal import objection_lines
from lvstop.ui.words import muted


class Resume(StrEnum):
    """What to do about a change that is not finished."""

    FINISH = "finish"
    UNDO = "undo"


_TITLES = {
    OutcomeKind.DONE: ("✔", "Done", "$health-ok"),
    OutcomeKind.REFUSED: ("✖", "Refused", "$health-warning"),
    OutcomeKind.UNDONE: ("↺", "Undone", "$health-warning"),
    OutcomeKind.INCOMPLETE: ("✖", "INCOMPLETE", "$change-unfinished"),
}
_SENTENCES = {
    OutcomeKind.DONE: "Everything was changed, and read back as planned.",
    OutcomeKind.REFUSED: "Nothing was touched.",
    OutcomeKind.UNDONE: "It failed. Everything was put back, and read back as it had been.",
    OutcomeKind.INCOMPLETE: "It failed, and not everything could be put back. This is what stands where:",
}


class OutcomeScreen(ActionDialog[Resume | None]):
    """An outcome with nothing left out. Of an incomplete one the rest can be asked for: to finish it, or to undo it."""

    HELP = """\
*Refused*: nothing was touched. *Undone*: it failed and everything was put back. *Incomplete*: neither; each row says
what was read back. An incomplete change stays on the maintenance board (`b`) until it is finished or undone.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", tooltip="It stays as it is", id="outcome.leave"),
    ]

    def __init__(self, heading: str, outcome: Outcome) -> None:
        sign, word, _ = _TITLES[outcome.kind]
        super().__init__(f"{sign} {word}: {heading}", "esc closes")
        self._outcome = outcome

    @property
    def _resumable(self) -> bool:
        return self._outcome.kind is OutcomeKind.INCOMPLETE and self._outcome.change is not None

    def lines(self, width: int) -> Sequence[Content]:
        """What went wrong, what stands where, and what else there is to know."""
        outcome = self._outcome
        style = _TITLES[outcome.kind][2]
        lines = hanging(Content(" "), Content.styled(_SENTENCES[outcome.kind], f"bold {style}"), width)
        if outcome.failure:
            lines += hanging(Content.styled(" ✖ ", "$health-critical"), Content(outcome.failure), width)
        for objection in outcome.objections:
            lines += [Content(""), *objection_lines(objection, width)]
        if outcome.rows:
            lines += [Content(""), *standing_lines(outcome.rows, width)]
        lines += [Content("")] if outcome.notes or outcome.seconds else []
        for note in outcome.notes:
            lines += hanging(Content.styled(" ! ", "$health-warning"), Content(note), width)
        if self._resumable:
            said = "It stays on the maintenance board (b) until it is finished or undone."
            lines += hanging(Content(" "), muted(said), width)
        return [*lines, muted(f" after {outcome.seconds:.1f} s")] if outcome.seconds else lines

    def buttons(self) -> Iterable[Widget]:
        """Close it, or see what it takes to end it."""
        yield harmless("Later" if self._resumable else "Close")
        if self._resumable:
            yield consequential("Finish …", "finish")
            yield consequential("Undo …", "undo")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """An answer."""
        chosen = {"finish": Resume.FINISH, "undo": Resume.UNDO}.get(event.button.id or "")
        self.answer(chosen)

    def action_leave(self) -> None:
        """It stays as it is."""
        self.answer(None)


def standing_lines(rows: Sequence[RowStanding], width: int) -> list[Content]:
    """A line for each row on each director: as planned, as before, or neither."""
    lines: list[Content] = []
    names = max(len(each.director) for each in rows)
    row = None
    for each in rows:
        if row != (each.virtual_server, each.real_server):
            row = (each.virtual_server, each.real_server)
            lines += hanging(Content(" "), Content.styled(row_name(row), "bold"), width)
        sign, style = _standing(each)
        first = Content.styled(f"   {sign} {each.director:<{names}}  ", style)
        lines += hanging(first, Content.styled(each.found, style), width)
    return lines


def _standing(row: RowStanding) -> tuple[str, str]:
    if row.as_planned:
        return "✔", "$health-ok"
    if row.as_before:
        return "↺", "$foreground"
    return ("?", "$unknown") if row.weight is None else ("✖", "$health-critical")
