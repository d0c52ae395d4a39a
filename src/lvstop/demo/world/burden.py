"""What a simulated machine has to do: its processors, memory, and the packets that wait for them. Follows the traffic.

Nothing is drawn by chance here, so that the rest of a world is the same with it and without.
"""

from dataclasses import dataclass
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
_MOST_PACKETS: Final = 2.4 * PACKETS_A_PROCESSOR
"""A second: more than that even the busiest processor has no time for."""
_MOST_OWN: Final = 0.012 * PROCESSORS
"""In processors: as much as a storm leaves, so that none does more than there is time for."""
_STEAL: Final = 0.002
_SQUEEZED_A_PACKET: Final = 2e-7
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


@dataclass(frozen=True, slots=True)
class Processor:
    """Seconds of one processor since boot, by what it did, and packets that it lost or left for later."""

    user: float
    system: float
    idle: float
    softirq: float
    steal: float
    dropped: float
    squeezed: float


@dataclass(slots=True, eq=False)
class Burden:
    """The machine's. Only sums are kept: what each processor did is made of them when somebody asks.

    Attributes:
        storm: packets that nobody asked for come through one queue of the interface.
        tracked: part (0–1) of the room for tracked connections that a storm has taken.
        used_kib: memory that cannot be had without swapping.
        connections: in the table of IPVS.
    """

    storm: bool = False
    tracked: float = 0.0
    used_kib: float = _BASE_KIB
    connections: int = 0
    _seconds: float = 0.0
    _stormy: float = 0.0
    _own: float = 0.0
    _packets: float = 0.0
    _packets_in_storms: float = 0.0

    def pass_by(self, seconds: float, packets: float, own: float) -> None:
        """Let `seconds` pass.

        Args:
            packets: forwarded a second.
            own: what the machine's own programs need, in processors.
        """
        self._seconds += seconds
        self._own += min(own, _MOST_OWN) * seconds
        forwarded = min(packets, _MOST_PACKETS) * seconds
        self._packets += forwarded
        if self.storm:
            self._stormy += seconds
            self._packets_in_storms += forwarded
            self.tracked = min(_STORM_MOST, self.tracked + seconds * _STORM_FILLS)
        elif self.tracked:
            self.tracked = max(0.0, self.tracked - seconds * _STORM_FADES)

    @property
    def processors(self) -> tuple[Processor, ...]:
        """What each has done since boot. A storm comes through the queue of the first."""
        return tuple(self._processor(number, share) for number, share in enumerate(_QUEUES))

    def _processor(self, number: int, share: float) -> Processor:
        stormy = self._stormy if number == 0 else 0.0
        packets = (self._packets - (self._packets_in_storms if number == 0 else 0.0)) * share
        softirq = packets / PACKETS_A_PROCESSOR + stormy * _STORM_SHARE
        own, steal = self._own / PROCESSORS, self._seconds * _STEAL
        return Processor(
            user=own * 0.6,
            system=own * 0.4,
            idle=self._seconds - softirq - own - steal,
            softirq=softirq,
            steal=steal,
            dropped=stormy * _STORM_DROPPED,
            squeezed=stormy * _STORM_SQUEEZED + packets * _SQUEEZED_A_PACKET,
        )

    def hold(self, connections: int) -> None:
        """So many connections are in the table of IPVS."""
        self.connections = connections
        self.used_kib = _BASE_KIB + connections * _CONNECTION_KIB

    def age(self, seconds: float) -> None:
        """So long it has been up already, and not very busy."""
        self.pass_by(seconds, PACKETS_A_PROCESSOR * 0.03, 0.06)

    def conntrack_entries(self, *, tracks_ipvs: bool) -> int:
        """Connections that are tracked; those of IPVS where it is told to (net.ipv4.vs.conntrack)."""
        return min(
            CONNTRACK_MAX, _TRACKED + int(self.tracked * CONNTRACK_MAX) + (self.connections if tracks_ipvs else 0)
        )
