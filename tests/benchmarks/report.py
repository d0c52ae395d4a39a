"""What a benchmark says: rows, and the table that they make."""

from collections.abc import Sequence
from dataclasses import dataclass

_HEAD = ("what", "value", "floor of the same run", "ratio", "budget", "verdict")


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement.

    Attributes:
        what: the work, and its size.
        value: what it cost, in `unit`; None where it could not be measured.
        floor: what `floor_name` cost, in the same unit.
        budget: the highest ratio that is good enough; None for a row that only informs.
        limit: what the ratio is bound by: the reason of a miss.
        note: said beside the verdict.
        skipped: why it could not be measured.
    """

    what: str
    unit: str = ""
    value: float | None = None
    floor: float | None = None
    floor_name: str = ""
    budget: float | None = None
    limit: str = ""
    note: str = ""
    skipped: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times the floor; None where either was not measured."""
        return self.value / self.floor if self.value is not None and self.floor else None

    @property
    def verdict(self) -> str:
        """`met`, `missed: why`, `skipped: why`, or `informational`."""
        if self.ratio is None:
            return f"skipped: {self.skipped}"
        told = f" ({self.note})" if self.note else ""
        if self.budget is None:
            return f"informational{told}"
        return f"met{told}" if self.ratio <= self.budget else f"missed: {self.limit or 'it costs too much'}{told}"

    def cells(self) -> tuple[str, ...]:
        """The row as the table shows it."""
        floor = "" if self.floor is None else f"{_number(self.floor)} {self.unit} {self.floor_name}"
        return (
            self.what,
            "" if self.value is None else f"{_number(self.value)} {self.unit}",
            floor,
            "" if self.ratio is None else f"{_number(self.ratio)} ×",
            "" if self.budget is None else f"≤ {self.budget:g} ×",
            self.verdict,
        )


def table(rows: Sequence[Row]) -> str:
    """All rows, in columns."""
    cells = [_HEAD, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    lines.insert(1, "  ".join("-" * width for width in widths[:-1]) + "  -------")
    return "\n".join(lines)


def _number(value: float) -> str:
    """Three digits that mean something."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.4f}"
