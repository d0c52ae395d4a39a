"""What a simulated machine has to do: its processors, memory, and the packets that wait for them. Follows the traffic.

Nothing is drawn by chance here, so that the rest of a world is the same with it and without.
"""

from dataclasses import dataclass, field
from typing import Final

PROCESSORS: Final = 4
TICKS: Final = 100
"""USER_HZ: clock ticks of /proc/stat in a second."""

PACKETS_A_PROCESSOR: Final = 400_000
"""Packets that IPVS forwards in a second of one processor."""

MEMORY_KIB: Final = 4_015_616
SWAP_KIB: Final = 975_868
CONNTRACK_MAX: Final = 262_144

_QUEUES: Final = (0.4, 0.3, 0.2, 0.1)
"""How the interface's queues share packets out to the processors."""
_BASE_KIB: Final = 402_000
_CONNECTION_KIB: Final = 0.25
"""About what a connection of IPVS takes."""
_TRACKED: Final = 23
"""Connections of the machine itself."""
_STORM_FILLS: Final = 0.06
_STORM_MOST: Final = 0.97
_STORM_FADES: Final = 0.04
_STORM_SHARE: Final = 0.985
_STORM_DROPPED: Final = 4_200.0
_STORM_SQUEEZED: Final = 55.0


@dataclass(slots=True)
class Processor:
    """Seconds of one processor since boot, by what it did."""

    user: float = 0.0
    system: float = 0.0
    idle: float = 0.0
    softirq: float = 0.0
    steal: float = 0.0
    dropped: float = 0.0
    squeezed: float = 0.0

    def pass_by(self, seconds: float, softirq: float, own: float) -> None:
        """Let `seconds` pass, of which these parts (0–1) are spent on packets and on the machine's own programs."""
        softirq = min(softirq, 1.0)
        own = min(own, 1.0 - softirq)
        steal = min(0.002, 1.0 - softirq - own)
        self.softirq += seconds * softirq
        self.user += seconds * own * 0.6
        self.system += seconds * own * 0.4
        self.steal += seconds * steal
        self.idle += seconds * (1.0 - softirq - own - steal)


@dataclass(slots=True, eq=False)
class Burden:
    """The machine's.

    Attributes:
        storm: packets that nobody asked for come through one queue of the interface.
        tracked: part (0–1) of the room for tracked connections that a storm has taken.
        used_kib: memory that cannot be had without swapping.
        connections: in the table of IPVS.
    """

    processors: list[Processor] = field(default_factory=lambda: [Processor() for _ in range(PROCESSORS)])
    storm: bool = False
    tracked: float = 0.0
    used_kib: float = _BASE_KIB
    connections: int = 0

    def pass_by(self, seconds: float, packets: float, own: float) -> None:
        """Let `seconds` pass.

        Args:
            packets: forwarded a second.
            own: what the machine's own programs need, in processors.
        """
        softirq = packets / PACKETS_A_PROCESSOR
        for number, processor in enumerate(self.processors):
            share = softirq * _QUEUES[number]
            if self.storm and number == 0:
                share = _STORM_SHARE
                processor.dropped += seconds * _STORM_DROPPED
                processor.squeezed += seconds * _STORM_SQUEEZED
            processor.squeezed += seconds * packets * _QUEUES[number] / 5_000_000
            processor.pass_by(seconds, share, own / PROCESSORS)
        grown = self.tracked + seconds * (_STORM_FILLS if self.storm else -_STORM_FADES)
        self.tracked = max(0.0, min(_STORM_MOST, grown))

    def hold(self, connections: int) -> None:
        """So many connections are in the table of IPVS."""
        self.connections = connections
        self.used_kib = _BASE_KIB + connections * _CONNECTION_KIB

    def age(self, seconds: float) -> None:
        """So long it has been up already, and not very busy."""
        self.pass_by(seconds, PACKETS_A_PROCESSOR * 0.03, 0.06)
        for processor in self.processors:
            processor.squeezed %= 400

    def conntrack_entries(self, *, tracks_ipvs: bool) -> int:
        """Connections that are tracked; those of IPVS where it is told to (net.ipv4.vs.conntrack)."""
        return min(
            CONNTRACK_MAX, _TRACKED + int(self.tracked * CONNTRACK_MAX) + (self.connections if tracks_ipvs else 0)
        )
