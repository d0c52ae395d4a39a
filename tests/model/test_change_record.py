"""Records of changes: written on one machine, read on another, believed only if they are what they should be."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.model.address import Family, Protocol, RealServerKey, VirtualServerKey
from lvstop.model.change import Author, Change, ChangeKind, ChangePhase, Destination, FileChange, Lever, WeightChange
from lvstop.model.change_record import read_change, write_change
from lvstop.model.ipvs import ForwardingMethod, Tunnel, TunnelType
from lvstop.model.record_fields import NAME_LIMIT, REASON_LIMIT, RECORD_LIMIT, ROWS_LIMIT
from support.factories import NOW, later, rs_key, vs_key

printable = st.characters(categories=("L", "N", "P", "S", "Zs"))
names = st.text(printable, min_size=1, max_size=12)
anything = st.text(st.characters(exclude_categories=()), max_size=50)
words = st.text(printable, max_size=20)
uint32 = st.integers(0, 2**32 - 1)
weights = st.integers(0, 2**31 - 1)
int64 = st.integers(-(2**63), 2**63 - 1)
ports = st.integers(0, 65535)
addresses = st.ip_addresses().filter(lambda address: not getattr(address, "scope_id", None))
moments = st.datetimes(timezones=st.just(UTC))
virtual_servers = st.one_of(
    st.builds(
        VirtualServerKey.of_endpoint, st.sampled_from([Protocol.TCP, Protocol.UDP, Protocol.SCTP]), addresses, ports
    ),
    st.builds(VirtualServerKey.of_fwmark, uint32, st.sampled_from([*Family, None])),
)
tunnels = st.builds(
    Tunnel,
    st.sampled_from(TunnelType),
    st.none() | ports,
    st.sampled_from([None, "nocsum", "csum", "remcsum"]),
)
destinations = st.builds(Destination, st.sampled_from(ForwardingMethod), weights, uint32, uint32, st.none() | tunnels)
real_servers = st.builds(RealServerKey, addresses, ports)
rows = st.builds(WeightChange, names, virtual_servers, real_servers, destinations, weights)
files = st.builds(FileChange, names, names, names.map(lambda name: f"/{name}"), int64, int64)
changes = st.builds(
    Change,
    id=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}", fullmatch=True),
    cluster=names,
    kind=st.sampled_from(ChangeKind),
    phase=st.sampled_from(ChangePhase),
    lever=st.sampled_from(Lever),
    weights=st.lists(
        rows, min_size=1, max_size=3, unique_by=lambda row: (row.director, row.virtual_server, row.real_server)
    ).map(tuple),
    files=st.lists(files, max_size=2).map(tuple),
    author=st.builds(Author, words, words),
    at=moments,
    reason=words,
    until=st.none() | moments,
    active_connections=st.none() | st.integers(0, 2**63 - 1),
)

ROW = WeightChange(
    "keepalived1",
    vs_key("TCP:172.26.127.20:445"),
    rs_key("172.26.127.22:445"),
    Destination(ForwardingMethod.TUNNEL, 5, 1000, 500, Tunnel(TunnelType.GUE, 5555, "nocsum")),
    0,
)
CHANGE = Change(
    "20261122-140211-ab12",
    "smb",
    ChangeKind.DRAIN,
    ChangePhase.STANDING,
    Lever.TRACK_FILE,
    (ROW,),
    (FileChange("keepalived1", "drain_rs2", "/run/lvs/rs2", 0, 1),),
    Author("anna", "desk"),
    NOW,
    "kernel update",
    later(3600),
    812,
)


@given(changes)
def test_a_change_is_read_as_it_was_written(change: Change) -> None:
    """Every field, in one line that no shell and no terminal takes for anything but text."""
    text = write_change(change)
    assert text.isascii()
    assert text.isprintable()
    assert text == text.strip()
    assert read_change(text) == change


@given(anything, anything, anything)
def test_words_from_elsewhere_are_harmless(reason: str, user: str, host: str) -> None:
    """What stands in a record may be anything: what is read stays on its line and draws on no terminal."""
    text = write_change(replace(CHANGE, reason=reason, author=Author(user, host)))
    assert text.isascii()
    assert text.isprintable()
    read = read_change(text)
    for shown in (read.reason, read.author.user, read.author.host):
        assert len(shown.encode("utf-8").decode("utf-8").splitlines()) < 2
        assert not any(ord(each) < 0x20 or 0x7F <= ord(each) < 0xA0 or each in "\u202e\u2066" for each in shown)
    assert read_change(write_change(read)) == read


@given(st.text() | st.binary().map(lambda data: data.decode("utf-8", "replace")))
def test_a_text_that_is_no_record_is_refused(text: str) -> None:
    """Nothing but ValueError comes out of what is no record."""
    with pytest.raises(ValueError, match=r"it is|record|author"):
        read_change(text)


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


@given(st.data(), _json)
def test_any_value_in_any_place_is_read_or_refused(data: st.DataObject, value: object) -> None:
    """A record of somebody else's making: what is accepted can be written again and is the same."""
    document = json.loads(write_change(CHANGE))
    place = data.draw(st.sampled_from(_places(document)))
    try:
        read = read_change(json.dumps(_with(document, place, value)))
    except ValueError:
        return
    assert read_change(write_change(read)) == read


