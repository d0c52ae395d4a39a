"""The commands of an embedded director, as its programs call them: what they say, and their exit status."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """What a command wrote, to either output, and its exit status."""

    text: str = ""
    status: int = 0
