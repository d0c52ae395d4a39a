"""VRRP of all directors side by side: who says what, who would win, what is refused."""

from collections.abc import Iterable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.getters import query_one
from textual.reactive import reactive
from textual.widgets import Footer

from lvstop.analysis.vrrp_board import instance_boards
from lvstop.analysis.vrrp_growth import VrrpGrowth
from lvstop.engine.feed import ClusterFeed
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.event import EventKind
from lvstop.ui.failover.screen import HELP as FAILOVER_HELP
from lvstop.ui.failover.screen import FailoverScreen, failover_binding
from lvstop.ui.vrrp.cluster import overview_lines, sync_group_lines, transition_lines
from lvstop.ui.vrrp.instance import instance_lines, instance_sections
from lvstop.ui.vrrp.lines import Lines
from lvstop.ui.vrrp.matrix import Line, shared_widths
from lvstop.ui.widgets.failover_strip import FailoverStrip
from lvstop.ui.widgets.reading import Reading
from lvstop.ui.widgets.top_bar import TopBar

_MARGINS = 3
"""Cells beside the lines: a blank on either side, and the scrollbar."""


class VrrpBody(Reading):
    """What scrolls."""


class VrrpScreen(FailoverScreen):
    """VRRP instances and sync groups of one cluster."""

    AUTO_FOCUS = "VrrpBody"
    CSS_PATH = "vrrp.tcss"
    HELP = f"""\
# VRRP

One block per **instance**, one column per **director**. The second column of words is what keepalived says now; a
director that does not answer shows what it said *once*.

- **now** / **if it went**: who would be MASTER if everybody could vote, and who would take over without the present
  one. It follows from effective priorities (base and trackers), `nopreempt`, FAULT, and of equal ones the address.
- **told by**: keepalived itself with the time of its answer (UTC), its D-Bus (states only), or nobody: then the state
  is inferred from the addresses in the kernel.
- **Counters** are keepalived's, since its start; `+` is what was added since this screen was opened (`z` counts anew).
- **claimed** is what VRRP is configured to hold, **held** what is in the kernel: `≠` where that contradicts the state.
- **adverts refused**: the directors disagree about the instance; below it stands in what, and what to compare.

`–` is *unknown*, never 0. `≠` differs between the directors and should not.

{FAILOVER_HELP}"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.pop_screen", "Back", tooltip="Back to the cluster", id="vrrp.back"),
        Binding("n", "step(1)", "Next", tooltip="Next instance, sync groups, transitions", id="vrrp.next"),
        Binding("b", "step(-1)", "Previous", tooltip="Previous instance", id="vrrp.previous"),
        Binding("z", "count_anew", "Count anew", tooltip="Compare counters with those of now", id="vrrp.count-anew"),
        failover_binding(),
    ]

    body = query_one(VrrpBody)

    snapshot: reactive[ClusterSnapshot | None] = reactive(None)

    def __init__(self, feed: ClusterFeed) -> None:
        super().__init__()
        self.feed = feed
        self._growth = VrrpGrowth()
        self._opened = feed.latest.generated_at

    def compose(self) -> ComposeResult:
        """The bar, and what scrolls below it."""
        yield TopBar(interval=self.feed.config.interval, place="VRRP").data_bind(snapshot=VrrpScreen.snapshot)
        yield FailoverStrip().data_bind(snapshot=VrrpScreen.snapshot)
        yield VrrpBody(id="vrrp-body")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Deltas begin with what is known now."""
        self._growth = self._growth.observe(self.feed.latest)
        self._draw()

    def on_resize(self, _event: events.Resize) -> None:
        """Another width: other places."""
        self._draw()

    def watch_snapshot(self, snapshot: ClusterSnapshot | None) -> None:
        """Show what is new."""
        if snapshot is not None and self.is_mounted:
            self._growth = self._growth.observe(snapshot)
            self._draw()

    def action_count_anew(self) -> None:
        """Compare counters with those of now."""
        latest = self._shown
        self._growth, self._opened = VrrpGrowth().observe(latest), latest.generated_at
        self._draw()

    def action_step(self, step: int) -> None:
        """Bring the next or the previous block to the top."""
        blocks = [block for block in self.body.query_children(Lines) if block.lines]
        top = self.body.scroll_offset.y
        tops = [block.virtual_region.y for block in blocks]
        below = next((y for y in tops if y > top), top)
        above = next((y for y in reversed(tops) if y < top), 0)
        self.body.scroll_to(y=below if step > 0 else above, animate=False)

    @property
    def _shown(self) -> ClusterSnapshot:
        return self.feed.latest if self.snapshot is None else self.snapshot

    def _draw(self) -> None:
        """Give every block its lines; blocks come and go at the end."""
        texts = [tuple(lines) for lines in self._blocks(max(20, self.size.width - _MARGINS))]
        blocks = list(self.body.query_children(Lines))
        for block, lines in zip(blocks, texts, strict=False):
            block.lines = lines
        for surplus in blocks[len(texts) :]:
            surplus.lines = ()
        fresh = []
        for lines in texts[len(blocks) :]:
            block = Lines()
            block.set_reactive(Lines.lines, lines)
            fresh.append(block)
        if fresh:
            self.body.mount(*fresh)

    def _blocks(self, room: int) -> Iterable[list[Line]]:
        snapshot = self._shown
        directors = snapshot.directors
        boards = instance_boards(directors)
        tables = [instance_sections(each, self._growth, self._opened, snapshot.generated_at) for each in boards]
        widths = shared_widths(tables)
        yield overview_lines(boards, directors, room)
        for board, sections in zip(boards, tables, strict=True):
            yield instance_lines(board, sections, widths, self._growth, room)
        yield sync_group_lines(boards, directors, room)
        yield transition_lines(self.feed.events.select(kinds={EventKind.VRRP}), room)
