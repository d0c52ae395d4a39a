"""A line chart over time: values against the last minutes, with gaps where nobody could tell."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from lvstop.analysis.series import Series
from lvstop.ui.chart.axes import Unit, ValueAxis, time_ticks, value_axis
from lvstop.ui.chart.curve import extents
from lvstop.ui.chart.dots import ACROSS, Canvas, row_of, sample

MOST_LINES = 4
_AROUND = 2
"""Rows below the curves: the time axis and its labels."""
_CURVE = 4
"""Rows that a legend leaves to the curves, where it takes more than a line."""


@dataclass(frozen=True, slots=True, eq=False)
class ChartLine:
    """One curve and its name in the legend."""

    name: str
    series: Series


class Chart(Widget):
    """Up to four curves, told apart by pattern and colour, on axes that start at 0."""

    COMPONENT_CLASSES = {"chart--title", "chart--axis", *(f"chart--line-{number}" for number in range(1, 5))}  # noqa: RUF012

    def __init__(self, title: str, unit: Unit, *, id: str | None = None) -> None:  # noqa: A002 - as Textual calls it
        super().__init__(id=id)
        self._title = title
        self._unit = unit
        self._lines: Sequence[ChartLine] = ()
        self._now = 0.0
        self._span = 60.0
        self._empty = ""
        self._strips: list[Strip] | None = None
        self._styles: dict[str, Style] = {}

    def show(self, lines: Sequence[ChartLine], *, now: float, span: float, empty: str = "") -> None:
        """Show the last `span` seconds before `now` (POSIX). `empty` is said where nothing is known of any line."""
        self._lines, self._now, self._span, self._empty = lines[:MOST_LINES], now, span, empty
        self._redraw()

    def on_resize(self, _event: events.Resize) -> None:
        """Another size: other columns, other ticks."""
        self._redraw()

    def notify_style_update(self) -> None:
        """Another theme."""
        super().notify_style_update()
        self._strips = None
        self._styles = {}

    def render_line(self, y: int) -> Strip:
        """One row."""
        if self._strips is None:
            self._strips = self._drawn()
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width, self.rich_style)

    def _redraw(self) -> None:
        """Most seconds the curves move by less than a dot: what looks the same is not painted again."""
        drawn = self._drawn() if self.display and self.size.area else None
        if drawn != self._strips:
            self._strips = drawn
            self.refresh()

    def _drawn(self) -> list[Strip]:
        width, height = self.size
        legend = self._legend(max(1, height - _AROUND - _CURVE))
        rows = height - _AROUND - len(legend)
        if rows < 1 or width < 12:
            return []
        span = self._span
        axis, label = self._axis(rows)
        across = width - label - 1
        curves = [extents(line.series.points, now=self._now, span=span, count=across * ACROSS) for line in self._lines]
        canvas = Canvas(across, rows)
        factor = self._unit.factor
        # the first line is drawn last: where curves meet, it is the one to be seen
        for number in reversed(range(len(curves))):
            canvas.draw(curves[number], axis.top / factor, number)
        labels = {row_of(tick, axis.top, rows): self._unit.label(tick) for tick in axis.ticks}
        plain = self._part("axis")
        strips = legend
        nothing = not any(extent is not None for curve in curves for extent in curve)
        for row, pieces in enumerate(canvas.rows()):
            margin = Segment(f"{labels.get(row, ''):>{label}}{'┤' if row in labels else '│'}", plain)
            if nothing and row == rows // 2:
                strips.append(self._fit([margin, Segment(self._empty.center(across), plain)]))
            else:
                strips.append(self._fit([margin, *(Segment(text, self._style(owner)) for text, owner in pieces)]))
        return [*strips, *self._time_axis(label, across)]

    def _axis(self, rows: int) -> tuple[ValueAxis, int]:
        """The value axis, and how many cells its labels take."""
        since = self._now - self._span
        values = (value for line in self._lines for at, value in line.series.points if at >= since)
        greatest = max((value for value in values if value is not None), default=0.0) * self._unit.factor
        axis = value_axis(greatest, most=max(1, min(5, (rows - 1) // 2)), whole=self._unit.whole)
        return axis, max(4, *(len(self._unit.label(tick)) for tick in axis.ticks))

    def _legend(self, most: int) -> list[Strip]:
        """Title, names and values, in as many lines as they need. Where there are fewer, names are cut and no value."""
        title = [Segment(self._title, self._part("title"))]
        lines = self._wrapped([title, *(self._entry(number) for number in range(len(self._lines)))])
        if len(lines) > most or any(Segment.get_line_length(line) > self.size.width for line in lines):
            # names say enough
            first = [] if any(line.name for line in self._lines) else title
            lines = self._wrapped(
                [first, *(self._entry(number, value_first=True) for number in range(len(self._lines)))]
            )
            lines = [*lines[: most - 1], [piece for line in lines[most - 1 :] for piece in line]]
        return [self._fit(line) for line in lines]

    def _wrapped(self, entries: Sequence[list[Segment]]) -> list[list[Segment]]:
        """As many entries on a line as fit, and a blank before the next chart."""
        lines: list[list[Segment]] = [[]]
        for entry in entries:
            if lines[-1] and Segment.get_line_length(lines[-1]) + Segment.get_line_length(entry) >= self.size.width:
                lines.append([])
            lines[-1].extend(entry)
        return lines

    def _entry(self, number: int, *, value_first: bool = False) -> list[Segment]:
        line, style = self._lines[number], self._style(number)
        value = Segment(self._unit.tell(line.series.last), style + Style(bold=True))
        name = [Segment(line.name, self._part("axis"))] if line.name else []
        words = [value, *name] if value_first else [*name, value]
        blank = Segment(" ", self._part("axis"))
        spaced = [piece for word in words for piece in (blank, word)]
        return [Segment(f"  {sample(number)}", style), *spaced]

    def _time_axis(self, label: int, across: int) -> list[Strip]:
        """The line with its ticks, and what they say. The first label may stand below the value axis."""
        plain = self._part("axis")
        line, words = ["─"] * across, [" "] * self.size.width
        for column, text in time_ticks(self._span, across):
            line[column] = "┬"
            start = label + 1 + min(across - len(text), column - len(text) // 2)
            words[start : start + len(text)] = text
        return [
            self._fit([Segment(f"{' ' * label}└{''.join(line)}", plain)]),
            self._fit([Segment("".join(words), plain)]),
        ]

    def _fit(self, pieces: Sequence[Segment]) -> Strip:
        return Strip(pieces).adjust_cell_length(self.size.width, self._part("base")).simplify()

    def _part(self, name: str) -> Style:
        """A style of the theme; to ask the theme costs more than to draw a line."""
        if not self._styles:
            base = self._styles["base"] = self.rich_style
            for part in ("title", "axis", *(f"line-{number}" for number in range(1, MOST_LINES + 1))):
                self._styles[part] = base + self.get_component_rich_style(f"chart--{part}", partial=True)
        return self._styles[name]

    def _style(self, number: int) -> Style:
        return self._part("base" if number < 0 else f"line-{number + 1}")
