"""Columns fit beside the name on every screen."""

from collections.abc import Sequence

import pytest

from lvstop.analysis.board import Board
from lvstop.model.director import DirectorSnapshot
from lvstop.ui.table.columns import COLUMNS, NAME_MINIMUM
from lvstop.ui.table.layout import Layout, lay_out, wanted_name, whose_rows, why_empty
from support import scenes, troubles
from support.factories import backup, cluster, gone, master, silent, virtual_server
from support.tables import DNS, WEB, pair

WIDTHS = (80, 100, 120, 160, 200, 250)
BOARDS = {
    name: Board.of(scene()[-1])
    for name, scene in scenes.ALL.items()
    if name in ("steady", "long-ipv6", "unprivileged", "empty-table", "nobody-answers")
}


def laid_out(on: Board, width: int, *chosen: str) -> Layout:
    """The layout as the table asks for it."""
    return lay_out(on, width, chosen, wanted_name(on))


@pytest.mark.parametrize("name", BOARDS)
@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits(name: str, width: int) -> None:
    """No automatic layout is wider than the screen, and each column is at least as wide as it asks for."""
    layout = laid_out(BOARDS[name], width)
    assert layout.width <= width
    assert all(got >= column.width for got, column in zip(layout.widths, layout.columns, strict=True))
    assert layout.name >= NAME_MINIMUM
    assert [column.id for column in layout.columns][:1]


@pytest.mark.parametrize("width", range(1, 130))
def test_it_fits_on_any_screen(width: int) -> None:
    """On the narrowest ones the name is all that is left."""
    layout = laid_out(BOARDS["steady"], width)
    assert layout.width <= max(width, NAME_MINIMUM)


def test_titles_fit_their_columns() -> None:
    """With the mark that says which way it is sorted, where it can be."""
    assert [c.id for c in COLUMNS if len(c.title) + (c.sort is not None) > c.width + 1] == []


@pytest.mark.parametrize(
    ("width", "ids"),
    [
        (80, {"weight", "active", "inactive", "state", "other"}),
        (160, {"forward", "in", "out", "spark", "share", "connections"}),
    ],
)
def test_what_must_be_there(width: int, ids: set[str]) -> None:
    """What an operator looks for first is on the narrow screen; a wide one shows all that is automatic."""
    assert ids <= {column.id for column in laid_out(BOARDS["steady"], width).columns}


def test_a_wide_screen_draws_a_longer_past() -> None:
    """What is left goes into the sparkline, up to a value for each second and a blank before them."""
    spark = {}
    for width in WIDTHS:
        layout = laid_out(BOARDS["steady"], width)
        spark[width] = dict(zip([c.id for c in layout.columns], layout.widths, strict=True)).get("spark", 0)
    assert list(spark.values()) == sorted(spark.values())
    assert spark[250] == 61


def test_chosen_columns_may_be_wider_than_the_screen() -> None:
    """They are what was asked for: the table scrolls."""
    layout = laid_out(BOARDS["steady"], 80, *(column.id for column in COLUMNS))
    assert layout.width > 80
    assert layout.columns == COLUMNS
    assert layout.name == NAME_MINIMUM


def test_the_peer_is_named() -> None:
    """With two directors the column says who the other one is."""
    layout = laid_out(BOARDS["steady"], 120)
    titles = [layout.title(column) for column in layout.columns]
    assert titles[-1] == "keepalived2"
    assert "WEIGHT" in titles


def test_others_where_there_is_no_one_peer() -> None:
    """Three directors, or a pair of which each leads something."""
    three = cluster(master("a"), backup("b"), backup("c"))
    assert laid_out(Board.of(three), 120).peer == "OTHERS"
    assert laid_out(Board.of(cluster(master("a"))), 120).peer == "OTHERS"


def test_without_rows_nothing_is_compared() -> None:
    """There is no other director of a row that there is not."""
    for name in ("nobody-answers", "empty-table"):
        assert laid_out(BOARDS[name], 120).peer == "–"


@pytest.mark.parametrize(
    ("directors", "said"),
    [
        ((silent("keepalived1"), silent()), "No director's table is known: none answers."),
        ((gone(master()), gone(backup())), "No row fits; escape shows all of them."),
        ((master(virtual_servers=None, checks=None), silent()), "No director's table could be read."),
        ((master(virtual_servers=(), checks=()), silent()), "No virtual server is in any director's table."),
        ((master(), backup()), "No row fits; escape shows all of them."),
    ],
)
def test_why_there_is_no_row(directors: Sequence[DirectorSnapshot], said: str) -> None:
    """Nobody could be asked, or nothing is there, or the filter fits nothing: never a blank."""
    assert why_empty(Board.of(cluster(*directors))) == said


def test_before_the_first_answer_nothing_is_said_of_rows() -> None:
    """The banner tells who is being connected."""
    assert why_empty(Board.of(scenes.connecting()[-1])) == ""
    assert why_empty(None) == ""


@pytest.mark.parametrize(
    ("directors", "said"),
    [
        ((master(), backup()), ""),
        ((gone(master()), backup()), "past of keepalived1, 42s old: no director that answers holds a VIP"),
        ((gone(master()), gone(backup())), "past of keepalived1, 42s old"),
        ((gone(backup("a")), backup("b")), "numbers of b: no director that answers holds a VIP"),
        ((gone(master("a")), master("b")), ""),
    ],
    ids=["well", "stale", "nobody-answers", "nobody-holds", "taken-over"],
)
def test_whose_rows_these_are(directors: Sequence[DirectorSnapshot], said: str) -> None:
    """Rows of the past have their age until another director holds the VIP."""
    assert whose_rows(Board.of(cluster(*directors))) == said


def test_nobody_holds_and_both_answer() -> None:
    """Rows are those of the first one then, which serves nobody."""
    said = whose_rows(Board.of(troubles.nobody_holds()[-1]))
    assert said == "numbers of keepalived1: no director that answers holds a VIP"


def test_what_is_lacking_is_told() -> None:
    """Titles of columns that only root could fill, where nobody here is root."""
    assert "CONN/S" in laid_out(BOARDS["unprivileged"], 120).lacks
    assert laid_out(BOARDS["steady"], 120).lacks == ()


def test_the_name_is_as_wide_as_the_longest() -> None:
    """Scheduler and persistence included, on a screen that has room."""
    short, long = Board.of(pair((virtual_server(WEB),))), Board.of(pair((virtual_server(DNS, persistent=True),)))
    assert wanted_name(short) < wanted_name(long)
    assert laid_out(BOARDS["long-ipv6"], 250).name >= len("  TCP [2001:db8:1234:5678:9abc:def0:1234:5678]:443  wlc")
