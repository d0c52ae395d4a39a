"""What tests of screens do again and again: publish a snapshot, read the screen, wait for something to be so."""

import re
from collections.abc import Callable, Sequence
from html import unescape
from typing import Any

from textual.app import App
from textual.pilot import Pilot

from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.app import LvstopApp
from lvstop.ui.screen_text import screen_text
from lvstop.ui.screens.cluster import ClusterScreen

_MOST_PAUSES = 200
_PAINTED = re.compile(r'<text class="[^"]*-r[^"]*" x="[^"]*" y="([^"]*)"[^>]*>([^<]*)</text>')
"""A piece of a line of a picture, as Rich writes it; the title above it has another class."""


def cluster_screen(app: LvstopApp) -> ClusterScreen:
    """The cluster screen, which is on top."""
    assert isinstance(app.screen, ClusterScreen)
    return app.screen


def text_of(app: LvstopApp) -> str:
    """What is on the screen."""
    return screen_text(app.screen)


def lines_of(app: LvstopApp) -> Sequence[str]:
    """What is on the screen, by lines."""
    return text_of(app).splitlines()


def painted(app: App[Any]) -> str:
    """The whole picture as text, with what shines through from below, line by line."""
    lines: dict[float, list[str]] = {}
    for y, text in _PAINTED.findall(app.export_screenshot()):
        lines.setdefault(float(y), []).append(unescape(text).replace("\xa0", " "))
    return "\n".join("".join(parts).rstrip() for _, parts in sorted(lines.items()) if parts != ["\n"])


def line_with(app: LvstopApp, word: str) -> str:
    """The first line of the screen in which a word stands."""
    found = next((line for line in lines_of(app) if word in line), None)
    assert found is not None, f"{word!r} is not on screen:\n{text_of(app)}"
    return found


def toasts(app: LvstopApp) -> list[str]:
    """What was notified, with the title where there is one."""
    return [f"{each.title}: {each.message}" if each.title else each.message for each in app._notifications]


async def publish(app: LvstopApp, pilot: Pilot[None], snapshot: ClusterSnapshot) -> None:
    """A session publishes a snapshot; where its cluster is shown, wait until the application has it."""
    feed = app.feeds[snapshot.name]
    feed.take(snapshot)
    await pilot.pause()
    if app.feed is feed:
        await until(pilot, lambda: app.snapshot is snapshot)


async def until(pilot: Pilot[Any], condition: Callable[[], bool]) -> None:
    """Let the application work until something is so."""
    for _ in range(_MOST_PAUSES):
        if condition():
            return
        await pilot.pause()
    raise AssertionError(f"it never was so; on screen:\n{screen_text(pilot.app.screen)}")
