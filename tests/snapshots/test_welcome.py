"""What somebody sees who has no cluster file yet."""

from pathlib import Path

from lvstop.config.settings import Settings
from lvstop.config.themes import shipped_themes
from lvstop.ui.welcome.app import WelcomeApp
from support.pictures import Size, SnapCompare, at


@at("80x24", "120x40")
def test_welcome(snap_compare: SnapCompare, size: Size) -> None:
    """What lvstop is, where a cluster file would be, and the three ways to go on; the demo is under the cursor."""
    folder = Path.home() / ".config" / "lvstop" / "clusters"
    app = WelcomeApp(folder, shipped_themes(), Settings(theme="lvstop-dark"))
    assert snap_compare(app, terminal_size=size)
