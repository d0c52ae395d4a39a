"""What goes wrong in terminals like this one unless it is prevented: each hazard has a test that bears its name."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import DataTable
from textual.worker import WorkerState

from lvstop.config.schema import ClusterConfig
from lvstop.config.settings import Settings
from lvstop.config.themes import ThemeSpec, shipped_themes
from lvstop.engine.feed import Publish, Session
from lvstop.errors import ConfigError
from lvstop.model.alert import Alert, AlertCode, Severity
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorStatus, Fault, FaultKind
from lvstop.model.ipvs import VirtualServer
from lvstop.transport.ssh import SecretPrompt
from lvstop.ui.app import LvstopApp, Start
from lvstop.ui.screens.fleet import fleet_line
from lvstop.ui.screens.passphrase import PassphraseScreen
from lvstop.ui.table.order import Wishes
from lvstop.ui.words import HEALTH_SIGN, SEVERITY_SIGN, STATUS_SIGN
from support.clocks import ManualClock
from support.factories import backup, cluster, master, virtual_server
from support.pilots import cluster_screen, line_with, lines_of, publish, text_of, toasts, until
from support.tables import DNS, WEB, busy, pair, row_of
from support.terminal import IdleSession, config_of, make_app

A, B, C, D = "10.1.0.1:80", "10.1.0.2:80", "10.1.0.3:80", "10.1.0.4:80"
NASTY = ("[fd00::1]:443 rs [web] up", "[/x] [bold]", "\\[ $primary")


def web(*rows: tuple[str, int, int]) -> tuple[VirtualServer, ...]:
    """Two virtual servers, the first with these real servers."""
    return (virtual_server(WEB, *busy(*rows)), virtual_server(DNS, *busy(("10.1.0.9:53", 1, 1))))


# 1: the cursor stays with its row


async def test_hazard_1_the_cursor_stays_with_its_row() -> None:
    """Sorted, filtered, with rows inserted before it and removed beside it: the cursor is on the same real server."""
    app = make_app(pair(web((A, 1, 5), (B, 1, 9), (C, 1, 1))))
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        table, row = cluster_screen(app).table, row_of(WEB, B)
        assert table.go_to(row)
        for wishes in (
            Wishes(sort="active"),
            Wishes(sort="active", descending=False),
            Wishes(filter="10.1.0.2"),
            Wishes(),
        ):
            table.wishes = wishes
            assert table.cursor == row
            assert B in table.row_text()
        for rows in (
            ((A, 1, 5), (B, 1, 9)),
            ((B, 1, 9), (C, 1, 1)),
            (("10.0.9.9:80", 1, 1), (A, 1, 5), (B, 1, 9), (D, 1, 1)),
        ):
            await publish(app, pilot, pair(web(*rows)))
            assert table.cursor == row
            assert B in table.row_text()
        earlier = (virtual_server("TCP:9.9.9.9:80", A, C), *web((A, 1, 1), (B, 1, 9)))
        await publish(app, pilot, pair(earlier))
        assert table.cursor == row


async def test_hazard_1_numbers_that_change_the_order_do_not_move_it() -> None:
    """Sorted by connections, rows overtake each other under the cursor."""
    app = make_app(pair(web((A, 1, 5), (B, 1, 9))))
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        table = cluster_screen(app).table
        table.wishes = Wishes(sort="active")
        assert table.go_to(row_of(WEB, B))
        await publish(app, pilot, pair(web((A, 1, 50), (B, 1, 9))))
        assert table.cursor == row_of(WEB, B)
        assert B in table.row_text()


async def test_hazard_1_a_row_that_vanishes_gives_the_cursor_to_its_virtual_server() -> None:
    """Never to the neighbour: a key that is pressed a moment later would be about another real server."""
    app = make_app(pair(web((A, 1, 5), (B, 1, 9), (C, 1, 1))))
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        table = cluster_screen(app).table
        assert table.go_to(row_of(WEB, B))
        await publish(app, pilot, pair(web((A, 1, 5), (C, 1, 1))))
        assert table.cursor == row_of(WEB)
        assert "10.0.0.1:80" in table.row_text()


async def test_hazard_1_a_virtual_server_that_vanishes_leaves_no_cursor() -> None:
    """Not the next one's either, until the operator moves."""
    app = make_app(pair(web((A, 1, 5))))
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        table = cluster_screen(app).table
        assert table.go_to(row_of(WEB, A))
        await publish(app, pilot, pair(web((A, 1, 5))[1:]))
        assert table.cursor is None
        assert table.row_text() == ""
        await pilot.press("down")
        assert table.cursor is not None


