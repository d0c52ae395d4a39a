"""The application on a wall, without any director."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from lvstop.analysis.alarms import Alarms
from lvstop.config.alarms import Debounce
from lvstop.config.settings import Settings
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.wall.app import NocApp
from lvstop.ui.wall.words import OnWall
from support import scenes
from support.clocks import START, ManualClock
from support.terminal import start_of

DWELL = timedelta(seconds=15)
STOOD = timedelta(seconds=30)
"""What stands for so long is an alarm, critical or not."""


def wall_of(snapshots: Sequence[ClusterSnapshot], *, theme: str = "noc-wall", dwell: timedelta = DWELL) -> NocApp:
    """A wall on which these clusters are, one snapshot of each, which was so for long enough to be an alarm."""
    clock = ManualClock(START - STOOD)
    app = NocApp(replace(start_of(snapshots, settings=Settings(theme=theme)), clock=clock), dwell)
    app.animation_level = "none"
    for snapshot in snapshots:
        app.feeds[snapshot.name].take(snapshot)
    clock.advance(STOOD.total_seconds())
    for snapshot in snapshots:
        app.feeds[snapshot.name].take(snapshot)
        for minutes in range(59, -1, -1):
            then = snapshot.generated_at - timedelta(minutes=minutes)
            app.hours[snapshot.name].take(replace(snapshot, generated_at=then))
    return app


def named(scene: scenes.Scene, name: str) -> ClusterSnapshot:
    """The end of a scene, of a cluster with this name."""
    return replace(scene[-1], name=name)


def several(count: int = 6) -> list[ClusterSnapshot]:
    """Clusters in all states, but none that is critical."""
    played = (scenes.steady, scenes.real_server_down, scenes.nobody_answers, scenes.connecting, scenes.drained)
    return [named(played[at % len(played)](), f"site-{at + 1}") for at in range(count)]


def on_wall(snapshot: ClusterSnapshot) -> OnWall:
    """A cluster that was like this for long enough to be an alarm."""
    alarms, _ = Alarms().observe(snapshot, 0.0, Debounce())
    alarms, _ = alarms.observe(snapshot, STOOD.total_seconds(), Debounce())
    return OnWall.of(snapshot, alarms)
