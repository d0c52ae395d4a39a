"""What can be broken and mended, as the terminal knows it."""

from collections.abc import Sequence
from typing import Protocol


class Part(Protocol):
    """Something that works or does not; two that say the same are equal."""

    @property
    def key(self) -> str:
        """Names it to its workbench."""
        ...

    @property
    def group(self) -> str:
        """The heading under which it stands, e.g. `Directors`."""
        ...

    @property
    def name(self) -> str:
        """E.g. `keepalived1`."""
        ...

    @property
    def state(self) -> str:
        """How it is, e.g. `running`."""
        ...

    @property
    def broken(self) -> bool:
        """It is not as it should be."""
        ...

    @property
    def does(self) -> str:
        """What would be done to it, e.g. `switch off`."""
        ...


class Workbench(Protocol):
    """Where clusters are broken and mended, by their names."""

    async def parts(self, cluster: str) -> Sequence[Part]:
        """All parts of a cluster as they are now, by their groups."""
        ...

    async def act(self, cluster: str, key: str) -> str:
        """Do to a part what it says that would be done. Returns what happened, a sentence.

        Raises:
            LvstopError: it was not done, and why.
        """
        ...
