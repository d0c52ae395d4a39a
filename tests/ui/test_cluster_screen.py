"""The cluster screen in use: filter, fold, sort, scroll, pause, columns, clipboard, help."""

from dataclasses import replace

from textual.pilot import Pilot
from textual.widgets import HelpPanel, Input, SelectionList

from lvstop.engine.feed import waiting
from lvstop.ui.app import LvstopApp
from lvstop.ui.screens.cluster import ClusterScreen
from lvstop.ui.screens.columns import ColumnList
from lvstop.ui.table.columns import COLUMNS
from lvstop.ui.table.widget import ClusterTable
from support import scenes
from support.clocks import ManualClock
from support.factories import cluster, later, virtual_server
from support.pilots import cluster_screen, line_with, lines_of, publish, text_of, toasts, until
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
        await until(pilot, lambda: shown(table) == 2 and "2 of 6 lines" in text_of(app))
        assert A not in text_of(app)
        await pilot.press("enter")
        await until(pilot, lambda: table.has_focus and "filter: 10.1.0.2" in text_of(app))
        await pilot.press("escape")
        await until(pilot, lambda: shown(table) == 6 and "filter:" not in text_of(app))
        assert app.screen.query_one("#filter", Input).value == ""


async def test_escape_while_typing() -> None:
    """Closes the filter, empties it and gives the keys back to the table."""
    app = make_app(pair(SERVERS))
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("slash", *"qfs")
        table = cluster_screen(app).table
        await until(pilot, lambda: shown(table) == 0)
        await pilot.press("escape")
        await until(pilot, lambda: shown(table) == 6 and table.has_focus)
        await until(pilot, lambda: not app.screen.query_one("#filter", Input).display)


async def test_faults_only() -> None:
    """One key for the rows that are out of the ordinary, and back."""
    app = make_app(pair(SERVERS))
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("f")
        await until(pilot, lambda: "faults only" in text_of(app) and A not in text_of(app))
        assert B in text_of(app)
        await pilot.press("f")
        await until(pilot, lambda: A in text_of(app))


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
        await until(pilot, lambda: "ACTIVE▼" in text_of(app) and "by ACTIVE, greatest first" in text_of(app))
        assert text_of(app).index(B) < text_of(app).index(A) < text_of(app).index(C)
        await pilot.click(ClusterTable, offset=(at, 0))
        await until(pilot, lambda: "ACTIVE▲" in text_of(app))
        await pilot.click(ClusterTable, offset=(3, 0))
        assert cluster_screen(app).table.wishes.sort is None


async def test_the_last_row_is_not_below_a_scrollbar() -> None:
    """At the end of a long table the cursor's row is on a line that can be seen, also with chosen columns."""
    app = make_app(pair(MANY))
    async with app.run_test(size=(80, 24)) as pilot:
        table = cluster_screen(app).table
        last = f"    {C}"
        await until(pilot, lambda: "? Help" in text_of(app))
        await pilot.press("end")
        for chosen in ((), tuple(column.id for column in COLUMNS)):
            table.chosen = chosen
            await until(pilot, lambda wide=bool(chosen): table.show_horizontal_scrollbar is wide)  # type: ignore[misc]  # bound now

            def seen() -> bool:
                line = table.shown_rows - 1 - table.scroll_offset.y
                return 0 <= line < table.scrollable_content_region.height - 1

            await until(pilot, seen)
            await until(pilot, lambda: any(line.startswith(last) for line in lines_of(app)))


async def test_sideways_the_names_stay() -> None:
    """Chosen columns that do not fit can be scrolled to at once; the first column stands still."""
    app = make_app(pair(SERVERS))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        table = cluster_screen(app).table
        table.chosen = tuple(column.id for column in COLUMNS)
        await until(pilot, lambda: table.show_horizontal_scrollbar and "FWD" in text_of(app))
        before = line_with(app, A)
        await pilot.press("right", "right")
        await until(pilot, lambda: table.scroll_offset.x == 16)
        await pilot.pause()
        after = line_with(app, A)
        assert after[:24] == before[:24]
        assert after[24:40] == before[40:56]


async def test_pause() -> None:
    """The screen stands still and says so, collecting goes on, and the present is there at once when it continues."""
    app = make_app(pair(SERVERS))
    busier = (virtual_server(WEB, *busy((A, 1, 777), (B, 0, 9))), SERVERS[1])
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("p")
        await until(pilot, lambda: "PAUSED" in lines_of(app)[0])
        await publish(app, pilot, pair(busier))
        await until(pilot, lambda: cluster_screen(app).snapshot is app.feed.latest)
        assert "777" not in text_of(app)
        assert app.feed.latest is app.snapshot
        await pilot.press("p")
        await until(pilot, lambda: "777" in text_of(app) and "PAUSED" not in text_of(app))


async def test_a_paused_table_can_still_be_searched() -> None:
    """What stands still can be filtered and sorted."""
    app = make_app(pair(SERVERS))
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("p", "f")
        await until(pilot, lambda: A not in text_of(app) and B in text_of(app))


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
        await until(pilot, lambda: "following" in text_of(app))
        fallen = [(reals[0][0], 1, 0), *reals[1:]]
        await publish(app, pilot, pair((virtual_server(WEB, *busy(*fallen)),)))
        # last of sixty, and in sight
        await until(pilot, lambda: table.scroll_offset.y > 20 and f" {reals[0][0]} " in text_of(app))
        await pilot.press("t")
        await until(pilot, lambda: "following" not in text_of(app))
        await publish(app, pilot, pair((virtual_server(WEB, *busy(*reals)),)))
        await until(pilot, lambda: f" {reals[0][0]} " not in text_of(app))
        assert table.cursor == row_of(WEB, reals[0][0])


