"""Reading the keys of a mapping in a scenario; every mistake is a complaint with its line, and reading goes on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from lvstop.config.nodes import Node

_T = TypeVar("_T")


class Keys:
    """The values of a mapping by key. Unknown keys are complained about at once."""

    def __init__(self, node: Node, allowed: Iterable[str]) -> None:
        self.node = node
        self._found = node.mapping(allowed) or {}

    def __contains__(self, key: str) -> bool:
        return key in self._found

    def child(self, key: str) -> Node | None:
        """The value of a key that may be absent."""
        return self._found.get(key)

    def get(self, key: str, parse: Callable[[str], _T], default: _T) -> _T:
        """A single value, or `default` where it is absent or wrong."""
        node = self._found.get(key)
        value = None if node is None else node.parsed(parse)
        return default if value is None else value

    def maybe(self, key: str, parse: Callable[[str], _T]) -> _T | None:
        """A single value, or None where it is absent or wrong."""
        node = self._found.get(key)
        return None if node is None else node.parsed(parse)

    def need(self, key: str, parse: Callable[[str], _T]) -> _T | None:
        """A single value that has to be there."""
        if key not in self._found:
            self.node.complain(f"{key}: is missing")
        return self.maybe(key, parse)

    def items(self, key: str) -> list[Node]:
        """The values of a list that may be absent."""
        node = self._found.get(key)
        return [] if node is None else node.items() or []

    def list_of(self, key: str, parse: Callable[[str], _T]) -> tuple[_T, ...]:
        """A list of single values."""
        return tuple(value for item in self.items(key) if (value := item.parsed(parse)) is not None)


@dataclass(frozen=True, slots=True)
class Side(Generic[_T]):
    """A value that may differ between directors: one for all, or one for each, in their order."""

    values: tuple[_T, ...]

    def of(self, place: int) -> _T:
        """The value of one director."""
        return self.values[place if len(self.values) > 1 else 0]


def read_side(keys: Keys, key: str, parse: Callable[[str], _T], default: _T, sides: int) -> Side[_T]:
    """A single value, or a list with one for each of `sides` directors."""
    node = keys.child(key)
    if node is None:
        return Side((default,))
    if not node.is_list:
        value = node.parsed(parse)
        return Side((default if value is None else value,))
    found = keys.list_of(key, parse)
    if len(found) != sides:
        node.complain(f"one value, or one for each of the {sides} directors is expected, not {len(found)}")
        return Side((default,))
    return Side(found)
