"""The cluster screen in use: filter, fold, sort, scroll, pause, columns, clipboard, help."""

from dataclasses import replace

from textual.widgets import HelpPanel, Input, SelectionList

from lvstop.engine.feed import waiting
from lvstop.ui.table.columns import COLUMNS
from lvstop.ui.table.widget import ClusterTable
from support import scenes
from support.clocks import ManualClock
from support.factories import cluster, later, virtual_server
from support.pilots import cluster_screen, line_with, lines_of, publish, text_of, until
from support.tables import DNS, WEB, busy, pair, row_of
from support.terminal import config_of, make_app

A, B, C = "10.1.0.1:80", "10.1.0.2:80", "10.1.0.3:80"
SERVERS = (
    virtual_server(WEB, *busy((A, 1, 5), (B, 0, 9), (C, 1, 1)), scheduler="wlc"),
    virtual_server(DNS, *busy(("10.1.0.9:53", 1, 1))),
)
MANY = tuple(virtual_server(f"TCP:10.0.{n}.1:80", A, B, C) for n in range(30))


def shown(table: ClusterTable) -> int:
    """Lines of the table."""
    return table.shown_rows


async def test_the_first_frame_while_connecting() -> None:
    """Before anybody answers the screen says so, and no number is made up."""
    app = make_app(waiting(config_of(cluster()), ManualClock()))
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        assert "connecting to keepalived1.example and keepalived2.example" in text_of(app)
        assert text_of(app).count("◌ connecting") == 2
        assert cluster_screen(app).table.cursor is None
        await pilot.press("down", "enter", "space", "y", "s", "f", "end")
        await publish(app, pilot, cluster())
        assert "connecting" not in text_of(app)


async def test_filter_as_it_is_typed() -> None:
    """Rows go while one types, the caption says what is left out, enter keeps it, escape brings all back."""
    app = make_app(pair(SERVERS))
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        table = cluster_screen(app).table
        await pilot.press("slash", *"10.1.0.2")
        await until(pilot, lambda: shown(table) == 2)
        assert "2 of 6 lines" in text_of(app)
        assert A not in text_of(app)
        await pilot.press("enter")
        assert table.has_focus
        assert "filter: 10.1.0.2" in text_of(app)
        await pilot.press("escape")
        await until(pilot, lambda: shown(table) == 6)
        assert "filter:" not in text_of(app)
        assert app.screen.query_one("#filter", Input).value == ""


async def test_escape_while_typing() -> None:
    """Closes the filter, empties it and gives the keys back to the table."""
    app = make_app(pair(SERVERS))
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("slash", *"qfs")
        assert app.is_running
        await pilot.press("escape")
        table = cluster_screen(app).table
        await until(pilot, lambda: shown(table) == 6 and table.has_focus)
        assert not app.screen.query_one("#filter", Input).display


async def test_faults_only() -> None:
    """One key for the rows that are out of the ordinary, and back."""
    app = make_app(pair(SERVERS))
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("f")
        await pilot.pause()
        assert B in text_of(app)
        assert A not in text_of(app)
        assert "faults only" in text_of(app)
        await pilot.press("f")
        await pilot.pause()
        assert A in text_of(app)


async def test_fold_and_unfold() -> None:
    """One virtual server, all of them, and by the mouse on the mark."""
    app = make_app(pair(SERVERS))
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        table = cluster_screen(app).table
        await pilot.press("space")
        assert shown(table) == 3
        assert "▸ TCP 10.0.0.1:80" in text_of(app)
        await pilot.press("minus")
        assert shown(table) == 2
        await pilot.press("plus")
        assert shown(table) == 6
        await pilot.click(ClusterTable, offset=(0, 1))
        assert shown(table) == 3
        assert table.go_to(row_of(WEB, B))
        assert shown(table) == 6


async def test_a_click_on_a_title_sorts() -> None:
    """Greatest first, on the second click least first, on the first title by address again."""
    app = make_app(pair(SERVERS))
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        at = line_with(app, "ACTIVE").index("ACTIVE")
        await pilot.click(ClusterTable, offset=(at, 0))
        await pilot.pause()
        assert "ACTIVE▼" in text_of(app)
        assert text_of(app).index(B) < text_of(app).index(A) < text_of(app).index(C)
        assert "by ACTIVE, greatest first" in text_of(app)
        await pilot.click(ClusterTable, offset=(at, 0))
        await pilot.pause()
        assert "ACTIVE▲" in text_of(app)
        await pilot.click(ClusterTable, offset=(3, 0))
        assert cluster_screen(app).table.wishes.sort is None


