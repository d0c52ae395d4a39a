"""The same screen in every theme: a state is told by a sign or a word, whatever the colours."""

import pytest

from lvstop.config.themes import shipped_themes
from support.pictures import SIZES, SnapCompare, app_of

SIZE = SIZES["120x40"]


@pytest.mark.parametrize("theme", [spec.name for spec in shipped_themes()])
def test_theme(snap_compare: SnapCompare, theme: str) -> None:
    """A drained real server and a drift: muted, warning, cursor and sparkline in the theme's colours."""
    assert snap_compare(app_of("drained", theme=theme), terminal_size=SIZE)


def test_theme_of_textual(snap_compare: SnapCompare) -> None:
    """A theme that knows nothing of lvstop: every meaning has a colour all the same."""
    assert snap_compare(app_of("drained", theme="nord"), terminal_size=SIZE)


def test_no_color(snap_compare: SnapCompare, monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR: greys only, and everything can still be told."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(app_of("split-brain"), terminal_size=SIZE)
