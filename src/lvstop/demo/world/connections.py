"""The connections of one destination, as numbers and not one by one: tables may have millions.

Source of states and timeouts: net/netfilter/ipvs/ip_vs_proto_tcp.c, ip_vs_proto_udp.c, ip_vs_conn.c of Linux 6.1.
With DR and TUN the director sees only what the client sends, so that a closed connection waits in FIN_WAIT.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

ESTABLISHED_SECONDS = 900.0
WAITING_SECONDS = 120.0
"""FIN_WAIT and TIME_WAIT."""
UDP_SECONDS = 300.0
HALF_OPEN_SECONDS = 60.0
"""SYN_RECV."""


class EntryKind(StrEnum):
    """What an entry of the connection table is."""

    ESTABLISHED = "established"
    HALF_OPEN = "half-open"
    CLOSED = "closed"
    TEMPLATE = "template"


class Entries(NamedTuple):
    """Entries of one kind.

    Attributes:
        number: how many there are.
        synced: copies of the other director's.
        least, most: seconds that they have left.
    """

    kind: EntryKind
    synced: bool
    number: int
    least: float
    most: float


class Connections:
    """Everything that the kernel counts for one destination.

    Attributes:
        live: established, with a client that uses them through this director. For UDP: flows that are in use.
        half_open: a server that is gone never answered them.
        lingering: established for the kernel, but no packet comes any more; they time out.
        waiting: closed, until their timeout; for UDP flows without packets.
        copied_active, copied_inactive: copies that connection synchronisation keeps of the other director's.
        templates: persistent clients that are bound to this destination.
        made, adopted, finished: how many began here, were taken over as copies, and are over.
    """

    __slots__ = (
        "_copied_at",
        "_lingering",
        "_ring",
        "_slot",
        "_udp",
        "adopted",
        "copied_active",
        "copied_inactive",
        "finished",
        "half_open",
        "lingering",
        "live",
        "made",
        "templates",
        "waiting",
    )

    def __init__(self, buckets: int, *, udp: bool) -> None:
        self._udp = udp
        self._ring = [0] * (buckets + 1)
        self._slot = 0
        self._copied_at = 0.0
        self._lingering: list[tuple[float, int]] = []
        self.live = 0
        self.half_open = 0
        self.lingering = 0
        self.waiting = 0
        self.copied_active = 0
        self.copied_inactive = 0
        self.templates = 0
        self.made = 0
        self.adopted = 0
        self.finished = 0

    @property
    def active(self) -> int:
        """ActiveConn."""
        return 0 if self._udp else self.live + self.half_open + self.lingering + self.copied_active

    @property
    def inactive(self) -> int:
        """InActConn."""
        if self._udp:
            return self.total
        return self.waiting + self.copied_inactive

    @property
    def own(self) -> int:
        """Those that are no copies: made and adopted, but not finished."""
        return self.live + self.half_open + self.lingering + self.waiting

    @property
    def total(self) -> int:
        """ActiveConn and InActConn, which thresholds count."""
        return self.own + self.copied_active + self.copied_inactive

    def entries(self, now: float, persistence: float) -> Iterator[Entries]:
        """All of them. `persistence`: seconds of the virtual server's templates."""
        usual = UDP_SECONDS if self._udp else ESTABLISHED_SECONDS
        wait = UDP_SECONDS if self._udp else WAITING_SECONDS
        copies = bool(self.copied_active or self.copied_inactive)
        since = now - self._copied_at
        yield Entries(EntryKind.ESTABLISHED, False, self.live, usual * 0.9, usual)
        yield Entries(EntryKind.HALF_OPEN, False, self.half_open, 0.0, HALF_OPEN_SECONDS)
        for at, count in self._lingering:
            yield Entries(EntryKind.ESTABLISHED, False, count, at - now, at - now)
        size = len(self._ring)
        for turns in range(1, size + 1):
            count = self._ring[(self._slot + turns) % size]
            yield Entries(EntryKind.CLOSED, False, count, wait * (turns - 1) / size, wait * turns / size)
        yield Entries(EntryKind.ESTABLISHED, True, self.copied_active, usual * 0.9 - since, usual - since)
        yield Entries(EntryKind.CLOSED, True, self.copied_inactive, 0.0, wait - since)
        yield Entries(EntryKind.TEMPLATE, copies, self.templates, persistence * 0.5, persistence)

    def begin(self, count: int, *, answered: bool = True) -> None:
        """New connections; half open where nobody answers."""
        self.made += count
        if answered:
            self.live += count
        else:
            self.half_open += count

    def pass_by(self, count: int) -> None:
        """Connections of one packet each: the kernel forgets them at once."""
        self.made += count
        self.finished += count

    def close(self, count: int) -> None:
        """Clients close connections."""
        self.live -= count
        self.waiting += count
        self._ring[self._slot] += count

    def close_over_time(self, count: int) -> None:
        """Live connections that were closed one after the other over the time they wait."""
        self.live -= count
        self._spread(count)

    def give_up(self, count: int) -> None:
        """Half-open connections time out."""
        self.half_open -= count
        self.finished += count

    def lose_sight(self, count: int, now: float) -> None:
        """Clients go elsewhere without a word: live connections time out."""
        if count:
            self.live -= count
            self.lingering += count
            self._lingering.append((now + ESTABLISHED_SECONDS, count))

    def turn(self, slots: int) -> None:
        """Time goes on by so many buckets: what waited long enough is over."""
        ring = self._ring
        size = len(ring)
        for _ in range(min(slots, size)):
            self._slot = (self._slot + 1) % size
            over = ring[self._slot]
            if over:
                ring[self._slot] = 0
                self.waiting -= over
                self.finished += over

    def expire(self, now: float) -> None:
        """Lingering connections whose timeout is over."""
        while self._lingering and self._lingering[0][0] <= now:
            _, count = self._lingering.pop(0)
            self.lingering -= count
            self.finished += count

    def copy(self, original: "Connections", now: float) -> None:
        """Connection synchronisation tells how many the other director has."""
        self.copied_active = original.live
        self.copied_inactive = original.waiting
        self.templates = original.templates
        self._copied_at = now

    def expire_copies(self, now: float) -> None:
        """Copies that nobody refreshes time out like connections."""
        if self.copied_inactive and now - self._copied_at > WAITING_SECONDS:
            self.copied_inactive = 0
        if self.copied_active and now - self._copied_at > ESTABLISHED_SECONDS:
            self.copied_active = 0

    def adopt(self, alive: int | None, now: float) -> int:
        """Copies become connections: their clients' packets come here now. How many of them go on.

        Args:
            alive: how many clients still use them; None: nobody knows, so all of them.
        """
        survivors = self.copied_active if alive is None else min(self.copied_active, alive)
        self.adopted += self.copied_active + self.copied_inactive
        self.live += self.copied_active
        self.lose_sight(self.copied_active - survivors, now)
        self._spread(self.copied_inactive)
        self.copied_active = self.copied_inactive = 0
        return survivors

    def hand_over(self, survivors: int, now: float, *, known: bool) -> None:
        """The other director goes on with so many of these; here they are copies from now on, and the others linger.

        Args:
            known: it had copies of these at all, those that wait among them.
        """
        self.finished += survivors
        self.live -= survivors
        self.copied_active += survivors
        self._copied_at = now
        self.lose_sight(self.live, now)
        if known:
            self.finished += self.waiting
            self.copied_inactive += self.waiting
            self.waiting = 0
            self._ring = [0] * len(self._ring)

    def clear(self) -> None:
        """The kernel drops all of them (expire_nodest_conn)."""
        self.finished += self.own
        self.live = self.half_open = self.lingering = self.waiting = 0
        self.copied_active = self.copied_inactive = self.templates = 0
        self._ring = [0] * len(self._ring)
        self._lingering.clear()

    def _spread(self, count: int) -> None:
        self.waiting += count
        size = len(self._ring)
        each, rest = divmod(count, size - 1)
        for place in range(size):
            if place != (self._slot + 1) % size:
                self._ring[place] += each
        self._ring[self._slot] += rest
