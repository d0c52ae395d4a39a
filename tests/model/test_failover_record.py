"""Records of failovers: believed only if a lever can be made of them."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.model.change import Author, FileChange
from lvstop.model.change_record import write_change
from lvstop.model.failover import Failover, FailoverLever, FailoverPhase, LeverStep, PriorityChange, ServiceChange
from lvstop.model.failover_record import read_failover, read_record, write_failover, write_record
from lvstop.model.record_fields import REASON_LIMIT, RECORD_LIMIT, ROWS_LIMIT
from support.change_factories import change
from support.failover_factories import failover

SOURCE, TARGET = "keepalived1", "keepalived2"

printable = st.characters(categories=("L", "N", "P", "S", "Zs"))
names = st.text(printable, min_size=1, max_size=12)
instances = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=12)
paths = names.map(lambda name: f"/{name}")
words = st.text(printable, max_size=20)
anything = st.text(st.characters(exclude_categories=()), max_size=50)
int64 = st.integers(-(2**63), 2**63 - 1)
priorities = st.integers(1, 255)
directors = st.sampled_from([SOURCE, TARGET])
files = st.builds(FileChange, directors, names, paths, int64, int64)
steps: dict[FailoverLever, st.SearchStrategy[LeverStep]] = {
    FailoverLever.TRACK_FILE: files,
    FailoverLever.FAULT: files,
    FailoverLever.PRIORITY: st.builds(PriorityChange, directors, paths, instances, priorities, priorities),
    FailoverLever.STOP: st.builds(
        ServiceChange, directors, st.from_regex(r"[A-Za-z0-9_@:.][A-Za-z0-9_@:.-]{0,20}", fullmatch=True)
    ),
}


def _place(step: LeverStep) -> tuple[str, ...]:
    if isinstance(step, ServiceChange):
        return step.director, step.unit
    return step.director, step.path, *((step.instance,) if isinstance(step, PriorityChange) else ())


@st.composite
def failovers(draw: st.DrawFn) -> Failover:
    """Any that makes sense."""
    lever = draw(st.sampled_from(FailoverLever))
    return Failover(
        id=draw(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}", fullmatch=True)),
        cluster=draw(names),
        phase=draw(st.sampled_from(FailoverPhase)),
        lever=lever,
        source=SOURCE,
        target=TARGET,
        instances=tuple(draw(st.lists(names, min_size=1, max_size=3, unique=True))),
        vips=tuple(draw(st.lists(st.ip_addresses().filter(lambda each: not getattr(each, "scope_id", None))))),
        steps=tuple(draw(st.lists(steps[lever], min_size=1, max_size=3, unique_by=_place))),
        author=Author(draw(words), draw(words)),
        at=draw(st.datetimes(timezones=st.just(UTC))),
        reason=draw(words),
        returns=draw(st.sampled_from([None, False, True])),
    )


@given(failovers())
def test_a_failover_is_read_as_it_was_written(made: Failover) -> None:
    """Every field, in one line that no shell and no terminal takes for anything but text; by either reader."""
    text = write_record(made)
    assert text.isascii()
    assert text.isprintable()
    assert text == text.strip()
    assert read_record(text) == read_failover(text) == made


def test_the_kind_tells_changes_and_failovers_apart() -> None:
    """Both lie in the same folders."""
    assert read_record(write_record(change())) == change()
    assert read_record(write_record(failover())) == failover()
    assert write_record(change()) == write_change(change())
    with pytest.raises(ValueError, match="not the record of a failover"):
        read_failover(write_change(change()))


@given(anything, anything, anything)
def test_words_from_elsewhere_are_harmless(reason: str, user: str, host: str) -> None:
    """What is read stays on its line and draws on no terminal."""
    text = write_failover(replace(failover(), reason=reason, author=Author(user, host)))
    assert text.isprintable()
    read = read_failover(text)
    for shown in (read.reason, read.author.user, read.author.host):
        assert len(shown.splitlines()) < 2
        assert not any(ord(each) < 0x20 or 0x7F <= ord(each) < 0xA0 or each in "\u202e\u2066" for each in shown)
    assert read_failover(write_failover(read)) == read


@given(st.text() | st.binary().map(lambda data: data.decode("utf-8", "replace")))
def test_a_text_that_is_no_record_is_refused(text: str) -> None:
    """Nothing but ValueError comes out of what is no record."""
    with pytest.raises(ValueError, match=r"it is|record|author"):
        read_record(text)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _places(value: object, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [at, *(place for key, each in inner for place in _places(each, (*at, key)))]


def _with(value: object, place: tuple[str | int, ...], new: object) -> object:
    """`value` with something else at `place`."""
    if not place:
        return new
    if isinstance(value, dict):
        return {key: _with(each, place[1:], new) if key == place[0] else each for key, each in value.items()}
    assert isinstance(value, list)
    return [_with(each, place[1:], new) if index == place[0] else each for index, each in enumerate(value)]


@given(st.data(), failovers(), _json)
def test_any_value_in_any_place_is_read_or_refused(data: st.DataObject, made: Failover, value: object) -> None:
    """A record of somebody else's making: what is accepted can be written again and is the same."""
    document = json.loads(write_failover(made))
    place = data.draw(st.sampled_from(_places(document)))
    try:
        read = read_record(json.dumps(_with(document, place, value)))
    except ValueError:
        return
    assert read_record(write_record(read)) == read


