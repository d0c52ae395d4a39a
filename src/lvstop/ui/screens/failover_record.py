"""A failover on record: a lever that is held, or a failover that was begun and not ended; and what can be done."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button

from lvstop.actions.command import forth
from lvstop.analysis.words import listing
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.failover import Failover, FailoverPhase
from lvstop.ui.actions.dialog import ActionDialog, consequential, harmless
from lvstop.ui.actions.drain_lines import since
from lvstop.ui.detail.paragraphs import labelled
from lvstop.ui.failover.words import LEVER, Next, is_under_way, pulled, way
from lvstop.ui.fitting import hanging
from lvstop.ui.words import muted

_UNFINISHED = (
    "UNFINISHED: it was begun, and nobody finished or undid it. Nobody knows whether the lever was pulled. To finish "
    "pulls it, if it is not, and waits for the target; to undo puts it back. Both look at the directors first, and ask."
)
_UNDER_WAY = "It was begun moments ago, here or elsewhere, and is probably being done right now."
_BACK = {
    True: "by themselves, once the lever is released",
    False: "not by themselves: releasing the lever moves nothing",
    None: "it could not be told whether they go back once the lever is released",
}
_HELD = "The lever is held: it decides who can be MASTER until it is released."


class RecordScreen(ActionDialog[tuple[Next, Failover] | None]):
    """What is on record, one at a time, those that are unfinished first. The answer says what to do about which."""

    HELP = """\
*Held*: the addresses have moved, and the lever is still pulled. Releasing it is a failover of its own where the
addresses go back by themselves; you are shown which before anything is done. *Unfinished*: begun and not ended, since
something failed or lvstop was ended.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", tooltip="It stays as it is", id="failover-record.leave"),
        Binding("n", "next", "Next", tooltip="The next one on record", id="failover-record.next"),
    ]

    def __init__(self, snapshot: ClusterSnapshot) -> None:
        self._now = snapshot.generated_at
        self._records = sorted(snapshot.failovers, key=lambda each: (each.phase is FailoverPhase.HELD, each.at))
        self._place = 0
        more = f"n shows the next of {len(self._records)} · " if len(self._records) > 1 else ""
        super().__init__("On record", f"{more}esc closes")

    @property
    def _failover(self) -> Failover:
        return self._records[self._place]

    def lines(self, width: int) -> Sequence[Content]:
        """What, by whom, why, by which lever, and what it means."""
        return record_lines(self._failover, self._now, width)

    def buttons(self) -> Iterable[Widget]:
        """Leave it, or end it. Those that do not go with what is shown are not there."""
        yield harmless("Leave it so")
        yield consequential("Release …", Next.RELEASE)
        yield consequential("Finish …", Next.FINISH)
        yield consequential("Undo …", Next.UNDO)
        yield consequential("Another failover …", Next.ANOTHER)

    def on_mount(self) -> None:
        """Show the first one."""
        super().on_mount()
        self._show_buttons()

    def _show_buttons(self) -> None:
        held = self._failover.phase is FailoverPhase.HELD
        any_pending = any(each.phase is FailoverPhase.PENDING for each in self._records)
        shown = {Next.RELEASE: held, Next.FINISH: not held, Next.UNDO: not held, Next.ANOTHER: not any_pending}
        for name, there in shown.items():
            self.query_one(f"#{name}", Button).display = there

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """An answer."""
        chosen = event.button.id or ""
        self.answer((Next(chosen), self._failover) if chosen in set(Next) else None)

    def action_leave(self) -> None:
        """It stays as it is."""
        self.answer(None)

    def action_next(self) -> None:
        """The next one."""
        self._place = (self._place + 1) % len(self._records)
        self._show_buttons()
        self.draw()


def record_lines(failover: Failover, now: datetime, width: int) -> list[Content]:
    """One failover at length."""
    style = "bold $health-warning" if failover.phase is FailoverPhase.HELD else "bold $change-unfinished"
    sign = "⇄" if failover.phase is FailoverPhase.HELD else "✖"
    if is_under_way(failover, now):
        sign, style, said = "▸", "bold $info", _UNDER_WAY
    else:
        said = _HELD if failover.phase is FailoverPhase.HELD else _UNFINISHED
    lines = hanging(Content(" "), Content.styled(f"Failover {way(failover)}", "bold"), width)
    lines += labelled("of", Content(listing(failover.instances)), width)
    lines += labelled("with", Content(listing(failover.vips)), width) if failover.vips else []
    lines += labelled("by", Content.assemble(str(failover.author), muted(f"  {since(failover.at, now)}")), width)
    lines += labelled("why", Content(failover.reason), width) if failover.reason else []
    lines += labelled("lever", Content(f"{failover.lever}: {LEVER[failover.lever]}"), width)
    for step in failover.steps:
        text = Content.assemble((f"{step.director}# ", "$muted"), (str(forth(step)), "$command"))
        lines += labelled("", text, width)
    if failover.phase is FailoverPhase.HELD:
        lines += labelled("so that", Content("; ".join(pulled(step) for step in failover.steps)), width)
        lines += labelled("back", Content(_BACK[failover.returns]), width)
    return [*lines, Content(""), *hanging(Content.styled(f" {sign} ", style), Content.styled(said, style), width)]
