"""What can be failed over: sync groups and instances as they are held now, each with who may take it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lvstop.actions.failover.intent import FailOver
from lvstop.analysis.words import listing
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot
from lvstop.model.vrrp import VrrpState


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be asked for.

    Attributes:
        what: in words, e.g. `sync group G (A and B)`.
        source: who holds it now.
        target: who would take it.
    """

    intent: FailOver
    what: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class _Unit:
    """What moves as a whole."""

    name: str
    members: tuple[str, ...]
    group: bool

    @property
    def what(self) -> str:
        return f"sync group {self.name} ({listing(self.members)})" if self.group else f"instance {self.name}"

    def to(self, target: str) -> FailOver:
        return FailOver(group=self.name, target=target) if self.group else FailOver(instance=self.name, target=target)


def choices(snapshot: ClusterSnapshot) -> Sequence[Choice]:
    """All there is to choose from: everything at once first, where one director has it all. Empty where nobody does."""
    held = [(director.name, units) for director in snapshot.directors if (units := list(_units(director)))]
    found: list[Choice] = []
    for source, units in held:
        for target in (director.name for director in snapshot.directors if director.name != source):
            if len(held) == 1 and len(units) > 1:
                names = listing((each.name for each in units), most=3)
                found.append(Choice(FailOver(target=target), f"everything: {names}", source, target))
            found += [Choice(each.to(target), each.what, source, target) for each in units]
    return found


def _units(director: DirectorSnapshot) -> Iterator[_Unit]:
    """What a director is MASTER of, as far as it tells."""
    mine = [each.name for each in director.vrrp or () if each.state is VrrpState.MASTER and each.name is not None]
    grouped: set[str] = set()
    for group in director.sync_groups or ():
        members = tuple(name for name in group.instances if name in mine)
        if members:
            grouped.update(members)
            yield _Unit(group.name, members, group=True)
    for name in mine:
        if name not in grouped:
            yield _Unit(name, (name,), group=False)
