"""The last minutes of the machines, of bounded size."""

from dataclasses import replace
from datetime import timedelta

from lvstop.analysis.vitals_past import MOST_INTERFACES, POINTS, VitalsPast
from lvstop.model.director import DirectorSnapshot
from lvstop.model.host import InterfaceCounters, InterfaceRates
from lvstop.model.vitals import Vitals
from support.factories import NOW, backup, cluster, gone, master
from support.machines import rates, vitals


def machine(second: int, size: float | None = 10.0, names: tuple[str, ...] = ("lo", "ens3")) -> DirectorSnapshot:
    """The master at this second; vitals are read every five."""
    each = None if size is None else {name: InterfaceRates(size, 1, 0, 0, size / 2, 1, 0, 0) for name in names}
    known = READ.setdefault(second // 5, vitals(float(second // 5)))
    counters = tuple(InterfaceCounters(name, 1, 1, 0, 0, 1, 1, 0, 0) for name in names)
    return replace(master(), vitals=known, vitals_rates=rates(), interfaces=counters, interface_rates=each)


READ: dict[int, Vitals] = {}


def took(past: VitalsPast, second: int, director: DirectorSnapshot) -> None:
    past.take(cluster(director, backup(), now=NOW + timedelta(seconds=second)))


def test_a_point_for_each_reading_and_no_more() -> None:
    """Both directions of an interface, and all processors together."""
    past = VitalsPast()
    for second in range(15):
        took(past, second, machine(second, size=float(second)))
    assert past.interface("keepalived1", "ens3") == (0.0, 7.5, 15.0)
    assert len(past.processors("keepalived1")) == 3
    assert past.interface("keepalived1", "eth9") == past.interface("nobody", "ens3") == ()


def test_who_does_not_answer_leaves_a_gap() -> None:
    """A point in time without a value, never 0."""
    past = VitalsPast()
    for second in range(5):
        took(past, second, machine(second))
    for second in range(5, 15):
        took(past, second, gone(machine(4)))
    took(past, 15, machine(15))
    assert past.interface("keepalived1", "ens3") == (15.0, None, None, 15.0)


def test_it_does_not_grow() -> None:
    """Neither with time nor with interfaces, and what is gone is forgotten."""
    past = VitalsPast()
    many = tuple(f"veth{number}" for number in range(500))
    for second in range(0, 5 * (POINTS + 20), 5):
        took(past, second, machine(second, names=many))
    assert len(past.interface("keepalived1", "veth0")) == POINTS
    assert past.interface("keepalived1", f"veth{MOST_INTERFACES}") == ()
    for second in range(5 * (POINTS + 20), 5 * (2 * POINTS + 30), 5):
        took(past, second, machine(second))
    assert past.interface("keepalived1", "veth0") == ()
    assert len(past.interface("keepalived1", "ens3")) == POINTS
