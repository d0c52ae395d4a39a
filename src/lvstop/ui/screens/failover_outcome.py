"""How a failover ended: what stands where, what it cost by the stopwatch, and what can be done next."""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button

from lvstop.actions.failover.outcome import FailoverOutcome
from lvstop.actions.failover.plan import FailoverPlan
from lvstop.actions.outcome import OutcomeKind
from lvstop.model.failover import FailoverPhase
from lvstop.ui.actions.dialog import ActionDialog, consequential, harmless
from lvstop.ui.failover.outcome_lines import TITLES, outcome_lines
from lvstop.ui.failover.words import Next


class FailoverOutcomeScreen(ActionDialog[Next | None]):
    """An outcome with nothing left out, and what it may be followed by."""

    HELP = """\
*Done*: the target holds everything, in the kernel and by keepalived's word. *Refused*: nothing was touched. *Undone*:
the target did not take over, and the lever was put back. *Incomplete*: neither; what stands where is below, and what to
type. Moments are in seconds since the lever, with how exactly they are known; `▒` is where that cannot be told.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", tooltip="It stays as it is", id="failed-over.leave"),
        Binding("y", "copy", "Copy", tooltip="The way out, or the report, into the clipboard", id="failed-over.copy"),
        Binding(
            "w",
            "write",
            "Keep report",
            tooltip="The report, as files for people and for programs",
            id="failed-over.write",
        ),
    ]

    def __init__(self, heading: str, plan: FailoverPlan, outcome: FailoverOutcome, folder: Path | None) -> None:
        """`folder`: where reports are written; None writes none."""
        sign, word, _ = TITLES[outcome.kind]
        super().__init__(f"{sign} {word}: {heading}", "y copies · esc closes")
        self._plan = plan
        self._outcome = outcome
        self._folder = folder

    def lines(self, width: int) -> Sequence[Content]:
        """Everything, the most urgent first."""
        return outcome_lines(self._plan, self._outcome, width)

    def buttons(self) -> Iterable[Widget]:
        """Close it, go on from there, keep it."""
        outcome = self._outcome
        kept = outcome.failover
        yield harmless("Close" if kept is None else "Leave it so")
        if kept is not None and kept.phase is FailoverPhase.HELD:
            yield consequential("Release …", "release")
        elif kept is not None and outcome.kind is OutcomeKind.INCOMPLETE:
            yield consequential("Finish …", "finish")
            yield consequential("Undo …", "undo")
        yield consequential("Copy way out" if outcome.way_out else "Copy report", "copy")
        if self._folder is not None:
            yield consequential("Keep report", "write")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where nothing is kept nothing is written."""
        return self._folder is not None if action == "write" else super().check_action(action, parameters)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """An answer, or a copy."""
        pressed = event.button.id or ""
        if pressed in (Next.RELEASE, Next.FINISH, Next.UNDO):
            self.answer(Next(pressed))
            return
        {"copy": self.action_copy, "write": self.action_write}.get(pressed, self.action_leave)()

    def action_leave(self) -> None:
        """It stays as it is."""
        self.answer(None)

    def action_copy(self) -> None:
        """Put what can be typed, else the report, into the operator's clipboard (OSC 52)."""
        from lvstop.actions.failover import report

        way_out = "\n".join(self._outcome.way_out)
        self.app.copy_to_clipboard(way_out or report.markdown(self._plan, self._outcome))
        said = "What to type is in the clipboard." if way_out else "The report is in the clipboard."
        self.notify(said, timeout=3, markup=False)

    def action_write(self) -> None:
        """Keep the report: for people, and for programs."""
        if self._folder is not None:
            self._write(self._folder)

    @work(group="export", exit_on_error=False, description="writing the report of a failover")
    async def _write(self, folder: Path) -> None:
        from lvstop.actions.failover.report_files import ReportError, keep_reports

        try:
            paths = await asyncio.to_thread(keep_reports, folder, self._plan, self._outcome)
        except ReportError as error:
            self.notify(str(error), title="Not kept", severity="error", timeout=20, markup=False)
            return
        self.notify("\n".join(map(str, paths)), title="Report", timeout=20, markup=False)
