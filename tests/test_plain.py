"""What comes from a director is shown and never obeyed by the operator's terminal."""

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from hypothesis import given
from hypothesis import strategies as st

from lvstop.model.director import Fault, FaultKind
from lvstop.plain import plain, plain_values
from lvstop.probe import lanes
from lvstop.probe.parse.addresses import parse_ip_addr_json
from lvstop.probe.parse.keepalived_json import parse_keepalived_json
from lvstop.transport.base import Reply, Section, SectionMode

EVIL = "SMB\x1b[2J\x1b]52;c;aGk=\x07\x9b31m\u202e"


def texts(value: object) -> Iterator[str]:
    """Every text in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from texts(getattr(value, field.name))
    elif isinstance(value, tuple | list | frozenset):
        for each in value:
            yield from texts(each)
    elif isinstance(value, dict):
        for item in value.items():
            yield from texts(item)


def obeyed(text: str) -> bool:
    """Whether a terminal would do something with it; format characters are only those that turn the direction."""
    return any((unicodedata.category(each) == "Cc" and each not in "\n\t") or each in "\u202e\u2066" for each in text)


@given(st.text())
def test_nothing_is_obeyed_and_nothing_else_is_changed(text: str) -> None:
    """Length and all other characters stay; doing it twice changes nothing more."""
    shown = plain(text)
    assert not obeyed(shown)
    assert len(shown) == len(text)
    assert all(new == old or new == "\ufffd" for new, old in zip(shown, text, strict=True))
    assert plain(shown) == shown


def test_json_spells_control_characters_out() -> None:
    """Names, interfaces and lists of addresses from keepalived's and ip's JSON."""
    data = {"iname": EVIL, "ifp_ifname": EVIL, "vips": [f"10.0.0.1/24 dev {EVIL}"], "state": 2}
    vrrp = parse_keepalived_json(json.dumps([{"data": data, "stats": {}}]))
    links = parse_ip_addr_json(
        json.dumps([{"ifname": EVIL, "addr_info": [{"family": "inet", "local": "10.0.0.1", "prefixlen": 24}]}])
    )
    found = [*texts(vrrp), *texts(links)]
    assert any("SMB" in text for text in found)
    assert [text for text in found if obeyed(text)] == []
    assert plain_values({"deep": [["\x1b"], 7, None]}) == {"deep": [["\ufffd"], 7, None]}


def test_sections_and_faults_are_plain() -> None:
    """What a command printed, what it complained of, and what a server said when it closed the connection."""
    body = EVIL.encode()
    good = Reply((Section("release", SectionMode.FULL, 0, body),), 0.0, 0)
    bad = Reply((Section("release", SectionMode.FULL, 1, body),), 0.0, 0)
    assert not obeyed(lanes.section_text(good, "release") or "")
    assert not obeyed(lanes.section_error(bad, "release"))
    assert not obeyed(Fault(FaultKind.DISCONNECTED, EVIL).summary)