async def test_the_last_row_is_not_below_a_scrollbar() -> None:
    """At the end of a long table the cursor's row is on a line that can be seen, also with chosen columns."""
    app = make_app(pair(MANY))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("end")
        await pilot.pause()
        table = cluster_screen(app).table
        assert not table.show_horizontal_scrollbar
        for chosen in ((), tuple(column.id for column in COLUMNS)):
            table.chosen = chosen
            await pilot.pause()
            await pilot.pause()
            line = table.shown_rows - 1 - table.scroll_offset.y
            assert 0 <= line < table.scrollable_content_region.height - 1


async def test_sideways_the_names_stay() -> None:
    """Chosen columns that do not fit can be scrolled to at once; the first column stands still."""
    app = make_app(pair(SERVERS))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        table = cluster_screen(app).table
        table.chosen = tuple(column.id for column in COLUMNS)
        await pilot.pause()
        before = line_with(app, A)
        await pilot.press("right", "right")
        await pilot.pause()
        after = line_with(app, A)
        assert table.scroll_offset.x == 16
        assert after[:24] == before[:24]
        assert after[24:40] == before[40:56]


async def test_pause() -> None:
    """The screen stands still and says so, collecting goes on, and the present is there at once when it continues."""
    app = make_app(pair(SERVERS))
    busier = (virtual_server(WEB, *busy((A, 1, 777), (B, 0, 9))), SERVERS[1])
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("p")
        await publish(app, pilot, pair(busier))
        await pilot.pause()
        assert "PAUSED" in lines_of(app)[0]
        assert "777" not in text_of(app)
        assert app.feed.latest is app.snapshot
        await pilot.press("p")
        await pilot.pause()
        assert "777" in text_of(app)
        assert "PAUSED" not in text_of(app)


async def test_a_paused_table_can_still_be_searched() -> None:
    """What stands still can be filtered and sorted."""
    app = make_app(pair(SERVERS))
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("p", "f")
        await pilot.pause()
        assert A not in text_of(app)
        assert B in text_of(app)


async def test_follow() -> None:
    """Sorted by value, the view goes with the cursor's row, or stands still."""
    reals = [(f"10.1.{n // 200}.{n % 200 + 1}:80", 1, 1000 - n) for n in range(60)]
    app = make_app(pair((virtual_server(WEB, *busy(*reals)),)))
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        table = cluster_screen(app).table
        table.wishes = replace(table.wishes, sort="active")
        table.go_to(row_of(WEB, reals[0][0]))
        await pilot.press("t")
        assert "following" in text_of(app)
        fallen = [(reals[0][0], 1, 0), *reals[1:]]
        await publish(app, pilot, pair((virtual_server(WEB, *busy(*fallen)),)))
        await pilot.pause()
        assert reals[0][0] in text_of(app)
        await pilot.press("t")
        await publish(app, pilot, pair((virtual_server(WEB, *busy(*reals)),)))
        await pilot.pause()
        assert table.cursor == row_of(WEB, reals[0][0])
        assert f" {reals[0][0]} " not in text_of(app)


async def test_choosing_columns() -> None:
    """Marked ones are shown at once; escape leaves everything as it was; none marked is automatic."""
    app = make_app(pair(SERVERS))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        automatic = cluster_screen(app).table.columns
        await pilot.press("o")
        chooser = app.screen.query_one(SelectionList)
        assert tuple(chooser.selected) == automatic
        chooser.deselect_all()
        chooser.select("active")
        chooser.select("weight")
        await pilot.press("enter")
        await pilot.pause()
        assert cluster_screen(app).table.columns == ("weight", "active")
        assert "STATE" not in line_with(app, "ACTIVE")
        await pilot.press("o", "space", "escape")
        await pilot.pause()
        assert cluster_screen(app).table.columns == ("weight", "active")
        await pilot.press("o")
        app.screen.query_one(SelectionList).deselect_all()
        await pilot.press("enter")
        await pilot.pause()
        assert cluster_screen(app).table.columns == automatic


async def test_chosen_columns_have_a_mark_of_their_own() -> None:
    """Without colours too: the marked ones have a tick, the others a blank."""
    app = make_app(pair(SERVERS))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("o")
        await until(pilot, lambda: bool(app.screen.query(SelectionList)))
        await until(pilot, lambda: "persistence templates" in text_of(app))
        assert "▐✔▌ ACTIVE " in text_of(app)
        assert "▐ ▌ PERSIST " in text_of(app)
        app.screen.query_one(SelectionList).select("persistent")
        await until(pilot, lambda: "▐✔▌ PERSIST " in text_of(app))


