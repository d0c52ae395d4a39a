"""What is wrong now: the worst first, each with a sentence and what to do."""

from collections.abc import Collection, Sequence

from textual.content import Content
from textual.reactive import reactive

from lvstop.analysis.alarms import Key, alarm_key
from lvstop.model.alert import Alert
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.alarms.words import acknowledged
from lvstop.ui.fitting import cut_off, hanging
from lvstop.ui.widgets.director_card import wanted_lines
from lvstop.ui.widgets.room import SharingWidget, alert_room, card_lines
from lvstop.ui.words import SEVERITY_SIGN, SEVERITY_STYLE, by_urgency, counted, muted


class AlertStrip(SharingWidget):
    """Alerts in as many lines as there is room for; the rest is counted. Nothing at all where there is none."""

    snapshot: reactive[ClusterSnapshot | None] = reactive(None, repaint=False)

    def watch_snapshot(self, snapshot: ClusterSnapshot | None) -> None:
        """A quiet cluster has no strip."""
        self.display = snapshot is not None and bool(snapshot.alerts)
        self.say_news()

    def say(self) -> Content:
        """As many alerts as fit, wrapped at the edge."""
        if self.snapshot is None or not self.snapshot.alerts:
            return Content("")
        screen, free = self.app.size, self.free_lines
        wanted = wanted_lines(self.snapshot, self.card_width)
        room = alert_room(screen.height, free, card_lines(screen.height, free, wanted, alerts=True))
        noted = acknowledged(self, self.snapshot.name)
        width = self.content_size.width or screen.width
        return Content("\n").join(alert_lines(self.snapshot.alerts, room, width, noted))


def alert_lines(alerts: Sequence[Alert], room: int, width: int, noted: Collection[Key] = frozenset()) -> list[Content]:
    """As many alerts as `room` lines of `width` cells take, and remedies in what is left; the rest is counted.

    Args:
        noted: those that are acknowledged, which is said of them.
    """
    ordered = by_urgency(alerts)
    paragraphs = list[list[Content]]()
    left = room
    for place, alert in enumerate(ordered[:room]):
        # where others follow, a line is left to count them
        most = left - (place + 1 < len(ordered))
        paragraph = _summary(alert, width, alarm_key(alert) in noted)
        if most < 1 or (len(paragraph) > most and place > 0):
            break
        paragraphs.append(cut_off(paragraph, most, width - 1))
        left -= len(paragraphs[-1])
    rest = [alert.severity for alert in ordered[len(paragraphs) :]]
    left -= bool(rest)
    for alert, paragraph in zip(ordered, paragraphs, strict=False):
        remedy = _remedy(alert, paragraph, width)
        if remedy is not None and len(remedy) - len(paragraph) <= left:
            left -= len(remedy) - len(paragraph)
            paragraph[:] = remedy
    lines = [line for paragraph in paragraphs for line in paragraph]
    return [*lines, muted(f" … and {counted(rest)}: press a for all")] if rest else lines


def _summary(alert: Alert, width: int, noted: bool) -> list[Content]:
    style = f"bold {SEVERITY_STYLE[alert.severity]}"
    # most sentences name what they are about themselves
    about = "" if alert.subject in alert.summary else f"{alert.subject}: "
    known = ("acknowledged  " if noted else "", "$muted")
    text = Content.assemble((f"{alert.code}  ", style), known, about, alert.summary)
    return hanging(Content.styled(f" {SEVERITY_SIGN[alert.severity]} ", style), text, width - 1)


def _remedy(alert: Alert, summary: Sequence[Content], width: int) -> list[Content] | None:
    """The summary with what to do behind it, or below it where a line does not take both."""
    if not alert.remedy:
        return None
    behind = summary[-1] + muted(f"  → {alert.remedy}")
    if len(summary) == 1 and behind.cell_length < width:
        return [behind]
    return [*summary, *hanging(muted("   → "), muted(alert.remedy), width - 1)]
