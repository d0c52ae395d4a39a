"""The application: several clusters, the palette, the operator's own settings, the question for a passphrase."""

from dataclasses import replace
from types import MappingProxyType

from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from lvstop.config.settings import Settings
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.app import LvstopApp
from lvstop.ui.screens.alerts import AlertsScreen
from lvstop.ui.screens.cluster import ClusterScreen
from lvstop.ui.screens.fleet import ClusterList, FleetScreen
from lvstop.ui.screens.passphrase import PassphraseScreen
from lvstop.ui.screens.themes import ThemesScreen
from support import scenes
from support.factories import FIRST, SERVICE, cluster
from support.pilots import cluster_screen, lines_of, publish, text_of, toasts, until
from support.tables import row_of
from support.terminal import make_app


def named(name: str, snapshot: ClusterSnapshot | None = None) -> ClusterSnapshot:
    """A cluster of that name."""
    return replace(snapshot or cluster(), name=name)


def own(**keys: str) -> Settings:
    """Settings with keys of the operator's own; `__` stands for the dot."""
    return Settings(keymap=MappingProxyType({name.replace("__", "."): key for name, key in keys.items()}))


async def test_switching_shows_the_present_of_the_other() -> None:
    """It has been collecting while it was hidden: newest snapshot, events and history are there at once."""
    app = make_app(cluster(), others=[named("other", scenes.steady()[0])])
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        for snapshot in scenes.failover()[1:]:
            app.feeds["other"].take(named("other", snapshot))
        await pilot.pause()
        assert "smb" in lines_of(app)[0]
        assert "keepalived is not running" not in text_of(app)
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: "other" in lines_of(app)[0])
        assert "is on keepalived2 since 14:02:08" in text_of(app)
        assert len(app.feed.events) > 0
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: "smb" in lines_of(app)[0])


async def test_news_of_a_hidden_cluster_do_not_show() -> None:
    """What is shown stays what it is."""
    app = make_app(cluster(), others=[named("other")])
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        before = text_of(app)
        await publish(app, pilot, named("other", scenes.split_brain()[-1]))
        assert text_of(app) == before


async def test_the_fleet() -> None:
    """All clusters, the worst first; enter goes there, escape stays."""
    app = make_app(cluster(), others=[named("bad", scenes.split_brain()[-1]), named("good")])
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("c")
        await until(
            pilot, lambda: bool(app.screen.query(ClusterList)) and "keepalived1 and keepalived2" in text_of(app)
        )
        assert [option.id for option in app.screen.query_one(ClusterList).options] == ["bad", "good", "smb"]
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ClusterScreen))
        assert cluster_screen(app).feed.name == "smb"
        await pilot.press("c")
        await until(pilot, lambda: bool(app.screen.query(ClusterList)) and app.screen.focused is not None)
        await pilot.press("home", "enter")
        await until(pilot, lambda: "bad" in lines_of(app)[0] and not isinstance(app.screen, FleetScreen))
        assert "AT ONCE" in text_of(app)


async def test_one_cluster_has_no_fleet() -> None:
    """Keys that would lead nowhere are not there."""
    app = make_app(cluster())
    async with app.run_test() as pilot:
        await pilot.press("c", "right_square_bracket")
        assert cluster_screen(app).feed.name == "smb"
        assert "Clusters" not in text_of(app)


# the palette


async def take(app: LvstopApp, pilot: Pilot[None], typed: str) -> None:
    """Open the palette, type, take what it offers first."""
    await pilot.press("ctrl+p")
    await until(pilot, lambda: isinstance(app.screen, CommandPalette))
    app.screen.query_one(Input).value = typed
    options = app.screen.query_one(OptionList)
    # before anything is typed everything is offered: what fits best stands first only when the search is through
    await until(pilot, lambda: bool(options.options) and typed in str(options.options[0].prompt))
    await pilot.press("enter")
    await until(pilot, lambda: not isinstance(app.screen, CommandPalette))


async def test_the_palette_reaches_the_table() -> None:
    """An action of the table's."""
    app = make_app(cluster())
    async with app.run_test(size=(120, 40)) as pilot:
        await take(app, pilot, "ordinary")
        await until(pilot, lambda: cluster_screen(app).table.wishes.faults_only)


async def test_the_palette_reaches_screen_and_application() -> None:
    """An action of the screen's, and one of the application's."""
    app = make_app(cluster())
    async with app.run_test(size=(120, 40)) as pilot:
        await take(app, pilot, "what to do")
        await until(pilot, lambda: isinstance(app.screen, AlertsScreen))
        await pilot.press("escape")
        await take(app, pilot, "colours")
        await until(pilot, lambda: isinstance(app.screen, ThemesScreen))


