"""Where a director is, as people type it."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.config.target import Target, parse_target


@pytest.mark.parametrize(
    ("text", "target", "shown"),
    [
        ("lb1", Target("lb1"), "lb1"),
        ("ops@lb1", Target("lb1", "ops"), "ops@lb1"),
        ("ops@lb1:2222", Target("lb1", "ops", 2222), "ops@lb1:2222"),
        ("192.0.2.1:22", Target("192.0.2.1", None, 22), "192.0.2.1:22"),
        ("fd00::1", Target("fd00::1"), "fd00::1"),
        ("ops@[fd00::1]:22", Target("fd00::1", "ops", 22), "ops@[fd00::1]:22"),
        ("[fd00::1]", Target("fd00::1"), "fd00::1"),
        ("local", Target("local"), "local"),
        ("fe80::1%eth0", Target("fe80::1%eth0"), "fe80::1%eth0"),
        ("ssh://ops@lb1:2222/", Target("lb1", "ops", 2222), "ops@lb1:2222"),
        ("anna@corp.example@lb1", Target("lb1", "anna@corp.example"), "anna@corp.example@lb1"),
    ],
)
def test_what_is_typed(text: str, target: Target, shown: str) -> None:
    """Host, user and port; it reads back as it is shown."""
    assert parse_target(text) == target
    assert str(target) == shown
    assert parse_target(shown) == target


INCOMPLETE = ("", "@lb1", "ops@", "lb1:", "[fd00::1", "[fd00::1]22", "[fd00::1]:", "[lb1]:22", "fd00::1::2")
ODD = (
    "lb1:0",
    "lb1:65536",
    "lb1:ssh",
    "a b",
    "-oProxyCommand=x",
    "ops;ls@lb1",
    "ops@local",
    "local:22",
    "lb1/x",
    "lb1\nlb2",
)


@pytest.mark.parametrize("text", [*INCOMPLETE, *ODD])
def test_what_is_no_place(text: str) -> None:
    """A sentence, and nothing that could be taken for an option or a command."""
    with pytest.raises(ValueError, match=r".+"):
        parse_target(text)


@given(st.text(alphabet="ab1:@[]%.-/ é", max_size=20))
def test_anything_is_a_target_or_a_sentence(text: str) -> None:
    """Never anything else."""
    with suppress(ValueError):
        target = parse_target(text)
        assert parse_target(str(target)) == target
