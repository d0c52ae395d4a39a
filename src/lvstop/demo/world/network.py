"""What lies between the machines: VRRP adverts, gratuitous ARP, and real servers that answer or do not."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from lvstop.demo.world.timeline import Timeline
from lvstop.model.address import IPAddress

_TRANSIT_SECONDS = 0.0003


@dataclass(frozen=True, slots=True)
class Advert:
    """A VRRP advertisement. Priority 0: its sender gives up the addresses."""

    sender: str
    interface: str
    version: int
    vrid: int
    priority: int
    source: IPAddress


class Answer(Enum):
    """What a connection to a real server gets."""

    OPEN = "open"
    REFUSED = "refused"
    SILENCE = "silence"


@dataclass(slots=True)
class RealHost:
    """A machine that serves. `closed` are ports on which nobody listens."""

    address: IPAddress
    up: bool = True
    closed: set[int] = field(default_factory=set)


class Network:
    """The network.

    Attributes:
        link_up: directors hear each other's VRRP and connection synchronisation.
        holders: by address, the director that announced it last: there the clients' packets go.
        real_hosts: by address.
        hidden: real servers that a director cannot reach, though others can: pairs of director and address.
    """

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._ears: dict[str, Callable[[Advert], None]] = {}
        self._watchers: list[Callable[[IPAddress], None]] = []
        self.link_up = True
        self.holders: dict[IPAddress, str] = {}
        self.real_hosts: dict[IPAddress, RealHost] = {}
        self.hidden: set[tuple[str, IPAddress]] = set()
        self._troubled = False

    def listen(self, director: str, ear: Callable[[Advert], None], watcher: Callable[[IPAddress], None]) -> None:
        """`ear` is given the adverts of others, `watcher` the address of each real server that changes."""
        self._ears[director] = ear
        self._watchers.append(watcher)

    def send(self, advert: Advert) -> None:
        """To every other director, a moment later, if the link holds until then."""

        def arrive() -> None:
            if self.link_up:
                for name, ear in self._ears.items():
                    if name != advert.sender:
                        ear(advert)

        if self.link_up:
            self._timeline.after(_TRANSIT_SECONDS, arrive)

    def announce(self, address: IPAddress, director: str) -> None:
        """A gratuitous ARP, or an unsolicited neighbour advertisement: everybody believes the last one."""
        self.holders[address] = director

    def serve(self, address: IPAddress) -> RealHost:
        """The machine of that address; there is one from now on."""
        return self.real_hosts.setdefault(address, RealHost(address))

    def changed(self, address: IPAddress) -> None:
        """Something about a real server is not as it was."""
        self._troubled = bool(self.hidden) or any(not each.up or each.closed for each in self.real_hosts.values())
        for watcher in self._watchers:
            watcher(address)

    @property
    def troubled(self) -> bool:
        """Some real server does not answer."""
        return self._troubled

    def answer(self, director: str, address: IPAddress, port: int) -> Answer:
        """What a director's connection to a real server gets; a sorry server on the director itself always answers."""
        host = self.real_hosts.get(address)
        if host is None:
            return Answer.OPEN
        if not host.up or (director, address) in self.hidden:
            return Answer.SILENCE
        return Answer.REFUSED if port in host.closed else Answer.OPEN
