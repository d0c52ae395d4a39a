"""Choosing the table's columns."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Label, SelectionList

from lvstop.ui.table.columns import BY_ID, COLUMNS


class ColumnList(SelectionList[str]):
    """Marks what is chosen by a sign: Textual's own list tells it by a colour alone."""

    def render_line(self, y: int) -> Strip:
        """A column, with its mark or a blank in its place."""
        strip, place = super().render_line(y), self.scroll_offset.y + y
        if place >= self.option_count:
            return strip
        left, mark, *rest = strip
        chosen = self.get_option_at_index(place).value in self.selected
        return Strip([left, Segment("✔" if chosen else " ", mark.style), *rest])


class ColumnsScreen(ModalScreen[tuple[str, ...] | None]):
    """A list of columns to mark. The answer are their ids; nothing marked is the automatic choice."""

    HELP = "Mark the columns to show. With none marked there are as many as fit. `columns:` in config.yaml keeps them."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "Show these", tooltip="The marked ones", priority=True, id="columns.take"),
        Binding("escape", "leave", "Leave as it is", tooltip="No other columns", id="columns.leave"),
    ]

    def __init__(self, shown: Sequence[str]) -> None:
        super().__init__()
        self._shown = frozenset(shown)

    def compose(self) -> ComposeResult:
        """All columns, with what they show."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Columns"
            dialog.border_subtitle = "space marks · enter shows · esc leaves · none marked: what fits"
            yield ColumnList(
                *(
                    (
                        Content.assemble((f"{column.title:<10}", "bold"), f" {column.about}"),
                        column.id,
                        column.id in self._shown,
                    )
                    for column in COLUMNS
                ),
                compact=True,
            )
            yield Label(id="about")

    def on_selection_list_selection_highlighted(self, event: SelectionList.SelectionHighlighted[str]) -> None:
        """The whole sentence: a small terminal cuts it in the list."""
        column = BY_ID[event.selection.value]
        self.query_one("#about", Label).update(Content(f"{column.title}: {column.about}"))

    def action_take(self) -> None:
        """The marked ones, in the order of the table."""
        marked = set(self.query_one(SelectionList).selected)
        self.dismiss(tuple(column.id for column in COLUMNS if column.id in marked))

    def action_leave(self) -> None:
        """No change."""
        self.dismiss(None)
