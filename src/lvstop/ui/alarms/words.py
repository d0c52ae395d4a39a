"""What is said of alarms."""

from textual.dom import DOMNode

from lvstop.analysis.alarms import Key, Presence

ABSENCE = {
    Presence.STANDING: "",
    Presence.AWAY: "away, and over if it stays away",
    Presence.UNSEEN: "cannot be seen now, so that nobody knows whether it is over",
}
"""Why an alarm is still one."""


def acknowledged(node: DOMNode, cluster: str) -> frozenset[Key]:
    """The alarms of a cluster that somebody at this terminal has taken note of."""
    from lvstop.ui.app import LvstopApp

    feed = node.app.feeds.get(cluster) if isinstance(node.app, LvstopApp) else None
    return frozenset() if feed is None else frozenset(each.key for each in feed.alarms.standing if each.acknowledged)
