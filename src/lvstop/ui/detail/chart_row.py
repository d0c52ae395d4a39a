"""The charts of a detail screen side by side, or one at a time where there is no room, over a span of time."""

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.reactive import reactive

from lvstop.ui.chart.axes import Unit
from lvstop.ui.widgets.chart import Chart, ChartLine

SPANS = (60.0, 300.0, 900.0)
_SIDE_BY_SIDE = 40
"""Cells that a chart needs beside others."""

Curves = Callable[[int, float], tuple[Sequence[ChartLine], str]]
"""The lines of a chart, by its number and the span, and what to say where nothing is known."""


class ChartRow(Horizontal):
    """Charts on the same time axis."""

    span: reactive[float] = reactive(900.0, init=False)
    chosen: reactive[int | None] = reactive(None, init=False)
    """The chart that is shown alone; None: as many as there is room for."""

    class Changed(Message):
        """Other charts or another span: they want their curves."""

    def __init__(self, charts: Sequence[tuple[str, Unit]], *, id: str | None = None) -> None:  # noqa: A002 - as Textual calls it
        super().__init__(id=id)
        self._charts = [Chart(title, unit) for title, unit in charts]

    def compose(self) -> ComposeResult:
        """From left to right."""
        yield from self._charts

    def show(self, curves: Curves, *, now: float) -> None:
        """Bring the charts that are on screen up to date."""
        for number, chart in enumerate(self._charts):
            if chart.display:
                lines, empty = curves(number, self.span)
                chart.show(lines, now=now, span=self.span, empty=empty)

    def on_resize(self) -> None:
        """Another width: another number of charts."""
        self._place()

    def watch_span(self) -> None:
        """Another time axis."""
        self.post_message(self.Changed())

    def watch_chosen(self) -> None:
        """One chart, or all of them."""
        self._place()

    def begin_with(self, past: float) -> None:
        """The shortest span that holds a past of so many seconds: a chart that is empty for the most part says less."""
        self.span = next((span for span in SPANS if span >= past), SPANS[-1])

    def zoom(self, step: int) -> None:
        """A longer span (1), or a shorter one (-1)."""
        place = SPANS.index(self.span) + step
        self.span = SPANS[max(0, min(len(SPANS) - 1, place))]

    def zoom_round(self) -> None:
        """The next span; after the longest the shortest."""
        self.span = SPANS[(SPANS.index(self.span) + 1) % len(SPANS)]

    def next(self) -> None:
        """Show the next chart alone; after the last one all, where there is room for them."""
        after = 0 if self.chosen is None else self.chosen + 1
        if self.chosen is None and not self._roomy:
            after = 1
        if after < len(self._charts):
            self.chosen = after
        else:
            self.chosen = None if self._roomy else 0

    @property
    def _roomy(self) -> bool:
        return self.size.width >= _SIDE_BY_SIDE * len(self._charts)

    def _place(self) -> None:
        alone = self.chosen if self.chosen is not None else None if self._roomy else 0
        for number, chart in enumerate(self._charts):
            chart.display = alone is None or number == alone
        self.post_message(self.Changed())
