"""The line of keys at the bottom."""

from collections.abc import Collection

from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Footer

SPARE = frozenset({"open", "sort_by(1)", "faults", "pause", "restore", "connections", "quit"})
"""Actions of screens with many keys which a narrow terminal has no room for; help has them all."""

_LEAST = frozenset({"quit", "connections"})
"""Those of them which only a wide wall has room for."""


class KeyBar(Footer):
    """The keys of the screen, as many as there is room for; those that are found by themselves go first."""

    def __init__(self, spare: Collection[str] = ()) -> None:
        super().__init__(compact=True, show_command_palette=False)
        self._spare = frozenset(spare)

    def compose(self) -> ComposeResult:
        """As Textual makes them, with a class for those that may go."""
        for key in super().compose():
            if isinstance(key, Widget):
                action = getattr(key, "action", "")
                key.set_class(action in self._spare, "-spare")
                key.set_class(action in self._spare & _LEAST, "-least")
            yield key
