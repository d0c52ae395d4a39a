"""The machines on their screen: lines that fit, what is said, and where the key leads."""

from dataclasses import replace

import pytest

from lvstop.analysis.vitals_past import VitalsPast
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.host import InterfaceCounters, InterfaceRates
from lvstop.model.vitals import Memory
from lvstop.ui.machines.bars import BUSY, SOFTIRQ, STEAL, cpu_bar, parts_bar
from lvstop.ui.machines.side_by_side import machine_lines
from lvstop.ui.screens.cluster import ClusterScreen
from lvstop.ui.screens.machines import MachinesScreen
from lvstop.ui.vrrp.matrix import length
from support.factories import backup, cluster, gone, master, silent
from support.machines import GIB, rates, vitals
from support.pictures import scene
from support.pilots import painted
from support.terminal import make_app


def said(snapshot: ClusterSnapshot, room: int = 140) -> str:
    lines = machine_lines(snapshot, VitalsPast(), room)
    return "\n".join("".join(part.text for part in line) for line in lines)


@pytest.mark.parametrize("room", [40, 77, 107, 108, 137, 197])
@pytest.mark.parametrize(
    "name", ["machines-calm", "machines-storm", "machines-full", "machines-many", "machines-unreachable"]
)
def test_no_line_is_wider_than_the_screen(name: str, room: int) -> None:
    """Side by side or below each other."""
    lines = machine_lines(scene(name)[-1], VitalsPast(), room)
    assert max(map(length, lines)) <= room


def test_three_directors_and_long_names_fit() -> None:
    """As many beside each other as there is room for."""
    long = replace(backup(), name="a-director-whose-name-does-not-end", vitals=vitals(), vitals_rates=rates())
    snapshot = cluster(master(), backup(), long)
    for room in (60, 120, 180):
        assert max(map(length, machine_lines(snapshot, VitalsPast(), room))) <= room
    assert "keepalived1" in said(snapshot, 180).splitlines()[0]
    assert "a-director" in said(snapshot, 180).splitlines()[0]


def test_what_was_never_read_is_unknown() -> None:
    """Not one number, and no word that all is well."""
    text = said(cluster(silent("keepalived1"), silent("keepalived2")))
    assert "nothing is near its end" not in text
    assert "0 " not in text.replace("timeout", "")
    assert text.count("–") >= 2 * 7


def test_a_kernel_without_its_parts() -> None:
    """No ip_vs, no connection tracking, no swap, no MemAvailable: each is said as what it is."""
    bare = vitals(conntrack=None, conntrack_loaded=False, memory=Memory(4 * GIB, None, 0, 0))
    text = said(cluster(replace(master(), vitals=bare, ipvs_loaded=False), backup()))
    for words in ("nothing is tracked", "is not loaded", "none", "– of 4.0 GiB"):
        assert words in text


def test_many_interfaces_are_counted() -> None:
    """The busiest eight have a line, in the kernel's order."""
    names = [f"veth{number}" for number in range(30)]
    counters = tuple(InterfaceCounters(name, 1, 1, 0, 0, 1, 1, 0, 0) for name in ("lo", *names))
    speeds = {name: InterfaceRates(float(n), 0, 0, 0, 0, 0, 0, 0) for n, name in enumerate(names)}
    text = said(cluster(replace(master(), interfaces=counters, interface_rates=speeds), backup()))
    assert "and 22 that have less to do" in text
    assert "veth21" not in text
    assert text.index("veth22") < text.index("veth29")


def test_bars() -> None:
    """Each part has a character of its own, and all together are as long as they should be."""
    bar = cpu_bar(rates([(1.0, 0.5, 0.25)]).cpus[0], 8)  # type: ignore[index]  # there is one
    assert "".join(part.text for part in bar) == SOFTIRQ.text * 4 + BUSY.text * 2 + STEAL.text * 2
    assert "".join(part.text for part in parts_bar([(0.0, BUSY)], 4)) == "····"
    assert "".join(part.text for part in parts_bar([(2.0, BUSY)], 4)) == BUSY.text * 4


async def test_the_key_leads_there_and_back() -> None:
    """`h` from the cluster, `h` or escape back; what is new is shown."""
    first, *_, last = scene("machines-storm")
    app = make_app(first)
    async with app.run_test(size=(140, 45)) as pilot:
        await pilot.press("h")
        await pilot.pause()
        assert isinstance(app.screen, MachinesScreen)
        assert "softirq" not in painted(app)
        app.feed.take(last)
        app.snapshot = app.feed.latest
        await pilot.pause()
        assert "Processor 0 of keepalived1 spends 98 %" in painted(app)
        await pilot.press("h")
        await pilot.pause()
        assert isinstance(app.screen, ClusterScreen)


def test_the_past_is_no_present() -> None:
    """A director that does not answer shows what it said, and that this is past."""
    known = replace(backup(), vitals=vitals(), vitals_rates=rates())
    text = said(cluster(master(), gone(known)))
    assert "below: its past" in text
    assert "whether anything is near its end is not known" in text
