"""What every column says of a row: a value, 0, or that nobody knows."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvstop.analysis.board import Board, Row
from lvstop.analysis.shares import Basis, Share
from lvstop.model.director import Privilege
from lvstop.model.ipvs import Rates, VirtualServerRates
from lvstop.ui.table.cells import NOTHING, UNKNOWN, Cell, Slot, Surroundings, bar, sparkline
from lvstop.ui.table.columns import BY_ID, COLUMNS, choose_columns, lacking, scheduling, twin_cell
from lvstop.ui.table.rows import RowPainter
from support.factories import (
    backup,
    checked,
    checked_server,
    cluster,
    detail,
    gone,
    master,
    real_server,
    row_detail,
    rs_key,
    silent,
    unprivileged,
    virtual_server,
    vs_key,
)
from support.tables import WEB, board, busy, pair

A, B = "10.1.0.1:80", "10.1.0.2:80"
RATES = [column.id for column in COLUMNS if column.privileged and column.sort is not None]
NUMBERS = ["active", "inactive"]
FEW = settings(max_examples=40, deadline=None)


def around(share: Share | None = None) -> Surroundings:
    """No past, and the same share for every row."""

    def spark(_director: str, _row: Row, _count: int) -> tuple[float | None, ...]:
        return ()

    return Surroundings(spark, lambda _row: share)


def real_cell(column: str, on: Board, place: int = 0) -> Cell:
    """A cell of a real server of the first virtual server."""
    return BY_ID[column].row(on.real_server(0, place), around())


def server_cell(column: str, on: Board) -> Cell:
    """A cell of the first virtual server."""
    return BY_ID[column].server(on.virtual_server(0), around())


def rated(value: float) -> Board:
    """One real server whose rates all are `value`, and whose replies pass the director."""
    table = (virtual_server(WEB, real_server(A, forwarding="Masq")),)
    rates = Rates(value, value, value, value, value)
    found = {vs_key(WEB): VirtualServerRates(rates, {rs_key(A): rates})}
    return Board.of(pair(table, more={"rates": found}))


def only_elsewhere() -> Board:
    """A virtual server that the leader's kernel does not have."""
    return Board.of(pair((), (virtual_server(WEB, A),)))


@pytest.mark.parametrize("column", [*NUMBERS, *RATES])
def test_zero_is_0(column: str) -> None:
    """What is known to be nothing says so, quietly."""
    for cell in (real_cell(column, rated(0.0)), server_cell(column, rated(0.0))):
        assert cell.text.startswith("0")
        assert cell.slot is Slot.MUTED


@pytest.mark.parametrize("column", RATES)
def test_an_unknown_rate_is_a_dash(column: str) -> None:
    """Without counters there are no rates: – and never 0."""
    on = board(virtual_server(WEB, A), rated=False)
    assert real_cell(column, on) == UNKNOWN
    assert server_cell(column, on) == UNKNOWN


@pytest.mark.parametrize("column", [*NUMBERS, *RATES])
def test_an_absent_virtual_server_has_no_numbers(column: str) -> None:
    """Its sums are unknown, and its real servers' cells are left empty: the row says `gone`."""
    assert server_cell(column, only_elsewhere()) == UNKNOWN
    assert real_cell(column, only_elsewhere()) == NOTHING


def test_nothing_unknown_reads_as_0() -> None:
    """No cell of a row of which nothing is known shows a digit 0."""
    directors = (unprivileged(master(virtual_servers=None)), silent())
    believed = replace(directors[0], checks=(checked_server(WEB, A),))
    on = Board.of(cluster(believed, directors[1]))
    for each in COLUMNS:
        assert "0" not in server_cell(each.id, on).text
        assert "0" not in real_cell(each.id, on).text


