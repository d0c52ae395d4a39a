"""What reading a director costs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effort:
    """How a director has been read since lvstop began.

    Attributes:
        looks: readings of its table that succeeded.
        failures: readings, and attempts to connect, that did not.
        connections: how often it was connected; all but the first one were to connect again.
        latencies: seconds that the last looks took, oldest first, 120 at most: until the table was read and parsed.
        bytes_read: what its programs have sent, before SSH's own compression.
        bytes_per_second: lately; None before the second look.
    """

    looks: int
    failures: int
    connections: int
    latencies: tuple[float, ...]
    bytes_read: int
    bytes_per_second: float | None
