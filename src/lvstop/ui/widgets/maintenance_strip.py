"""One line about what is in maintenance, and about what was left unfinished. Nothing where there is nothing."""

from collections.abc import Iterator

from textual.content import Content
from textual.reactive import reactive

from lvstop.analysis.words import count, is_are
from lvstop.model.change import Change, ChangePhase
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.actions.words import UNDER_WAY_SECONDS
from lvstop.ui.widgets.quiet import QuietWidget
from lvstop.ui.words import muted


class MaintenanceStrip(QuietWidget):
    """How many real servers are drained on record; in another tone, how many changes nobody finished."""

    snapshot: reactive[ClusterSnapshot | None] = reactive(None, repaint=False)

    def watch_snapshot(self, snapshot: ClusterSnapshot | None) -> None:
        """Without any change on record there is no strip."""
        self.display = snapshot is not None and bool(snapshot.changes)
        self.say_news()

    def say(self) -> Content:
        """The line."""
        parts = [] if self.snapshot is None else list(strip_parts(self.snapshot))
        return Content.assemble(" ", Content(" · ").join([*parts, muted("b shows them")])) if parts else Content("")


def strip_parts(snapshot: ClusterSnapshot) -> Iterator[Content]:
    """What is unfinished, under way, in maintenance and overdue, in this order."""
    now = snapshot.generated_at
    pending = [each for each in snapshot.changes if each.phase is ChangePhase.PENDING]
    fresh = [each for each in pending if (now - each.at).total_seconds() < UNDER_WAY_SECONDS]
    left = len(pending) - len(fresh)
    if left:
        yield Content.styled(f"✖ {count(left, 'change')} unfinished", "bold $change-unfinished")
    if fresh:
        yield Content.styled(f"▸ {count(len(fresh), 'change')} under way", "$info")
    standing = [each for each in snapshot.changes if each.phase is ChangePhase.STANDING]
    addresses = {real.address for each in standing for _, real in each.rows}
    if addresses:
        verb = is_are(list(addresses))
        yield Content.styled(f"◌ {count(len(addresses), 'real server')} {verb} in maintenance", "$server-drained")
    overdue = sum(is_overdue(each, snapshot) for each in standing)
    if overdue:
        yield Content.styled(f"▲ {overdue} overdue", "bold $health-warning")


def is_overdue(change: Change, snapshot: ClusterSnapshot) -> bool:
    """It was to be restored by now."""
    return change.until is not None and change.until <= snapshot.generated_at
