"""Which rows are shown where there are too many."""

from lvstop.analysis.board import Board
from lvstop.analysis.importance import most_important
from support.factories import SERVICE, backup, cluster, master, real_server, virtual_server


def board_of(weights: list[int], active: list[int]) -> Board:
    """Both directors alike, keepalived not asked."""
    rows = [
        real_server(f"10.0.0.{number}:80", weight, active=count)
        for number, (weight, count) in enumerate(zip(weights, active, strict=True), 1)
    ]
    table = (virtual_server(SERVICE, *rows),)
    return Board.of(cluster(master(virtual_servers=table, checks=None), backup(virtual_servers=table, checks=None)))


def test_all_rows_stand_in_their_order_where_there_is_room() -> None:
    """Rows do not move because one of them is faulty."""
    assert list(most_important(board_of([1, 0, 1], [1, 2, 3]), 0, most=3)) == [0, 1, 2]


def test_faulty_rows_come_first_then_the_busiest() -> None:
    """Both in order of address: a second later they stand where they stood."""
    chosen = most_important(board_of([1, 1, 1, 0, 1, 0], [5, 9, 1, 0, 8, 0]), 0, most=4)
    assert list(chosen) == [3, 5, 1, 4]


def test_more_faulty_rows_than_room() -> None:
    """The first of them."""
    assert list(most_important(board_of([0, 0, 0], [1, 2, 3]), 0, most=2)) == [0, 1]
