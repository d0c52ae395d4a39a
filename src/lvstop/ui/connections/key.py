"""Screens on which a key counts the connections of what is looked at."""

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.widgets import Input

from lvstop.model.connections import ConnectionScope
from lvstop.ui.failover.screen import FailoverScreen
from lvstop.ui.messages import ShowScreen

if TYPE_CHECKING:
    from lvstop.engine.counting import CountConnections

HELP = """\
## Connections

`n` counts the kernel's connection entries of the row, or of the server that is shown: by state, by the time they have
left, by real server, by client. It is done on the directors, once, and only when you ask.
"""


def counter_of(node: DOMNode) -> "CountConnections | None":
    """What counts; None in an application that does not."""
    from lvstop.ui.app import LvstopApp

    return node.app.start.count_connections if isinstance(node.app, LvstopApp) else None


class CountableScreen(FailoverScreen):
    """Knows whose connections a key is about."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "n",
            "connections",
            "Connections",
            tooltip="The kernel's entries by state, time left, real server and client",
            id="connections.open",
        ),
    ]

    @property
    def countable(self) -> ConnectionScope | None:
        """Whose connections would be counted; None where there is nothing."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is no such key where nothing counts, nor while one types."""
        if action == "connections":
            return counter_of(self) is not None and not isinstance(self.focused, Input)
        return super().check_action(action, parameters)

    def action_connections(self) -> None:
        """Count, and show what comes of it."""
        from lvstop.ui.screens.connections import ConnectionsScreen

        scope = self.countable
        if scope is None:
            self.notify("There is no row under the cursor.", timeout=5, markup=False)
        else:
            self.post_message(ShowScreen(lambda feed: ConnectionsScreen(feed, scope)))