@given(st.data())
def test_a_part_of_a_record_is_none(data: st.DataObject) -> None:
    """A full disk leaves half a file."""
    text = write_failover(failover())
    with pytest.raises(ValueError, match="not one JSON document"):
        read_record(text[: data.draw(st.integers(0, len(text) - 1))])


def test_what_this_schema_does_not_know_is_passed_over() -> None:
    """A later lvstop may say more."""
    document = json.loads(write_failover(failover()))
    document["steps"][0]["colour"] = document["more"] = {"a": [1]}
    assert read_record(json.dumps(document)) == failover()


Edit = Callable[[dict[str, Any]], object]
SERVICE = {"kind": "service", "director": SOURCE, "unit": "keepalived.service"}
PRIORITY = {
    "kind": "priority",
    "director": SOURCE,
    "path": "/etc/keepalived/keepalived.conf",
    "instance": "SMB",
    "before": 150,
    "after": 90,
}


def stopped(**more: object) -> Edit:
    """The service is the lever, with something else in its step."""
    return lambda record: record.update(lever="stop", steps=[{**SERVICE, **more}])


def lowered(**more: object) -> Edit:
    """The priority is the lever, with something else in its step."""
    return lambda record: record.update(lever="priority", steps=[{**PRIORITY, **more}])


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda record: record.update(schema=2), "not a record of schema 1"),
        (lambda record: record.update(kind="Failover"), "none of drain, restore, weight"),
        (lambda record: record.update(id="../etc/shadow"), "id of the record"),
        (lambda record: record.update(phase="standing"), "none of pending, held"),
        (lambda record: record.update(lever="kill"), "none of track-file, priority, fault, stop"),
        (lambda record: record.update(source=""), "source of the record"),
        (lambda record: record.update(target=SOURCE), "its source is its target"),
        (lambda record: record.update(instances=[]), "it moves no instance"),
        (lambda record: record.update(instances=["A", "A"]), "the same name twice"),
        (lambda record: record.update(instances=["A\x1b[2J"]), "instances of the record"),
        (lambda record: record.update(instances="SMB"), "no list of up to"),
        (lambda record: record.update(vips=["fe80::1%eth0"]), "no list of addresses"),
        (lambda record: record.update(vips=["172.26.127.300"]), "no list of addresses"),
        (lambda record: record.update(vips=["10.0.0.1"] * (ROWS_LIMIT + 1)), "no list of up to"),
        (lambda record: record.update(steps=[]), "pulls no lever"),
        (lambda record: record["steps"].append(record["steps"][0]), "the same twice"),
        (lambda record: record["steps"][0].update(director="keepalived3"), "on a third director"),
        (lambda record: record["steps"][0].update(kind="shell"), "none of file, priority, service"),
        (lambda record: record["steps"][0].update(path="etc/shadow"), r"path of steps\[0\] is not absolute"),
        (lambda record: record["steps"][0].update(after=2**63), r"after of steps\[0\]"),
        (lambda record: record.update(steps=[SERVICE]), "does not belong to the lever track-file"),
        (stopped(unit="-H evil"), r"unit of steps\[0\]"),
        (stopped(unit="-Hevil"), r"unit of steps\[0\]"),
        (stopped(unit="a b.service"), r"unit of steps\[0\]"),
        (stopped(unit="../x"), r"unit of steps\[0\]"),
        (stopped(unit=""), r"unit of steps\[0\]"),
        (lowered(before=0), r"before of steps\[0\] is no number of 1 to 255"),
        (lowered(after=256), r"after of steps\[0\] is no number of 1 to 255"),
        (lowered(after=True), r"after of steps\[0\]"),
        (lowered(instance="SMB 1 2 /etc/x"), r"instance of steps\[0\]"),
        (lowered(path="keepalived.conf"), r"path of steps\[0\] is not absolute"),
        (lambda record: record.update(reason="x" * (REASON_LIMIT + 1)), "reason of the record"),
        (lambda record: record.update(returns="yes"), "returns of the record is neither true, false nor null"),
        (lambda record: record.update(at="2026-11-31T14:02:11Z"), "at of the record is no moment"),
        (lambda record: record.pop("author"), "author of the record is missing"),
    ],
)
def test_what_no_lever_can_be_made_of_is_refused(edit: Edit, said: str) -> None:
    """A record's words end in commands that root runs: each of them is what it should be, or nothing is read."""
    document = json.loads(write_failover(failover()))
    edit(document)
    with pytest.raises(ValueError, match=said):
        read_record(json.dumps(document))


@pytest.mark.parametrize("edit", [stopped(), lowered()])
def test_the_edits_above_are_refused_for_what_they_change(edit: Edit) -> None:
    """Without it they are read."""
    document = json.loads(write_failover(failover()))
    edit(document)
    assert isinstance(read_record(json.dumps(document)), Failover)


@pytest.mark.parametrize("text", ["[" * 100_000, "1" * 5000, " " * (RECORD_LIMIT + 1), "null", "{}", "[]", ""])
def test_huge_and_empty_documents(text: str) -> None:
    """Neither depth nor length does any harm."""
    with pytest.raises(ValueError, match=r"record|document|schema"):
        read_record(text)


def test_what_could_not_be_read_back_is_not_written() -> None:
    """The one who writes it is told, not the one who needs it."""
    with pytest.raises(ValueError, match="target"):
        write_record(replace(failover(), target=SOURCE))
