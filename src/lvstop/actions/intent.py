"""What the operator asks for, before anything is known about whether and how it can be done."""

from dataclasses import dataclass
from datetime import datetime

from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.change import Lever

Row = tuple[VirtualServerKey, RealServerKey]
"""One real server in one virtual server, on whichever directors have it. Captured when the key was pressed."""


@dataclass(frozen=True, slots=True)
class Drain:
    """Take real servers out of service: weight 0, so that they get no new connections and keep those they have.

    Attributes:
        lever: None chooses the one that lasts longest.
        reason: kept with the drain, for whoever finds it.
        until: when the operator means to restore it.
    """

    rows: tuple[Row, ...]
    lever: Lever | None = None
    reason: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Restore:
    """Give drained real servers back the weights that they had before, by whichever lever they were drained."""

    rows: tuple[Row, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SetWeight:
    """Give real servers this weight (0 to 65535)."""

    rows: tuple[Row, ...]
    weight: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AddWeight:
    """Add to the weights that real servers have. They stay above 0: a drain is asked for by its name."""

    rows: tuple[Row, ...]
    delta: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ScaleWeight:
    """Give real servers this percentage of the weights that keepalived means them to have, at least 1."""

    rows: tuple[Row, ...]
    percent: float
    reason: str = ""


Intent = Drain | Restore | SetWeight | AddWeight | ScaleWeight
