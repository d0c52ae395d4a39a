"""Parsers: pure functions from a text to values of the model.

None of them raises on bad input: what was understood comes back with a `ParseIssue` for every line that was not.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from lvstop.model.director import ParseIssue

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Parsed(Generic[T_co]):
    """What a text says, and what in it could not be understood."""

    value: T_co
    issues: tuple[ParseIssue, ...] = ()
