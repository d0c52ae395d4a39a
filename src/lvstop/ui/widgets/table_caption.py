"""The line below the table: what is shown of it, and what is left out."""

from textual.content import Content
from textual.widgets import Static

from lvstop.ui.table.columns import BY_ID
from lvstop.ui.table.widget import ClusterTable


class TableCaption(Static):
    """Sorting, filters and missing columns, in words. Nothing where everything is shown in its usual order."""

    _told: Content | None = None

    def tell(self, table: ClusterTable) -> None:
        """Say what the table shows now."""
        parts = list(_parts(table))
        self.display = bool(parts)
        text = Content("  ").join(parts)
        if self._told is None or not text.is_same(self._told):
            self._told = text
            self.update(text)


def _parts(table: ClusterTable) -> list[Content]:
    wishes, parts = table.wishes, list[Content]()
    if table.shown_rows < table.all_rows:
        parts.append(Content.styled(f"{table.shown_rows:,} of {table.all_rows:,} lines", "bold $selection-filter"))
    if wishes.filter.strip():
        parts.append(Content.styled(f"filter: {wishes.filter.strip()}  (esc clears)", "$selection-filter"))
    if wishes.faults_only:
        parts.append(Content.styled("faults only (f)", "$selection-filter"))
    if wishes.marked:
        parts.append(Content.styled(f"◆ {len(wishes.marked):,} marked (M clears)", "bold $marked"))
    if wishes.sort is not None:
        direction = "greatest" if wishes.descending else "least"
        parts.append(Content.styled(f"by {BY_ID[wishes.sort].title}, {direction} first", "$muted"))
    if table.follow:
        parts.append(Content.styled("following the cursor's row (t)", "$muted"))
    if table.whose:
        parts.append(Content.styled(table.whose, "$paused-text"))
    if table.lacks:
        parts.append(Content.styled(f"{', '.join(table.lacks)}: only root may read them", "$muted"))
    return parts
