"""Read-only is a property of the program: there is no actor, and no key of a change does anything anywhere."""

import pytest
from textual.binding import Binding
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import OptionList

from lvstop.config.schema import ClusterConfig
from lvstop.engine.actor import Actor, MakeActor
from lvstop.ui.actions.bindings import BINDINGS
from lvstop.ui.app import LvstopApp
from lvstop.ui.screens.cluster import ClusterScreen
from lvstop.ui.screens.draining import DrainScreen
from lvstop.ui.screens.maintenance import MaintenanceScreen
from lvstop.ui.screens.real_server import RealServerScreen
from lvstop.ui.screens.virtual_server import VirtualServerScreen
from support import scenes
from support.acting import on
from support.pilots import cluster_screen, lines_of, text_of, toasts, until
from support.plans import SMB_ROW, FakeActor, drain, recorded
from support.terminal import make_app

KEYS = ("d", "f10", "D", "w", "R", "f4", "f9", "f5", "f6", "f7", "f8", "m", "M", "a", "f", "u", "ctrl+g")
SCREENS = {
    "cluster": ([], ClusterScreen),
    "virtual server": (["home", "enter"], VirtualServerScreen),
    "real server": (["end", "enter"], RealServerScreen),
    "board": (["b"], MaintenanceScreen),
    "follow-up": (["b", "enter"], DrainScreen),
}


_CHANGES = [each.id for each in BINDINGS if isinstance(each, Binding) and each.id != "change.board"]


def nobody(_config: ClusterConfig) -> Actor | None:
    """Every cluster is read-only."""
    return None


def read_only(make_actor: MakeActor | None = None) -> LvstopApp:
    """A cluster with a drain on record."""
    return make_app(*(recorded(each, drain()) for each in scenes.drained()[-2:]), make_actor=make_actor)


@pytest.mark.parametrize("make_actor", [None, nobody], ids=["program", "cluster"])
@pytest.mark.parametrize("place", SCREENS)
async def test_no_key_does_anything(place: str, make_actor: MakeActor | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """On no screen: no question, no notice, no worker; and there is no object that could change anything."""
    keys, screen = SCREENS[place]
    app = read_only(make_actor)
    began: list[object] = []
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.pause()
        await pilot.press(*keys)
        await until(pilot, lambda: isinstance(app.screen, screen) and "?" in text_of(app))
        monkeypatch.setattr(app, "run_worker", lambda *work, **_more: began.append(work))
        for key in KEYS:
            if (place, key) in (("cluster", "a"), ("cluster", "f")):
                continue
            await pilot.press(key)
            assert isinstance(app.screen, screen), key
        assert began == []
        assert toasts(app) == []
        assert not app.desk.operates("smb")
        assert "READ-ONLY" in lines_of(app)[0]


async def test_keys_are_greyed_and_explained() -> None:
    """They are in the footer and in help, and cannot be clicked."""
    app = read_only()
    async with app.run_test(size=(160, 40)) as pilot:
        await on(pilot, app)
        await until(pilot, lambda: "d Drain" in text_of(app))
        active = {each.binding.id: each.enabled for each in app.screen.active_bindings.values()}
        assert all(active[name] is False for name in _CHANGES)
        assert active["change.board"]
        await pilot.click("FooterKey", offset=(0, 0))
        await pilot.press("question_mark")
        await until(pilot, lambda: "Changing weights" in text_of(app))


async def test_the_palette_does_not_offer_them() -> None:
    """What is possible is there, what changes something is not."""
    for app, there in ((read_only(), False), (read_only(lambda _: FakeActor()), True)):
        offered = await offered_by(app)
        assert "Board" in offered
        for words in ("Drain everywhere", "Weight", "Restore", "Mark"):
            assert (words in offered) is there, words


async def offered_by(app: LvstopApp) -> str:
    """All that the palette has on the cluster's screen."""
    async with app.run_test(size=(160, 60)) as pilot:
        await on(pilot, app)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        options = app.screen.query_one(OptionList)
        await until(pilot, lambda: options.option_count > 25)
        return " ".join(str(option.prompt) for option in options.options)


async def test_what_the_palette_offers_works_on_the_row_under_the_cursor() -> None:
    """It is the same action as the key's."""
    actor = FakeActor()
    app = read_only(lambda _: actor)
    async with app.run_test(size=(120, 40)) as pilot:
        await on(pilot, app)
        await pilot.press("ctrl+p", *"drain everywhere")
        await until(pilot, lambda: "Drain everywhere" in text_of(app))
        await pilot.press("enter")
        await until(pilot, lambda: bool(actor.asked))
        assert SMB_ROW in actor.asked[0][0].rows
        assert actor.executed == []


async def test_one_cluster_may_be_changed_and_another_not() -> None:
    """The first line says which; keys follow."""
    actor = FakeActor()
    first, other = scenes.steady()[-1], scenes.long_ipv6()[-1]
    app = make_app(first, others=[other], make_actor=lambda config: actor if config.name == "smb" else None)

    async def drain_pressed(pilot: Pilot[None]) -> None:
        await pilot.press("end", "d")
        await pilot.pause()

    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert "OPERATOR" in lines_of(app)[0]
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: "v6" in lines_of(app)[0])
        assert "READ-ONLY" in lines_of(app)[0]
        await drain_pressed(pilot)
        assert actor.asked == []
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: "OPERATOR" in lines_of(app)[0])
        assert cluster_screen(app).feed.name == "smb"
        await drain_pressed(pilot)
        await until(pilot, lambda: len(actor.asked) == 1)
