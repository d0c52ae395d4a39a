"""The list of clusters: it stays where it is while clusters fall over."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from lvstop.analysis.alarms import Presence
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.app import LvstopApp
from lvstop.ui.screens.fleet import ClusterList, FleetScreen, bar_line, fleet_line
from support import scenes
from support.alarms import news_of
from support.factories import cluster
from support.failover_scenes import held, on_record
from support.pilots import line_with, lines_of, text_of, until
from support.terminal import make_app


def named(name: str, snapshot: ClusterSnapshot | None = None) -> ClusterSnapshot:
    """A cluster of that name."""
    return replace(snapshot or cluster(), name=name)


def many(count: int) -> Sequence[ClusterSnapshot]:
    """Healthy clusters."""
    return [named(f"c{number:03}") for number in range(count)]


async def opened(app: LvstopApp, pilot: Pilot[None]) -> FleetScreen:
    """The list, once it is painted."""
    await pilot.press("c")
    await until(pilot, lambda: isinstance(app.screen, FleetScreen) and "CLUSTER" in text_of(app))
    screen = app.screen
    assert isinstance(screen, FleetScreen)
    return screen


async def test_news_do_not_undo_scrolling() -> None:
    """Somebody scrolls with the wheel and reads: a second later the list stands where it stood."""
    app = make_app(cluster(), others=many(100))
    async with app.run_test(size=(100, 24)) as pilot:
        screen = await opened(app, pilot)
        options = screen.query_one(ClusterList)
        options.scroll_to(y=40, animate=False, force=True)
        await until(pilot, lambda: "c050" in text_of(app))
        before = lines_of(app)[2:]
        app.feeds["c050"].take(named("c050", replace(scenes.steady()[-1])))
        screen.refresh_lines()
        await until(pilot, lambda: "1,231" in line_with(app, "c050"))
        assert options.scroll_offset.y == 40
        assert [line[:8] for line in lines_of(app)[2:]] == [line[:8] for line in before]


async def test_a_cluster_that_falls_over_comes_first_and_nothing_scrolls() -> None:
    """The order changes; the cursor stays with its cluster and the view where it was."""
    app = make_app(cluster(), others=many(100))
    async with app.run_test(size=(100, 24)) as pilot:
        screen = await opened(app, pilot)
        options = screen.query_one(ClusterList)
        await pilot.press("home", "down", "down")
        options.scroll_to(y=40, animate=False, force=True)
        app.feeds["c099"].take(named("c099", scenes.split_brain()[-1]))
        screen.refresh_lines()
        await until(pilot, lambda: options.get_option_at_index(0).id == "c099")
        await pilot.pause()
        assert options.scroll_offset.y == 40
        assert options.highlighted is not None
        assert options.get_option_at_index(options.highlighted).id == "c002"


async def test_only_what_changed_is_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second in which nothing changed costs nothing."""
    app = make_app(cluster(), others=many(5))
    async with app.run_test(size=(100, 24)) as pilot:
        screen = await opened(app, pilot)
        replaced: list[str] = []
        options = screen.query_one(ClusterList)
        monkeypatch.setattr(options, "replace_option_prompt", lambda name, _line: replaced.append(name))
        monkeypatch.setattr(options, "clear_options", lambda: replaced.append("all"))
        screen.refresh_lines()
        assert replaced == []
        app.feeds["c003"].take(named("c003", scenes.steady()[-1]))
        screen.refresh_lines()
        assert replaced == ["c003"]


async def test_enter_is_in_the_footer() -> None:
    """What it is for stands there."""
    app = make_app(cluster(), others=many(2))
    async with app.run_test(size=(100, 24)) as pilot:
        await opened(app, pilot)
        await until(pilot, lambda: "⏎ Show" in lines_of(app)[-1])


async def test_the_bar_counts_in_words() -> None:
    """Two clusters with a warning are `2 warnings`."""
    others = [named("a", scenes.unreachable()[-1]), named("b", scenes.unreachable()[-1])]
    app = make_app(cluster(), others=others)
    async with app.run_test(size=(100, 24)) as pilot:
        await opened(app, pilot)
        assert "lvstop · 3 clusters   READ-ONLY   ▲ 2 warnings   ● 1 OK" in lines_of(app)[0]


def test_no_count_is_cut_off() -> None:
    """Twenty clusters in every health, on the narrowest terminal."""
    played = (scenes.split_brain, scenes.nobody_answers, scenes.unreachable, scenes.steady)
    found = [played[min(at, 3)]()[-1].health for at in range(20)]
    line = bar_line(found, 80, read_only=True)
    assert line.cell_length <= 80
    assert line.plain.endswith("READ-ONLY  ✖ 1 critical  ? 1 unknown  ▲ 1 warning  ● 17 OK")


def test_what_cannot_be_seen_is_not_well() -> None:
    """An alarm of which the present tells nothing calls nevertheless: that stands in its line."""
    unseen = replace(news_of().alarm, presence=Presence.UNSEEN)
    line = fleet_line(scenes.steady()[-1], alarms=[unseen]).plain
    assert line.startswith(" ✖ smb ")
    assert "1 alarm out of sight: TCP:172.26.127.20:445 is not as it should be." in line


def test_a_line_says_what_it_leaves_out() -> None:
    """Several holders and further alerts are counted in words."""
    line = fleet_line(scenes.split_brain()[-1]).plain
    assert "2 directors" in line
    assert line.endswith("(1 more)")
    assert "+1" not in line
    assert fleet_line(scenes.split_brain()[-1], width=70).cell_length <= 70


def test_a_held_lever_is_told_of_every_cluster() -> None:
    """It decides who can be MASTER, and is no alert that the line would tell of."""
    quiet = on_record(scenes.steady()[-1:], held())[-1]
    assert fleet_line(quiet, width=120).plain.endswith("⇄ a failover's lever is held")
    assert "⇄" not in fleet_line(scenes.steady()[-1], width=120).plain
    broken = replace(quiet, alerts=(*quiet.alerts, *scenes.split_brain()[-1].alerts))
    line = fleet_line(broken, width=100).plain
    assert line.endswith("more) ⇄ a failover's lever is held")
    assert len(line) <= 100
