"""The clock of a simulated world against the operator's.

A world may run faster than the operator's clock. What its directors tell of times is in the operator's: a moment that
was ten of the world's seconds ago at tenfold speed was one second ago.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timescale:
    """Where the two clocks meet, and how they differ.

    Attributes:
        epoch: seconds since 1970 at the world's second 0.
        speed: the world's seconds in one of the operator's.
    """

    epoch: float
    speed: float = 1.0

    def to_epoch(self, at: float) -> float:
        """Seconds since 1970 of a moment of the world; before its second 0 both clocks ran alike."""
        return self.epoch + (at / self.speed if at > 0 else at)

    def to_world(self, epoch: float) -> float:
        """The other way round."""
        passed = epoch - self.epoch
        return passed * self.speed if passed > 0 else passed