async def test_copying() -> None:
    """The row under the cursor, or the whole screen, as text."""
    app = make_app(pair(SERVERS))
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("down", "down", "y")
        assert app.clipboard.startswith(f"{B}  Route  0  ◌ drained  9")
        before = text_of(app)
        await pilot.press("Y")
        assert app.clipboard == before
        assert B in app.clipboard


async def test_help_names_no_key_that_is_not_ours() -> None:
    """Textual would offer to scroll sideways by pages, on every screen that scrolls."""
    app = make_app(pair(SERVERS))
    async with app.run_test(size=(140, 60)) as pilot:
        for key in ("", "v", "a", "e"):
            if key:
                await pilot.press(key)
            await until(pilot, lambda: app.screen.focused is not None)
            words = {active.binding.description for active in app.screen.active_bindings.values()}
            assert not words & {"Page Left", "Page Right", "Scroll Up", "Page Up", "Scroll Home"}
            assert words & {"Page up"}
            await pilot.press("escape")


async def test_help() -> None:
    """A panel beside the screen, and away again."""
    app = make_app(pair(SERVERS))
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: "The cluster" in text_of(app))
        await until(pilot, lambda: "Fold" in text_of(app))
        await pilot.press("question_mark")
        await until(pilot, lambda: not app.screen.query(HelpPanel))


async def test_resize() -> None:
    """From any size to any other: no line is wider than the screen, and the cursor's row is in sight."""
    app = make_app(pair(MANY))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("pagedown", "pagedown")
        table = cluster_screen(app).table
        for size in ((40, 10), (250, 80), (80, 24), (160, 50), (100, 30)):
            await pilot.resize_terminal(*size)
            await until(pilot, lambda width=size[0]: table.size.width == width)  # type: ignore[misc]  # bound now
            await pilot.pause()
            assert max(map(len, lines_of(app))) <= size[0]
            assert table.cursor is not None
            if table.scrollable_content_region.height > 1:
                assert str(table.cursor[1] or table.cursor[0]).partition(":")[2] in text_of(app)


async def test_a_change_is_tinted_for_a_while() -> None:
    """A number that changed looks different for some snapshots, and no longer."""
    app = make_app(pair(SERVERS))
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        table = cluster_screen(app).table
        busier = (virtual_server(WEB, *busy((A, 1, 6), (B, 0, 9), (C, 1, 1)), scheduler="wlc"), SERVERS[1])
        looks = []
        for second in range(6):
            snapshot = replace(pair(SERVERS if second == 0 else busier), generated_at=later(second))
            await publish(app, pilot, snapshot)
            looks.append(str([segment.style for segment in table.render_line(2)]))
        assert looks[0] != looks[1]
        assert looks[1] == looks[3]
        assert looks[4] == looks[5] == looks[0]


# what the screen says of clusters in trouble


SAID = {
    "steady": ["● 172.26.127.20 is on keepalived1 since 10 Nov 10:48", "● OK", "MASTER", "BACKUP", "same"],
    "failover": ["● 172.26.127.20 is on keepalived2 since 14:02:08 (3s)", "✖ keepalived is not running"],
    "split-brain": ["✖ 172.26.127.20 is on KEEPALIVED1 AND KEEPALIVED2 AT ONCE", "multiple-masters", "critical"],
    "stale": ["keepalived1 cannot be asked", "? stale 11s", "no answer from"],
    "unreachable": ["is on keepalived1", "✖ unreachable", "keepalived2 cannot be asked"],
    "real-server-down": ["✖ down", "gone", "real-server-down"],
    "drained": ["1→0", "◌ drained", "weight 1 ≠"],
    "nobody-answers": ["No director answers: nobody can tell who holds the VIP.", "UNKNOWN"],
    "unprivileged": ["only root may read them", "MASTER  inferred from addresses", "172.26.127.20 –  "],
    "empty-table": ["is on keepalived1"],
    "long-ipv6": ["TCP [2001:db8:1234:5678:9abc:def0:1234:5678]:443", "FWM 4294967295", "FWM 7:inet6"],
}


async def test_scenes() -> None:
    """Banner, cards, alerts and table say what is the matter, one trouble after the other."""
    app = make_app(scenes.steady()[0])
    async with app.run_test(size=(160, 50)) as pilot:
        missing: dict[str, list[str]] = {}
        for name, words in SAID.items():
            await publish(app, pilot, replace(scenes.ALL[name]()[-1], name="smb"))
            await pilot.pause()
            text = text_of(app)
            missing[name] = [word for word in words if word not in text]
        assert not any(missing.values()), missing
