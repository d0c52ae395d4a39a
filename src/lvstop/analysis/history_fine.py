"""The fine past of the rows that somebody looks at: a value for every snapshot, in arrays.

All rows of one director are read at the same moments, so they share one time axis.
"""

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from lvstop.analysis.series import Field, Point
from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.ipvs import Rates, VirtualServer

Values = tuple[float, float, float, float, float]
"""One value per `Field` in its order; NaN is unknown."""

UNKNOWN: Values = (math.nan,) * 5
COLUMNS = {field: column for column, field in enumerate(Field)}
MOST_SAMPLES = 1800
_SLACK = 60
"""Old samples are dropped so many at a time: cutting the front off an array moves all of it."""


class Axis:
    """The moments at which a director was looked at. Samples are numbered; the numbers go on as old ones are dropped.

    Attributes:
        first: the number of the oldest sample.
    """

    def __init__(self, kept: float) -> None:
        """`kept`: seconds that samples are kept for."""
        self._kept = kept
        self._times = array("d")
        self.first = 0

    @property
    def last(self) -> float | None:
        """The newest moment; None before the first."""
        return self._times[-1] if self._times else None

    @property
    def end(self) -> int:
        """The number of the next sample."""
        return self.first + len(self._times)

    def append(self, at: float) -> int:
        """Add a moment after all others. Returns how many samples were dropped at the other end."""
        self._times.append(at)
        old = max(bisect_left(self._times, at - self._kept), len(self._times) - MOST_SAMPLES)
        if old < _SLACK:
            return 0
        del self._times[:old]
        self.first += old
        return old

    def time(self, number: int) -> float:
        """The moment of a sample."""
        return self._times[number - self.first]

    def last_until(self, at: float) -> int:
        """The number of the last sample that is not after `at`; the oldest one where all are."""
        return self.first + max(0, bisect_right(self._times, at) - 1)


class Track:
    """The samples of one row, from the moment on from which it was watched.

    Attributes:
        start: the number of its oldest sample.
        place: where the row stood in its virtual server when it was last seen there.
    """

    __slots__ = ("_columns", "place", "real_server", "start", "virtual_server")

    def __init__(
        self, virtual_server: VirtualServerKey | None, real_server: RealServerKey | None, *, start: int
    ) -> None:
        self.virtual_server = virtual_server
        self.real_server = real_server
        self.start = start
        self.place = 0
        self._columns = tuple(array("f") for _ in Field)

    def append(self, values: Values) -> None:
        """Add a sample."""
        for column, value in zip(self._columns, values, strict=True):
            column.append(value)

    def drop_before(self, number: int) -> None:
        """Forget samples with smaller numbers."""
        old = number - self.start
        if old > 0:
            for column in self._columns:
                del column[:old]
            self.start = number

    def points(self, field: Field, axis: Axis, *, since: float) -> list[Point]:
        """Points from the last one that is not after `since`, in order of time."""
        column = self._columns[COLUMNS[field]]
        begin = max(self.start, axis.last_until(since))
        return [
            (axis.time(number), None if value != value else value)
            for number, value in enumerate(column[begin - self.start :], begin)
        ]


class TableView:
    """The newest table of one director, so that rows are found and summed without walking what stayed as it was."""

    def __init__(self) -> None:
        self._servers: Sequence[VirtualServer] = ()
        self._slots: dict[VirtualServerKey, int] = {}
        self._sums: list[tuple[int, int]] = []
        self._missing: dict[VirtualServerKey, dict[RealServerKey, int]] = {}

    def update(self, servers: Sequence[VirtualServer]) -> None:
        """Another table."""
        before, sums = self._servers, self._sums
        if servers is before:
            return
        self._missing = {}
        self._servers = servers
        if len(before) == len(servers) and all(map(_same_server, before, servers)):
            for slot, server in enumerate(servers):
                if server is not before[slot]:
                    sums[slot] = _sums(server)
            return
        self._slots = {server.key: slot for slot, server in enumerate(servers)}
        self._sums = [_sums(server) for server in servers]

    def totals(self) -> tuple[int, int]:
        """Active and inactive connections of the whole table."""
        return (sum([active for active, _ in self._sums]), sum([inactive for _, inactive in self._sums]))

    def connections(self, track: Track) -> tuple[float, float]:
        """Active and inactive connections of a row or of a virtual server; NaN where it is not in the table."""
        slot = None if track.virtual_server is None else self._slots.get(track.virtual_server)
        if slot is None:
            return (math.nan, math.nan)
        if track.real_server is None:
            return self._sums[slot]
        server = self._servers[slot]
        rows = server.real_servers
        place = track.place
        if place >= len(rows) or not (rows[place].key is track.real_server or rows[place].key == track.real_server):
            found = self._places(server).get(track.real_server)
            if found is None:
                return (math.nan, math.nan)
            place = track.place = found
        return (rows[place].active_connections, rows[place].inactive_connections)

    def _places(self, server: VirtualServer) -> dict[RealServerKey, int]:
        """Where each row stands; asked for only where a row is not at its place, and made once per table then."""
        places = self._missing.get(server.key)
        if places is None:
            places = {row.key: place for place, row in enumerate(server.real_servers)}
            self._missing[server.key] = places
        return places


def _same_server(before: VirtualServer, after: VirtualServer) -> bool:
    # Keys stay the same objects as long as nothing comes or goes; comparing their addresses costs a hundred times more.
    return before is after or before.key is after.key or before.key == after.key


def _sums(server: VirtualServer) -> tuple[int, int]:
    rows = server.real_servers
    return (sum([row.active_connections for row in rows]), sum([row.inactive_connections for row in rows]))


def rate_values(rates: Rates | None) -> tuple[float, float, float]:
    """Connections and bytes per second; NaN where unknown."""
    if rates is None:
        return (math.nan, math.nan, math.nan)
    return (rates.connections, rates.in_bytes, rates.out_bytes)
