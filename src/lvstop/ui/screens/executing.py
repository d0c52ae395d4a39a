"""What is being done, step by step, as it is done."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Static

from lvstop.actions.progress import Progress, Stage
from lvstop.ui.fitting import hanging

_MOST = 14
_NARROW = 60


class ExecutingScreen(ModalScreen[None]):
    """The steps of an execution. It closes itself when that has ended; nothing here can stop it half-way."""

    CSS_PATH = "dialog.tcss"
    HELP = "A change is under way. It takes seconds, goes on whatever this terminal does, and cannot be left half-way."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "wait", "Wait", tooltip="It ends by itself, in seconds", show=False, id="executing.wait"),
    ]

    frame = query_one("#frame", Vertical)
    words = query_one("#words", Static)

    def __init__(self, heading: str) -> None:
        super().__init__()
        self._heading = heading
        self._steps: list[Progress] = []
        self._over = False

    def compose(self) -> ComposeResult:
        """The steps so far."""
        with Vertical(id="frame", classes="dialog action-dialog") as frame:
            frame.border_title = Content(self._heading)
            yield Static(id="words")

    def on_mount(self) -> None:
        """Show what happened before there was a screen."""
        self._draw()

    def on_resize(self) -> None:
        """Another width: other lines."""
        self._draw()

    def on_screen_resume(self) -> None:
        """What lay above is gone."""
        if self._over:
            self._leave()

    def report(self, step: Progress) -> None:
        """To be called by whoever acts. Returns at once, whether this is painted or not."""
        self._steps.append(step)
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
        self.notify("It ends by itself, in seconds.", timeout=3, markup=False)

    def _draw(self) -> None:
        width = max(20, self.frame.content_size.width or _NARROW)
        done, now = self._steps[-_MOST:-1], self._steps[-1:]
        lines = [line for step in done for line in _step(step, width, "✔", "$muted")]
        lines += [line for step in now for line in _step(step, width, "▸", "bold")]
        self.words.update(Content("\n").join(lines))
        stage = f"{now[0].stage} · " if now else ""
        self.frame.border_subtitle = Content(f"{stage}it ends by itself")


def _step(step: Progress, width: int, sign: str, style: str) -> list[Content]:
    """A step; a command as it would be typed there."""
    commanded = step.stage in (Stage.CHANGING, Stage.UNDOING)
    if step.stage is Stage.UNDOING:
        sign, style = "↺", "$health-warning"
    first = Content.styled(f" {sign} {step.director}# " if commanded else f" {sign} ", style)
    return hanging(first, Content.styled(step.what, style), width)
