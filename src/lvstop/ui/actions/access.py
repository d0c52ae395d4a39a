"""Whether keys may change something here, and where that is asked for."""

from typing import TYPE_CHECKING

from textual.dom import DOMNode

if TYPE_CHECKING:
    from lvstop.ui.actions.desk import ActionDesk


def desk_of(node: DOMNode) -> "ActionDesk | None":
    """Where changes are asked for; None in an application that has no such place."""
    from lvstop.ui.app import LvstopApp

    return node.app.desk if isinstance(node.app, LvstopApp) else None


def operates(node: DOMNode, cluster: str) -> bool:
    """Keys may change the cluster here."""
    desk = desk_of(node)
    return desk is not None and desk.operates(cluster)


def fails_over(node: DOMNode, cluster: str) -> bool:
    """Keys may fail the cluster over here."""
    desk = desk_of(node)
    return desk is not None and desk.failovers.operates(cluster)
