"""A pair of directors with one large table, from one second to the next."""

from dataclasses import replace

from benchmarks.frames import Frames
from lvstop.analysis.diff import events
from lvstop.analysis.memory import Memory
from lvstop.analysis.merge import merge
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot
from lvstop.model.ipvs import TableRates, VirtualServer
from lvstop.probe.parse.ip_vs import TableParser
from support.factories import later
from support.scenes import lead, rates_of, stand_by

_SCENES = 4


class Farm:
    """Looks at the pair, one a second; what the directors answer was read before and comes round again."""

    def __init__(self, rows: int, share: float = 1.0) -> None:
        """`share` of `rows` real servers change in each second."""
        sides = [(Frames(rows, share), TableParser()) for _ in range(2)]
        tables = [_read(*side) for side in sides]
        # What is seldom read stays the same object from one second to the next.
        self.answers: list[list[DirectorSnapshot]] = [[lead(0, tables[0]), stand_by(0, tables[1])]]
        while len(self.answers) < _SCENES:
            tables = [_read(*side) for side in sides]
            self.answers.append([_later(*pair) for pair in zip(self.answers[0], tables, strict=True)])
        self._memory = Memory()
        self._before: ClusterSnapshot | None = None
        self._second = 0

    def look(self) -> ClusterSnapshot:
        """The next look, made as a session makes it."""
        self._second += 1
        now = later(self._second)
        directors = [replace(director, read_at=now) for director in self.answers[self._second % _SCENES]]
        snapshot = merge("farm", directors, now=now, memory=self._memory)
        snapshot = replace(snapshot, events=events(self._before, snapshot))
        self._memory, self._before = self._memory.observe(snapshot), snapshot
        return snapshot


def _read(frames: Frames, parser: TableParser) -> tuple[VirtualServer, ...]:
    changed = frames.step()
    return parser.update(frames.lines, changed, hz=250).value


def _later(director: DirectorSnapshot, table: tuple[VirtualServer, ...]) -> DirectorSnapshot:
    rates: TableRates = rates_of(table)  # type: ignore[assignment]  # its keys are what they should be
    return replace(director, virtual_servers=table, rates=rates)
