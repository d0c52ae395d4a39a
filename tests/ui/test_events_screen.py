"""The event screen: 10,000 events on one axis, found again, followed, exported and copied."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from textual.geometry import Offset
from textual.pilot import Pilot

from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.event import Event, EventKind
from lvstop.ui.app import LvstopApp
from lvstop.ui.events.bars import EventCaption, EventDetail
from lvstop.ui.events.view import EventList
from lvstop.ui.events.words import KIND_WORDS
from lvstop.ui.screens.events import EventsScreen
from support import factories as make
from support.terminal import make_app

KINDS = (
    (EventKind.VRRP, "keepalived2", "SMB", "SMB went from BACKUP to MASTER on keepalived2."),
    (EventKind.WEIGHT, "keepalived1", "10.0.0.7:80", "[fd00::1]:443 changed its weight from 1 to 0 on keepalived1."),
    (EventKind.ALERT, None, "vip-missing", "critical: nobody holds 172.26.127.20."),
    (EventKind.ALERT, None, "vip-missing", "cleared: vip-missing of 172.26.127.20."),
)


def event(number: int, at: datetime | None = None) -> Event:
    """One of the kinds in turn, so many seconds after the start."""
    kind, director, subject, summary = KINDS[number % len(KINDS)]
    return Event(at or make.later(number), director, kind, subject, f"{summary} #{number}")


def look(events: Sequence[Event], seconds: float = 0.0) -> ClusterSnapshot:
    """A healthy pair to which something happened."""
    return replace(make.cluster(now=make.later(seconds)), events=tuple(events))


async def opened(app: LvstopApp, pilot: Pilot[None]) -> EventsScreen:
    """The screen with its events."""
    await pilot.pause()
    screen = EventsScreen(app.feed).data_bind(LvstopApp.snapshot)
    await app.push_screen(screen)
    await pilot.pause()
    assert isinstance(screen, EventsScreen)
    return screen


def lines(view: EventList) -> list[str]:
    """What is on screen, below the titles."""
    return [view.render_line(y).text.rstrip() for y in range(1, view.size.height)]


def plain(widget: EventCaption | EventDetail) -> str:
    """What a line of words says."""
    return str(widget.visual)


async def test_newest_at_the_bottom_in_columns() -> None:
    """Time, kind with its sign, director and summary; brackets are no markup."""
    app = make_app(look([event(n) for n in range(4)]))
    async with app.run_test(size=(120, 30)) as pilot:
        shown = lines((await opened(app, pilot)).view)
        assert shown[0] == " ── Sun 22 Nov 2026"
        assert shown[1] == " 14:02:11  ● VRRP            keepalived2  SMB went from BACKUP to MASTER on keepalived2. #0"
        assert "≡ weight          keepalived1  [fd00::1]:443 changed its weight" in shown[2]
        assert "✖ alert           –            critical:" in shown[3]
        assert "✔ alert           –            cleared:" in shown[4]


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_nothing_is_lost_at_the_edge(size: tuple[int, int]) -> None:
    """Where a summary does not fit it says so, and the line below the list has it in full."""
    app = make_app(look([event(1)]))
    async with app.run_test(size=size) as pilot:
        screen = await opened(app, pilot)
        assert all(len(line) <= size[0] for line in lines(screen.view))
        assert lines(screen.view)[1].endswith("…") is (size[0] == 80)
        assert KINDS[1][3] in plain(screen.detail)


async def test_ten_thousand_events_draw_what_is_on_screen() -> None:
    """Whatever the log holds, a scroll asks for the lines in sight and keeps those it has painted."""
    app = make_app(look([event(n) for n in range(10_000)]))
    async with app.run_test(size=(120, 40)) as pilot:
        view = (await opened(app, pilot)).view
        assert view.virtual_size.height > 10_000
        assert view.cursor == event(9_999)
        await pilot.press("home")
        await pilot.pause()
        assert view.cursor == event(0)
        assert view.render_line(5) is view.render_line(5)
        await pilot.press("pagedown", "end")
        await pilot.pause()
        assert view.cursor == event(9_999)


async def test_the_tail_is_followed_until_one_scrolls_up() -> None:
    """New events come into sight, unless somebody reads above; `end` follows again."""
    app = make_app(look([event(n) for n in range(100)]))
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(app, pilot)
        app.feed.take(look([event(100)], 1))
        await pilot.pause()
        assert "#100" in lines(screen.view)[-1]
        assert "following the newest" in plain(screen.caption)
        await pilot.press("up", "up")
        await pilot.pause()
        before = lines(screen.view)
        app.feed.take(look([event(101), event(102)], 2))
        await pilot.pause()
        assert lines(screen.view) == before
        assert screen.view.cursor == event(98)
        assert "not following: 2 below" in plain(screen.caption)
        await pilot.press("end")
        await pilot.pause()
        assert screen.view.cursor == event(102)
        assert screen.view.following


async def test_the_wheel_stops_following_too() -> None:
    """Scrolling up by mouse reads; scrolling to the end follows."""
    app = make_app(look([event(n) for n in range(100)]))
    async with app.run_test(size=(120, 30)) as pilot:
        view = (await opened(app, pilot)).view
        view.scroll_relative(y=-10, animate=False)
        await pilot.pause()
        assert not view.following
        view.scroll_end(animate=False)
        await pilot.pause()
        assert view.following


async def test_an_earlier_event_does_not_move_what_is_read() -> None:
    """keepalived may date something earlier: it goes to its place, the cursor stays with its event."""
    app = make_app(look([event(n) for n in range(0, 200, 2)]))
    async with app.run_test(size=(120, 30)) as pilot:
        view = (await opened(app, pilot)).view
        await pilot.press(*["up"] * 40)
        await pilot.pause()
        before, cursor = lines(view), view.cursor
        app.feed.take(look([event(1)], 1))
        await pilot.pause()
        assert view.cursor == cursor
        assert lines(view) == before


async def test_search_while_typing() -> None:
    """All words must be there; escape shows everything again, and only then leaves."""
    app = make_app(look([event(n) for n in range(40)]))
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(app, pilot)
        await pilot.press("slash", *"weight", "space", *"#13")
        await pilot.pause()
        assert [each.summary[-3:] for each in screen.view.shown] == ["#13"]
        assert "1 of 40 events" in plain(screen.caption)
        await pilot.press("enter")
        await pilot.pause()
        assert app.focused is screen.view
        await pilot.press("escape")
        await pilot.pause()
        assert len(screen.view.shown) == 40
        assert app.screen is screen
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is not screen


async def test_brackets_are_searched_for_as_they_are() -> None:
    """A search is no pattern."""
    app = make_app(look([event(n) for n in range(8)]))
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(app, pilot)
        screen.search.value = "[fd00::1]:443"
        await pilot.pause()
        assert len(screen.view.shown) == 2
        screen.search.value = "*("
        await pilot.pause()
        assert not screen.view.shown
        assert lines(screen.view)[0] == " No event fits."


async def test_kinds_and_directors() -> None:
    """Keys choose kinds, several at once; `0` shows all; `d` goes through the directors; a click chooses too."""
    app = make_app(look([event(n) for n in range(40)]))
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(app, pilot)
        await pilot.press("3")
        await pilot.pause()
        assert {each.kind for each in screen.view.shown} == {EventKind.VRRP}
        await pilot.press("7")
        await pilot.pause()
        assert {each.kind for each in screen.view.shown} == {EventKind.VRRP, EventKind.WEIGHT}
        await pilot.press("d")
        await pilot.pause()
        assert {each.director for each in screen.view.shown} == {"keepalived1"}
        assert "on keepalived1 (d)" in plain(screen.caption)
        await pilot.press("0", "d", "d")
        await pilot.pause()
        assert len(screen.view.shown) == 40
        await pilot.click(screen.bar, offset=Offset(4, 0))
        await pilot.pause()
        assert screen.choice.kinds == {EventKind.DIRECTOR}


async def test_changes_are_a_kind_of_their_own() -> None:
    """The last digit chooses what was put on record; every kind has a sign of its own."""
    drained = Event(make.later(50), None, EventKind.CHANGE, "10.0.0.7:80", "anna@desk drained 10.0.0.7:80.")
    app = make_app(look([*(event(n) for n in range(8)), drained]))
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(app, pilot)
        await pilot.press("9")
        await pilot.pause()
        assert screen.view.shown == (drained,)
        assert "◈ change" in lines(screen.view)[1]
    assert set(KIND_WORDS) == set(EventKind)
    assert len({each.sign for each in KIND_WORDS.values()}) == len(EventKind)


async def test_a_new_day_has_its_line() -> None:
    """The day stands where it changes, and in the titles for what is on top; the cursor passes over it."""
    night = [event(0, make.later(-86_400)), event(1)]
    app = make_app(look(night))
    async with app.run_test(size=(120, 30)) as pilot:
        view = (await opened(app, pilot)).view
        assert [line for line in lines(view) if "──" in line] == [" ── Sat 21 Nov 2026", " ── Sun 22 Nov 2026"]
        assert view.render_line(0).text.rstrip().endswith("Sat 21 Nov 2026")
        await pilot.press("up")
        await pilot.pause()
        assert view.cursor == night[0]
        await pilot.press("up")
        await pilot.pause()
        assert view.cursor == night[0]


async def test_an_empty_log_says_so() -> None:
    """Nothing happened; keys do no harm."""
    app = make_app(look([]))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(app, pilot)
        assert lines(screen.view)[0] == " Nothing has changed since lvstop watches."
        await pilot.press("up", "down", "pageup", "end", "home", "y")
        await pilot.pause()
        assert screen.view.cursor is None


@pytest.fixture
def notices(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the operator is told."""
    told: list[str] = []

    def notify(_app: LvstopApp, message: str, *, title: str = "", markup: bool = True, **_more: object) -> None:
        assert not markup
        told.append(f"{title} {message}")

    monkeypatch.setattr(LvstopApp, "notify", notify)
    return told