@pytest.mark.parametrize(
    ("value", "packets", "bits"),
    [(0.04, "0.0", "0"), (21.0, "21.0", "168"), (1204.0, "1,204", "9.6k"), (2_500_000.0, "2.50M", "20.0M")],
)
def test_rates(value: float, packets: str, bits: str) -> None:
    """Per second, with units; connections and packets as they are, bytes as bits."""
    on = rated(value)
    assert real_cell("connections", on).text == real_cell("in-packets", on).text == packets
    assert real_cell("in", on).text == server_cell("out", on).text == bits


@FEW
@given(st.integers(0, 10**11))
def test_numbers_are_never_cut_off(value: int) -> None:
    """A number that lost its last digits would be another number."""
    on = board(virtual_server(WEB, real_server(A, active=value, inactive=value)), rated=False)
    for column in NUMBERS:
        assert len(server_cell(column, on).text) <= BY_ID[column].width


@FEW
@given(st.floats(0, 1e11))
def test_rates_are_never_cut_off(value: float) -> None:
    """Nor are rates."""
    for column in RATES:
        assert len(real_cell(column, rated(value)).text) <= BY_ID[column].width


@pytest.mark.parametrize(
    ("kernel", "belief", "text", "slot"),
    [
        (3, None, "3", Slot.PLAIN),
        (3, checked(A, weight=3), "3", Slot.PLAIN),
        (5, checked(A, weight=3), "3→5", Slot.DRIFT),
        (0, checked(A, weight=3), "3→0", Slot.DRAINED),
        (0, None, "0", Slot.DRAINED),
        (0, checked(A, weight=3, effective=0, alive=False), "0", Slot.DOWN),
        (None, checked(A, alive=False), "gone", Slot.DOWN),
        (None, checked(A), "gone", Slot.DRIFT),
    ],
)
def test_weight(kernel: int | None, belief: object, text: str, slot: Slot) -> None:
    """The kernel's weight, and what keepalived wrote where that is another one."""
    rows = () if kernel is None else (real_server(A, kernel),)
    checks = None if belief is None else (checked_server(WEB, belief),)  # type: ignore[arg-type]  # as parametrized
    on = Board.of(pair((virtual_server(WEB, *rows),), more={"checks": checks}))
    assert real_cell("weight", on) == Cell(text, slot)


def test_state() -> None:
    """A sign and a word each; a checked real server that is well is `up`, of an unchecked one nobody can say so."""
    checks = (checked_server(WEB, A, checked(B, alive=False)),)
    on = Board.of(pair((virtual_server(WEB, real_server(A), real_server(B, 0)),), more={"checks": checks}))
    assert [real_cell("state", on, place).text for place in (0, 1)] == ["up", "✖ down"]
    unchecked = board(virtual_server(WEB, real_server(A), real_server(B, 0)))
    assert [real_cell("state", unchecked, place).text for place in (0, 1)] == ["–", "◌ drained"]
    assert real_cell("state", only_elsewhere()) == Cell("absent", Slot.DRIFT)
    assert server_cell("state", only_elsewhere()) == Cell("absent", Slot.DRIFT)
    assert server_cell("state", board(virtual_server(WEB))) == Cell("✖ empty", Slot.DOWN)
    sorry = (checked_server(WEB, checked(A, alive=False), sorry=B, quorum_up=False),)
    down = Board.of(pair((virtual_server(WEB, B),), more={"checks": sorry}))
    assert server_cell("state", down).text == "✖ quorum"
    assert [real_cell("state", down, place).text for place in (0, 1)] == ["✖ down", "▲ sorry"]


def test_state_of_an_unknown_table() -> None:
    """Nobody can tell."""
    on = Board.of(cluster(master(virtual_servers=None, checks=(checked_server(WEB, A),)), silent()))
    assert server_cell("state", on) == UNKNOWN
    assert real_cell("state", on) == UNKNOWN


def test_forwarding() -> None:
    """The kernel's method; for a row that is gone the configured one; nothing where neither is known."""
    assert real_cell("forward", board(virtual_server(WEB, real_server(A, forwarding="Masq")))).text == "Masq"
    checks = (checked_server(WEB, checked(A, alive=False)),)
    assert real_cell("forward", Board.of(pair((virtual_server(WEB),), more={"checks": checks}))).text == "Route"
    assert real_cell("forward", only_elsewhere()) == NOTHING


