"""Which rows are shown and in which order."""

from dataclasses import replace

import pytest

from lvstop.analysis.board import Board
from lvstop.ui.table.columns import BY_ID, COLUMNS
from lvstop.ui.table.order import SERVER, Arrangement, Wishes
from support.factories import checked, checked_server, virtual_server, vs_key
from support.tables import DNS, MAIL, WEB, board, busy, pair, row_of

A, B, C = "10.1.0.1:80", "10.1.0.2:80", "10.1.0.3:80"
SORTABLE = [column.id for column in COLUMNS if column.sort is not None]


def three() -> Board:
    """Three virtual servers, six real servers, every kind of number."""
    return board(
        virtual_server(WEB, *busy((A, 1, 10), (B, 0, 30), (C, 2, 20)), scheduler="wlc"),
        virtual_server(DNS, *busy(("10.1.0.9:53", 5, 0))),
        virtual_server(MAIL, *busy((A, 3, 7), (B, 3, 7)), scheduler="sh"),
    )


def shown(on: Board, wishes: Wishes) -> list[str]:
    """The lines as words: virtual servers by their key, real servers behind a dot."""
    arrangement = Arrangement()
    arrangement.arrange(on, wishes)
    servers = on.listing.servers
    return [
        str(servers[server].key) if real == SERVER else f".{servers[server].real_servers[real]}"
        for server, real in arrangement.lines
    ]


WHOLE_WEB = [WEB, f".{A}", f".{B}", f".{C}"]
WHOLE_DNS = [DNS, ".10.1.0.9:53"]
WHOLE_MAIL = [MAIL, f".{A}", f".{B}"]


def test_everything_in_the_order_of_addresses() -> None:
    """Without a wish each virtual server is followed by its real servers."""
    assert shown(three(), Wishes()) == [*WHOLE_WEB, *WHOLE_DNS, *WHOLE_MAIL]


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ("10.0.0.2", WHOLE_DNS),
        ("UDP", WHOLE_DNS),
        ("udp:10.0.0.2:53", WHOLE_DNS),
        (":25", WHOLE_MAIL),
        ("sh", WHOLE_MAIL),
        ("SH", WHOLE_MAIL),
        ("10.1.0.2", [WEB, f".{B}", MAIL, f".{B}"]),
        ("10.1.0.2 tcp:10.0.0.1", [WEB, f".{B}"]),
        ("drained", [WEB, f".{B}"]),
        ("drain  10.1", [WEB, f".{B}"]),
        ("wlc", WHOLE_WEB),
        ("wlc 10.1.0.3", [WEB, f".{C}"]),
        ("route", [*WHOLE_WEB, *WHOLE_DNS, *WHOLE_MAIL]),
        ("masq", []),
        ("10.0.0.2 nonsense", []),
        ("   ", [*WHOLE_WEB, *WHOLE_DNS, *WHOLE_MAIL]),
    ],
)
def test_filter(words: str, lines: list[str]) -> None:
    """Every word must be found; a virtual server that matches is shown whole, a real server below its own."""
    assert shown(three(), Wishes(filter=words)) == lines


@pytest.mark.parametrize("text", ["[", "]", "[/x]", "(", "*", "\\", "[red]", "%s", "{}"])
def test_a_filter_is_plain_text(text: str) -> None:
    """No character means anything but itself."""
    assert shown(three(), Wishes(filter=text)) == []


def test_ipv6_is_filtered_as_it_is_shown() -> None:
    """Brackets included."""
    table = board(virtual_server("TCP:[fd00::1]:443", *busy(("[fd00::2]:443", 1, 1))), virtual_server(WEB))
    assert shown(table, Wishes(filter="[fd00::1]:443")) == ["TCP:[fd00::1]:443", ".[fd00::2]:443"]


def states() -> Board:
    """A row that is down and out of the table, one that only the other director has, a virtual server that is empty."""
    mine = (virtual_server(WEB, *busy((A, 1, 1))), virtual_server(DNS), virtual_server(MAIL, *busy((A, 1, 1))))
    theirs = (virtual_server(WEB, *busy((A, 1, 1), (C, 1, 0))), *mine[1:])
    checks = (checked_server(WEB, A, checked(B, alive=False)),)
    return Board.of(pair(mine, theirs, more={"checks": checks}))


@pytest.mark.parametrize(
    ("word", "lines"),
    [
        ("down", [WEB, f".{B}"]),
        ("absent", [WEB, f".{B}", f".{C}"]),
        ("drift", [WEB, f".{C}"]),
        ("empty", [DNS]),
        ("sorry", []),
    ],
)
def test_state_words(word: str, lines: list[str]) -> None:
    """States can be filtered by."""
    assert shown(states(), Wishes(filter=word)) == lines


def test_faults_only() -> None:
    """Rows without any state are hidden, and so are virtual servers that have no such row and no state of their own."""
    assert shown(states(), Wishes(faults_only=True)) == [WEB, f".{B}", f".{C}", DNS]
    assert shown(states(), Wishes(faults_only=True, filter="10.1.0.3")) == [WEB, f".{C}"]
    assert shown(board(virtual_server(WEB, A)), Wishes(faults_only=True)) == []


def test_collapsed() -> None:
    """Only the virtual server is left, also where a filter matches its real servers."""
    folded = frozenset({vs_key(WEB)})
    assert shown(three(), Wishes(collapsed=folded)) == [WEB, *WHOLE_DNS, *WHOLE_MAIL]
    assert shown(three(), Wishes(collapsed=folded, filter="10.1.0.3")) == [WEB]


