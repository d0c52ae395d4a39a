"""Choosing a theme: the one under the cursor is shown at once."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option


class ThemesScreen(ModalScreen[None]):
    """All themes that could be loaded, and Textual's own."""

    HELP = "The theme under the cursor is shown at once. `theme:` in config.yaml keeps it."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "As it was", tooltip="The theme that there was", id="themes.leave")
    ]

    def __init__(self, titles: dict[str, str]) -> None:
        super().__init__()
        self._titles = titles
        self._before: str | None = None

    def compose(self) -> ComposeResult:
        """Ours first."""
        others = sorted(set(self.app.available_themes) - set(self._titles))
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "Theme"
            dialog.border_subtitle = "enter takes it · esc leaves it as it was"
            yield OptionList(
                *(Option(Content(f"{title}"), id=name) for name, title in self._titles.items()),
                *(Option(Content.styled(name, "$muted"), id=name) for name in others),
                compact=True,
            )

    def on_mount(self) -> None:
        """Begin at the present one."""
        self._before = self.app.theme
        options = self.query_one(OptionList)
        options.highlighted = options.get_option_index(self.app.theme)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show it."""
        if event.option.id is not None:
            self.app.theme = event.option.id

    def on_option_list_option_selected(self) -> None:
        """Keep it."""
        self.dismiss(None)

    def action_leave(self) -> None:
        """The one that there was."""
        if self._before is not None:
            self.app.theme = self._before
        self.dismiss(None)
