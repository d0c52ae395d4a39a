"""Lines that the table does not need go to the cards and to the alerts; a row is never pushed out for them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.ui.table.widget import ClusterTable
from lvstop.ui.widgets.alert_strip import alert_lines
from lvstop.ui.widgets.room import alert_room, card_lines
from support import scenes, troubles
from support.factories import backup, cluster, gone, master, virtual_server
from support.pilots import cluster_screen, line_with, lines_of, publish, text_of, until
from support.tables import WEB, busy
from support.terminal import make_app


@given(st.integers(5, 120), st.integers(-200, 120), st.integers(0, 20), st.booleans())
def test_no_row_is_pushed_out(screen: int, free: int, wanted: int, alerts: bool) -> None:
    """Beyond what they have in any case, cards and alerts take only lines that are free."""
    cards = card_lines(screen, free, wanted, alerts=alerts)
    least = card_lines(screen, -200, wanted, alerts=alerts)
    room = alert_room(screen, free, cards) if alerts else 0
    few = alert_room(screen, -200, 0) if alerts else 0
    assert least <= cards <= wanted
    assert room >= few
    if cards > least:
        assert cards + few <= free
    if room > few:
        assert cards + room <= free


async def test_load_and_traffic_at_80_by_24() -> None:
    """With six rows there is a line for them; with thirty there is not, and no row is lost."""
    app = make_app(scenes.steady()[-1])
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "load 0.21  ens3" in text_of(app) and "load 0.08  ens3" in text_of(app))
        many = scenes.many_rows(30, 1)[-1]
        await publish(app, pilot, replace(many, name="smb"))
        await until(pilot, lambda: "load 0.21" not in text_of(app))
        cards = [line for line in lines_of(app) if line.startswith("╰")]
        assert len(cards) == 1


async def test_both_cards_have_the_same_height() -> None:
    """Whatever one of them has to say, and as often as it changes."""
    app = make_app(scenes.steady()[-1])
    async with app.run_test(size=(80, 24)) as pilot:
        for snapshot in (scenes.stale()[-1], scenes.steady()[-1], troubles.lowered()[-1], scenes.split_brain()[-1]):
            await publish(app, pilot, snapshot)
            await until(pilot, lambda: sum(line.count("╰") for line in lines_of(app) if line.startswith("╰")) == 2)
        await until(pilot, lambda: "load 0.08" in text_of(app))


async def test_every_remedy_is_told_where_there_is_room() -> None:
    """Two alerts with what to do about each, in lines that six rows do not need."""
    app = make_app(scenes.split_brain()[-1])
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "VRID and authentication" in text_of(app) and "should be MASTER." in text_of(app))
        assert "172.26.127.22:445" in text_of(app)


async def test_alerts_leave_a_long_table_its_lines() -> None:
    """They have three, and a card two, as with any other table that is longer than the screen."""
    rows = busy(*((f"10.1.0.{number}:80", 1, 1) for number in range(1, 40)))
    more = {"virtual_servers": (virtual_server(WEB, *rows),), "checks": None, "rates": None}
    scene = scenes.split_brain()[-1]
    app = make_app(replace(scene, directors=tuple(replace(each, **more) for each in scene.directors)))  # type: ignore[arg-type]  # fields
    async with app.run_test(size=(80, 24)) as pilot:
        table = app.screen.query_one(ClusterTable)
        await until(pilot, lambda: "vip-duplicate" in text_of(app) and "10.1.0.12:80" in text_of(app))
        assert table.size.height == 24 - 1 - 4 - 1 - 3 - 1


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_a_heading_has_something_below_it(size: tuple[int, int]) -> None:
    """`below: its past` stands above something, or not at all."""
    app = make_app(scenes.stale()[-1])
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: "below: its past, 11s old" in text_of(app))
        lines = lines_of(app)
        heading = next(place for place, line in enumerate(lines) if "below: its past" in line)
        assert "SMB MASTER" in lines[heading + 1]
        many = replace(scenes.many_rows(60, 1)[-1], name="smb")
        first = gone(many.directors[0])
        await publish(app, pilot, cluster(first, many.directors[1]))
        await until(pilot, lambda: "unreachable" in text_of(app))
        told = [line for line in lines_of(app) if "below: its past" in line]
        for line in told:
            place = lines_of(app).index(line)
            assert "VRRP" in lines_of(app)[place + 1] or "MASTER" in lines_of(app)[place + 1]


async def test_a_lowered_priority_and_a_degraded_director() -> None:
    """Effective and base priority where trackers lowered it, every instance, and what could not be read."""
    app = make_app(troubles.lowered()[-1])
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "prio 50/150" in text_of(app))
        assert "▲ degraded" in text_of(app)
        assert "the checks could not be read within 5 s" in text_of(app)
        for words in ("SMB MASTER", "DNS MASTER", "WEB BACKUP", "WEB MASTER", "SMB BACKUP", "DNS BACKUP"):
            assert words in text_of(app)
        assert line_with(app, "SMB MASTER").index("SMB") < line_with(app, "WEB MASTER").index("WEB MASTER")


def test_alerts_take_no_more_lines_than_they_have() -> None:
    """The worst first, remedies in what is left, the rest counted."""
    alerts = cluster(gone(master()), gone(backup())).alerts
    for room in range(1, 12):
        lines = alert_lines(alerts, room, 80)
        assert len(lines) <= room
        assert all(line.cell_length < 80 for line in lines)
    assert "→ ping" in "".join(line.plain for line in alert_lines(alerts, 12, 80))


async def test_a_hidden_strip_says_nothing() -> None:
    """No alert, no lines; the first one brings it back."""
    app = make_app(scenes.steady()[-1])
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "● OK" in text_of(app))
        assert cluster_screen(app).query_one("AlertStrip").display is False
        await publish(app, pilot, scenes.split_brain()[-1])
        await until(pilot, lambda: "multiple-masters" in text_of(app))
        await publish(app, pilot, scenes.steady()[-1])
        await until(pilot, lambda: "multiple-masters" not in text_of(app))
