"""Screens about one cluster, on which a key fails it over."""

from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Input

from lvstop.engine.feed import ClusterFeed
from lvstop.ui.actions.access import desk_of, fails_over

HELP = """\
## Failing over

- `F` moves the VIP to another director: the directors are asked first, you see what was found, which lever would be
  pulled and what comes of it, and the name of the director that is to have it has to be typed.
- While a lever is held, or a failover was begun and not ended, a line below the first one says so in every view, and
  `F` releases, finishes or undoes it.
"""


def failover_binding(*, show: bool = True) -> Binding:
    """The key. `show`: in the line of keys, where there is room for it."""
    tooltip = "Move the VIP to another director, or release a lever that is held"
    return Binding("F", "failover", "Failover", tooltip=tooltip, show=show, id="change.failover")


class FailoverScreen(Screen[None]):
    """Acts on the key. What is failed over is the cluster, whatever the cursor is on."""

    feed: ClusterFeed

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In read-only mode the key is shown, and does nothing; nor does it while one types."""
        if action == "failover":
            return False if isinstance(self.focused, Input) else fails_over(self, self.feed.name) or None
        return super().check_action(action, parameters)

    def action_failover(self) -> None:
        """What is on record, else another failover; both ask."""
        desk = desk_of(self)
        if desk is not None:
            desk.failovers.ask(self.feed)