def test_sorted_by_connections() -> None:
    """Virtual servers by their sums, real servers within them; both directions."""
    downwards = [WEB, f".{B}", f".{C}", f".{A}", *WHOLE_MAIL, *WHOLE_DNS]
    assert shown(three(), Wishes(sort="active")) == downwards
    upwards = [*WHOLE_DNS, *WHOLE_MAIL, WEB, f".{A}", f".{C}", f".{B}"]
    assert shown(three(), Wishes(sort="active", descending=False)) == upwards


@pytest.mark.parametrize("column", SORTABLE)
@pytest.mark.parametrize("descending", [True, False])
def test_every_column_sorts(column: str, descending: bool) -> None:
    """The values of real servers come in order, and each virtual server keeps its own real servers."""
    on, sort = three(), BY_ID[column].sort
    assert sort is not None
    arrangement = Arrangement()
    arrangement.arrange(on, Wishes(sort=column, descending=descending))
    assert sorted(arrangement.lines) == sorted((s, r) for s in range(3) for r in range(-1, (3, 1, 2)[s]))
    for server in range(3):
        keys = on.listing.servers[server].real_servers
        own = [real for at, real in arrangement.lines if at == server]
        assert own[0] == SERVER
        values = [sort(on.row(server, real, 0), on.real_rates(server).get(keys[real])) for real in own[1:]]
        known = [value for value in values if value is not None]
        assert known == sorted(known, reverse=descending)


@pytest.mark.parametrize("column", [column.id for column in COLUMNS if column.sort is None])
def test_columns_without_an_order_leave_it(column: str) -> None:
    """A wish that means nothing changes nothing; neither does a column that there is not."""
    assert shown(three(), Wishes(sort=column)) == shown(three(), Wishes())
    assert shown(three(), Wishes(sort="nonsense")) == shown(three(), Wishes())


@pytest.mark.parametrize("descending", [True, False])
def test_unknown_comes_last(descending: bool) -> None:
    """In both directions: an unknown rate is neither small nor great. That holds for virtual servers too."""
    mine = (virtual_server(WEB, *busy((A, 1, 1), (B, 1, 5))), virtual_server(DNS, *busy((C, 1, 900))))
    snapshot = pair(mine)
    first = snapshot.directors[0]
    assert first.rates is not None
    web, dns = first.rates.items()
    rates = {
        web[0]: replace(
            web[1], real_servers={mine[0].real_servers[1].key: web[1].real_servers[mine[0].real_servers[1].key]}
        )
    }
    on = Board.of(replace(snapshot, directors=(replace(first, rates=rates), snapshot.directors[1])))
    expected = [WEB, f".{B}", f".{A}", DNS, f".{C}"]
    assert shown(on, Wishes(sort="connections", descending=descending)) == expected
    assert dns[0] == vs_key(DNS)


@pytest.mark.parametrize("descending", [True, False])
def test_what_the_leader_does_not_have_comes_last(descending: bool) -> None:
    """A virtual server that only the other director has has no connections that are known; an empty one has 0."""
    mine = (virtual_server(WEB, *busy((A, 1, 3))), virtual_server(MAIL))
    on = Board.of(pair(mine, (*mine, virtual_server(DNS, *busy((B, 1, 9))))))
    order = [WEB, f".{A}", MAIL] if descending else [MAIL, WEB, f".{A}"]
    assert shown(on, Wishes(sort="active", descending=descending)) == [*order, DNS, f".{B}"]


@pytest.mark.parametrize("descending", [True, False])
def test_equals_keep_the_order_of_addresses(descending: bool) -> None:
    """So that rows without traffic do not dance."""
    on = board(*(virtual_server(name, *busy((B, 1, 4), (A, 1, 4))) for name in (MAIL, DNS, WEB)))
    rows = [f".{A}", f".{B}"]
    assert shown(on, Wishes(sort="active", descending=descending)) == [WEB, *rows, DNS, *rows, MAIL, *rows]


def test_arranging_again_is_told_to_be_unnecessary() -> None:
    """The same rows in their usual order are not arranged again; a filter or an order by value may always change."""
    arrangement, first = Arrangement(), three()
    again = Board.of(replace(first.snapshot), first)
    assert arrangement.arrange(first, Wishes())
    assert not arrangement.arrange(again, Wishes())
    for wishes in (Wishes(sort="active"), Wishes(faults_only=True), Wishes(filter="x")):
        assert arrangement.arrange(first, wishes)
        assert arrangement.arrange(again, wishes)


def test_a_filter_finds_what_changed_in_place() -> None:
    """A scheduler can be changed without a row coming or going: the filter goes by the present one."""
    table = virtual_server(WEB, A, scheduler="rr")
    before = Board.of(pair((table,)))
    after = Board.of(pair((replace(table, scheduler="mh"),)), before)
    assert after.listing is before.listing
    arrangement = Arrangement()
    arrangement.arrange(before, Wishes(filter="mh"))
    assert arrangement.lines == []
    arrangement.arrange(after, Wishes(filter="mh"))
    assert arrangement.lines == [(0, SERVER), (0, 0)]


def test_find() -> None:
    """A row's line; None where it is hidden or gone."""
    on, arrangement = three(), Arrangement()
    arrangement.arrange(on, Wishes(sort="active"))
    assert arrangement.find(on, row_of(WEB)) == 0
    assert arrangement.find(on, row_of(WEB, A)) == 3
    assert arrangement.find(on, row_of(WEB, "10.9.9.9:80")) is None
    assert arrangement.find(on, row_of("FWM:7")) is None
    arrangement.arrange(on, Wishes(collapsed=frozenset({vs_key(WEB)})))
    assert arrangement.find(on, row_of(WEB, A)) is None
