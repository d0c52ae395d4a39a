"""The table's styles, by meaning, from the theme."""

from rich.style import Style
from textual.scroll_view import ScrollView

from lvstop.ui.table.cells import Slot
from lvstop.ui.table.painter import Palette

_PARTS = ("header", "sorted", "cursor", "blurred", "changed", "past")
COMPONENTS = {f"table--{name}" for name in (*Slot, *_PARTS)}


def read_palette(table: ScrollView) -> Palette:
    """The styles that TCSS gives to the component classes `table--…`."""

    def part(name: str) -> Style:
        return table.get_component_rich_style(f"table--{name}", partial=True)

    parts = {name: part(name) for name in _PARTS}
    return Palette(base=table.rich_style, slots={slot: part(slot) for slot in Slot}, **parts)
