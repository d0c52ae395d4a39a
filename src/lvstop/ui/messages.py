"""Messages that the application and its screens exchange."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message
from textual.screen import Screen

if TYPE_CHECKING:
    from lvstop.engine.feed import ClusterFeed


@dataclass
class SnapshotReady(Message, bubble=False):
    """A cluster was looked at. Only the newest counts: one that waits is replaced."""

    cluster: str

    def can_replace(self, message: Message) -> bool:
        """A later message of the same cluster says the same: that there is news."""
        return isinstance(message, SnapshotReady) and message.cluster == self.cluster


@dataclass
class ShowScreen(Message):
    """A screen about the cluster that is shown. `make` is called by the application, whose snapshot it is bound to."""

    make: "Callable[[ClusterFeed], Screen[None]]"
