"""The question before a failover: what was found, what will be done, what comes of it; the target's name is a yes."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, Input, Label, Static

from lvstop.actions.failover.checks import CheckCode, blocked, warned
from lvstop.actions.failover.commands import commands_of
from lvstop.actions.failover.consent import still_as_read
from lvstop.actions.failover.plan import FailoverPlan, FailoverRefusal, Suggestion
from lvstop.analysis.words import count
from lvstop.model.failover import FailoverLever
from lvstop.model.sounding import ConfigCheck
from lvstop.ui.actions.dialog import ActionDialog, consequential, harmless
from lvstop.ui.failover.assessment_lines import blocked_lines, decision_lines, evidence_lines, head_lines
from lvstop.ui.failover.tick import Tick
from lvstop.ui.screens.refusal import objection_lines

Planned = FailoverPlan | FailoverRefusal
Make = Callable[[frozenset[CheckCode]], Planned]
"""Plans with these warnings accepted."""

Try = Callable[[Suggestion], Awaitable[ConfigCheck]]


@dataclass(frozen=True, slots=True)
class Preflight:
    """What is asked.

    Attributes:
        heading: what it is about, e.g. `Fail over SMB to keepalived2`.
        asked_at: when the directors were asked what the plan is made of.
        chooses: another lever may be asked for.
        reason: what was typed before, where it has to be read again.
    """

    heading: str
    make: Make
    asked_at: datetime
    try_suggestion: Try
    chooses: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """A yes to what was read, given when its evidence was too old, or not what it was any more.

    Attributes:
        shown: what was read.
        accepted: the warnings that were ticked.
        reason: what was typed; None where nobody was asked for one.
    """

    shown: FailoverPlan
    accepted: frozenset[CheckCode]
    reason: str | None

    def holds_for(self, plan: FailoverPlan | FailoverRefusal) -> FailoverPlan | None:
        """The plan that was agreed to, where it is made of newer answers and is still what was read."""
        if not isinstance(plan, FailoverPlan) or not still_as_read(plan, self.shown):
            return None
        return plan if self.reason is None else replace(plan, failover=replace(plan.failover, reason=self.reason))


@dataclass(frozen=True, slots=True)
class Again:
    """Not yet: ask the directors again, or plan with this lever.

    Attributes:
        lever: None asks again.
        consent: what is done without another question if the answers do not change it.
    """

    lever: FailoverLever | None = None
    consent: Consent | None = None


class PreflightScreen(ActionDialog[FailoverPlan | Again | None]):
    """An assessment at length. The answer is the plan that was agreed to; the focus is on Cancel, and None is a no."""

    CSS_PATH: ClassVar[str | list[str | PurePath]] = ["dialog.tcss", "failover.tcss"]
    HELP = """\
