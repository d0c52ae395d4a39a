"""The first line: which cluster, how it is, how it is read, and when this was."""

from datetime import UTC

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from lvstop.analysis.words import count
from lvstop.model.alert import Severity
from lvstop.model.cluster import ClusterSnapshot, Health
from lvstop.ui.actions.access import operates
from lvstop.ui.alarms.words import absent, health_with, of_absent, standing
from lvstop.ui.badge import READ_ONLY
from lvstop.ui.words import HEALTH_SIGN, HEALTH_STYLE


class TopBar(Widget):
    """Cluster, health, mode and clock. Its clock is that of the snapshot: when nothing is collected, it stands."""

    snapshot: reactive[ClusterSnapshot | None] = reactive(None)
    note: reactive[str] = reactive("")
    """What the screen does differently now: `PAUSED`."""

    def __init__(self, *, interval: float, place: str) -> None:
        super().__init__()
        self._interval = interval
        self._place = place

    def render(self) -> RenderResult:
        """Left, middle and right, as far as there is room."""
        snapshot = self.snapshot
        if snapshot is None:
            return Content("lvstop")
        when = snapshot.generated_at.astimezone(UTC)
        left = Content.assemble((" lvstop ", "bold $primary"), ("· ", "$muted"), (snapshot.name, "bold"))
        if self._place:
            left += Content.styled(f"  {self._place}", "$muted")
        middle = self._middle(snapshot)
        clock = (f"{when:%H:%M:%S}", "bold")
        operating = operates(self, snapshot.name)
        mode = ("OPERATOR", "bold $operator") if operating else (READ_ONLY, "bold")
        choices = [
            Content.assemble(mode, (f" · every {self._interval:g}s · ", "$muted"), clock, (" UTC ", "$muted")),
            Content.assemble(mode, (" · ", "$muted"), clock, " "),
            # that nothing can be changed here is said wherever there is any room
            Content.assemble(clock if operating else mode, " "),
        ]
        left = left.truncate(max(0, self.size.width - choices[-1].cell_length - 1), ellipsis=True)
        spare = self.size.width - left.cell_length - choices[-1].cell_length - 2
        middle = middle.truncate(max(0, spare), ellipsis=True)
        taken = left.cell_length + middle.cell_length + 2
        right = next((each for each in choices if taken + each.cell_length <= self.size.width), choices[-1])
        room = self.size.width - left.cell_length - middle.cell_length - right.cell_length
        before = max(1, room // 2)
        return Content.assemble(left, " " * before, middle, " " * max(1, room - before), right)

    def _middle(self, snapshot: ClusterSnapshot) -> Content:
        if self.note:
            return Content.styled(f" {self.note} ", "bold $paused-text on $paused-background")
        gone = absent(standing(self, snapshot.name))
        health = health_with(snapshot.health, gone)
        said = ", ".join([_summary(snapshot), *([of_absent(gone)] if gone else [])])
        return Content.styled(f"{HEALTH_SIGN[health]} {said}", f"bold {HEALTH_STYLE[health]}")


def _summary(snapshot: ClusterSnapshot) -> str:
    """`OK`, or what there is, worst first: `1 critical, 2 warnings`."""
    critical = sum(alert.severity is Severity.CRITICAL for alert in snapshot.alerts)
    warnings = sum(alert.severity is Severity.WARNING for alert in snapshot.alerts)
    parts = [f"{critical} critical"] if critical else []
    parts += [count(warnings, "warning")] if warnings else []
    if snapshot.health is Health.UNKNOWN:
        parts.insert(0, "UNKNOWN")
    return ", ".join(parts) or "OK"
