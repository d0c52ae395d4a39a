"""What rows say from one snapshot to the next, and what is kept for that."""

import gc
from dataclasses import replace

from lvstop.analysis.board import Board
from lvstop.analysis.history import History
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot
from lvstop.ui.table.layout import lay_out, wanted_name
from lvstop.ui.table.order import Arrangement, Wishes
from lvstop.ui.table.rows import RowPainter
from support import scenes
from support.factories import later

STEADY = scenes.steady()[-1]


def read_at(second: int) -> ClusterSnapshot:
    """The steady scene, read a while later with the same table."""
    now = later(1000 + second)
    directors = tuple(replace(director, read_at=now) for director in STEADY.directors)
    return replace(STEADY, generated_at=now, directors=directors)


def test_a_row_that_stays_keeps_no_table_of_the_past() -> None:
    """A row may say the same for days; a table of ten thousand rows that it once stood in takes megabytes."""
    rows, history, arrangement = RowPainter(), History(), Arrangement()
    board = Board.of(read_at(0))
    rows.layout = lay_out(board, 120, (), wanted_name(board))
    for second in range(1, 4):
        board = Board.of(read_at(second), board)
        arrangement.arrange(board, Wishes())
        rows.take(board, history, arrangement.lines)
        paints = [rows.paint(line, None, Wishes()) for line in arrangement.lines]
        assert len(paints) > 2
    gc.collect()
    moments = {each.read_at for each in gc.get_objects() if isinstance(each, DirectorSnapshot)}
    assert later(1003) in moments
    assert not moments & {later(1000), later(1001), later(1002)}


def test_cells_that_say_the_same_stay_the_same() -> None:
    """So that nothing of them is compared, painted or tinted."""
    rows, history, arrangement = RowPainter(), History(), Arrangement()
    board = Board.of(read_at(0))
    rows.layout = lay_out(board, 120, (), wanted_name(board))
    found = []
    for second in range(3):
        board = Board.of(read_at(second), board)
        arrangement.arrange(board, Wishes())
        rows.take(board, history, arrangement.lines)
        found.append([rows.paint(line, None, Wishes()) for line in arrangement.lines])
    assert found[1] == found[2]
    reals = [place for place, line in enumerate(arrangement.lines) if line[1] >= 0]
    assert reals
    assert all(found[1][place].cells is found[2][place].cells for place in reals)
