"""What is said of a cluster on the wall: who holds its addresses in one word, and how it is, by shape and word."""

from collections.abc import Sequence
from dataclasses import dataclass

from lvstop.analysis.alarms import Alarm, Alarms, Presence, alarm_key, calls, everything_is_fine, judged
from lvstop.analysis.certainty import what_is_unknown
from lvstop.analysis.words import count, listing
from lvstop.model.alert import Severity
from lvstop.model.cluster import ClusterSnapshot, Health
from lvstop.model.director import DirectorStatus
from lvstop.ui.words import by_urgency

SHAPE = {Health.OK: "███", Health.WARNING: "▲▲▲", Health.CRITICAL: "✖✖✖", Health.UNKNOWN: "? ? ?"}
WORD = {Health.OK: "OK", Health.WARNING: "WARNING", Health.CRITICAL: "CRITICAL", Health.UNKNOWN: "UNKNOWN"}


@dataclass(frozen=True, slots=True)
class OnWall:
    """A cluster as the wall shows it: what it is like now, judged by its alarms, which do not come and go with a look.

    Attributes:
        health: by its alarms.
        alarms: the worst first.
        fine: nothing is wrong, and that is known.
        unknown: what is not known, a few words each.
        calls: something critical stands that nobody here has taken note of.
    """

    snapshot: ClusterSnapshot
    health: Health
    alarms: Sequence[Alarm]
    fine: bool
    unknown: Sequence[str]
    calls: bool

    @classmethod
    def of(cls, snapshot: ClusterSnapshot, alarms: Alarms) -> "OnWall":
        """The newest snapshot, and the alarms as of then."""
        health, unknown, standing = judged(snapshot, alarms), what_is_unknown(snapshot), alarms.standing
        return cls(snapshot, health, standing, everything_is_fine(health, unknown), unknown, calls(standing))


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong.

    Attributes:
        note: what is to be known of it beside what it says: that it is acknowledged, away, or out of sight.
        mark: the same where there is hardly any room.
    """

    severity: Severity
    summary: str
    note: str = ""
    mark: str = ""


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


_AWAY = {Presence.STANDING: "", Presence.AWAY: "away now", Presence.UNSEEN: "out of sight"}


def troubles(cluster: OnWall, most: int) -> Sequence[Trouble]:
    """What matters most: alarms, those first of which nobody has taken note, and then what is no alarm."""
    known = {alarm.key for alarm in cluster.alarms}
    found = [
        Trouble(alarm.severity, alarm.alert.summary, _note(alarm), _mark(alarm))
        for alarm in sorted(cluster.alarms, key=lambda alarm: (alarm.acknowledged, -alarm.severity))
    ]
    others = [alert for alert in by_urgency(cluster.snapshot.alerts) if alarm_key(alert) not in known]
    return [*found, *(Trouble(alert.severity, alert.summary) for alert in others)][:most]


def _note(alarm: Alarm) -> str:
    notes = ["acknowledged"] if alarm.acknowledged else []
    return ", ".join([*notes, *([_AWAY[alarm.presence]] if alarm.presence is not Presence.STANDING else [])])


def _mark(alarm: Alarm) -> str:
    return f"{'✓ ' if alarm.acknowledged else ''}{'? ' if alarm.presence is Presence.UNSEEN else ''}"
