"""The keys that both detail screens have."""

from textual.binding import Binding, BindingType


def detail_bindings(screen: str) -> list[BindingType]:
    """Back, zoom and charts; `screen` begins the ids."""
    return [
        Binding("escape", "app.pop_screen", "Back", tooltip="Where you came from", id=f"{screen}.back"),
        Binding("z", "zoom_round", "Zoom", tooltip="Charts over 1, 5 or 15 minutes", id=f"{screen}.zoom"),
        Binding("c", "next_chart", "Chart", tooltip="One chart large, the next one, all", id=f"{screen}.chart"),
        Binding("1", "span(60)", "1 min", show=False, id=f"{screen}.one-minute"),
        Binding("5", "span(300)", "5 min", show=False, id=f"{screen}.five-minutes"),
        Binding("0", "span(900)", "15 min", show=False, id=f"{screen}.fifteen-minutes"),
        Binding("plus,equals_sign", "zoom(-1)", "Shorter time", show=False, id=f"{screen}.zoom-in"),
        Binding("minus", "zoom(1)", "Longer time", show=False, id=f"{screen}.zoom-out"),
    ]


CHART_HELP = """\
**Charts** begin at 0; a gap is a time of which nothing is known, never 0. `z` changes the time they show (1, 5, 15
minutes; also `1`, `5`, `0`, `+`, `-`), `c` shows one of them large. After a failover the director that served before
has curves of its own.
"""
