"""What makes a comparison of two pairs honest: nothing unknown passes for something, and nothing known is left out."""

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.embedded import EmbeddedPair
from conformance.player import play, reading
from conformance.sight import GONE, SOME, changes, masked, sight
from conformance.trace import Trace, unlike
from lvstop.model.director import Privilege
from lvstop.model.host import Sysctls
from support.factories import cluster, instance, later, master


def test_a_masked_value_and_none_are_not_the_same() -> None:
    """When something happened is masked; that nobody knows it is not."""
    known = sight(cluster(master(vrrp=(instance("MASTER", last_transition=later(1)),))))
    unknown = sight(cluster(master(vrrp=(instance("MASTER", last_transition=None),))))
    other = sight(cluster(master(vrrp=(instance("MASTER", last_transition=later(2)),))))
    path = "directors/keepalived1/vrrp/SMB/last_transition"
    assert (known[path], unknown[path]) == (SOME, None)
    assert changes(known, other) == {}


def test_zero_none_and_nothing_at_all_are_three_things() -> None:
    """Of a setting of the kernel, and of all of them together."""
    zero = sight(cluster(master(sysctls=Sysctls(sloppy_tcp=0))))
    none = sight(cluster(master(sysctls=Sysctls())))
    nobody = sight(cluster(master(sysctls=None)))
    path = "directors/keepalived1/sysctls"
    assert changes(zero, none) == {f"{path}/sloppy_tcp": None}
    assert changes(none, nobody) == {path: None}
    assert changes(nobody, none)[path] == GONE


def test_an_empty_list_is_known_to_be_empty() -> None:
    """It is not the same as one that could not be read."""
    empty, unknown = (sight(cluster(replace(master(), sync_daemons=known))) for known in ((), None))
    assert changes(empty, unknown) == {"directors/keepalived1/sync_daemons": None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It changed 4 times within 10 min on a.", "It changed 4 times within … on a."),
        ("172.26.127.20:80 has weight 3", "172.26.127.20:80 has weight 3"),
        ("pulled by root@vm at 21:05 UTC", "pulled by … at … UTC"),
        ("10.0.0.1 (127.0.0.1) port 36451 did not accept", "10.0.0.1 did not accept"),
    ],
)
def test_sentences(text: str, expected: str) -> None:
    """Times, people and ports are masked, numbers that mean something are not."""
    assert masked(text) == expected


def test_what_differs_is_said() -> None:
    """With what was seen, and what is on record."""
    assert unlike({"a": 1, "b": None}, {"a": 2, "b": None}) == "  a: 2, on record 1"


def test_another_pair_is_found_out(tmp_path: Path) -> None:
    """One of another version does not pass for that of the trace."""
    pair = EmbeddedPair("2.1.5", tmp_path)
    with pytest.raises(AssertionError, match=r"keepalived1/keepalived/version: '2\.1\.5', on record '2\.2\.7'"):
        pair.run(play(pair, reading(Privilege.ROOT), Trace("bookworm"), record=False))
