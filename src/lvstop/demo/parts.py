"""A part of a simulated cluster as the panel shows it: apart from the world, which a terminal need not import."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """Something that works or does not.

    Attributes:
        key: tells it apart, and stays the same.
        group: the heading under which it stands.
        broken: it is not as it should be.
        does: what acting on it would do.
    """

    key: str
    group: str
    name: str
    state: str
    broken: bool
    does: str
