"""What the screens of one virtual server and of one real server have in common: a snapshot, charts and their keys."""

from collections.abc import Sequence

from textual.content import Content
from textual.getters import query_one
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Static

from lvstop.engine.feed import ClusterFeed
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.actions.screen import ActingScreen
from lvstop.ui.detail.chart_row import SPANS, ChartRow
from lvstop.ui.detail.heights import share_out
from lvstop.ui.fitting import cut_off, wrapped
from lvstop.ui.widgets.chart import ChartLine
from lvstop.ui.widgets.keyed_table import KeyedTable

_AROUND = 2
"""Lines of the bar above and of the keys below."""
_ROOMY = 30
"""Lines of the screen from which on parts have a blank line between them."""


class DetailScreen(ActingScreen):
    """Shows one thing of the cluster, and its past. All of it is on the screen, whatever there is to say."""

    charts = query_one(ChartRow)
    facts = query_one("#facts", Static)
    table = query_one(KeyedTable)
    left_out = query_one("#left-out", Static)

    # what is bound to it paints what it changes: the screen as a whole need not
    snapshot: reactive[ClusterSnapshot | None] = reactive(None, repaint=False)

    def __init__(self, feed: ClusterFeed) -> None:
        super().__init__()
        self.feed = feed
        self._sentences: list[Content] = []
        self._left_out: list[Content] = []
        self._begun = False

    @property
    def below(self) -> Screen[object] | None:
        """The screen to which this one returns."""
        stack = self.app.screen_stack
        return stack[-2] if len(stack) > 1 else None

    def show(self) -> None:
        """Bring everything up to date."""
        raise NotImplementedError

    def curves(self, number: int, span: float) -> tuple[Sequence[ChartLine], str]:
        """The lines of a chart, and what to say where nothing is known of them."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Show what there is."""
        self.show()

    def watch_snapshot(self) -> None:
        """Show what is new."""
        if self.is_mounted:
            self.show()

    def on_resize(self) -> None:
        """Sentences are wrapped to the width."""
        self.show()

    def tell(self, sentences: Sequence[Content]) -> None:
        """What is said above the charts, in lines that fit the width."""
        self._sentences = list(sentences)

    def tell_left_out(self, text: str) -> None:
        """What is said below the rows; empty where nothing is left out."""
        self._left_out = wrapped(Content(text), self.size.width - 2) if text else []
        self.left_out.display = bool(text)
        self.left_out.update(Content("\n").join(Content(f" {line.plain}") for line in self._left_out))

    def place(self) -> None:
        """Share the lines out: to be called when everything was told."""
        gaps = 2 if self.size.height >= _ROOMY else 0
        heights = share_out(
            self.size.height - _AROUND,
            facts=len(self._sentences),
            rows=self.table.lines_wanted(self.size.width),
            rest=gaps + len(self._left_out),
        )
        self.facts.update(Content("\n").join(cut_off(self._sentences, heights.facts, self.size.width - 1)))
        self.facts.styles.height = heights.facts
        self.table.styles.height = heights.table
        self.charts.display = heights.charts > 0

    def draw(self) -> None:
        """Bring the charts up to date; at first over as much time as something is known of."""
        if self.snapshot is None:
            return
        now = self.snapshot.generated_at.timestamp()
        if not self._begun:
            known = [
                at for line in self.curves(0, SPANS[-1])[0] for at, value in line.series.points if value is not None
            ]
            self._begun = bool(known)
            self.charts.begin_with(now - min(known, default=now))
        self.charts.show(self.curves, now=now)

    def on_chart_row_changed(self) -> None:
        """Other charts, or another time."""
        self.draw()

    def action_span(self, seconds: int) -> None:
        """Show so much time."""
        self.charts.span = float(seconds)

    def action_zoom(self, step: int) -> None:
        """Show more time, or less."""
        self.charts.zoom(step)

    def action_zoom_round(self) -> None:
        """Show the next span of time."""
        self.charts.zoom_round()

    def action_next_chart(self) -> None:
        """Show one chart large, or all."""
        self.charts.next()