async def test_hazard_1_a_row_that_is_folded_away_gives_it_too() -> None:
    """Folding hides the row under the cursor."""
    app = make_app(pair(web((A, 1, 5), (B, 1, 9))))
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        table = cluster_screen(app).table
        table.go_to(row_of(WEB, B))
        await pilot.press("space")
        assert table.cursor == row_of(WEB)


# 2: data is never markup


def nasty(text: str) -> ClusterSnapshot:
    """A cluster that says `text` wherever somebody else may choose words."""
    fault = Fault(FaultKind.TIMEOUT, f"fault {text}", f"remedy {text}")
    first = replace(master(), fault=fault, kernel=text, status=DirectorStatus.DEGRADED)
    second = replace(backup(), fault=fault, status=DirectorStatus.UNREACHABLE, keepalived=None)
    alert = Alert(AlertCode.DIRECTOR_DEGRADED, Severity.CRITICAL, f"subject {text}", f"summary {text}", f"do {text}")
    return replace(cluster(first, second), alerts=(alert,))


@pytest.mark.parametrize("text", NASTY)
async def test_hazard_2_data_is_shown_as_it_is(text: str) -> None:
    """Brackets are no markup: in cards, strip, alerts, notices, the filter's caption and the passphrase's question."""
    app = make_app(nasty(text), notices=[f"notice {text}"])
    async with app.run_test(size=(160, 50), notifications=True) as pilot:
        await pilot.pause()
        await until(pilot, lambda: f"notice {text}" in text_of(app))
        for words in ("fault", "summary", "subject"):
            assert f"{words} {text}" in text_of(app)
        cluster_screen(app).table.wishes = Wishes(filter=text)
        await until(pilot, lambda: f"filter: {text}" in text_of(app))
        await pilot.press("a")
        await until(pilot, lambda: f"do {text}" in text_of(app))
        await app.push_screen(PassphraseScreen(f"key {text}"))
        await until(pilot, lambda: f"key {text}" in text_of(app))
        assert text in fleet_line(nasty(text)).plain


async def test_hazard_2_ipv6_endpoints_are_shown_as_they_are() -> None:
    """`[fd00::1]:443` in the table, in the palette and in what is copied."""
    table = (virtual_server("TCP:[fd00::1]:443", *busy(("[fd00::2]:443", 1, 1))),)
    app = make_app(pair(table))
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        assert "TCP [fd00::1]:443" in text_of(app)
        assert "[fd00::2]:443" in text_of(app)
        assert "[fd00::1]:443" in cluster_screen(app).table.row_text()
        await pilot.press("ctrl+p")
        await pilot.press(*"fd00::2")
        await until(pilot, lambda: "[fd00::2]:443  of TCP [fd00::1]:443" in text_of(app))


# 3 and 4: reading is a worker of its own, and its errors end nothing


async def test_hazard_3_each_cluster_is_read_in_a_group_of_its_own() -> None:
    """No worker cancels another: groups by cluster, nothing exclusive; an error does not end the application."""
    app = make_app(pair(web((A, 1, 1))), others=[replace(cluster(), name="other")])
    async with app.run_test() as pilot:
        await until(pilot, lambda: len(list(app.workers)) == 2)
        assert {worker.group for worker in app.workers} == {"poll:smb", "poll:other"}
        assert all(not worker.exit_on_error for worker in app.workers)
        first = list(app.workers)
        app.show_cluster("other")
        app.action_next(1)
        await pilot.pause()
        assert [worker.state for worker in first] == [WorkerState.RUNNING] * 2


class Broken:
    """Sessions that raise, as often as they are told to; then they are silent."""

    def __init__(self, errors: list[Exception]) -> None:
        self.errors: Iterator[Exception] = iter(errors)
        self.opened = 0

    async def __call__(self, config: ClusterConfig, publish: Publish, ask: SecretPrompt) -> Session:
        """Open one."""
        self.opened += 1
        for error in self.errors:
            raise error
        return IdleSession()


