"""The pictures of the README and of docs/, drawn by lvstop itself: `python -m support.doc_pictures` (`make pictures`).

Clusters and outcomes are those of the snapshot tests: made up, and at a fixed moment, so that a picture is drawn again
bit by bit. Measured numbers are in docs/failover.md.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Input

from lvstop.actions.intent import Intent
from lvstop.actions.plan import Plan, Refusal
from lvstop.actions.planning import build_plan
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.app import LvstopApp
from lvstop.ui.screens.cluster import ClusterScreen
from lvstop.ui.screens.confirm import ConfirmPlan
from lvstop.ui.screens.draining import DrainScreen
from lvstop.ui.screens.failover_outcome import FailoverOutcomeScreen
from lvstop.ui.screens.failover_preflight import PreflightScreen
from lvstop.ui.screens.maintenance import MaintenanceScreen
from lvstop.ui.screens.wall import WallScreen
from support import drains, failing_over, failover_scenes, plans, walls
from support.fake_failover_actor import FakeFailoverActor
from support.pictures import after, scene
from support.pilots import text_of, until
from support.plans import FakeActor

_FAR_FONT = re.compile(r',\s*url\("https://[^"]*"\) format\("[^"]*"\)')

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"


class _Planner(FakeActor):
    """Plans as lvstop does, on what is shown: a plan that is made up would tell what no operator will see."""

    def plan(self, intent: Intent, snapshot: ClusterSnapshot, *, insist: str | None = None) -> Plan | Refusal:
        """As `Actor.plan`."""
        now = snapshot.generated_at
        return build_plan(
            intent, snapshot, author=plans.ANNA, now=now, change_id="20261122T140211Z-ab12", insist=insist
        )


@dataclass(frozen=True, slots=True)
class Picture:
    """A screen, and the way there."""

    name: str
    size: tuple[int, int]
    app: Callable[[], LvstopApp]
    screen: type[Widget]
    words: str
    keys: tuple[str, ...] = ()
    then: Callable[[Pilot[None], LvstopApp], Awaitable[None]] | None = None


async def _take_over(pilot: Pilot[None], app: LvstopApp) -> None:
    """Past the question."""
    await failing_over.shown(pilot, app, PreflightScreen)
    await failing_over.typed(pilot, app, "keepalived2", "enter")


async def _first_drain(pilot: Pilot[None], app: LvstopApp) -> None:
    """From the board to what follows its first drain."""
    await failing_over.shown(pilot, app, MaintenanceScreen)
    await pilot.press("enter")


def _drained() -> LvstopApp:
    return after(scene("drained"), make_actor=lambda _: FakeActor(), make_failover_actor=FakeFailoverActor())


def _steady() -> LvstopApp:
    played = [
        replace(shown, directors=tuple(replace(each, track_files=()) for each in shown.directors))
        for shown in scene("steady")
    ]
    return after(played, make_actor=lambda _: _Planner(), make_failover_actor=FakeFailoverActor())


def _falling() -> LvstopApp:
    return after(drains.falling(), make_actor=lambda _: FakeActor())


def _split() -> LvstopApp:
    return after(scene("split-brain"), make_actor=lambda _: FakeActor(), make_failover_actor=FakeFailoverActor())


def _warned() -> LvstopApp:
    actor = FakeFailoverActor(failover_scenes.good(failover_scenes.LOADED))
    return after(scene("steady"), make_actor=lambda _: FakeActor(), make_failover_actor=actor)


def _wall() -> LvstopApp:
    return walls.wall_of(scene("steady")[-1:])


PICTURES = (
    Picture("cluster", (120, 24), _drained, ClusterScreen, "weight-drift"),
    Picture("split-brain", (120, 24), _split, ClusterScreen, "AT ONCE"),
    Picture("drain", (120, 42), _steady, ConfirmPlan, "Cancel", ("end", "D")),
    Picture("follow", (120, 30), _falling, DrainScreen, "NOT YET SAFE", ("b",), _first_drain),
    Picture("preflight", (120, 44), _warned, PreflightScreen, "Cancel", ("F",)),
    Picture("failover", (120, 38), _steady, FailoverOutcomeScreen, "Leave it so", ("F",), _take_over),
    Picture("wall", (120, 30), _wall, WallScreen, "connections"),
)


def draw(picture: Picture) -> str:
    """The picture, as SVG."""
    return asyncio.run(_draw(picture))


async def _draw(picture: Picture) -> str:
    app = picture.app()
    async with app.run_test(size=picture.size) as pilot:
        await pilot.pause()
        await pilot.press(*picture.keys)
        if picture.then is not None:
            await picture.then(pilot, app)
        await until(pilot, lambda: isinstance(app.screen, picture.screen) and picture.words in text_of(app))
        # toasts go by themselves, at a time of their own; a cursor that blinks is there or not
        app.clear_notifications()
        for line in app.screen.query(Input):
            line.cursor_blink = False
        await pilot.pause()
        svg = app.export_screenshot(title="lvstop")
    # blanks at the ends of a text count, and not every viewer keeps them of itself
    svg = svg.replace("<text ", '<text xml:space="preserve" ')
    # whoever looks at a picture need not be seen by a font's server
    svg = _FAR_FONT.sub("", svg)
    return "\n".join(line.rstrip() for line in svg.splitlines()).strip() + "\n"


def main() -> None:
    """Draw all of them."""
    FOLDER.mkdir(exist_ok=True)
    for picture in PICTURES:
        (FOLDER / f"{picture.name}.svg").write_text(draw(picture), encoding="utf-8")


if __name__ == "__main__":
    main()
