"""Addresses as the kernel of a director adds and removes them: what its netlink tells to those who listen."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from lvstop.demo.world.conf import AddressConf

_KEPT = 1000


@dataclass(frozen=True, slots=True)
class AddressChange:
    """An address that came or went.

    Attributes:
        number: 1, 2, 3 … in the order of changing.
        at: the world's seconds.
        interface, index: of the interface.
        added: it came.
    """

    number: int
    at: float
    interface: str
    index: int
    address: AddressConf
    added: bool


class AddressLog:
    """The last changes, oldest first."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._changes: deque[AddressChange] = deque(maxlen=_KEPT)
        self.last_number = 0

    def note(self, interface: str, index: int, address: AddressConf, added: bool) -> None:
        """Something changes at this moment."""
        self.last_number += 1
        self._changes.append(AddressChange(self.last_number, self._now(), interface, index, address, added))

    def after(self, number: int) -> tuple[AddressChange, ...]:
        """The changes that are younger than change `number`."""
        return tuple(change for change in self._changes if change.number > number)
