"""What is said of a cluster on the wall: who holds its addresses in one word, and how it is, by shape and word."""

from collections.abc import Sequence
from dataclasses import dataclass

from lvstop.analysis.words import count, listing
from lvstop.model.alert import Alert
from lvstop.model.cluster import ClusterSnapshot, Health
from lvstop.model.director import DirectorStatus
from lvstop.ui.words import by_urgency

SHAPE = {Health.OK: "███", Health.WARNING: "▲▲▲", Health.CRITICAL: "✖✖✖", Health.UNKNOWN: "? ? ?"}
WORD = {Health.OK: "OK", Health.WARNING: "WARNING", Health.CRITICAL: "CRITICAL", Health.UNKNOWN: "UNKNOWN"}


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the virtual addresses.

    Attributes:
        word: what is written large: a director's name, or what is wrong.
        below: one sentence about it.
        known: somebody holds each address, and nobody holds it twice.
    """

    word: str
    below: str
    known: bool


def holder(snapshot: ClusterSnapshot) -> Holder:
    """The answer to the first question of whoever looks up."""
    if not snapshot.vips:
        connecting = all(each.status is DirectorStatus.CONNECTING for each in snapshot.directors)
        return Holder("connecting" if connecting else "unknown", "No virtual address is known.", known=False)
    twice = [vip for vip in snapshot.vips if len(vip.holders) > 1]
    if twice:
        where = listing(twice[0].holders)
        return Holder("TWO AT ONCE", f"{listing([vip.address for vip in twice], most=3)} on {where}", known=False)
    nowhere = [vip for vip in snapshot.vips if not vip.holders]
    lost = [vip for vip in nowhere if not vip.unknown_on]
    if lost:
        return Holder("NOBODY", f"Nobody holds {listing([vip.address for vip in lost], most=3)}", known=False)
    if nowhere:
        where = listing(nowhere[0].unknown_on)
        addresses = listing([vip.address for vip in nowhere], most=3)
        return Holder("unknown", f"{addresses}: {where} cannot be asked", known=False)
    names = list(dict.fromkeys(vip.holders[0] for vip in snapshot.vips))
    addresses = listing([vip.address for vip in snapshot.vips], most=3)
    if len(names) > 1:
        shares = [f"{sum(vip.holders == (name,) for vip in snapshot.vips)} on {name}" for name in names]
        return Holder(" + ".join(names), f"{count(len(snapshot.vips), 'address')}: {listing(shares)}", known=True)
    unsure = {name for vip in snapshot.vips for name in vip.unknown_on}
    behind = f"; {listing(sorted(unsure))} cannot be asked" if unsure else ""
    return Holder(names[0], f"{addresses}{behind}", known=not unsure)


def worst(snapshot: ClusterSnapshot, most: int) -> Sequence[Alert]:
    """The alerts that matter most."""
    return by_urgency(snapshot.alerts)[:most]
