"""A change as it is being planned: the weights it is to bring about, before anybody has objected."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from lvstop.actions.intent import Row
from lvstop.actions.levers import numbers, weight_by_keepalived
from lvstop.actions.plan import Objection, Remark, Step
from lvstop.actions.view import Cell, View, unreadable
from lvstop.model.change import Change, ChangeKind, Destination, FileChange, Lever, WeightChange


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """One row on one director, and the weight that it is to have.

    Attributes:
        before: in the table now.
        original: the weight to be remembered; older than `before` where a standing drain remembers it.
        by_file: keepalived will set the weight, because a track file changes.
    """

    cell: Cell
    before: Destination
    original: int
    after: int
    by_file: bool = False

    @property
    def change(self) -> WeightChange:
        """From what is there now to what is to be."""
        own = self.cell.row[0] if self.cell.server is None else self.cell.server.key
        return WeightChange(self.cell.director.name, own, self.cell.row[1], self.before, self.after)

    @property
    def recorded(self) -> WeightChange:
        """As it is remembered."""
        return replace(self.change, before=replace(self.before, weight=self.original))

    @property
    def lowers(self) -> bool:
        """It takes weight away."""
        return self.after < self.before.weight


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """What a change comes to.

    Attributes:
        rows: what was asked for, as the cluster lists it.
        targets: each row on each director that can be changed and has it.
        files: the track files that bring it about, with the number in them now and the number to be.
        recorded_files: the same as they are remembered; `before` may be older.
        recorded_only: rows that are remembered, and cannot be looked at: they are not in the table yet.
        absent: rows that a director should have and does not, or that its keepalived holds out of service.
        closes, keeps: what becomes of standing drains, as in `Plan`.
        objections, remarks: what was found while drafting.
        resumes: it goes on with an interrupted change.
        undoes: it puts back what that one may have done.
    """

    view: View
    kind: ChangeKind
    lever: Lever
    rows: tuple[Row, ...]
    targets: tuple[Target, ...] = ()
    files: tuple[FileChange, ...] = ()
    recorded_files: tuple[FileChange, ...] = ()
    recorded_only: tuple[WeightChange, ...] = ()
    absent: tuple[Cell, ...] = ()
    closes: tuple[str, ...] = ()
    keeps: tuple[Change, ...] = ()
    objections: tuple[Objection, ...] = ()
    remarks: tuple[Remark, ...] = ()
    resumes: bool = False
    undoes: bool = False

    @property
    def steps(self) -> tuple[Step, ...]:
        """What has to be done, on directors first that do not hold the VIP: a mistake there harms nobody."""
        return (*self._file_steps(), *self._weight_steps())

    @property
    def expects(self) -> tuple[WeightChange, ...]:
        """Every row on every director that it covers, in the order of the steps."""
        return tuple(target.change for target in self.ordered)

    @property
    def recorded(self) -> tuple[WeightChange, ...]:
        """Every row on every director as it is to be remembered."""
        return (*(target.recorded for target in self.ordered), *self.recorded_only)

    @property
    def ordered(self) -> list[Target]:
        """The targets by director, the one that holds the VIP last; then by row."""
        names = [director.name for director in self.view.snapshot.directors]
        places = {row: place for place, row in enumerate(self.rows)}
        return sorted(
            self.targets,
            key=lambda each: (each.cell.leads, names.index(each.cell.director.name), places.get(each.cell.row, 0)),
        )

    @property
    def drains(self) -> bool:
        """It takes real servers out of service, or asks for it again."""
        return self.kind is ChangeKind.DRAIN and not self.undoes

    def _file_steps(self) -> Iterator[FileChange]:
        leading = {target.cell.director.name for target in self.targets if target.cell.leads}
        names = [director.name for director in self.view.snapshot.directors]
        changed = [each for each in self.files if each.before != each.after]
        yield from sorted(changed, key=lambda each: (each.director in leading, names.index(each.director)))

    def _weight_steps(self) -> Iterator[WeightChange]:
        for target in self.ordered:
            if not target.by_file and target.before.weight != target.after:
                yield target.change


def targets_of(
    cells: Iterable[Cell], wish: Callable[[Cell], int], original: Callable[[Cell], int | None] = lambda _: None
) -> tuple[tuple[Target, ...], tuple[Objection, ...]]:
    """Targets for rows that are there, and objections where a part of what has to be restated is not known.

    Args:
        wish: the weight that a row is to have.
        original: the weight to be remembered instead of the one in the table; None: that one.
    """
    targets: list[Target] = []
    objections: list[Objection] = []
    for cell in cells:
        before = cell.destination
        if before is None:
            objections.append(unreadable(cell.director))
            continue
        remembered = original(cell)
        targets.append(Target(cell, before, before.weight if remembered is None else remembered, wish(cell)))
    return tuple(targets), tuple(dict.fromkeys(objections))


def driven_by_files(targets: Iterable[Target], files: Iterable[FileChange]) -> tuple[Target, ...]:
    """Targets, of which keepalived sets those whose weight it computes anew when the files change."""
    changed: dict[str, dict[str, int]] = {}
    for each in files:
        changed.setdefault(each.director, {})[each.name] = each.after
    return tuple(
        replace(target, by_file=True) if _follows(target.cell, changed.get(target.cell.director.name)) else target
        for target in targets
    )


def _follows(cell: Cell, changed: Mapping[str, int] | None) -> bool:
    now = numbers(cell.director)
    if changed is None or now is None or cell.checked is None or not cell.checked.alive:
        return False
    then = {**now, **changed}
    return weight_by_keepalived(cell.checked, now, now) != weight_by_keepalived(cell.checked, now, then)
