"""Records of changes and failovers as the program on a director tells them."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from lvstop.model.change_record import write_change
from lvstop.model.failover_record import write_record
from lvstop.probe.parse.records import Records, parse_records
from support.change_factories import change
from support.factories import later
from support.failover_factories import failover

OLD, NEW = change(id="b-old"), change(id="a-new", at=later(60))


def test_records_come_in_the_order_of_time() -> None:
    """A line each; empty lines stand between them where files end with a newline of their own."""
    parsed = parse_records(f"{write_change(NEW)}\n\n{write_change(OLD)}\n\n")
    assert parsed.value == Records((OLD, NEW))
    assert parsed.issues == ()


def test_failovers_stand_beside_changes() -> None:
    """They are kept in the same folder."""
    first, second = failover(id="z-first", at=OLD.at), failover(id="a-second", at=NEW.at)
    text = "\n".join(write_record(each) for each in (second, NEW, OLD, first))
    assert parse_records(text).value == Records((OLD, NEW), (first, second))


def test_no_record_is_an_answer() -> None:
    """Nothing was changed, or everything was restored."""
    parsed = parse_records("")
    assert parsed.value == Records()
    assert parsed.issues == ()


def test_what_is_no_record_is_reported_and_spoils_no_other() -> None:
    """What the program says of a file that it does not believe, half a record, a record of a later schema."""
    later_schema = write_change(OLD).replace('"schema":1', '"schema":2')
    text = "\n".join(["/x/a.json is not a plain file: 1000", write_change(OLD)[:-9], later_schema, write_change(NEW)])
    parsed = parse_records(text)
    assert parsed.value == Records((NEW,))
    assert [(issue.line_number, issue.reason) for issue in parsed.issues] == [
        (1, "it is not one JSON document"),
        (2, "it is not one JSON document"),
        (3, "it is not a record of schema 1"),
    ]


def test_two_records_with_one_id() -> None:
    """The first counts, and the second is told."""
    parsed = parse_records(f"{write_change(OLD)}\n{write_change(replace(OLD, reason='another'))}\n")
    assert parsed.value == Records((OLD,))
    assert [issue.line_number for issue in parsed.issues] == [2]


@given(st.text() | st.binary().map(lambda data: data.decode("utf-8", "replace")))
def test_never_raises(text: str) -> None:
    """Every line that is not empty is a record or an issue."""
    parsed = parse_records(text)
    assert len(parsed.issues) == sum(bool(line.strip()) for line in text.split("\n"))
