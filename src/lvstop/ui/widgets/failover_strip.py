"""A line in every view about levers that are held and failovers that nobody finished. Nothing where there is none."""

from collections.abc import Iterator

from textual.content import Content
from textual.reactive import reactive

from lvstop import format as fmt
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.failover import Failover, FailoverPhase
from lvstop.ui.actions.access import fails_over
from lvstop.ui.failover.words import is_under_way, pulled, way
from lvstop.ui.fitting import cut_off, hanging
from lvstop.ui.widgets.quiet import QuietWidget

_MOST_LINES = 2
"""Of one failover; the whole of it is under F."""


class FailoverStrip(QuietWidget):
    """Until a lever is released it decides who can be MASTER: whatever is looked at, this is said."""

    snapshot: reactive[ClusterSnapshot | None] = reactive(None, repaint=False)

    def watch_snapshot(self, snapshot: ClusterSnapshot | None) -> None:
        """Without a failover on record there is no strip; one that nobody finished is an alarm."""
        found = () if snapshot is None else snapshot.failovers
        self.display = bool(found)
        now = None if snapshot is None else snapshot.generated_at
        pending = [each for each in found if each.phase is FailoverPhase.PENDING]
        self.set_class(any(now is not None and not is_under_way(each, now) for each in pending), "-unfinished")
        self.say_news()

    def say(self) -> Content:
        """A sentence for each, those that are unfinished first."""
        if self.snapshot is None:
            return Content("")
        width = (self.content_size.width or self.app.size.width) - 1
        key = fails_over(self, self.snapshot.name)
        return Content("\n").join(strip_lines(self.snapshot, width, operates=key))


def strip_lines(snapshot: ClusterSnapshot, width: int, *, operates: bool) -> Iterator[Content]:
    """What is on record.

    Args:
        operates: there is a key that ends it.
    """
    for failover in sorted(snapshot.failovers, key=lambda each: (each.phase is FailoverPhase.HELD, each.at)):
        sign, said, end = _told(failover, snapshot)
        text = Content(f"{said} · F {end}" if operates else said)
        yield from cut_off(hanging(Content(f" {sign} "), text, width), _MOST_LINES, width)


def _told(failover: Failover, snapshot: ClusterSnapshot) -> tuple[str, str, str]:
    """Sign, sentence, and what the key does."""
    now = snapshot.generated_at
    whose = f"{way(failover)} by {failover.author}, {fmt.duration(now - failover.at)} ago"
    if failover.phase is FailoverPhase.HELD:
        lever = "; ".join(f"{pulled(step)} on {step.director}" for step in failover.steps)
        return "⇄", f"FAILED OVER {whose}; the lever is held: {lever}", "releases it"
    if is_under_way(failover, now):
        return "▸", f"A FAILOVER IS UNDER WAY: {whose}", "shows it"
    return "✖", f"FAILOVER UNFINISHED: {whose}, and nobody knows how far it came", "finishes or undoes it"
