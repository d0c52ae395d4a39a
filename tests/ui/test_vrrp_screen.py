"""The VRRP screen: what each director says, who would win, what is refused, and what is unknown."""

from dataclasses import replace

import pytest
from textual.pilot import Pilot

from lvstop.analysis.diff import events as events_between
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot, Keepalived
from lvstop.model.vrrp import AdvertErrors, AdvertRates, SyncGroup, VrrpCounters, VrrpInstance, VrrpState
from lvstop.ui.app import LvstopApp
from lvstop.ui.screens.vrrp import VrrpScreen
from lvstop.ui.vrrp.lines import Lines
from support import factories as make
from support.terminal import make_app

NO_ERRORS = AdvertErrors(0, 0, 0, 0, 0, 0, 0, 0)


def told(state: str, name: str = "SMB", priority: int = 150, *vips: str, **more: object) -> VrrpInstance:
    """An instance with all its settings."""
    settings: dict[str, object] = {
        "priority": priority,
        "effective_priority": priority,
        "interface": "ens3",
        "version": 2,
        "preempt": True,
        "preempt_delay": 0.0,
        "advert_interval": 1.0,
    }
    return make.instance(state, name, *vips, **{**settings, **more})


def counted(sent: int, received: int, **errors: int) -> VrrpCounters:
    """Counters with refused adverts."""
    return replace(make.vrrp_counters(sent, received), errors=replace(NO_ERRORS, **errors))


def pair(sent: int = 1000, *, refused: int = 0, now: float = 0.0, **backup: object) -> ClusterSnapshot:
    """A healthy pair after so many adverts."""
    first = make.master(vrrp=(told("MASTER", counters=counted(sent, 0)),), advert_rates={"SMB": AdvertRates(0.0, 1.0)})
    counters = counted(0, sent, address_list=refused)
    values: dict[str, object] = {
        "vrrp": (told("BACKUP", priority=50, counters=counters),),
        "advert_rates": {"SMB": AdvertRates(1.0, 0.0)},
    }
    return make.cluster(first, make.backup("keepalived2", **{**values, **backup}), now=make.later(now))


async def opened(app: LvstopApp, pilot: Pilot[None]) -> VrrpScreen:
    """The screen, with its lines in place."""
    await pilot.pause()
    screen = VrrpScreen(app.feed).data_bind(LvstopApp.snapshot)
    await app.push_screen(screen)
    await pilot.pause()
    assert isinstance(screen, VrrpScreen)
    return screen


def text(screen: VrrpScreen) -> str:
    """Everything that scrolls, as plain text."""
    blocks = screen.body.query(Lines)
    return "\n".join("".join(part.text for part in line).rstrip() for block in blocks for line in block.lines)


def row(screen: VrrpScreen, label: str) -> str:
    """The first line that begins with a label."""
    return next(line for line in text(screen).splitlines() if line.startswith(label))


async def shown(*snapshots: ClusterSnapshot, size: tuple[int, int] = (120, 40)) -> str:
    """The text for these snapshots; the last ones arrive while the screen is open."""
    app = make_app(snapshots[0])
    async with app.run_test(size=size) as pilot:
        screen = await opened(app, pilot)
        for snapshot in snapshots[1:]:
            app.feed.take(snapshot)
            await pilot.pause()
        return text(screen)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_everything_fits(size: tuple[int, int]) -> None:
    """No line is wider than its room, nothing essential is cut, whatever the size."""
    app = make_app(pair())
    async with app.run_test(size=size) as pilot:
        screen = await opened(app, pilot)
        said = text(screen)
        assert all(len(line) <= size[0] - 2 for line in said.splitlines())
        assert "…" not in said
        for word in ("MASTER", "BACKUP", "keepalived1", "150", "base 50", "preempt", "2026-11-10 10:48:00", "12d 3h"):
            assert word in said


async def test_who_would_win() -> None:
    """Both sentences, with the reason."""
    said = await shown(pair())
    assert "keepalived1 stays MASTER: priority 150 is the greatest." in said
    assert "keepalived2 would take over: priority 50, hears adverts." in said


async def test_in_a_split_brain_nobody_takes_over() -> None:
    """The other one is MASTER already."""
    both = pair(vrrp=(told("MASTER", priority=50),))
    said = await shown(both)
    assert "keepalived2 is MASTER already: priority 50." in said
    assert "would take over" not in said


