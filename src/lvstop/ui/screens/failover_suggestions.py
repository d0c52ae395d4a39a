"""Configuration that would add a gentle lever: to be read, copied, and checked by keepalived itself."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button
from textual.worker import Worker, WorkerState

from lvstop.actions.failover.plan import Suggestion
from lvstop.errors import LvstopError
from lvstop.model.sounding import ConfigCheck
from lvstop.ui.actions.dialog import ActionDialog, consequential, harmless
from lvstop.ui.fitting import hanging
from lvstop.ui.screens.failover_preflight import Try
from lvstop.ui.words import muted

_INTRODUCTION = (
    "These lines add a lever that moves the addresses without a gap. lvstop writes none of them: they are yours to put "
    "into keepalived.conf, and keepalived is to be reloaded on each director then."
)


class SuggestionScreen(ActionDialog[None]):
    """The lines for each director, and what `keepalived -t` says of its configuration with them."""

    HELP = """\
*Copy* puts all lines into the clipboard. *Check* asks keepalived on each director whether its configuration would be
valid with these lines in it: in a copy, which is removed again. Nothing is configured.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", tooltip="Back to the question", id="suggestion.leave"),
        Binding("y", "copy", "Copy", tooltip="All lines, into the clipboard", id="suggestion.copy"),
        Binding("c", "check", "Check", tooltip="What keepalived -t says of them", id="suggestion.check"),
    ]

    def __init__(self, suggestions: Sequence[Suggestion], try_suggestion: Try) -> None:
        super().__init__("Lines that would add a gentle lever", "y copies · c checks · esc closes")
        self._suggestions = tuple(suggestions)
        self._try = try_suggestion
        self._found: dict[str, ConfigCheck | str | None] = {}

    def lines(self, width: int) -> Sequence[Content]:
        """What they are for, and the lines of each director."""
        lines = hanging(Content(" "), Content(_INTRODUCTION), width)
        for suggestion in self._suggestions:
            lines += [Content(""), *suggestion_lines(suggestion)]
            lines += [] if suggestion.director not in self._found else self._checked(suggestion.director, width)
        return lines

    def _checked(self, director: str, width: int) -> list[Content]:
        found = self._found[director]
        if found is None:
            return [muted(" ▸ asking keepalived …")]
        if isinstance(found, str):
            return hanging(Content.styled(" ? ", "$unknown"), Content(f"It could not be checked: {found}"), width)
        if found.valid:
            said = hanging(Content.styled(" ✔ ", "$health-ok"), Content("keepalived -t finds it valid."), width)
        else:
            said = hanging(Content.styled(" ✖ ", "$health-critical"), Content("keepalived -t refuses it:"), width)
        return said + [line for text in found.said for line in hanging(muted("   "), muted(text), width)]

    def buttons(self) -> Iterable[Widget]:
        """Leave, copy, check."""
        yield harmless("Close")
        yield consequential("Copy", "copy")
        yield consequential("Check", "check")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """What was pressed."""
        actions = {"copy": self.action_copy, "check": self.action_check}
        actions.get(event.button.id or "", self.action_leave)()

    def action_leave(self) -> None:
        """Back."""
        self.answer(None)

    def action_copy(self) -> None:
        """Put all lines into the operator's clipboard (OSC 52)."""
        self.app.copy_to_clipboard("\n\n".join(suggestion_text(each) for each in self._suggestions) + "\n")
        self.notify("The lines are in the clipboard.", timeout=3, markup=False)

    def action_check(self) -> None:
        """Ask keepalived on each director; one question at a time for each."""
        for suggestion in self._suggestions:
            if self._found.get(suggestion.director, "") is not None:
                self._found[suggestion.director] = None
                self.run_worker(
                    self._check(suggestion),
                    name=suggestion.director,
                    group="suggestions",
                    exit_on_error=False,
                    description=f"keepalived -t on {suggestion.director}",
                )
        self.draw()

    async def _check(self, suggestion: Suggestion) -> None:
        try:
            found: ConfigCheck | str = await self._try(suggestion)
        except LvstopError as error:
            found = str(error)
        self._found[suggestion.director] = found
        self.draw()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """An error of lvstop's own is an answer too."""
        if event.state is WorkerState.ERROR and event.worker.name in self._found:
            error = event.worker.error
            self._found[event.worker.name] = f"{type(error).__name__}: {error}"
            self.draw()


def suggestion_lines(suggestion: Suggestion) -> list[Content]:
    """The lines of one director. They are not wrapped: lines for a file stay as they are."""
    lines = [Content.assemble(" on ", (suggestion.director, "bold"), muted("  in keepalived.conf"))]
    return [
        *lines,
        *(Content.styled(f"   {line}", "$command") for line in suggestion_text(suggestion).splitlines()[1:]),
    ]


def suggestion_text(suggestion: Suggestion) -> str:
    """The lines as they are copied: a comment, what stands at the top level, and what goes into which block."""
    lines = [f"# {suggestion.director}", *suggestion.lines]
    for heading, within in suggestion.within:
        lines += [f"{heading} {{", *(f"    {line}" for line in within), "    # … what is there already", "}"]
    return "\n".join(lines)
