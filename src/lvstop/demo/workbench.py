"""What of a simulated cluster can be broken and mended, and how each part is."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lvstop.demo.world.world import World
from lvstop.errors import LvstopError

_FLOOD_FACTOR: Final = 8.0
_FLOOD_SECONDS: Final = 600.0


class NoSuchPartError(LvstopError):
    """Nothing of this name can be broken here."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something that works or does not. Attributes as `lvstop.ui.workbench.parts.Part` explains them."""

    key: str
    group: str
    name: str
    state: str
    broken: bool
    does: str


_Action = tuple[Callable[[], None], str]
"""What is done, and the sentence that says so."""