Nothing has happened yet. `✖` is in the way, and nothing overrides it. Each `!` has to be ticked by hand: tab goes from
one to the next, space ticks. Then come lever, consequences and the commands as they will be run, and below them the
other levers and what was found to be right. Where addresses move, the name of the director that is to have them is the
yes: type it and press enter. Just before, the directors are asked again; if anything is worse than it is shown here,
nothing is done.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", tooltip="Nothing is done", id="preflight.cancel"),
        Binding("ctrl+g", "go", "Go", tooltip="Do exactly this", id="preflight.go"),
        # no letters: whoever types the target's name before he is in its line would choose something
        Binding("f5", "again", "Ask again", tooltip="Ask the directors again", id="preflight.again"),
        Binding("f6", "lever", "Other lever", tooltip="Plan with another lever", id="preflight.lever"),
        Binding("f7", "suggest", "Lines", tooltip="Configuration for a gentle lever", id="preflight.suggest"),
    ]

    def __init__(self, preflight: Preflight) -> None:
        super().__init__(f"{preflight.heading}?", "esc cancels")
        self._preflight = preflight
        first = preflight.make(frozenset())
        wanted = first.unaccepted if isinstance(first, FailoverRefusal) else ()
        # what would be done if all of it were accepted is shown before it is
        self._shown = preflight.make(frozenset(wanted)) if wanted else first
        assessment = self._shown.assessment
        hopeless = isinstance(self._shown, FailoverRefusal)
        self._ticks = [Tick(each) for each in warned(assessment.checks) if each.code in wanted and not hopeless]
        self._levers = [each.lever for each in assessment.options if each.usable and each is not assessment.chosen]

    @property
    def _plan(self) -> FailoverPlan | None:
        """What would be done; None where something is in the way that cannot be accepted."""
        return self._shown if isinstance(self._shown, FailoverPlan) else None

    @property
    def _wanted_name(self) -> str:
        """What has to be typed; empty where nothing moves."""
        plan = self._plan
        return plan.move.target if plan is not None and plan.moves else ""

    # what is shown

    def body(self) -> Iterable[Widget]:
        """What is in the way, what has to be ticked, and the rest."""
        yield Static(id="head")
        yield from self._ticks
        yield Static(id="rest")

    def fill(self, width: int) -> int:
        """All parts, in lines of `width` cells."""
        assessment, plan = self._shown.assessment, self._plan
        head = self._head(width)
        rest = decision_lines(assessment, None if plan is None else commands_of(plan), width)
        rest += evidence_lines(assessment, width)
        self.query_one("#head", Static).update(Content("\n").join(head))
        self.query_one("#rest", Static).update(Content("\n").join(rest))
        return len(head) + len(rest) + sum(tick.fill(width) for tick in self._ticks)

    def _head(self, width: int) -> list[Content]:
        assessment, plan = self._shown.assessment, self._plan
        move = assessment.move if plan is None else plan.move
        paragraphs = [head_lines(move, self._preflight.asked_at, width, moves=plan is None or plan.moves)]
        if isinstance(self._shown, FailoverRefusal):
            paragraphs += [objection_lines(each, width) for each in self._shown.objections]
        paragraphs += [blocked_lines(check, width) for check in blocked(assessment.checks)]
        ticked = {tick.check.code for tick in self._ticks}
        paragraphs += [blocked_lines(check, width) for check in warned(assessment.checks) if check.code not in ticked]
        lines = [line for paragraph in paragraphs for line in (Content(""), *paragraph)][1:]
        return [*lines, Content("")] if self._ticks else lines

    def controls(self) -> Iterable[Widget]:
        """The name that is the yes, and why; nothing where it leads nowhere."""
        plan = self._plan
        if plan is None:
            return
        first = " first"
        if self._wanted_name:
            name = Input(placeholder=f"{self._wanted_name} is the yes: type it, then enter", id="name", compact=True)
            yield Horizontal(Label("name", classes="asks"), name, classes=f"line{first}")
            first = ""
        if not plan.releases:
            said = plan.failover.reason or self._preflight.reason
            reason = Input(said, placeholder="for whoever finds it", id="reason", compact=True)
            yield Horizontal(Label("why", classes="asks"), reason, classes=f"line{first}")

    def buttons(self) -> Iterable[Widget]:
        """No, yes, and what else there is."""
        plan = self._plan
        yield harmless("Close" if plan is None else "Cancel")
        if plan is not None:
            yield consequential("Release" if plan.releases else "Fail over", "go", disabled=True)
        yield consequential("Ask again", "again")
        if self._preflight.chooses and self._levers:
            yield consequential("Other lever", "lever")
        if self._shown.assessment.suggestions:
            yield consequential("Lines …", "suggest")

    def on_mount(self) -> None:
        """Show it, and what is missing."""
        super().on_mount()
        self._tell_missing()

    # what is typed and ticked

    @property
    def _missing(self) -> str:
        """What keeps it from being done; empty where nothing does."""
        if self._plan is None:
            return ""
        left = sum(not tick.ticked for tick in self._ticks)
        parts = [f"{count(left, 'warning')} to tick"] if left else []
        if self._wanted_name and self._typed("#name") != self._wanted_name:
            parts.append(f"type {self._wanted_name}")
        return ", ".join(parts)

    def _typed(self, selector: str) -> str | None:
        return next((each.value.strip() for each in self.query(selector).results(Input)), None)

    def _tell_missing(self) -> None:
        missing = self._missing
        for button in self.query("#go").results(Button):
            button.disabled = bool(missing)
        closes = "esc closes" if self._plan is None else "esc cancels" if missing else "ctrl+g goes · esc cancels"
        self.hint = Content.assemble((f"{missing} · " if missing else "", "bold $health-warning"), closes)

    def on_tick_changed(self) -> None:
        """One less, or one more."""
        self._tell_missing()

    def on_input_changed(self) -> None:
        """A name that is none goes nowhere."""
        self._tell_missing()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The name goes; enter in another line is on to the next."""
        if event.input.id == "name" and not self._missing:
            self.action_go()
        else:
            self.focus_next()

    # answers

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what there is."""
        if action == "lever":
            return self._preflight.chooses and bool(self._levers)
        if action == "suggest":
            return bool(self._shown.assessment.suggestions)
        return super().check_action(action, parameters)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """An answer."""
        actions = {"go": self.action_go, "again": self.action_again, "lever": self.action_lever}
        actions["suggest"] = self.action_suggest
        actions.get(event.button.id or "", self.action_cancel)()

    def action_cancel(self) -> None:
        """No."""
        self.answer(None)

    def action_again(self) -> None:
        """Ask the directors again."""
        self.answer(Again())

    def action_lever(self) -> None:
        """The next usable lever."""
        chosen = self._shown.assessment.chosen
        order = [each.lever for each in self._shown.assessment.options]
        place = -1 if chosen is None else order.index(chosen.lever)
        later = [lever for lever in self._levers if order.index(lever) > place]
        self.answer(Again((later or self._levers)[0]))

    def action_suggest(self) -> None:
        """The lines that would add a gentle lever."""
        from lvstop.ui.screens.failover_suggestions import SuggestionScreen

        self.app.push_screen(SuggestionScreen(self._shown.assessment.suggestions, self._preflight.try_suggestion))

    def action_go(self) -> None:
        """Yes. Where time has made the answers too old, or the plan another one, the directors are asked again."""
        shown = self._plan
        if shown is None or self._missing:
            return
        accepted = frozenset(tick.check.code for tick in self._ticks if tick.ticked)
        consent = Consent(shown, accepted, self._typed("#reason"))
        self.answer(consent.holds_for(self._preflight.make(accepted)) or Again(consent=consent))
