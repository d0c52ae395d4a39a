"""`python -m benchmarks.bare_app`: the least that Textual can be asked for."""

from textual.app import App, ComposeResult
from textual.widgets import Static

GREETING = "nothing to see"


class BareApp(App[None]):
    """One line of text."""

    def compose(self) -> ComposeResult:
        """The line."""
        yield Static(GREETING)


if __name__ == "__main__":
    BareApp().run()
