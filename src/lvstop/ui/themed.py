"""What all applications of lvstop have in common: the colours of theme files, and the help panel."""

from collections.abc import Callable, Iterable, Sequence
from typing import Generic

from textual import events
from textual.app import App, ReturnType, ScreenStackError
from textual.command import CommandPalette
from textual.driver import Driver
from textual.errors import NoWidget
from textual.notifications import Notification, Notify

from lvstop.config.themes import ThemeSpec
from lvstop.ui.notices import outdated
from lvstop.ui.theme import spec_of, textual_theme, variable_defaults


class ThemedApp(App[ReturnType], Generic[ReturnType]):
    """An application that wears lvstop's themes; at least one is given.

    Attributes:
        tell_terminal: writes a sequence that paints nothing to the terminal; None where lvstop's driver is not in use.
    """

    tell_terminal: Callable[[str], None] | None = None

    def __init__(self, themes: Iterable[ThemeSpec], driver_class: type[Driver] | None) -> None:
        self._specs = {spec.name: spec for spec in themes}  # Textual asks for colours while it is initialized
        super().__init__(driver_class=driver_class)
        self._noticed: Sequence[Notification] = ()
        for spec in self._specs.values():
            self.register_theme(textual_theme(spec))

    async def on_event(self, event: events.Event) -> None:
        """As Textual calls it. A press on what is just being removed is meant for nobody; Textual would end with it."""
        if isinstance(event, events.MouseDown) and not self._is_there(event):
            return
        await super().on_event(event)

    def _is_there(self, event: events.MouseDown) -> bool:
        try:
            widget, _ = self.screen.get_widget_at(int(event.x), int(event.y))
        except (NoWidget, ScreenStackError):
            return True
        return widget.is_attached

    def on_notify(self, event: Notify) -> None:
        """Called before Textual shows it: what has to give way is over."""
        shown = [each for each in self._noticed if not each.has_expired]
        for each in outdated(shown, event.notification, self.size):
            each.timeout = 0.0
        self._noticed = [*(each for each in shown if each.timeout), event.notification]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Every slot has a colour, whatever theme is chosen."""
        return variable_defaults(self._specs.get(self.theme) or spec_of(self.current_theme))

    def take_theme(self, name: str) -> Sequence[str]:
        """Wear the theme of that name, or the first one. Returns what is to be said of that: nothing, or a sentence."""
        if name in self.available_themes:
            self.theme = name
            return ()
        self.theme = next(iter(self._specs))
        return (f"There is no theme {name!r}; {self.theme} is used.",)

    def action_command_palette(self) -> None:
        """The palette. Without the name that Textual gives it: one that is just being closed still bears it."""
        if self.use_command_palette and not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette())

    def action_toggle_help(self) -> None:
        """The help panel, made from what the focused part says of itself and from the keys."""
        if self.screen.query("HelpPanel"):
            self.action_hide_help_panel()
        else:
            self.action_show_help_panel()
