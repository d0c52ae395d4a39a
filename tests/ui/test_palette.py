"""The palette among ten thousand rows: the best first, and nothing is listed anew for every letter."""

import pytest
from textual.command import CommandPalette
from textual.widgets import Input, OptionList

from lvstop.analysis.listing import Listing, listing_of
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui import palette
from lvstop.ui.palette import best_places, places_of
from support import scenes
from support.factories import virtual_server
from support.pilots import text_of, until
from support.tables import DNS, WEB, busy, pair
from support.terminal import make_app

A, B = "10.1.0.1:80", "10.1.0.21:80"
LISTING = listing_of(
    pair(
        (
            virtual_server(WEB, *busy((A, 1, 1), (B, 1, 1), ("10.10.1.0:80", 1, 1))),
            virtual_server(DNS, *busy(("10.1.0.9:53", 1, 1))),
        )
    )
)


def found(query: str, most: int = 50) -> list[str]:
    """What is offered, the best first."""
    return [place.marked(query).plain for _, place in best_places(places_of(LISTING), query, most=most)]


def test_the_best_first() -> None:
    """The beginning of an address before a part of it, and a real server's own before that of its virtual server."""
    assert found("10.1.0") == [
        "10.1.0.1:80  of TCP 10.0.0.1:80",
        "10.1.0.21:80  of TCP 10.0.0.1:80",
        "10.1.0.9:53  of UDP 10.0.0.2:53",
        "10.10.1.0:80  of TCP 10.0.0.1:80",
    ]
    assert found("10.0.0.1:80")[0] == "TCP 10.0.0.1:80"
    assert len(found("10.0.0.1:80")) == 4
    assert found("10.1.0.1:80")[0] == "10.1.0.1:80  of TCP 10.0.0.1:80"


def test_several_words() -> None:
    """All of them, in any order."""
    assert found("udp 10.1") == ["10.1.0.9:53  of UDP 10.0.0.2:53"]
    assert found("nothing 10.1") == []
    assert found("  ") == []


def test_no_more_than_were_asked_for() -> None:
    """The best ones of ten thousand."""
    listing: Listing = listing_of(scenes.many_rows(10_000, 1)[-1])
    best = best_places(places_of(listing), "10.29.3.250:443", most=50)
    assert best[0][1].own == "10.29.3.250:443"
    assert len(best_places(places_of(listing), "10.2", most=50)) == 50


def test_what_was_typed_stands_out() -> None:
    """Data is never markup."""
    (place,) = [place for _, place in best_places(places_of(LISTING), "21:80", most=5)]
    marked = place.marked("21:80")
    assert [marked.plain[span.start : span.end] for span in marked.spans] == ["21:80"]


async def test_rows_are_listed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many letters are typed."""
    listed: list[ClusterSnapshot] = []

    def counted(snapshot: ClusterSnapshot) -> Listing:
        listed.append(snapshot)
        return listing_of(snapshot)

    monkeypatch.setattr(palette, "listing_of", counted)
    app = make_app(scenes.many_rows(1000, 1)[-1])
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        offered = app.screen.query_one(OptionList)
        for typed in ("10.2", "10.29.0", "10.29.0.77:"):
            app.screen.query_one(Input).value = typed
            while not any(typed in str(option.prompt) for option in offered.options):
                await pilot.pause()
        await until(pilot, lambda: "10.29.0.77:443  of TCP 10.3.0.10:443" in text_of(app))
        assert len(listed) == 1


async def test_opened_again_while_it_is_being_closed() -> None:
    """Escape and Ctrl+P in one burst: the palette that goes is still there when the next one comes."""
    app = make_app(scenes.steady()[-1])
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+p")
        first = app.screen
        assert isinstance(first, CommandPalette)
        app.pop_screen()
        await app.run_action("command_palette")
        assert first.is_attached
        await until(pilot, lambda: not first.is_attached)
        assert isinstance(app.screen, CommandPalette)
        await app.run_action("command_palette")
        assert [type(each) for each in app.screen_stack].count(CommandPalette) == 1
