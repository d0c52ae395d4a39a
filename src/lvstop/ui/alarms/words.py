"""What is said of alarms."""

from collections.abc import Sequence

from textual.dom import DOMNode

from lvstop.analysis.alarms import Alarm, Key, Presence
from lvstop.analysis.words import count
from lvstop.model.alert import Severity
from lvstop.model.cluster import WORST_FIRST, Health

_HEALTH = {Severity.CRITICAL: Health.CRITICAL, Severity.WARNING: Health.WARNING}

ABSENCE = {
    Presence.STANDING: "",
    Presence.AWAY: "away, and over if it stays away",
    Presence.UNSEEN: "cannot be seen now, so that nobody knows whether it is over",
}
"""Why an alarm is still one."""


def standing(node: DOMNode, cluster: str) -> Sequence[Alarm]:
    """The alarms of a cluster, as this terminal has them."""
    from lvstop.ui.app import LvstopApp

    feed = node.app.feeds.get(cluster) if isinstance(node.app, LvstopApp) else None
    return () if feed is None else feed.alarms.standing


def acknowledged(node: DOMNode, cluster: str) -> frozenset[Key]:
    """The alarms of a cluster that somebody at this terminal has taken note of."""
    return frozenset(each.key for each in standing(node, cluster) if each.acknowledged)


def absent(alarms: Sequence[Alarm]) -> Sequence[Alarm]:
    """Those that no alert of the present tells of: they call nevertheless."""
    return [each for each in alarms if each.presence is not Presence.STANDING]


def of_absent(alarms: Sequence[Alarm]) -> str:
    """`1 alarm away`, `2 alarms out of sight`; they are `absent`, and some are there."""
    unseen = any(each.presence is Presence.UNSEEN for each in alarms)
    return f"{count(len(alarms), 'alarm')} {'out of sight' if unseen else 'away'}"


def health_with(health: Health, alarms: Sequence[Alarm]) -> Health:
    """No better than the worst alarm."""
    by_alarms = [_HEALTH[each.severity] for each in alarms if each.severity in _HEALTH]
    return min((health, *by_alarms), key=WORST_FIRST.index)
