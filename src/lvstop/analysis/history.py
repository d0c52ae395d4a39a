"""The past of a cluster's rows, of bounded size: what sparklines and charts show.

Two pasts are kept for 15 minutes. The fine one has a value for every snapshot and is kept for directors as a whole and
for rows that are watched, at most `MOST_WATCHED` of them; the coarse one has a value every 15 seconds of every row, so
that a row that comes into sight has a past at once. A series is the coarse past up to the moment when the row was first
watched, and the fine one from there on.
"""

import math
from collections.abc import Iterable

from lvstop.analysis.history_coarse import CoarsePast
from lvstop.analysis.history_fine import UNKNOWN, Axis, TableView, Track, Values, rate_values
from lvstop.analysis.series import NO_SERIES, Field, RowKey, Series
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot
from lvstop.model.ipvs import Rates, TableRates

KEPT = 900.0
"""Seconds that the past is kept for."""

MOST_WATCHED = 256
"""More rows than any screen has. A row takes 18 kB when it has been watched for 15 minutes."""


class History:
    """The past of one cluster. Not a value: whoever publishes snapshots feeds it, whoever draws asks it."""

    def __init__(self) -> None:
        self._directors: dict[str, _DirectorPast] = {}
        self._watched: dict[RowKey, Track] = {}

    def take(self, snapshot: ClusterSnapshot) -> None:
        """Record a look.

        A director that does not answer gets a gap; one whose table was not read again since the last look nothing. A
        wall clock that was set back begins a new past. At most one director is recorded coarsely per call, so that
        large tables are not walked all at once.
        """
        at = snapshot.generated_at.timestamp()
        self._forget_strangers({director.name for director in snapshot.directors})
        coarsely = True
        for director in snapshot.directors:
            past = self._directors.get(director.name)
            if past is None or (past.axis.last is not None and at < past.axis.last):
                past = self._begin(director.name)
            if past.take(at, director, coarsely=coarsely):
                coarsely = False

    def watch(self, keys: Iterable[RowKey]) -> None:
        """Record these rows finely from now on, at first as the last snapshot showed them.

        They stay watched until `MOST_WATCHED` others were named later. Rows of directors that no snapshot has shown
        are left out; a director's total is always watched.
        """
        for key in keys:
            past = self._directors.get(key.director)
            if past is None or key.virtual_server is None:
                continue
            track = self._watched.pop(key, None)
            self._watched[key] = past.watch(key) if track is None else track
        while len(self._watched) > MOST_WATCHED:
            oldest = next(iter(self._watched))
            self._directors[oldest.director].unwatch(self._watched.pop(oldest))

    def series(self, key: RowKey, field: Field, *, span: float) -> Series:
        """The last `span` seconds of a row up to the newest look at its director, and the point before them.

        Costs what is in the span, not what is kept. Connections and bytes per second are those of the snapshot's
        `rates`; a director's are the sum of its virtual servers'. One that is too new to have rates adds nothing to it;
        where one began anew the sum is None, since without it there would be a dip that was none.
        """
        past = self._directors.get(key.director)
        return NO_SERIES if past is None else past.series(key, self._watched.get(key), field, span)

    def _begin(self, name: str) -> "_DirectorPast":
        """A new past of a director; its watched rows are to be watched anew."""
        self._watched = {key: track for key, track in self._watched.items() if key.director != name}
        past = self._directors[name] = _DirectorPast()
        return past

    def _forget_strangers(self, names: set[str]) -> None:
        if not names.issuperset(self._directors):
            self._directors = {name: past for name, past in self._directors.items() if name in names}
            self._watched = {key: track for key, track in self._watched.items() if key.director in names}


class _DirectorPast:
    """The past of one director."""

    def __init__(self) -> None:
        self.axis = Axis(KEPT)
        self._coarse = CoarsePast(KEPT)
        self._total = Track(None, None, start=0)
        self._tracks: dict[Track, None] = {}
        self._latest: DirectorSnapshot | None = None
        self._view = TableView()
        self._sum_of: TableRates | None = None
        self._sum: tuple[float, float, float] = rate_values(None)

    def take(self, at: float, director: DirectorSnapshot, *, coarsely: bool) -> bool:
        """Record a look, coarsely as well where that is due and allowed. Returns whether it was."""
        if at == self.axis.last or (self._latest is not None and self._read_before(self._latest, director)):
            return False
        self._latest = director
        dropped = self.axis.append(at)
        answers = director.answers
        if answers:
            self._view.update(director.virtual_servers or ())
        for track in (self._total, *self._tracks):
            if dropped:
                track.drop_before(self.axis.first)
            track.append(self._values(track, director) if answers else UNKNOWN)
        if not answers:
            self._coarse.gap(at)
            return False
        due = coarsely and self._coarse.is_due(at)
        if due:
            self._coarse.take(at, director)
        return due

    @staticmethod
    def _read_before(latest: DirectorSnapshot, director: DirectorSnapshot) -> bool:
        return latest.answers and director.answers and latest.read_at == director.read_at

    def watch(self, key: RowKey) -> Track:
        """Begin with a row."""
        track = Track(key.virtual_server, key.real_server, start=max(self.axis.first, self.axis.end - 1))
        if self._latest is not None:
            track.append(self._values(track, self._latest) if self._latest.answers else UNKNOWN)
        self._tracks[track] = None
        return track

    def unwatch(self, track: Track) -> None:
        """Have done with a row."""
        del self._tracks[track]

    def series(self, key: RowKey, track: Track | None, field: Field, span: float) -> Series:
        """What is known of a row: coarse as long as there is nothing fine."""
        end = self.axis.last
        if end is None:
            return NO_SERIES
        since = end - span
        if key.virtual_server is None:
            return Series(tuple(self._total.points(field, self.axis, since=since)))
        if track is None:
            return Series(tuple(self._coarse.points(key.virtual_server, key.real_server, field, since=since)))
        fine = track.points(field, self.axis, since=since)
        if fine and fine[0][0] <= since:
            return Series(tuple(fine))
        begin = fine[0][0] if fine else math.inf
        coarse = self._coarse.points(key.virtual_server, key.real_server, field, since=since)
        return Series((*(point for point in coarse if point[0] < begin), *fine))

    def _values(self, track: Track, director: DirectorSnapshot) -> Values:
        if track.virtual_server is None:
            known = director.virtual_servers is not None
            counted = self._view.totals() if known else (math.nan, math.nan)
            return (*counted, *self._sum_of_rates(director))
        return (*self._view.connections(track), *rate_values(_rates(director, track)))

    def _sum_of_rates(self, director: DirectorSnapshot) -> tuple[float, float, float]:
        """Rates stay the same objects between two readings of counters, and so does their sum."""
        rates = director.rates
        if rates is None:
            return rate_values(None)
        if rates is not self._sum_of:
            self._sum_of, self._sum = rates, _sum_of_totals(rates)
        return self._sum


def _sum_of_totals(rates: TableRates) -> tuple[float, float, float]:
    totals = [group.total for group in rates.values()]
    known = [total for total in totals if total is not None]
    if len(known) != len(totals):
        return rate_values(None)
    connections = sum([total.connections for total in known])
    return (connections, sum([total.in_bytes for total in known]), sum([total.out_bytes for total in known]))


def _rates(director: DirectorSnapshot, track: Track) -> Rates | None:
    if director.rates is None or track.virtual_server is None:
        return None
    group = director.rates.get(track.virtual_server)
    if group is None:
        return None
    return group.total if track.real_server is None else group.real_servers.get(track.real_server)