async def test_the_palette_goes_to_rows_and_clusters() -> None:
    """A real server by its address, folded or not; a cluster by its name."""
    app = make_app(cluster(), others=[named("other")])
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("minus")
        await take(app, pilot, "127.21:445")
        await until(pilot, lambda: cluster_screen(app).table.cursor == row_of(SERVICE, FIRST))
        await take(app, pilot, "er other")
        await until(pilot, lambda: app.feed.name == "other")


async def test_the_palette_offers_what_keys_do() -> None:
    """Every action with a key on this screen, and none that is not possible."""
    app = make_app(cluster())
    async with app.run_test(size=(160, 60)) as pilot:
        await pilot.press("ctrl+p")
        options = app.screen.query_one(OptionList)
        await until(pilot, lambda: options.option_count > 25)
        offered = " ".join(str(option.prompt) for option in options.options)
        for words in ("Fold all", "Filter", "Quit", "Copy screen", "Pause", "Follow"):
            assert words in offered
        assert "Previous cluster" not in offered


# settings


async def test_keys_of_the_operators_own() -> None:
    """A key does what it was given, its usual one does not any more, and the footer says so."""
    app = make_app(cluster(), settings=own(cluster__pause="z"))
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: "z Pause" in text_of(app))
        # the usual key first: that it does nothing shows in what the next one does
        await pilot.press("p", "z")
        await until(pilot, lambda: "PAUSED" in text_of(app))
        assert cluster_screen(app).paused
        await pilot.press("p", "z")
        await until(pilot, lambda: "PAUSED" not in text_of(app))
        assert not toasts(app)


async def test_settings_that_name_nothing_are_notices() -> None:
    """Keys of nothing, columns that there are not: told, and everything else works."""
    settings = replace(own(nonsense__key="z"), columns=("nonsense", "active"))
    app = make_app(cluster(), settings=settings)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: cluster_screen(app).table.columns == ("active",))
        for words in ("nonsense.key", "no column 'nonsense'"):
            await until(pilot, lambda words=words: words in " ".join(toasts(app)))  # type: ignore[misc]  # bound now


async def test_columns_of_the_operators_own() -> None:
    """They are there from the first frame, in their order."""
    app = make_app(cluster(), settings=Settings(columns=("other", "active", "weight")))
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        assert cluster_screen(app).table.columns == ("other", "active", "weight")


async def test_themes_are_seen_and_taken() -> None:
    """The one under the cursor is shown at once; escape goes back, enter keeps it."""
    app = make_app(cluster())
    async with app.run_test(size=(120, 40)) as pilot:
        before = app.theme
        await pilot.press("T", "down")
        await until(pilot, lambda: app.theme != before)
        await pilot.press("escape")
        await until(pilot, lambda: app.theme == before)
        await pilot.press("T", "down", "enter")
        await until(pilot, lambda: not isinstance(app.screen, ThemesScreen))
        assert app.theme != before


# the passphrase


async def test_the_passphrase_is_asked_for_and_not_shown() -> None:
    """What is typed is the answer and is on no screen; escape and nothing typed are a refusal."""
    app = make_app(cluster())
    async with app.run_test(size=(120, 30)) as pilot:
        for keys, answer in ((["h", "u", "q", "enter"], "huq"), (["enter"], None), (["x", "escape"], None)):
            worker = app.run_worker(app.ask_secret("key [/x]:"))
            await until(pilot, lambda: isinstance(app.screen, PassphraseScreen) and "key [/x]:" in text_of(app))
            await pilot.press(*keys[:-1])
            assert app.screen.query_one(Input).value == "".join(keys[:-1])
            assert "huq" not in text_of(app)
            await pilot.press(keys[-1])
            assert await worker.wait() == answer


async def test_a_question_is_never_swept_away() -> None:
    """A cluster that is asked for meanwhile waits: whoever asked for the passphrase would wait for ever."""
    app = make_app(cluster(), others=[named("other")])
    async with app.run_test(size=(120, 30)) as pilot:
        worker = app.run_worker(app.ask_secret("key:"))
        await until(pilot, lambda: isinstance(app.screen, PassphraseScreen) and bool(app.screen.query(Input)))
        app.show_cluster("other")
        await pilot.pause()
        assert isinstance(app.screen, PassphraseScreen)
        await pilot.press("k", "enter")
        assert await worker.wait() == "k"
        app.show_cluster("other")
        await until(pilot, lambda: app.feed.name == "other" and not isinstance(app.screen, PassphraseScreen))