def test_persistent_connections() -> None:
    """Only root can read them."""
    table = (virtual_server(WEB, A),)
    for known, text in ((7, "7"), (0, "0"), (None, "–")):
        details = {vs_key(WEB): detail({A: row_detail(persistent=known)})}
        assert real_cell("persistent", Board.of(pair(table, more={"details": details}))).text == text
    assert real_cell("persistent", board(*table)) == UNKNOWN


def test_other_director() -> None:
    """`same`, what differs, – where it does not answer, nothing where there is no other."""
    mine = (virtual_server(WEB, *busy((A, 1, 1))),)
    assert real_cell("other", Board.of(pair(mine))) == Cell("same", Slot.MUTED)
    other = Board.of(pair(mine, (virtual_server(WEB, *busy((A, 3, 1))),)))
    assert real_cell("other", other) == Cell("weight 3 ≠", Slot.DRIFT)
    past = Board.of(cluster(master(virtual_servers=mine, checks=None), gone(backup(virtual_servers=mine))))
    assert real_cell("other", past) == UNKNOWN
    assert real_cell("other", Board.of(cluster(master(virtual_servers=mine, checks=None)))) == NOTHING


@pytest.mark.parametrize(
    ("method", "counted", "text"),
    [("Route", 0.0, "–"), ("Tunnel", 0.0, "–"), ("Local", 0.0, "–"), ("Masq", 0.0, "0"), ("Route", 125.0, "1.0k")],
)
def test_replies_that_do_not_pass_are_not_0(method: str, counted: float, text: str) -> None:
    """The director cannot count them; what it did count is told all the same."""
    table = (virtual_server(WEB, real_server(A, forwarding=method)),)
    rates = Rates(5.0, 9.0, counted, 900.0, counted)
    found = {vs_key(WEB): VirtualServerRates(rates, {rs_key(A): rates})}
    on = Board.of(pair(table, more={"rates": found}))
    assert real_cell("out", on).text == server_cell("out", on).text == text
    assert (real_cell("out-packets", on).text == "–") is (text == "–")
    assert real_cell("in", on).text == "7.2k"


def test_a_mixed_virtual_server_tells_what_passes() -> None:
    """One real server behind NAT is enough; one without real servers has no replies at all."""
    table = (virtual_server(WEB, real_server(A), real_server(B, forwarding="Masq")), virtual_server("UDP:10.0.0.9:53"))
    rates = Rates(0.0, 0.0, 0.0, 0.0, 0.0)
    found = {server.key: VirtualServerRates(rates, {}) for server in table}
    on = Board.of(pair(table, more={"rates": found}))
    assert server_cell("out", on).text == "0"
    assert BY_ID["out"].server(on.virtual_server(1), around()).text == "0"


def test_with_three_directors_the_one_that_differs_is_named() -> None:
    """And one that cannot be asked makes `same` a guess."""
    mine = {"virtual_servers": (virtual_server(WEB, A),), "checks": None}
    theirs = {"virtual_servers": (virtual_server(WEB, real_server(A, 4)),), "checks": None}
    on = Board.of(cluster(master("a", **mine), backup("b", **theirs), backup("c", **mine)))
    assert twin_cell(on.real_server(0, 0).twins).text == "b weight 4 ≠"
    on = Board.of(cluster(master("a", **mine), silent("b"), backup("c", **mine)))
    assert twin_cell(on.real_server(0, 0).twins) == UNKNOWN


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (None, "–"),
        (Share(0.5, None, None, None), "–"),
        (Share(0.5, 0.6, Basis.CONNECTION_RATE, None), "  60/50% ██▍ "),
        (Share(None, 1.0, Basis.CONNECTION_RATE, None), "    100% ████"),
        (Share(0.0, 0.0, Basis.CONNECTION_RATE, None), "    0/0%     "),
        (Share(0.001, 0.002, Basis.CONNECTION_RATE, None), "0.2/0.1%     "),
        (Share(0.0001, 0.0001, Basis.CONNECTION_RATE, None), "<.1/<.1%     "),
    ],
)
def test_share(share: Share | None, text: str) -> None:
    """What it gets and what is due; nothing is made up where one of them is unknown."""
    cell = BY_ID["share"].row(board(virtual_server(WEB, A)).real_server(0, 0), around(share))
    assert cell.text == text
    assert len(cell.text) <= BY_ID["share"].width