@given(st.data())
def test_a_part_of_a_record_is_none(data: st.DataObject) -> None:
    """A full disk leaves half a file."""
    text = write_change(CHANGE)
    with pytest.raises(ValueError, match="not one JSON document"):
        read_change(text[: data.draw(st.integers(0, len(text) - 1))])


def test_what_this_schema_does_not_know_is_passed_over() -> None:
    """A later lvstop may say more."""
    document = json.loads(write_change(CHANGE))
    document["weights"][0]["colour"] = document["more"] = {"a": [1]}
    assert read_change(json.dumps(document)) == CHANGE


Edit = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda record: record.update(schema=2), "not a record of schema 1"),
        (lambda record: record.update(schema=True), "not a record of schema 1"),
        (lambda record: record.pop("schema"), "schema of the record is missing"),
        (lambda record: record.update(id="../etc/shadow"), "id of the record"),
        (lambda record: record.update(id="-rf"), "id of the record"),
        (lambda record: record.update(cluster="a\x1b[2J"), "cluster of the record"),
        (lambda record: record.update(cluster=""), "cluster of the record"),
        (lambda record: record.update(kind="failover"), "none of drain, restore, weight"),
        (lambda record: record.update(at="2026-11-22T14:02:11"), "at of the record"),
        (lambda record: record.update(at="2026-11-31T14:02:11Z"), "at of the record is no moment"),
        (lambda record: record.update(until=7), "until of the record"),
        (lambda record: record.update(author=["anna"]), "author is not a JSON object"),
        (lambda record: record.update(reason="x" * (REASON_LIMIT + 1)), "reason of the record"),
        (lambda record: record.update(active_connections=-1), "active_connections of the record"),
        (lambda record: record.update(weights=[]), "changes no weight"),
        (lambda record: record["weights"].append(record["weights"][0]), "the same weight twice"),
        (lambda record: record.update(weights=[0] * (ROWS_LIMIT + 1)), "no list of up to"),
        (lambda record: record["weights"][0].update(after=True), r"after of weights\[0\] is no number"),
        (lambda record: record["weights"][0].update(after=2**31), r"after of weights\[0\] is no number"),
        (lambda record: record["weights"][0].update(real_server="10.0.0.1:80 -w 7"), r"real_server of weights\[0\]"),
        (lambda record: record["weights"][0].update(real_server="[fe80::1%eth0]:80"), r"real_server of weights\[0\]"),
        (lambda record: record["weights"][0].update(virtual_server="FWM:7"), r"virtual_server of weights\[0\]"),
        (lambda record: record["weights"][0].update(virtual_server="FWM:4294967296:inet"), "no firewall mark"),
        (lambda record: record["weights"][0].update(virtual_server="ICMP:10.0.0.1:80"), "no virtual server"),
        (lambda record: record["weights"][0].update(director="x" * (NAME_LIMIT + 1)), r"director of weights\[0\]"),
        (lambda record: record["weights"][0]["before"].update(forwarding="-m"), "forwarding of before of weights"),
        (lambda record: record["weights"][0]["before"]["tunnel"].update(checksum="csum -w 9"), "checksum of tunnel"),
        (lambda record: record["files"][0].update(path="etc/shadow"), r"path of files\[0\] is not absolute"),
        (lambda record: record["files"][0].update(path="/run/a\nb"), r"path of files\[0\]"),
        (lambda record: record["files"][0].update(after=2**63), r"after of files\[0\]"),
    ],
)
def test_what_no_edit_can_be_made_of_is_refused(edit: Edit, said: str) -> None:
    """A record's words end in commands that root runs: each of them is what it should be, or nothing is read."""
    document = json.loads(write_change(CHANGE))
    edit(document)
    with pytest.raises(ValueError, match=said):
        read_change(json.dumps(document))


@pytest.mark.parametrize("text", ["[" * 100_000, "1" * 5000, " " * (RECORD_LIMIT + 1), "null", "{}", "[]", ""])
def test_huge_and_empty_documents(text: str) -> None:
    """Neither depth nor length does any harm."""
    with pytest.raises(ValueError, match=r"record|document|schema"):
        read_change(text)


def test_what_could_not_be_read_back_is_not_written() -> None:
    """The one who writes it is told, not the one who needs it."""
    with pytest.raises(ValueError, match="reason"):
        write_change(replace(CHANGE, reason="x" * (REASON_LIMIT + 1)))
    with pytest.raises(ValueError, match="id"):
        write_change(replace(CHANGE, id="a b"))


def test_moments_are_written_in_utc() -> None:
    """Two operators in two time zones write the same."""
    text = write_change(CHANGE)
    local = write_change(replace(CHANGE, at=datetime.fromisoformat("2026-11-22T15:02:11+01:00")))
    assert local == text
    assert '"at":"2026-11-22T14:02:11Z"' in text