async def chooses(app: LvstopApp, pilot: Pilot[None]) -> SelectionList[str]:
    """Open the chooser."""
    await pilot.press("o")
    await until(pilot, lambda: bool(app.screen.query(ColumnList)) and app.screen.query_one(ColumnList).has_focus)
    return app.screen.query_one(ColumnList)


async def test_choosing_columns() -> None:
    """Marked ones are shown at once; escape leaves everything as it was; none marked is automatic."""
    app = make_app(pair(SERVERS))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        automatic = cluster_screen(app).table.columns
        chooser = await chooses(app, pilot)
        assert tuple(chooser.selected) == automatic
        chooser.deselect_all()
        chooser.select("active")
        chooser.select("weight")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ClusterScreen))
        await until(pilot, lambda: cluster_screen(app).table.columns == ("weight", "active"))
        await until(pilot, lambda: "STATE" not in line_with(app, "ACTIVE"))
        await chooses(app, pilot)
        await pilot.press("space", "escape")
        await until(pilot, lambda: isinstance(app.screen, ClusterScreen))
        assert cluster_screen(app).table.columns == ("weight", "active")
        (await chooses(app, pilot)).deselect_all()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ClusterScreen))
        await until(pilot, lambda: cluster_screen(app).table.columns == automatic)


async def test_chosen_columns_have_a_mark_of_their_own() -> None:
    """Without colours too: the marked ones have a tick, the others a blank."""
    app = make_app(pair(SERVERS))
    async with app.run_test(size=(120, 40)) as pilot:
        chooser = await chooses(app, pilot)
        await until(pilot, lambda: "▐✔▌ ACTIVE " in text_of(app) and "▐ ▌ PERSIST " in text_of(app))
        chooser.select("persistent")
        await until(pilot, lambda: "▐✔▌ PERSIST " in text_of(app))


async def test_copying() -> None:
    """The row under the cursor, or the whole screen, as text."""
    app = make_app(pair(SERVERS))
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: "? Help" in text_of(app))
        await pilot.press("down", "down", "y")
        await until(pilot, lambda: app.clipboard.startswith(f"{B}  Route  0  ◌ drained  9"))
        before = text_of(app)
        await pilot.press("Y")
        await until(pilot, lambda: app.clipboard == before)
        assert B in app.clipboard


async def test_copying_an_address() -> None:
    """Of a real server, of a virtual server, in brackets where it has colons; a firewall mark has none."""
    servers = (
        virtual_server("TCP:[fd00::20]:443", *busy(("[fd00::1]:8443", 1, 1))),
        virtual_server("FWM:7", *busy(("10.1.0.9:0", 1, 1))),
    )
    app = make_app(pair(servers))
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: "FWM 7" in text_of(app))
        table = cluster_screen(app).table
        for row, copied in (
            (row_of("TCP:[fd00::20]:443"), "[fd00::20]:443"),
            (row_of("TCP:[fd00::20]:443", "[fd00::1]:8443"), "[fd00::1]:8443"),
            (row_of("FWM:7", "10.1.0.9:0"), "10.1.0.9:0"),
        ):
            assert table.go_to(row)
            await pilot.press("i")
            await until(pilot, lambda copied=copied: app.clipboard == copied)  # type: ignore[misc]  # bound now
            assert any(f"{copied} is in the clipboard." in each for each in toasts(app))
        assert table.go_to(row_of("FWM:7"))
        await pilot.press("i", "y")
        await until(pilot, lambda: app.clipboard.startswith("▾ FWM 7"))
        assert not any("FWM" in each for each in toasts(app))


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
        table = cluster_screen(app).table
        await until(pilot, lambda: table.scrollable_content_region.height > 10)
        await pilot.press("pagedown", "pagedown")
        for size in ((40, 10), (250, 80), (80, 24), (160, 50), (100, 30)):
            await pilot.resize_terminal(*size)
            await until(pilot, lambda width=size[0]: table.size.width == width)  # type: ignore[misc]  # bound now
            assert table.cursor is not None
            words = str(table.cursor[1] or table.cursor[0]).partition(":")[2]

            def seen(words: str = words) -> bool:
                return table.scrollable_content_region.height < 2 or words in text_of(app)

            await until(pilot, seen)
            assert max(map(len, lines_of(app))) <= size[0]


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
        for name, words in SAID.items():
            await publish(app, pilot, replace(scenes.ALL[name]()[-1], name="smb"))
            await until(pilot, lambda words=words: all(word in text_of(app) for word in words))  # type: ignore[misc]  # bound now


async def test_what_is_covered_is_not_painted_and_is_the_present_when_it_is_seen_again() -> None:
    """On a wall nobody sees it for months. Below a question, which leaves it in sight, it goes on."""
    app = make_app(pair(SERVERS), others=[replace(cluster(), name="other")])
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        screen = cluster_screen(app)
        before = screen.shown
        await pilot.press("c")
        await until(pilot, lambda: app.screen is not screen)
        newer = replace(pair(SERVERS), generated_at=later(60))
        app.feed.take(newer)
        await until(pilot, lambda: screen.snapshot is newer)
        assert screen.is_current or screen.shown is before
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        await until(pilot, lambda: screen.shown is newer)