async def test_counters_grow_while_one_looks() -> None:
    """What was counted since the screen was opened stands beside the total, and can be counted anew."""
    app = make_app(pair(1000))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(app, pilot)
        assert "+ since 14:02:11" in text(screen)
        assert "+" not in row(screen, "last transition")
        app.feed.take(pair(1060, now=60))
        await pilot.pause()
        assert "1,060 +60" in text(screen)
        await pilot.press("z")
        await pilot.pause()
        assert "+60" not in text(screen)
        assert "+ since 14:03:11" in text(screen)


async def test_refused_adverts_are_explained() -> None:
    """What grows is a warning with its meaning; what only grew before is a quiet line."""
    said = " ".join((await shown(pair(1000, refused=2), pair(1060, refused=5, now=60))).split())
    assert "▲ keepalived2 refuses adverts: address list, +3 since you watch, 5 in all." in said
    assert "Compare virtual_ipaddress of this instance" in said
    quiet = await shown(pair(1000, refused=2), pair(1060, refused=2, now=60))
    assert "· keepalived2 has refused 2 adverts before: address list." in quiet
    assert "▲" not in quiet


async def test_addresses_claimed_and_held() -> None:
    """A MASTER without its address and a BACKUP with it are marked; a healthy pair is not."""
    healthy = await shown(pair())
    assert "✔ claimed ✔ held" in healthy
    assert "✔ claimed not held" in healthy
    assert "held ≠" not in healthy
    first = make.master(vrrp=(told("MASTER"),), addresses=(make.address("172.26.127.23"),))
    second = make.backup(vrrp=(told("BACKUP", priority=50),), addresses=(make.address(make.VIP),))
    wrong = await shown(make.cluster(first, second))
    assert "✖ held ≠" in wrong
    assert "✔ held ≠" in wrong


LONG = ("2001:db8:1234:5678:9abc:def0:1234:5678", "2001:db8:1234:5678:9abc:def0:1234:5679", "fd00::1")


def long_pair() -> ClusterSnapshot:
    """Addresses of the greatest length, and a short one."""
    held = tuple(make.address(each) for each in ("10.3.0.2", *LONG))
    first = make.master(vrrp=(told("MASTER", "V6", 150, *LONG),), addresses=held)
    return make.cluster(first, make.backup(vrrp=(told("BACKUP", "V6", 100, *LONG),)))


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (120, 40)])
async def test_directors_stay_side_by_side_with_long_addresses(size: tuple[int, int]) -> None:
    """An address of the greatest length has a line of its own; settings and cells are read against each other."""
    app = make_app(long_pair())
    async with app.run_test(size=size) as pilot:
        screen = await opened(app, pilot)
        said = text(screen)
        assert "…" not in said
        heads = next(line for line in said.splitlines() if "keepalived1 ● live" in line)
        assert "keepalived2 ● live" in heads
        state = row(screen, "state")
        assert state.index("MASTER") == heads.index("keepalived1 ●")
        assert state.index("BACKUP") == heads.index("keepalived2 ●")
        lines = said.splitlines()
        for each in LONG:
            place = next(number for number, line in enumerate(lines) if each in line)
            both = " ".join(lines[place : place + 2]) if size[0] == 80 else lines[place]
            assert "✔ claimed ✔ held" in both
            assert "✔ claimed not held" in both


async def test_three_directors_with_long_addresses() -> None:
    """As many beside each other at 80 columns as with short ones; a label of a word or two stays where it is."""
    first, second = long_pair().directors
    third = make.backup("keepalived3", vrrp=(told("BACKUP", "V6", 90, *LONG),))
    app = make_app(make.cluster(first, second, third))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, pilot)
        said = text(screen)
        assert next(line for line in said.splitlines() if "virtual address" in line).count("keepalived") == 3
        heads = [line for line in said.splitlines() if "● live" in line]
        assert [line.count("keepalived") for line in heads] == [2, 1]
        assert row(screen, "last transition").count("2026-11-10") == 2


async def test_settings_that_differ_are_marked() -> None:
    """VRID, version and advert interval must be the same on all directors."""
    said = await shown(pair(vrrp=(told("BACKUP", priority=50, advert_interval=2.0),)))
    assert "advert every ≠" in said
    assert "VRID ≠" not in said


