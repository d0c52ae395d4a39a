"""`lvstop` where there is no cluster file: what it is, and how to go on."""

import os
import sys
from pathlib import Path

from lvstop.cli.terminal import settings_or_usual
from lvstop.config.paths import clusters_folder, settings_file
from lvstop.config.themes import load_themes
from lvstop.ui.welcome.words import Choice, as_text

EXIT_USAGE = 2


def run_welcome(*, read_only: bool) -> int:
    """Show it, and do what was chosen. Without a terminal it is printed, with the exit status of wrong usage."""
    folder = clusters_folder()
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        sys.stderr.write(as_text(folder))
        return EXIT_USAGE
    if _choose(folder) is not Choice.DEMO:
        return 0
    from lvstop.cli import demo

    return demo.run_demo(demo.DEFAULT, seed=1, speed=1.0, read_only=read_only)


def _choose(folder: Path) -> Choice | None:
    os.environ.setdefault("TEXTUAL_FPS", "60")
    from lvstop.ui.driver import driver_class
    from lvstop.ui.welcome.app import WelcomeApp

    themes, _ = load_themes()
    settings, _ = settings_or_usual(settings_file())
    return WelcomeApp(folder, themes, settings, driver_class()).run()
