"""The panel that breaks and mends what is watched."""

from dataclasses import replace

from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input

from lvstop.ui.app import LvstopApp
from lvstop.ui.workbench.app import WorkbenchApp
from lvstop.ui.workbench.screen import PartList, WorkbenchScreen
from support import scenes
from support.bench import PAIR, BenchPart, FakeBench, workbench_app
from support.factories import cluster
from support.pilots import line_with, text_of, toasts, until
from support.terminal import make_app


async def opened(app: WorkbenchApp, pilot: Pilot[None]) -> WorkbenchScreen:
    """The panel, once its parts are listed."""
    await pilot.press("B")
    await until(pilot, lambda: isinstance(app.screen, WorkbenchScreen) and "keepalived1" in text_of(app))
    assert isinstance(app.screen, WorkbenchScreen)
    return app.screen


def highlighted(screen: WorkbenchScreen) -> str | None:
    """The key of the part under the cursor."""
    options = screen.query_one(PartList)
    assert options.highlighted is not None
    return options.get_option_at_index(options.highlighted).id


async def test_enter_breaks_and_enter_mends() -> None:
    """The cursor stays on its part, the panel stays open, and says what happened."""
    bench = FakeBench()
    app = workbench_app(scenes.steady()[-1], bench)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(app, pilot)
        await pilot.press("down", "down", "down", "enter")
        await until(pilot, lambda: bench.acted == [("smb", "link")])
        await until(pilot, lambda: "✖ VRRP link" in text_of(app))
        assert "link is not as it was." in text_of(app)
        assert highlighted(screen) == "link"
        await pilot.press("enter")
        await until(pilot, lambda: "✔ VRRP link" in text_of(app))
        await pilot.press("escape")
        assert not isinstance(app.screen, WorkbenchScreen)


async def test_typing_finds_a_part() -> None:
    """Of many parts those with all the words remain, and the arrow leads from the words to the list."""
    bench = FakeBench()
    app = workbench_app(scenes.steady()[-1], bench)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(app, pilot)
        await pilot.press("slash", *"127.22")
        await until(pilot, lambda: "172.26.127.21" not in screen_part(app))
        assert isinstance(app.focused, Input)
        await pilot.press("enter", "enter")
        await until(pilot, lambda: bench.acted == [("smb", "server:172.26.127.22")])
        assert highlighted(screen) == "server:172.26.127.22"


def screen_part(app: LvstopApp) -> str:
    """The list's own lines: behind the panel the cluster's screen names the same servers."""
    options = app.screen.query_one(PartList)
    return "\n".join(str(options.get_option_at_index(index).prompt) for index in range(options.option_count))


async def test_a_part_that_changes_by_itself_is_shown() -> None:
    """Scenarios break things, too: the list follows, the cursor stays."""
    bench = FakeBench()
    app = workbench_app(scenes.steady()[-1], bench)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(app, pilot)
        await pilot.press("down")
        before = highlighted(screen)
        bench.now[3] = replace(bench.now[3], broken=True, state="cut", does="mend")
        screen.refresh_parts()
        await until(pilot, lambda: "✖ VRRP link" in text_of(app))
        assert highlighted(screen) == before


async def test_a_refusal_is_told() -> None:
    """In the panel, where it was asked for."""
    bench = FakeBench()
    bench.refusal = "the simulation has ended"
    app = workbench_app(scenes.steady()[-1], bench)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "the simulation has ended" in text_of(app))


async def test_very_many_parts_are_found_by_typing() -> None:
    """Ten thousand real servers: some are listed, and how many are not."""
    servers = [BenchPart(f"s{number}", "Real servers", f"server {number}") for number in range(10_000)]
    app = workbench_app(scenes.steady()[-1], FakeBench([*PAIR, *servers]))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(app, pilot)
        assert screen.query_one(PartList).option_count < 300
        assert "9,806 more" in line_with(app, "more: type")
        await pilot.press("slash", *"9999")
        await until(pilot, lambda: "server 9999" in text_of(app))


async def test_the_palette_breaks_as_well() -> None:
    """What can be done to a part is found by its words."""
    bench = FakeBench()
    app = workbench_app(scenes.steady()[-1], bench)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.press(*"cut: vrrp link")
        await until(pilot, lambda: "cut: VRRP link" in text_of(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: bench.acted == [("smb", "link")])
        await until(pilot, lambda: "link is not as it was." in toasts(app))


async def test_real_directors_have_no_panel() -> None:
    """Without a workbench there is no such key and no such command."""
    app = make_app(cluster())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("B")
        await pilot.pause()
        assert not isinstance(app.screen, WorkbenchScreen)
        assert all(each.binding.id != "app.break" for each in app.screen.active_bindings.values())
