"""The terminal on a lab, read as a person reads it: by the words on the screen."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from textual.pilot import Pilot

from lab.lab import Lab
from lvstop.clock import SystemClock
from lvstop.config.load import load_cluster_file
from lvstop.config.themes import load_themes
from lvstop.engine.ssh_sessions import SshSessions
from lvstop.ui.app import LvstopApp, Start
from lvstop.ui.screen_text import screen_text


@dataclass(frozen=True, slots=True)
class Console:
    """A running terminal."""

    app: LvstopApp
    pilot: Pilot[None]

    @property
    def text(self) -> str:
        """What is on the screen now."""
        return screen_text(self.app.screen)

    def line(self, *words: str) -> str:
        """The first line that has all the words; empty where there is none."""
        return next((line for line in self.text.splitlines() if all(word in line for word in words)), "")

    def cell(self, title: str, *words: str) -> str:
        """What stands under a column's title, in the first line that has all the words; both end together."""
        header, line = self.line(title), self.line(*words)
        return next(iter(line[: header.find(title) + len(title)].split()[::-1]), "")

    async def until(self, condition: Callable[[], bool], what: str, timeout: float = 60.0) -> None:
        """Wait until the screen says something."""
        try:
            async with asyncio.timeout(timeout):
                while not condition():
                    await self.pilot.pause(0.1)
        except TimeoutError:
            raise AssertionError(f"{what}: not within {timeout:g} s; the screen says:\n{self.text}") from None


@asynccontextmanager
async def console(lab: Lab, cluster_file: Path, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Console]:
    """The terminal with a cluster file, in the lab's network."""
    clock = SystemClock()
    themes, _ = load_themes()
    with lab.inside():
        start = Start((load_cluster_file(cluster_file),), SshSessions(clock), clock, themes)
        app = LvstopApp(start)
        async with app.run_test(size=size, notifications=True) as pilot:
            yield Console(app, pilot)
