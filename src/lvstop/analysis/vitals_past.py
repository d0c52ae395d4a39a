"""The last minutes of the machines: a few numbers every few seconds, for sparklines. Of bounded size."""

from collections import deque
from collections.abc import Mapping

from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot
from lvstop.model.vitals import Vitals

SPACING = 5.0
"""Seconds between two points."""

POINTS = 60
"""Five minutes."""

MOST_INTERFACES = 32
"""A director with containers may have thousands; the first ones are the machine's own."""

_PROCESSORS = ""
"""What the processors are kept as: no interface has an empty name."""


class VitalsPast:
    """The past of one cluster's machines. Not a value: whoever publishes snapshots feeds it, whoever draws asks it."""

    def __init__(self) -> None:
        self._directors: dict[str, _MachinePast] = {}

    def take(self, snapshot: ClusterSnapshot) -> None:
        """Record a look: a point where vitals were read anew, a gap where a director does not answer."""
        at = snapshot.generated_at.timestamp()
        self._directors = {
            director.name: self._directors.get(director.name) or _MachinePast() for director in snapshot.directors
        }
        for director in snapshot.directors:
            self._directors[director.name].take(at, director)

    def interface(self, director: str, name: str) -> tuple[float | None, ...]:
        """Bytes a second in both directions, oldest first, a value every `SPACING` seconds; None is a gap."""
        return self._values(director, name)

    def processors(self, director: str) -> tuple[float | None, ...]:
        """What part (0–1) of their time all processors together were busy, likewise."""
        return self._values(director, _PROCESSORS)

    def _values(self, director: str, what: str) -> tuple[float | None, ...]:
        past = self._directors.get(director)
        return () if past is None else past.values(what)


class _MachinePast:
    """The past of one machine."""

    def __init__(self) -> None:
        self._known: Vitals | None = None
        self._at: float | None = None
        self._tracks: dict[str, deque[float | None]] = {}

    def take(self, at: float, director: DirectorSnapshot) -> None:
        """One look."""
        if self._at is not None and 0.0 <= at - self._at < SPACING:
            if not director.answers or director.vitals is self._known:
                return
        elif director.answers and director.vitals is self._known:
            return
        self._at, self._known = at, director.vitals
        self._append(_values_of(director) if director.answers else {})

    def _append(self, values: Mapping[str, float | None]) -> None:
        points = max((len(track) for track in self._tracks.values()), default=0)
        for name in values:
            if name not in self._tracks:
                self._tracks[name] = deque([None] * points, maxlen=POINTS)
        for name, track in list(self._tracks.items()):
            track.append(values.get(name))
            if not any(value is not None for value in track):
                del self._tracks[name]

    def values(self, what: str) -> tuple[float | None, ...]:
        """All that is kept of it."""
        return tuple(self._tracks.get(what, ()))


def _values_of(director: DirectorSnapshot) -> Mapping[str, float | None]:
    values: dict[str, float | None] = {}
    for each in (director.interfaces or ())[:MOST_INTERFACES]:
        rates = (director.interface_rates or {}).get(each.interface)
        values[each.interface] = None if rates is None else rates.received_bytes + rates.sent_bytes
    cpus = None if director.vitals_rates is None else director.vitals_rates.cpus
    values[_PROCESSORS] = sum(cpu.busy for cpu in cpus) / len(cpus) if cpus else None
    return values
