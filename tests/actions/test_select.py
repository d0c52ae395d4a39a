"""Rows by what an operator types, and what is said where there are none."""

from dataclasses import replace

import pytest

from lvstop.actions.plan import Objection
from lvstop.actions.select import find_rows
from lvstop.model.change import Change
from support.change_factories import change, weights
from support.factories import silent, virtual_server
from support.planned import lead, of, pair, stand_by

TABLE = (
    virtual_server("TCP:10.0.0.1:80", "10.0.0.11:80", "10.0.0.12:80"),
    virtual_server("TCP:10.0.0.1:443", "10.0.0.11:443", "10.0.0.12:443"),
    virtual_server("UDP:10.0.0.1:80", "10.0.0.11:80"),
    virtual_server("TCP:[2001:db8::10]:80", "[fd00::1]:80"),
    virtual_server("SCTP:[2001:db8::10]:443", "[fd00::1]:443"),
    virtual_server("FWM:7", "10.0.0.11:0"),
    virtual_server("FWM:7:inet6", "[fd00::1]:0"),
)


def found(text: str, service: str | None = None) -> list[str]:
    """The rows as `REAL_SERVER of VIRTUAL_SERVER`."""
    rows = find_rows(pair(TABLE), text, service)
    assert not isinstance(rows, Objection), rows.sentence
    return [f"{real} of {virtual}" for virtual, real in rows]


def nothing(text: str, service: str | None = None) -> str:
    """What is said of a text that means nothing."""
    answer = find_rows(pair(TABLE), text, service)
    assert isinstance(answer, Objection)
    assert (answer.code, answer.overridable) == ("no-such-row", False)
    return answer.sentence


@pytest.mark.parametrize(
    ("text", "service", "expected"),
    [
        ("10.0.0.12", None, ["10.0.0.12:80 of TCP:10.0.0.1:80", "10.0.0.12:443 of TCP:10.0.0.1:443"]),
        ("10.0.0.12:443", None, ["10.0.0.12:443 of TCP:10.0.0.1:443"]),
        ("10.0.0.11:80", "UDP:10.0.0.1:80", ["10.0.0.11:80 of UDP:10.0.0.1:80"]),
        ("10.0.0.11:80", "udp:10.0.0.1:80", ["10.0.0.11:80 of UDP:10.0.0.1:80"]),
        ("10.0.0.11", "FWM:7", ["10.0.0.11:0 of FWM:7"]),
        ("10.0.0.11:0", "FWM:7:inet", ["10.0.0.11:0 of FWM:7"]),
        ("fd00::1", "TCP:[2001:db8::10]:80", ["[fd00::1]:80 of TCP:[2001:db8::10]:80"]),
        ("fd00:0::1", "FWM:7:inet6", ["[fd00::1]:0 of FWM:7:inet6"]),
        ("[fd00::1]:443", None, ["[fd00::1]:443 of SCTP:[2001:db8::10]:443"]),
        ("[fd00::1]", "FWM:7:inet6", ["[fd00::1]:0 of FWM:7:inet6"]),
    ],
)
def test_what_is_meant(text: str, service: str | None, expected: list[str]) -> None:
    """As the command line writes real and virtual servers."""
    assert found(text, service) == expected


@pytest.mark.parametrize("text", ["web1", "10.0.0.11:", "10.0.0.11:99999", "10.0.0", "[10.0.0.11]", "", "fd00::1]:80"])
def test_what_is_no_address(text: str) -> None:
    """Names are not resolved: which address they have where is anybody's guess."""
    assert "is not the address of a real server" in nothing(text)


@pytest.mark.parametrize(
    "service", ["10.0.0.1:80", "TCP:10.0.0.1", "FWM:x", "FWM:4294967296", "FWM:7:ipv6", "HTTP:1", ""]
)
def test_what_is_no_virtual_server(service: str) -> None:
    """It says how one is written."""
    assert "is not a virtual server (e.g. TCP:10.0.0.1:80" in nothing("10.0.0.11", service)


def test_the_nearest_are_named() -> None:
    """By address where no port was given, and by both where one was."""
    assert nothing("10.0.0.13").endswith(
        "has a real server 10.0.0.13. The nearest are 10.0.0.12, 10.0.0.11 and fd00::1."
    )
    assert "The nearest are 10.0.0.11:443, 10.0.0.12:443" in nothing("10.0.0.11:444")


def test_a_real_server_of_others() -> None:
    """Those that have it are named."""
    sentence = nothing("10.0.0.12:80", "UDP:10.0.0.1:80")
    assert sentence == "10.0.0.12:80 is not a real server of UDP:10.0.0.1:80; it is one of TCP:10.0.0.1:80."


def test_the_union_of_all_directors() -> None:
    """A row that one director alone has is a row."""
    lone = virtual_server("TCP:10.0.0.9:80", "10.0.0.99:80")
    snapshot = of(lead(TABLE), stand_by((*TABLE, lone)))
    rows = find_rows(snapshot, "10.0.0.99", None)
    assert not isinstance(rows, Objection)
    assert len(rows) == 1


def test_the_family_of_a_mark_is_told_by_whoever_knows_it() -> None:
    """On one director the firewall mark has no real server, so that its family does not show there."""
    snapshot = of(lead((virtual_server("FWM:7:?"),)), stand_by((virtual_server("FWM:7:inet6", "[fd00::1]:0"),)))
    rows = find_rows(snapshot, "fd00::1", "FWM:7:inet6")
    assert not isinstance(rows, Objection)
    assert [str(row[0]) for row in rows] == ["FWM:7:inet6"]


def standing() -> Change:
    """A drain of a real server that no director has any more."""
    return change(*weights("TCP:10.0.0.1:80", "10.0.0.99:80"))


def test_drained_rows_that_left_the_tables_are_found() -> None:
    """Their drain can still be ended."""
    rows = find_rows(pair(TABLE, changes=[standing()]), "10.0.0.99", None)
    assert not isinstance(rows, Objection)
    assert [str(row[1]) for row in rows] == ["10.0.0.99:80"]


def test_nobody_answers() -> None:
    """Then nothing can be said of any real server."""
    answer = find_rows(of(silent("keepalived1"), silent()), "10.0.0.11", None)
    assert isinstance(answer, Objection)
    assert answer.code == "director-missing"
    assert "is not known" in answer.sentence


def test_one_director_is_silent() -> None:
    """What it has is not known, and that is said."""
    answer = find_rows(of(lead(TABLE), silent()), "10.0.0.98", None)
    assert isinstance(answer, Objection)
    assert answer.sentence.startswith("No director of smb that answers has a real server 10.0.0.98.")


def test_an_empty_cluster() -> None:
    """There is nothing near to be named."""
    empty = of(replace(lead(()), checks=()), replace(stand_by(()), checks=()))
    answer = find_rows(empty, "10.0.0.11", None)
    assert isinstance(answer, Objection)
    assert answer.sentence == "No director of smb has a real server 10.0.0.11."


def test_rows_come_in_the_order_of_the_table() -> None:
    """By address, firewall marks last."""
    assert [line.split(" of ")[1] for line in found("10.0.0.11")] == [
        "TCP:10.0.0.1:80",
        "UDP:10.0.0.1:80",
        "TCP:10.0.0.1:443",
        "FWM:7",
    ]
