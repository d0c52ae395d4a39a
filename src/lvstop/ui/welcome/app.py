"""The application that shows the welcome, and nothing else: there is no cluster to read."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.driver import Driver

from lvstop.config.settings import Settings
from lvstop.config.themes import ThemeSpec
from lvstop.ui.screens.welcome import WelcomeScreen
from lvstop.ui.themed import ThemedApp
from lvstop.ui.welcome.words import Choice


class WelcomeApp(ThemedApp[Choice]):
    """Ends with what was chosen."""

    TITLE = "lvstop"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "Quit", tooltip="Leave", id="app.quit"),
        Binding("question_mark", "toggle_help", "Help", tooltip="What this screen shows, and its keys", id="app.help"),
    ]

    def __init__(
        self,
        folder: Path,
        themes: Sequence[ThemeSpec],
        settings: Settings,
        driver_class: type[Driver] | None = None,
    ) -> None:
        """`folder`: where cluster files are found. At least one theme."""
        super().__init__(themes, driver_class)
        self._folder = folder
        self.take_theme(settings.theme)
        self.set_keymap(dict(settings.keymap))

    def on_mount(self) -> None:
        """Show the one screen there is."""
        self.push_screen(WelcomeScreen(self._folder), self._chosen)

    def _chosen(self, choice: Choice | None) -> None:
        self.exit(choice or Choice.QUIT)
