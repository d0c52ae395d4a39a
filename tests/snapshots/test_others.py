"""Alerts, clusters, choosers, help and palette, and the question for a passphrase."""

from dataclasses import replace

from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import HelpPanel, Input, OptionList
from textual.widgets.markdown import MarkdownBlock

from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.app import LvstopApp
from lvstop.ui.screen_text import screen_text
from lvstop.ui.screens.passphrase import PassphraseScreen
from support.pictures import Size, SnapCompare, app_of, at, scene
from support.pilots import until


@at("80x24", "120x40", "200x60")
def test_alerts(snap_compare: SnapCompare, size: Size) -> None:
    """Everything that is wrong in a split brain, the worst first, each with what to do."""
    assert snap_compare(app_of("split-brain"), press=["a"], terminal_size=size)


@at("80x24")
def test_no_alerts(snap_compare: SnapCompare, size: Size) -> None:
    """Nothing is wrong."""
    assert snap_compare(app_of("steady"), press=["a"], terminal_size=size)


@at("80x24", "120x40", "200x60")
def test_clusters(snap_compare: SnapCompare, size: Size) -> None:
    """Six clusters, the worst first: health, who holds the VIP, what is wrong."""
    assert snap_compare(fleet(), press=["c"], terminal_size=size)


@at("80x24", "120x40")
def test_columns(snap_compare: SnapCompare, size: Size) -> None:
    """The column chooser, with what each column means."""
    assert snap_compare(app_of("steady"), press=["o"], terminal_size=size)


@at("120x40")
def test_themes(snap_compare: SnapCompare, size: Size) -> None:
    """The theme chooser: the theme under the cursor is shown."""
    assert snap_compare(app_of("drained"), press=["T", "down"], terminal_size=size)


@at("80x24", "120x40")
def test_help(snap_compare: SnapCompare, size: Size) -> None:
    """The help panel beside the screen: what it shows, and below that its keys."""

    async def ask(pilot: Pilot[None]) -> None:
        await pilot.press("question_mark")
        # it is written paragraph by paragraph
        await until(pilot, lambda: bool(pilot.app.screen.query(HelpPanel)))
        panel = pilot.app.screen.query_one(HelpPanel)
        await until(pilot, lambda: len(panel.query(MarkdownBlock)) > 10 and "Failover" in screen_text(pilot.app.screen))

    assert snap_compare(app_of("steady"), terminal_size=size, run_before=ask)


@at("80x24")
def test_palette(snap_compare: SnapCompare, size: Size) -> None:
    """The command palette with a word typed: actions and rows that fit."""

    async def search(pilot: Pilot[None]) -> None:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(pilot.app.screen, CommandPalette))
        await pilot.press(*"22")
        # before anything is typed everything is offered
        options = pilot.app.screen.query_one(OptionList)
        await until(pilot, lambda: options.option_count == 2 and "22:139" in str(options.options[0].prompt))

    assert snap_compare(app_of("steady"), terminal_size=size, run_before=search)


@at("80x24")
def test_passphrase(snap_compare: SnapCompare, size: Size) -> None:
    """The question for a passphrase, with dots instead of what was typed."""

    async def ask(pilot: Pilot[None]) -> None:
        await pilot.app.push_screen(PassphraseScreen("Passphrase for /home/anna/.ssh/id_ed25519 (keepalived1):"))
        await until(pilot, lambda: pilot.app.screen.query_one(Input).has_focus)
        await pilot.press(*"secret")
        await until(pilot, lambda: pilot.app.screen.query_one(Input).value == "secret")

    assert snap_compare(app_of("connecting"), terminal_size=size, run_before=ask)


def fleet() -> LvstopApp:
    """Clusters in different health."""
    names = {
        "mail": "unreachable",
        "web-frankfurt": "split-brain",
        "dns": "nobody-answers",
        "nfs": "drained",
        "web-paris": "long-ipv6",
    }
    return app_of("steady", others=[_named(name, scene(each)[-1]) for name, each in names.items()])


def _named(name: str, snapshot: ClusterSnapshot) -> ClusterSnapshot:
    return replace(snapshot, name=name)
