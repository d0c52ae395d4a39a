"""What a director's system journal says of keepalived, and of what lvstop notes there."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

_KEPT = 5000


@dataclass(frozen=True, slots=True)
class Entry:
    """One line.

    Attributes:
        number: 1, 2, 3 … in the order of logging; no number is ever used twice.
        at: the world's seconds.
        identifier: as systemd knows it: `Keepalived`, `Keepalived_vrrp`, `Keepalived_healthcheckers`, `lvstop`.
    """

    number: int
    at: float
    identifier: str
    pid: int
    message: str


class Journal:
    """The last lines, oldest first. It outlives a reboot."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._entries: deque[Entry] = deque(maxlen=_KEPT)
        self.last_number = 0

    def log(self, identifier: str, pid: int, message: str) -> None:
        """Add a line at this moment."""
        self.last_number += 1
        self._entries.append(Entry(self.last_number, self._now(), identifier, pid, message))

    def after(self, number: int) -> tuple[Entry, ...]:
        """The lines that are younger than line `number`."""
        fresh: list[Entry] = []
        for entry in reversed(self._entries):
            if entry.number <= number:
                break
            fresh.append(entry)
        return tuple(reversed(fresh))

    def since(self, at: float) -> tuple[Entry, ...]:
        """The lines of this moment and later."""
        return tuple(entry for entry in self._entries if entry.at >= at)
