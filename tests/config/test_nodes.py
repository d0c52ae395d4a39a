"""YAML that PyYAML itself stumbles over is a mistake in the file like any other."""

import pytest

from lvstop.config.nodes import compose, compose_if_any
from lvstop.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('a: "\\UFFFFFFFF"', "this is not YAML"),
        ('a: "\\U00110000"', "this is not YAML"),
        (f"%YAML 1.{'9' * 5000}\n--- a", "this is not YAML"),
        ("[" * 100_000, "this is nested too deeply"),
        ("a: \x00", "this is not YAML"),
    ],
    ids=["overflow", "beyond unicode", "version", "nesting", "control"],
)
def test_what_cannot_be_composed(text: str, says: str) -> None:
    """Whatever the library raises."""
    with pytest.raises(ConfigError, match=says):
        compose(text, "x.yaml")


def test_nothing_is_told_from_a_null() -> None:
    """An empty file has no node, a file with an empty value has one."""
    assert compose_if_any("# only a comment\n", "x.yaml") is None
    assert compose("~", "x.yaml").is_null
    with pytest.raises(ConfigError, match="the file is empty"):
        compose("", "x.yaml")


def test_entries_take_any_key() -> None:
    """With the lines of the keys; of a doubled one the first counts."""
    node = compose("a: 1\nb:\n  2\na: 3\n[x]: 4\n", "x.yaml")
    entries = node.entries()
    assert entries is not None
    assert {key: (value.text(), line) for key, (value, line) in entries.items()} == {
        "a": ("1", 1),
        "b": ("2", 2),
        "?": ("4", 5),
    }
    assert [str(error) for error in node.complaints.found] == ["x.yaml:4: a: is given twice, first in line 1"]
