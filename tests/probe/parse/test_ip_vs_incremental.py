"""Reading the same table again: what did not change stays the same object, and nothing depends on the way there."""

from hypothesis import given, settings
from hypothesis import strategies as st

from lvstop.model.ipvs import VirtualServer
from lvstop.probe.parse import Parsed
from lvstop.probe.parse.ip_vs import TableParser, parse_ip_vs
from support.ip_vs_writer import HEADINGS, tables, virtual_servers, write_destination, write_service, write_table
from support.recordings import recorded

Lines = list[str]


def changes(old: Lines, new: Lines) -> list[int]:
    """As the line delta gives them: differing lines and those that are new."""
    return [index for index, line in enumerate(new) if index >= len(old) or line != old[index]]


def read(parser: TableParser, lines: Lines, changed: list[int] | None = None) -> Parsed[tuple[VirtualServer, ...]]:
    """One update at 250 Hz."""
    return parser.update(lines, changed, hz=250)


def recorded_lines() -> Lines:
    """A real table, without the empty line after its last newline, as the line delta keeps it."""
    return recorded("debian-13", "proc_ip_vs.out").removesuffix("\n").split("\n")


def test_nothing_changed_gives_the_very_same_table() -> None:
    """With and without being told what changed."""
    parser, lines = TableParser(), recorded_lines()
    first = read(parser, lines)
    assert read(parser, lines, []) is first
    assert read(parser, list(lines)).value is first.value
    assert read(parser, lines, list(range(len(lines)))).value is first.value


def test_one_number_changed_touches_one_virtual_server() -> None:
    """All other objects stay, its other real servers too."""
    parser, lines = TableParser(), recorded_lines()
    before = read(parser, lines).value
    index = next(index for index, line in enumerate(lines) if line.startswith("  -> 0A09000C:1F90"))
    lines[index] = "  -> 0A09000C:1F90      Masq    0      7          9         "
    after = read(parser, lines, [index]).value
    assert parse_ip_vs("\n".join([*lines, ""]), hz=250).value == after
    touched = [(old, new) for old, new in zip(before, after, strict=True) if old is not new]
    ((old, new),) = touched
    assert str(new.key) == "TCP:198.51.100.10:80"
    assert [a is b for a, b in zip(old.real_servers, new.real_servers, strict=True)] == [True, False, True]
    assert old.real_servers[1].key is new.real_servers[1].key
    assert (new.real_servers[1].active_connections, new.real_servers[1].inactive_connections) == (7, 9)


def test_a_row_that_came_moves_the_others_and_changes_none() -> None:
    """All indices after it differ; the objects do not."""
    parser, lines = TableParser(), recorded_lines()
    before = read(parser, lines).value
    more = [*lines[:3], "TCP  C633640A:1234 rr  ", *lines[3:]]
    after = read(parser, more, changes(lines, more)).value
    assert [server for server in after if server.key.port != 0x1234] == list(before)
    assert all(any(old is new for new in after) for old in before)


def test_a_virtual_server_line_that_becomes_unreadable_takes_its_real_servers_along() -> None:
    """They do not fall to the virtual server above."""
    parser, lines = TableParser(), recorded_lines()
    read(parser, lines)
    index = next(index for index, line in enumerate(lines) if line.startswith("UDP"))
    lines[index] = "UDP garbled"
    parsed = read(parser, lines, [index])
    assert all(server.key.protocol != "UDP" for server in parsed.value)
    assert [issue.line_number for issue in parsed.issues] == [index + 1, index + 2, index + 3]
    lines[index] = "UDP  C633640A:0035 rr ops  "
    assert read(parser, lines, [index]).issues == ()


def test_another_hz_changes_seconds_only() -> None:
    """It may be found out after the first table."""
    parser, lines = TableParser(), recorded_lines()
    unknown = parser.update(lines, None, hz=None).value
    known = parser.update(lines, [], hz=100).value
    assert {server.persistence_seconds for server in unknown} == {None}
    assert {server.persistence_seconds for server in known} == {None, 50, 360, 3000}
    for old, new in zip(unknown, known, strict=True):
        assert all(a is b for a, b in zip(old.real_servers, new.real_servers, strict=True))