async def notice(app: LvstopApp, pilot: Pilot[None], notices: list[str]) -> str:
    """The notice that follows a key."""
    await pilot.pause()
    exports = [worker for worker in app.workers if worker.group == "export"]
    if exports:
        await app.workers.wait_for_complete(exports)
    (told,) = notices
    return told


async def test_what_is_shown_is_exported(tmp_path: Path, notices: list[str]) -> None:
    """The file has what the filter lets through, one object per line; its path is told."""
    app = make_app(look([event(n) for n in range(40)]), exports=tmp_path)
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(app, pilot)
        await pilot.press("3", "x")
        said = await notice(app, pilot, notices)
        (path,) = (tmp_path / "exports").iterdir()
        assert said == f"Exported 10 events in {path}"
        records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        assert {record["kind"] for record in records} == {"vrrp"}


async def test_a_failed_export_is_a_notice(tmp_path: Path, notices: list[str]) -> None:
    """A file where the folder should be: told with the reason, and nothing ends."""
    (tmp_path / "exports").write_text("in the way", encoding="utf-8")
    app = make_app(look([event(0)]), exports=tmp_path)
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await opened(app, pilot)
        await pilot.press("x")
        assert (await notice(app, pilot, notices)).startswith("Not exported File exists")
        assert app.screen is screen


async def test_without_a_folder_nothing_is_exported(notices: list[str]) -> None:
    """It is said that it cannot."""
    app = make_app(look([event(0)]))
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(app, pilot)
        await pilot.press("x")
        assert await notice(app, pilot, notices) == "Not exported There is no folder to write to."


async def test_the_line_under_the_cursor_is_copied() -> None:
    """As text, for a chat or a ticket."""
    app = make_app(look([event(0)]))
    async with app.run_test(size=(120, 30)) as pilot:
        await opened(app, pilot)
        await pilot.press("y")
        await pilot.pause()
        assert app.clipboard == (
            "2026-11-22T14:02:11.000Z  vrrp  keepalived2  SMB went from BACKUP to MASTER on keepalived2. #0"
        )
