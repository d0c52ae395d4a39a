"""The drains that stand on record: which rows they hold, what these weighed before, and what is left of them."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from lvstop.actions.intent import Row
from lvstop.actions.view import View
from lvstop.model.change import Change, FileChange, WeightChange

Spot = tuple[str, Row]
"""A director's name and a row."""


class StandingDrains:
    """The standing drains of a cluster, looked up by row."""

    def __init__(self, view: View, *, apart_from: str | None = None) -> None:
        self._view = view
        self._drains = tuple(each for each in view.standing if each.id != apart_from)
        self._entries: dict[Row, list[tuple[Change, WeightChange]]] = {}
        for drain in self._drains:
            for each in drain.weights:
                self._entries.setdefault(self._row(each), []).append((drain, each))

    def holding(self, row: Row, director: str | None = None) -> tuple[Change, ...]:
        """The drains that have a row, on a director or on any, the oldest first."""
        return tuple(drain for drain, each in self._of(row) if director in (None, each.director))

    def original(self, row: Row, director: str) -> int | None:
        """What a row weighed on a director before it was drained; None where no drain has it there.

        The oldest drain knows: what a later one found may be the earlier one's 0.
        """
        weights = [each.before.weight for _, each in self._of(row) if each.director == director]
        return next((weight for weight in weights if weight > 0), weights[0] if weights else None)

    def elsewhere(self, row: Row) -> int | None:
        """What a row weighed before on whichever director remembers it in service."""
        weights = (each.before.weight for _, each in self._of(row))
        return next((weight for weight in weights if weight > 0), None)

    def files(self, row: Row) -> tuple[FileChange, ...]:
        """The track files of the drains that have a row, the oldest first."""
        return tuple(dict.fromkeys(each for drain in self.holding(row) for each in drain.files))

    def without(
        self, spots: Collection[Spot], files: Collection[tuple[str, str]] = ()
    ) -> tuple[tuple[str, ...], tuple[Change, ...]]:
        """What becomes of the drains when rows leave them: the ids of those that end, and what is left of others.

        Rows of directors that are no longer in the cluster leave with them.

        Args:
            files: directors and paths of the track files that leave them, too.
        """
        names = {director.name for director in self._view.snapshot.directors}
        rows = {row for _, row in spots}
        closes: list[str] = []
        keeps: list[Change] = []
        for drain in self._drains:
            left = tuple(
                each
                for each in drain.weights
                if (each.director, self._row(each)) not in spots
                and (each.director in names or self._row(each) not in rows)
            )
            if len(left) == len(drain.weights):
                continue
            left = tuple(each for each in left if each.director in names)
            if not left:
                closes.append(drain.id)
                continue
            directors = {each.director for each in left}
            kept = (each for each in drain.files if (each.director, each.path) not in files)
            keeps.append(replace(drain, weights=left, files=tuple(each for each in kept if each.director in directors)))
        return tuple(closes), tuple(keeps)

    def _of(self, row: Row) -> Iterator[tuple[Change, WeightChange]]:
        return iter(self._entries.get(row, ()))

    def _row(self, change: WeightChange) -> Row:
        return self._view.same((change.virtual_server, change.real_server))
