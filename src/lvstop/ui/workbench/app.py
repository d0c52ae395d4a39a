"""The application where what is watched may be broken and mended."""

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.driver import Driver

from lvstop.errors import LvstopError
from lvstop.ui.app import LvstopApp, Start
from lvstop.ui.workbench.parts import Part, Workbench

_GREETING_SECONDS = 10.0


class PartProvider(Provider):
    """Breaking and mending from the command palette."""

    async def _hits(self) -> list[tuple[str, Part]]:
        app = self.app
        if not isinstance(app, WorkbenchApp) or not app.feeds:
            return []
        parts = await app.workbench.parts(app.feed.name)
        return [(f"{part.does}: {part.name}", part) for part in parts]

    async def discover(self) -> Hits:
        """What most things break with; real servers are found by their words."""
        for text, part in (await self._hits())[:12]:
            yield DiscoveryHit(text, self._doing(part), help=f"{part.group}: {part.state}")

    async def search(self, query: str) -> Hits:
        """Parts whose words match."""
        matcher = self.matcher(query)
        for text, part in await self._hits():
            score = matcher.match(text)
            if score > 0:
                yield Hit(score, matcher.highlight(text), self._doing(part), help=f"{part.group}: {part.state}")

    def _doing(self, part: Part) -> Callable[[], object]:
        app = self.app
        return partial(app.act_on, part.key) if isinstance(app, WorkbenchApp) else (lambda: None)


class WorkbenchApp(LvstopApp):
    """lvstop in a terminal, with a workbench behind what it watches."""

    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = LvstopApp.COMMANDS | {PartProvider}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("B", "break", "Break", tooltip="Break and mend what is watched", id="app.break")
    ]

    def __init__(
        self,
        start: Start,
        workbench: Workbench,
        driver_class: type[Driver] | None = None,
        prepare: Callable[[], object] | None = None,
        greeting: str = "",
    ) -> None:
        """`prepare`: as `LvstopApp` takes it. `greeting`: what is said once at the beginning; empty: nothing."""
        super().__init__(start, driver_class, prepare)
        self.workbench = workbench
        self._greeting = greeting

    def open(self) -> None:
        """Show the first cluster, and say what this is."""
        super().open()
        if self._greeting:
            self.notify(self._greeting, timeout=_GREETING_SECONDS, markup=False)

    def action_break(self) -> None:
        """Open the panel."""
        from lvstop.ui.workbench.screen import WorkbenchScreen

        self.push_screen(WorkbenchScreen(self.workbench, self.feed.name))

    async def act_on(self, key: str) -> None:
        """Break or mend a part of the cluster that is shown, and say so."""
        try:
            said = await self.workbench.act(self.feed.name, key)
        except LvstopError as error:
            self.notify(str(error), severity="warning", markup=False)
            return
        self.notify(said, markup=False)