async def test_hazard_4_a_session_that_raises_is_told_and_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The screen stays, says what happened and that nothing is the present any more, and reads again."""
    monkeypatch.setattr("lvstop.ui.app.RESTART_SECONDS", 0.001)
    sessions = Broken([RuntimeError("[/x] broke"), ConfigError("no such key")])
    config = config_of(cluster())
    start = Start(clusters=[config], open_session=sessions, clock=ManualClock(), themes=shipped_themes())
    app = LvstopApp(start)
    app.feeds["smb"].take(cluster())
    said: list[str] = []
    monkeypatch.setattr(app, "notify", lambda message, **_: said.append(message))
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: sessions.opened == 3)
        assert app.is_running
        assert any("RuntimeError: [/x] broke" in each for each in said)
        assert any("no such key" in each for each in said)
        await until(pilot, lambda: "unreachable" in text_of(app))
        assert "lvstop stopped reading" in text_of(app)
        assert "No director answers" in text_of(app) or "cannot be asked" in text_of(app)
        assert "OK" not in lines_of(app)[0]
        assert "UNKNOWN" in lines_of(app)[0]


# 5 and 6: no DataTable; widths are fixed


async def test_hazard_5_the_table_is_no_data_table() -> None:
    """Lines are drawn from the snapshot: there are no cells to update, to clear or to parse."""
    app = make_app(pair(web((A, 1, 1))))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert not isinstance(cluster_screen(app).table, DataTable)
        assert not app.screen.query(DataTable)


async def test_hazard_6_numbers_do_not_move_columns() -> None:
    """A number that grows by digits leaves every column where it was."""
    app = make_app(pair(web((A, 1, 1), (B, 1, 1))))
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        before = line_with(app, "ACTIVE")
        column = before.index("ACTIVE") + len("ACTIVE")
        await publish(app, pilot, pair(web((A, 100, 123_456), (B, 1, 1))))
        assert line_with(app, "ACTIVE") == before
        assert line_with(app, A)[:column].endswith("123,456")


# 7: a bad theme is a notice


async def test_hazard_7_a_theme_that_there_is_not_is_a_notice() -> None:
    """The first one is used instead."""
    app = make_app(cluster(), settings=Settings(theme="nonsense"))
    async with app.run_test() as pilot:
        await until(pilot, lambda: any("nonsense" in each for each in toasts(app)))
        assert app.theme == shipped_themes()[0].name


async def test_hazard_7_every_theme_can_be_shown() -> None:
    """A colour that Textual cannot use would end the application when it is chosen: none is left to find out."""
    app = make_app(cluster())
    async with app.run_test() as pilot:
        for name in [*(spec.name for spec in app.start.themes), "nord", "ansi-dark"]:
            app.theme = name
            await pilot.pause()
        assert app.is_running


def test_hazard_7_colours_are_parsed_when_a_theme_is_loaded() -> None:
    """What a theme file says is a colour, or the file is refused with its line."""
    from lvstop.config.themes import parse_theme

    with pytest.raises(ConfigError, match="primary"):
        parse_theme("name: bad\ncolors:\n  primary: 'nonsense'\n", Path("bad.yaml"))


# 9: NO_COLOR, and nothing is told by colour alone


async def test_hazard_9_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without colours the screen says the same."""
    app = make_app(cluster())
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: "? Help" in text_of(app))
        coloured = text_of(app)
    monkeypatch.setenv("NO_COLOR", "1")
    bare = make_app(cluster())
    async with bare.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: text_of(bare) == coloured)
        assert bare.no_color


@pytest.mark.parametrize("signs", [HEALTH_SIGN, SEVERITY_SIGN, STATUS_SIGN], ids=["health", "severity", "status"])
def test_hazard_9_every_state_has_a_sign_of_its_own(signs: dict[object, str]) -> None:
    """Colour repeats what the sign says."""
    assert len(set(signs.values())) == len(signs)
    assert all(sign.strip() for sign in signs.values())


# 10: clocks


async def test_hazard_10_the_clock_is_the_snapshots() -> None:
    """The screen's clock stands when nothing is collected, and is what the snapshot says."""
    app = make_app(cluster())
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        assert "14:02:11 UTC" in text_of(app)
        assert not app.screen.query("Header, LoadingIndicator")


# 11: snapshots are compared by identity


def test_hazard_11_snapshots_are_compared_by_identity() -> None:
    """A reactive compares the old value with the new one: field by field that would be a walk over all rows."""
    snapshot = cluster()
    assert snapshot != replace(snapshot)
    assert snapshot.directors[0] != replace(snapshot.directors[0])


async def test_hazard_11_an_equal_snapshot_is_news() -> None:
    """Another look at a cluster in which nothing changed is shown: its clock goes on."""
    first = cluster()
    app = make_app(first)
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        again = replace(first)
        await publish(app, pilot, again)
        assert cluster_screen(app).shown is again


# 8 and 12 are about tests: see test_hazards_of_tests.py


async def test_hazard_2_titles_of_themes_are_shown_as_they_are() -> None:
    """An operator's own theme may be called anything."""
    own = ThemeSpec("own", "[/x] mine", True, shipped_themes()[0].colors)
    app = make_app(cluster(), themes=[*shipped_themes(), own])
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("T")
        await until(pilot, lambda: "[/x] mine" in text_of(app))
