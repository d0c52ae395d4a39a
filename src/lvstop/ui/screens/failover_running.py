"""A failover as it runs: steps, a clock, who has which address, and every moment as soon as it is known."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Static

from lvstop.actions.failover.outcome import FailoverProgress, FailoverStage
from lvstop.actions.failover.plan import FailoverPlan
from lvstop.actions.failover.timeline import AddressGap, Mark, Moment
from lvstop.clock import Clock
from lvstop.ui.actions.dialog import WIDEST
from lvstop.ui.failover.assessment_lines import picture_lines
from lvstop.ui.failover.gap_bar import Window, bar_lines
from lvstop.ui.failover.timeline_lines import moment_lines
from lvstop.ui.fitting import hanging
from lvstop.ui.words import muted

FRAMES_PER_SECOND = 20
_SIDES = 5
_FRAME = 2
_LEAST_STEPS = 2
_COMMANDED = (FailoverStage.PULLING, FailoverStage.UNDOING)
_PULLED = (Mark.LEVER_PULLED, Mark.LEVER_RELEASED)


@dataclass
class Course:
    """What was told so far."""

    steps: list[FailoverProgress] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)

    def gaps(self, plan: FailoverPlan) -> list[AddressGap]:
        """Where each address is on its way."""
        return [
            AddressGap(
                vip,
                self._of(Mark.VIP_REMOVED, str(vip), plan.move.source),
                self._of(Mark.VIP_ADDED, str(vip), plan.move.target),
                None,
            )
            for vip in plan.move.vips
        ]

    def _of(self, mark: Mark, subject: str, director: str) -> Moment | None:
        wanted = (mark, subject, director)
        return next((each for each in self.moments if (each.mark, each.subject, each.director) == wanted), None)


class RunningScreen(ModalScreen[None]):
    """The course of a failover. It closes itself when that has ended; nothing here can stop it half-way."""

    CSS_PATH: ClassVar[list[str | PurePath]] = ["dialog.tcss", "failover.tcss"]
    HELP = """\
A failover is under way. It goes on whatever this terminal does, and cannot be left half-way: where the target does not
take over in time, the lever is put back. Moments are in seconds since the lever, with how exactly they are known.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "wait", "Wait", tooltip="It ends by itself", show=False, id="running.wait"),
    ]

    frame = query_one("#frame", Vertical)
    steps = query_one("#steps", Static)
    course = query_one("#course", Static)

    def __init__(self, heading: str, plan: FailoverPlan, clock: Clock) -> None:
        super().__init__()
        self._heading = heading
        self._plan = plan
        self._clock = clock
        self._told = Course()
        self._began: float | None = None
        self._drawn = Content("")
        self._over = False

    def compose(self) -> ComposeResult:
        """Steps above, the course below."""
        with Vertical(id="frame", classes="dialog action-dialog") as frame:
            frame.border_title = Content(self._heading)
            yield Static(id="steps")
            yield Static(id="course")

    def on_mount(self) -> None:
        """Show what happened before there was a screen; from now on time passes."""
        self._draw()
        self.set_interval(1 / FRAMES_PER_SECOND, self._draw_course)

    def on_resize(self) -> None:
        """Another width: other lines."""
        self._draw()

    def on_screen_resume(self) -> None:
        """What lay above is gone."""
        if self._over:
            self._leave()

    def report(self, progress: FailoverProgress) -> None:
        """To be called by whoever acts. Returns at once, whether this is painted or not."""
        if progress.moment is None:
            self._told.steps.append(progress)
        else:
            self._told.moments.append(progress.moment)
        if self._began is None and _pulls(progress):
            self._began = self._clock.monotonic()
        if self.is_mounted:
            self.call_later(self._draw)

    def end(self) -> None:
        """It has ended: close as soon as nothing lies above."""
        self._over = True
        self._leave()

    def _leave(self) -> None:
        if self.is_active:
            self.dismiss(None)

    def action_wait(self) -> None:
        """There is nothing to leave for."""
        self.notify("It ends by itself, one way or the other.", timeout=3, markup=False)

    # what is shown

    @property
    def _width(self) -> int:
        return max(20, min(self.size.width, WIDEST) - _SIDES)

    def _draw(self) -> None:
        course = self._course_lines()
        self._show_course(course)
        room = max(_LEAST_STEPS, self.size.height - _FRAME - len(course))
        self.steps.update(Content("\n").join(step_lines(self._told.steps, self._width, room)))
        now = self._told.steps[-1:]
        stage = f"{now[0].stage} · " if now else ""
        self.frame.border_subtitle = Content(f"{stage}it ends by itself")

    def _draw_course(self) -> None:
        self._show_course(self._course_lines())

    def _show_course(self, lines: Sequence[Content]) -> None:
        """To paint, and still more to lay out, costs time while somebody else's stopwatch runs: only what is new."""
        drawn = Content("\n").join(lines)
        if not drawn.is_same(self._drawn):
            self._drawn = drawn
            self.course.update(drawn, layout=True)

    def _course_lines(self) -> list[Content]:
        """The clock, the bars, the moments; nothing before the lever is touched."""
        if self._began is None:
            return []
        plan, told, width = self._plan, self._told, self._width
        elapsed = self._clock.monotonic() - self._began
        lines = [Content(""), *(picture_lines(plan.move, width) if plan.moves else [])]
        lines.append(_clock_line(elapsed, plan))
        if plan.moves:
            window = Window(0.0, max(plan.limit, elapsed), elapsed)
            lines += bar_lines(told.gaps(plan), told.moments, (plan.move.source, plan.move.target), window, width)
        moments = moment_lines(told.moments, width)
        room = self.size.height - _FRAME - _LEAST_STEPS - len(lines)
        return [*lines, *moments[-max(1, room) :]]


def _pulls(progress: FailoverProgress) -> bool:
    if progress.moment is not None:
        return progress.moment.mark in _PULLED
    return progress.stage is FailoverStage.PULLING


def _clock_line(elapsed: float, plan: FailoverPlan) -> Content:
    what = "released" if plan.releases else "pulled"
    limit = f"  {plan.move.target} has until {plan.limit:.1f} s" if plan.moves else ""
    return Content.assemble(f" lever {what} ", (f"{elapsed:6.2f} s", "bold $primary"), " ago", muted(limit))


def step_lines(steps: Sequence[FailoverProgress], width: int, room: int) -> list[Content]:
    """The last steps as far as there is room for them; the present one stands out."""
    done = [line for step in steps[:-1] for line in _step(step, width, "✔", "$muted")]
    now = [line for step in steps[-1:] for line in _step(step, width, "▸", "bold")]
    return [*done, *now][-room:]


def _step(step: FailoverProgress, width: int, sign: str, style: str) -> list[Content]:
    """A step; a command as it would be typed there."""
    if step.stage is FailoverStage.UNDOING:
        sign, style = "↺", "$health-warning"
    commanded = step.stage in _COMMANDED and step.director is not None
    first = Content.styled(f" {sign} {step.director}# " if commanded else f" {sign} ", style)
    return hanging(first, Content.styled(step.what, style), width)
