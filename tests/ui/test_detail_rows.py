"""Rows of the detail screens: what nobody checked is not up, and no text is longer than its column."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from ipaddress import ip_address

import pytest

from lvstop.analysis.board import Board
from lvstop.analysis.presence import places_of, presences
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import Keepalived
from lvstop.ui.detail.real_rows import real_columns, real_rows
from lvstop.ui.detail.server_rows import server_columns, server_rows
from lvstop.ui.widgets.keyed_table import TableColumn, TableRow
from support import scenes, troubles
from support.factories import (
    FIRST,
    SERVICE,
    backup,
    checked_server,
    cluster,
    gone,
    master,
    real_server,
    unprivileged,
    virtual_server,
)

SCENES = {name: play for name, play in {**scenes.ALL, **troubles.ALL}.items() if name != "many-rows"}


def of_server(snapshot: ClusterSnapshot, server: int = 0) -> tuple[list[TableColumn], list[TableRow]]:
    """The table of a virtual server."""
    board = Board.of(snapshot)
    reals = range(len(board.listing.servers[server].real_servers))
    return server_columns(board, server), server_rows(board, server, reals, {})


def of_real(snapshot: ClusterSnapshot, address: str) -> tuple[list[TableColumn], list[TableRow]]:
    """The table of a real server."""
    board = Board.of(snapshot)
    found = list(presences(board, places_of(board.listing, ip_address(address))))
    return real_columns(found), real_rows(found)


def told(tables: tuple[Sequence[TableColumn], Sequence[TableRow]], title: str) -> list[str]:
    """What a column says, row by row."""
    columns, rows = tables
    place = [column.title for column in columns].index(title)
    return ["".join(piece.text for piece in row.cells[place]) for row in rows]


ADDRESS = FIRST.partition(":")[0]


def test_what_is_checked_is_up() -> None:
    """keepalived's checks pass on both directors."""
    assert told(of_server(cluster()), "STATE") == ["● up", "● up"]
    assert told(of_real(cluster(), ADDRESS), "STATE") == ["● up", "● up"]


def test_what_nobody_checked_is_unknown() -> None:
    """A plain user knows of no check, and a row that was set by hand has none."""
    plain = cluster(unprivileged(master()), unprivileged(backup()))
    assert told(of_server(plain), "STATE") == ["–", "–"]
    assert told(of_real(plain, ADDRESS), "STATE") == ["–", "–"]
    by_hand = cluster(master(checks=()), backup(checks=()))
    assert told(of_server(by_hand), "STATE") == ["–", "–"]
    assert told(of_server(by_hand), "CHECKS") == ["not configured", "not configured"]


@pytest.mark.parametrize("running", [True, False], ids=["silent", "stopped"])
def test_a_director_that_cannot_say_is_not_said_to_lack_it(running: bool) -> None:
    """One that does not answer, or whose keepalived does not run, has no word about what is configured."""
    there = gone(backup()) if running else backup(keepalived=Keepalived("2.2.7", False, None), vrrp=None)
    found = of_real(cluster(master(), there), ADDRESS)
    assert told(found, "CHECKS") == ["pass", "–"]
    assert told(found, "STATE") == ["● up", "–"]


def busy() -> ClusterSnapshot:
    """Copies of many connections on the other director, thresholds and a weight that differs."""
    table = (virtual_server(SERVICE, real_server(FIRST, 100, active=88_410)),)
    checks = (checked_server(SERVICE),)
    theirs = tuple(replace(server, scheduler="wrr") for server in table)
    return cluster(master(virtual_servers=table, checks=checks), backup(virtual_servers=theirs, checks=checks))


def tables() -> Iterator[tuple[Sequence[TableColumn], Sequence[TableRow]]]:
    """Every table of every scene."""
    for snapshot in (*(play()[-1] for play in SCENES.values()), busy()):
        board = Board.of(snapshot)
        for server, listed in enumerate(board.listing.servers):
            yield of_server(snapshot, server)
            for key in listed.real_servers:
                yield of_real(snapshot, str(key.address))


def test_no_text_is_longer_than_its_column() -> None:
    """What is cut at its end could be read as something else."""
    cut = {
        (column.title, text)
        for columns, rows in tables()
        for row in rows
        for column, pieces in zip(columns, row.cells, strict=True)
        if len(text := "".join(piece.text for piece in pieces)) > column.width
    }
    assert not cut