def test_sparkline() -> None:
    """0 is the lowest bar, a gap is a blank."""
    assert sparkline(()) == ""
    assert sparkline((0.0, None, 0.0)) == "▁ ▁"
    assert sparkline((None, None)) == "  "
    assert sparkline((0.0, 1.0, 2.0, 4.0, None)) == "▁▃▄▇ "


@FEW
@given(st.floats(-1, 2), st.integers(1, 20))
def test_bar(part: float, width: int) -> None:
    """Always as wide as asked for."""
    assert len(bar(part, width)) == width


def test_scheduling() -> None:
    """Scheduler, flags, persistence with its time where that is known, one-packet."""
    plain = virtual_server(WEB, scheduler="sh", persistent=True, one_packet=True)
    assert scheduling(board(plain).virtual_server(0)) == "sh persistent ops"
    details = {vs_key(WEB): detail(flags=("sh-port",), persistence_seconds=300)}
    known = Board.of(pair((plain,), more={"details": details}))
    assert scheduling(known.virtual_server(0)) == "sh sh-port persistent 300s ops"
    assert scheduling(only_elsewhere().virtual_server(0)) == ""


# which columns


def test_what_only_root_reads_is_left_out_without_privilege() -> None:
    """Columns that would be all – take no room; as long as nobody knows the privilege they stay."""
    plain = unprivileged(master())
    assert lacking([plain, unprivileged(backup())])
    assert not lacking([plain, backup(details={}, privilege=Privilege.ROOT)])
    assert not lacking([silent("a"), silent("b")])
    ids = {column.id for column in choose_columns(250, (), privileged=False, alone=False, name=30)}
    assert ids.isdisjoint(RATES)


def test_columns_go_by_priority() -> None:
    """A narrower screen shows a part of what a wider one shows, in the same order."""
    before: list[str] = []
    for width in range(24, 260, 3):
        now = [column.id for column in choose_columns(width, (), privileged=True, alone=False, name=40)]
        assert set(before) <= set(now)
        assert now == [column.id for column in COLUMNS if column.id in now]
        before = now
    assert before == [column.id for column in COLUMNS if column.automatic]


def test_chosen_columns_come_as_they_were_chosen() -> None:
    """In the operator's order, privileged or not, whatever fits. What there is not is left out."""
    chosen = ("spark", "persistent", "nonsense", "active")
    found = choose_columns(80, chosen, privileged=False, alone=False, name=40)
    assert [column.id for column in found] == ["spark", "persistent", "active"]


def test_nothing_to_choose_from_is_automatic() -> None:
    """Where no chosen column exists the table is not left without any."""
    assert choose_columns(80, ("nonsense",), privileged=True, alone=False, name=40)


def test_alone() -> None:
    """One director is compared with nobody."""
    assert "other" not in [c.id for c in choose_columns(250, (), privileged=True, alone=True, name=40)]


def test_column_ids_are_unique_and_documented() -> None:
    """The settings file names them."""
    assert len(BY_ID) == len(COLUMNS)
    assert all(column.about and column.title for column in COLUMNS)


def test_a_row_painter_without_a_board() -> None:
    """Nothing to paint is an error of the caller's, no empty row."""
    from lvstop.ui.table.order import Wishes

    with pytest.raises(LookupError):
        RowPainter().paint((0, 0), None, Wishes())
