"""Alerts about machines: they stand from a mark on, last a little below it, and are silent where nothing is known."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from lvstop.analysis.alarms import AlarmEvent, Alarms
from lvstop.analysis.memory import Memory
from lvstop.analysis.merge import merge_and_remember
from lvstop.config.alarms import Debounce
from lvstop.model.alert import Severity
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot
from lvstop.model.host import InterfaceRates
from lvstop.model.vitals import Conntrack
from lvstop.model.vitals import Memory as Ram
from support.factories import NOW, alert, backup, gone, master, told
from support.machines import GIB, rates, vitals


def looks(*fields: dict[str, Any], every: float = 5.0, of: DirectorSnapshot | None = None) -> Sequence[ClusterSnapshot]:
    """A look after the other at a pair whose master has these fields; each has vitals of its own."""
    memory, found = Memory(), []
    for number, each in enumerate(fields):
        values = {"vitals": vitals(1000.0 + number), "vitals_rates": rates(), "interface_rates": {}, **each}
        director = replace(of or master(), **values)
        now = NOW + timedelta(seconds=number * every)
        snapshot, memory = merge_and_remember("smb", (director, backup()), now=now, memory=memory)
        found.append(snapshot)
    return found


def tracked(entries: int) -> dict[str, Any]:
    return {"vitals": vitals(conntrack=Conntrack(entries, 1000))}


def severities(snapshots: Sequence[ClusterSnapshot], code: str) -> list[str | None]:
    """Of that code, look by look; None where it does not stand."""
    return [next((str(each.severity) for each in snapshot.alerts if each.code == code), None) for snapshot in snapshots]


def test_conntrack_has_two_marks_and_relief_below_each() -> None:
    """80 % and 95 %; what was reached is over five points below it, so that it does not come and go."""
    fills = (799, 800, 780, 950, 920, 899, 760, 749, 799, 800)
    expected = [None, "warning", "warning", "critical", "critical", "warning", "warning", None, None, "warning"]
    assert severities(looks(*map(tracked, fills)), "conntrack-filling") == expected


def test_conntrack_of_a_director_that_serves_nothing_is_a_warning() -> None:
    """Nobody is turned away there yet."""
    (snapshot,) = looks(tracked(990), of=replace(master(), addresses=()))
    assert alert(snapshot, "conntrack-filling").severity is Severity.WARNING
    (snapshot,) = looks(tracked(990))
    found = alert(snapshot, "conntrack-filling")
    assert found.severity is Severity.CRITICAL
    assert "990 connections of at most 1,000 (99 %)" in found.summary


SOFTIRQ = {"vitals_rates": rates([(0.99, 0.97, 0.0), (0.1, 0.0, 0.0)])}


def test_softirq_has_to_last() -> None:
    """Fifteen seconds, which one look cannot know; then it lasts down to 80 %."""
    warm = {"vitals_rates": rates([(0.9, 0.85, 0.0)])}
    cool = {"vitals_rates": rates([(0.8, 0.79, 0.0)])}
    snapshots = looks(SOFTIRQ, SOFTIRQ, SOFTIRQ, SOFTIRQ, warm, cool, warm)
    assert severities(snapshots, "softirq-saturated") == [None, None, None, "warning", "warning", None, None]
    assert "Processor 0 of keepalived1 spends 97 %" in alert(snapshots[3], "softirq-saturated").summary


def lost(dropped: float, errors: float = 0.0) -> dict[str, Any]:
    each = InterfaceRates(1e6, 1e3, errors, dropped, 1e6, 1e3, 0.0, 0.0)
    return {"interface_rates": {"lo": replace(each, received_dropped=1e6), "ens3": each}}


def test_drops_have_to_last_and_few_are_usual() -> None:
    """Ten a second at an interface, one a second in the backlog; the loopback counts for nothing."""
    assert severities(looks(*[lost(9.0)] * 6), "packets-dropped") == [None] * 6
    assert severities(looks(*[lost(4.0, errors=7.0)] * 5), "packets-dropped") == [
        None,
        None,
        None,
        "warning",
        "warning",
    ]
    backlog = {"vitals_rates": rates(dropped=2.0)}
    snapshots = looks(*[{**lost(20.0), **backlog}] * 4)
    assert "20 by ens3 and 2 in the backlog" in alert(snapshots[-1], "packets-dropped").summary
    assert [each for each in told(snapshots[-1]) if each[0] == "packets-dropped"] == [
        ("packets-dropped", "warning", "keepalived1")
    ]


def test_little_memory() -> None:
    """Less than 5 % left; over at 7 %."""
    ram = [{"vitals": vitals(memory=Ram(100 * GIB, left * GIB, 0, 0))} for left in (6, 4, 6, 8, 6)]
    assert severities(looks(*ram), "memory-low") == [None, "warning", "warning", None, None]


def test_nothing_is_claimed_where_nothing_is_known() -> None:
    """Before the first reading, of a director that does not answer, and of what could not be read."""
    assert told(looks({"vitals": None, "vitals_rates": None, "interface_rates": None})[0]) == []
    assert told(looks({"vitals": vitals(conntrack=None, memory=None), "vitals_rates": None})[0]) == []
    memory = Memory()
    full = replace(master(), **tracked(990))
    snapshot, memory = merge_and_remember("smb", (full, backup()), now=NOW, memory=memory)
    assert severities([snapshot], "conntrack-filling") == ["critical"]
    later = NOW + timedelta(seconds=5)
    snapshot, memory = merge_and_remember("smb", (gone(full), backup()), now=later, memory=memory)
    assert severities([snapshot], "conntrack-filling") == [None]


def test_an_unknown_reading_does_not_end_a_strain() -> None:
    """It was beyond its mark, and nobody can tell that it is not any more: when it is seen again, relief holds."""
    unknown = {"vitals": vitals(conntrack=None)}
    expected = ["warning", None, "warning", None]
    assert severities(looks(tracked(800), unknown, tracked(760), tracked(740)), "conntrack-filling") == expected


def test_an_alarm_ends_only_where_the_machine_was_seen() -> None:
    """A director that is out of sight takes its alarm along; back with room to spare, it is over."""
    full, well = replace(master(), **tracked(990)), replace(master(), **tracked(10), vitals_rates=None)
    alarms, memory, said, debounce = Alarms(), Memory(), [], Debounce()
    frames = [full] * 30 + [gone(full)] * 60 + [well] * 60
    for second, director in enumerate(frames):
        now = NOW + timedelta(seconds=second)
        director = replace(director, vitals=replace(director.vitals, uptime=float(second)) if director.vitals else None)
        snapshot, memory = merge_and_remember("smb", (director, backup()), now=now, memory=memory)
        alarms, news = alarms.observe(snapshot, float(second), debounce)
        said += [(each.event, second) for each in news if each.alarm.alert.code == "conntrack-filling"]
    assert said[0][0] is AlarmEvent.RAISED
    assert said[-1][0] is AlarmEvent.CLEARED
    assert said[-1][1] >= 90
