"""How far an execution is, for whoever watches it."""

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """What is being done, in this order. `undoing` only where something failed."""

    AUDITING = "auditing"
    CONNECTING = "connecting"
    LOCKING = "locking"
    READING = "reading"
    RECORDING = "recording"
    CHANGING = "changing"
    VERIFYING = "verifying"
    CLOSING = "closing"
    UNDOING = "undoing"


@dataclass(frozen=True, slots=True)
class Progress:
    """One step, told before it is taken.

    Attributes:
        director: where; None for what happens on the operator's machine.
        what: in the operator's words; for a command, the command.
    """

    stage: Stage
    director: str | None
    what: str


def silent(_progress: Progress) -> None:
    """Nobody watches."""