def test_a_name_grown_onto_the_number_is_no_number() -> None:
    """`Masq1` starts like `Masq`."""
    parser, lines = TableParser(), recorded_lines()
    read(parser, lines)
    index = next(index for index, line in enumerate(lines) if "Masq    0 " in line)
    lines[index] = lines[index].replace("Masq    0 ", "Masq0 ")
    assert [issue.line_number for issue in read(parser, lines, [index]).issues] == [index + 1]


_tables_lines = tables.map(lambda table: write_table(table).split("\n"))
_rows = virtual_servers().flatmap(
    lambda server: st.sampled_from([write_service(server), *map(write_destination, server.real_servers)])
)
_odd = st.sampled_from(
    [
        "",
        "rubbish",
        *HEADINGS,
        "FWM  00000007 rr ",
        "FWM  00000007 wlc persistent 6000 40000000",
        "  -> 0A000001:0050      Masq    1      0          0         ",
        "  -> 0A000001:0050      Masq    2      3          4         ",
        "  -> 0A000001:0050      Tunnel  2      3          4         ",
        "  -> 0A000001:0050      Masq    2      3          4",
    ]
)


# a line has no newline in it
_scribbles = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=5)


@st.composite
def edited(draw: st.DrawFn, lines: Lines) -> Lines:
    """Some lines replaced, removed, doubled, swapped or added."""
    new = list(lines)
    for _ in range(draw(st.integers(0, 4))):
        index = draw(st.integers(0, len(new)))
        match draw(st.sampled_from(["insert", "replace", "number", "remove", "double", "swap", "cut"])):
            case "insert":
                new.insert(index, draw(_rows | _odd))
            case "replace" if index < len(new):
                new[index] = draw(_rows | _odd | _scribbles)
            case "number" if index < len(new) and len(new[index].split()) > 3:
                beginning, _, _, _ = new[index].rsplit(None, 3)
                new[index] = f"{beginning} {draw(st.integers(0, 9))}      {draw(st.integers(0, 9))}          1         "
            case "remove" if index < len(new):
                del new[index]
            case "double" if index < len(new):
                new.insert(index, new[index])
            case "swap" if 0 < index < len(new):
                new[index - 1], new[index] = new[index], new[index - 1]
            case "cut" if index < len(new):
                new[index] = new[index][: draw(st.integers(0, 70))]
            case _:
                pass
    return new


@given(data=st.data(), start=_tables_lines)
@settings(deadline=None, max_examples=120)
def test_incremental_is_from_scratch(data: st.DataObject, start: Lines) -> None:
    """After any edits, and however much is said to have changed, issues included."""
    parser = TableParser()
    lines: Lines = []
    for new in [start, *(data.draw(st.just(start) | edited(start)) for _ in range(3))]:
        changed = changes(lines, new)
        told = data.draw(st.sampled_from([changed, None, list(range(len(new)))]))
        parsed = read(parser, new, told)
        assert parsed == parse_ip_vs("\n".join(new), hz=250)
        lines = new


@given(data=st.data(), start=_tables_lines)
@settings(deadline=None, max_examples=40)
def test_equal_virtual_servers_are_identical(data: st.DataObject, start: Lines) -> None:
    """Whatever else changed."""
    parser = TableParser()
    before = read(parser, start).value
    new = data.draw(edited(start))
    after = read(parser, new, changes(start, new)).value
    old = {id(server) for server in before}
    keys = [server.key for server in after]
    for server in after:
        if server in before and keys.count(server.key) == 1:
            assert id(server) in old


def test_an_issue_quotes_the_line_as_it_is_now() -> None:
    """Of a real server that is there twice, when nothing but its numbers changes."""
    parser = TableParser()
    row = "  -> 0A000001:0050      Route   1      0          0         "
    lines = [*HEADINGS, "TCP  0A000000:0050 rr  ", row, row, ""]
    parser.update(lines, None, hz=250)
    lines[5] = row.replace(" 0          0", " 0          7")
    (issue,) = parser.update(lines, [5], hz=250).issues
    assert issue.text == lines[5]