async def test_unknown_is_a_dash() -> None:
    """Nothing is invented where only addresses are known, and a keepalived that is down says so."""
    first = replace(make.unprivileged(make.master()), vrrp=None)
    second = make.backup(keepalived=Keepalived("2.2.7", False, None), vrrp=None)
    app = make_app(make.cluster(first, second))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(app, pilot)
        assert row(screen, "state").split()[:3] == ["state", "MASTER", "inferred"]
        assert "✖ keepalived is down" in row(screen, "state")
        assert row(screen, "priority").split()[:3] == ["priority", "–", "–"]
        assert "counters" in text(screen)
        assert "adverts sent" not in text(screen)


async def test_a_silent_director_shows_its_past() -> None:
    """What it said once is not told as if it were now, and nobody is promised anything."""
    past = make.gone(make.backup(vrrp=(told("BACKUP", priority=50),)))
    said = await shown(make.cluster(make.master(vrrp=(told("MASTER"),)), past))
    assert "BACKUP once" in said
    assert "✖ unreachable" in said
    assert "It cannot be told who would take over if keepalived1 went: keepalived2 does not answer." in said


async def test_no_director_answers() -> None:
    """No instance is known, and the reason is told."""
    said = await shown(make.cluster(make.silent("keepalived1"), make.silent("keepalived2")))
    assert "no director that answers tells of an instance" in said


def trio() -> ClusterSnapshot:
    """Three directors and two instances in a sync group whose states disagree on the second."""
    group = (SyncGroup("VG_1", VrrpState.MASTER, ("SMB", "WEB")),)
    web = ("WEB", 150, "10.9.0.200")
    directors: list[DirectorSnapshot] = [
        make.master(vrrp=(told("MASTER"), told("MASTER", *web)), sync_groups=group),
        make.backup(
            vrrp=(told("BACKUP", priority=50), told("FAULT", "WEB", 50, "10.9.0.200")),
            sync_groups=(replace(group[0], state=VrrpState.BACKUP),),
        ),
        make.backup("keepalived3", vrrp=(told("BACKUP", priority=40), told("BACKUP", "WEB", 40, "10.9.0.200"))),
    ]
    return make.cluster(*directors)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_three_directors_and_sync_groups(size: tuple[int, int]) -> None:
    """Every director has its column, at 80 columns below the others; groups say where states disagree."""
    app = make_app(trio())
    async with app.run_test(size=size) as pilot:
        said = text(await opened(app, pilot))
        assert "…" not in said
        assert "keepalived3 ● live" in said
        assert "MASTER ✔ agree" in said
        assert "BACKUP ✖ disagree" in said
        assert "FAULT ≠" in said
        assert "2 instances" in said


async def test_transitions_are_newest_first() -> None:
    """The log's VRRP events of this cluster, with the time that keepalived gives."""
    before = pair()
    after = pair(1005, now=5)
    second = after.directors[1]
    taken = told("MASTER", priority=50, last_transition=make.later(3), counters=counted(3, 1002))
    after = replace(after, directors=(after.directors[0], replace(second, vrrp=(taken,))))
    later = pair(1010, now=9)
    said = await shown(
        before,
        replace(after, events=events_between(before, after)),
        replace(later, events=events_between(after, later)),
    )
    transitions = said.splitlines()[said.splitlines().index(" Transitions  newest first, UTC") + 1 :]
    assert transitions[0].endswith("SMB went from MASTER to BACKUP on keepalived2.")
    assert transitions[1] == "2026-11-22 14:02:14  keepalived2  SMB went from BACKUP to MASTER on keepalived2."


async def test_blocks_are_a_key_apart() -> None:
    """`n` and `b` bring blocks to the top; escape leaves the screen."""
    app = make_app(trio())
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, pilot)
        tops = [block.virtual_region.y for block in screen.body.query(Lines)]
        await pilot.press("n")
        await pilot.pause()
        assert screen.body.scroll_offset.y == tops[1]
        await pilot.press("n", "b")
        await pilot.pause()
        assert screen.body.scroll_offset.y == tops[1]
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is not screen


async def test_names_are_never_markup() -> None:
    """What stands in brackets in a name or a summary is shown."""
    first = make.master(vrrp=(told("MASTER", "[fd00::1]:443"),))
    said = await shown(make.cluster(first, make.backup(vrrp=(told("BACKUP", "[fd00::1]:443", 50),))))
    assert " [fd00::1]:443 " in said
