"""A walk through the whole program: every key, every widget and every entry of the palette, on every screen there is.

It knows no screen. Wherever it is, it does the next thing that has not been done there, and goes on from where that has
led. Where everything is done, it goes on to a screen where something is left, by what it has learnt on its way.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from inspect import isawaitable
from string import printable

from textual import events
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.events import Event
from textual.keys import Keys, _character_to_key
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import HelpPanel, Input
from textual.widgets._toast import Toast

from lvstop.ui.app import LvstopApp
from support.pilots import until

_ROUNDS = 2
_MOST_STEPS = 20_000
_MOST_HOMES = 40
_QUERIES = ("1", "cluster", "")
"""What is typed into the palette; some entries are only found."""


def every_key() -> Sequence[tuple[str, str | None]]:
    """Names of keys, each with its character where it has one: all that Textual knows, and those with modifiers."""
    typed = [(_character_to_key(each), each) for each in printable[:95]]
    named = [(str(key.value), None) for key in Keys if not str(key.value).startswith("<")]
    letters = printable[:36]
    held = [(f"{modifier}+{each}", None) for modifier in ("alt", "ctrl+alt", "ctrl+shift") for each in letters]
    functions = [(f"{modifier}+f{n}", None) for modifier in ("shift", "ctrl", "alt") for n in range(1, 13)]
    return tuple(dict.fromkeys([*typed, *named, *held, *functions]))


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing to do on a screen: a key to press, a widget to click, or an entry of the palette to run."""

    kind: str
    name: str


_IDLE = Deed("key", "all that mean nothing")


@dataclass(slots=True)
class Place:
    """What is known of a screen.

    Attributes:
        found: what there is to do.
        done: what was done.
        ways: where deeds have led that led somewhere else.
        vain: deeds that should have led somewhere, and did not.
    """

    found: set[Deed] = field(default_factory=lambda: {_IDLE})
    done: set[Deed] = field(default_factory=set)
    ways: dict[Deed, str] = field(default_factory=dict)
    vain: set[Deed] = field(default_factory=set)


class Walk:
    """Walks until there is nothing left to do.

    Args:
        home: brings the program to where it began, in some way that needs no key.
        arrived: called on each screen when it is there for the first time, and whenever its help is shown.
        enough: ends the walk early.
        clicks: whether widgets are clicked as well.

    Attributes:
        places: by their names.
        count: keys that were pressed, widgets that were clicked, entries that were run.
    """

    def __init__(
        self,
        app: LvstopApp,
        pilot: Pilot[None],
        *,
        home: Callable[[], object],
        arrived: Callable[[str], object] = lambda _place: None,
        enough: Callable[[], bool] = lambda: False,
        clicks: bool = True,
    ) -> None:
        self.app = app
        self.pilot = pilot
        self.places: dict[str, Place] = {}
        self.count: dict[str, int] = {"key": 0, "click": 0, "run": 0}
        self._home = home
        self._homes = 0
        self._arrived = arrived
        self._enough = enough
        self._clicks = clicks
        self._keys = dict(every_key())
        self._offered: tuple[object, dict[str, DiscoveryHit | Hit]] = (None, {})

    @property
    def here(self) -> str:
        """The screen, and whether one types there."""
        screen = self.app.screen
        return f"{type(screen).__name__}{' typing' if isinstance(screen.focused, Input) else ''}"

    @property
    def screens(self) -> set[str]:
        """The classes of the screens that were there."""
        return {name.partition(" ")[0] for name in self.places}

    @property
    def left(self) -> dict[str, set[Deed]]:
        """What was found and is not done, by places."""
        return {name: left for name, place in self.places.items() if (left := place.found - place.done)}

    async def go(self) -> None:
        """All of it."""
        await self._settle()
        for _ in range(_MOST_STEPS):
            if self._enough():
                return
            place = self._place()
            deed = await self._next(place)
            if deed is not None:
                place.done.add(deed)
                await self._do(deed)
            elif not await self._go_on():
                return
        raise AssertionError(f"it does not end: {self.count}, {self.left}")

    # where it is

    def _place(self) -> Place:
        name = self.here
        if name not in self.places:
            self.places[name] = Place()
            self._arrived(name)
        return self.places[name]

    async def _settle(self) -> None:
        """Let everybody take what was sent to him, and what follows from it, until the same screen stays on top."""
        rounds = 0
        while rounds < _ROUNDS:
            screen = self.app.screen
            await self._taken([self.app])
            # a screen that was pushed is on top before it is composed and laid out
            await until(self.pilot, lambda: self.app.screen.is_mounted and bool(self.app.screen.size))
            await self._taken(self.app.screen.walk_children(with_self=True))
            assert self.app._exception is None, (self.here, self.app._exception)
            rounds = rounds + 1 if self.app.screen is screen else 0

    async def _taken(self, nodes: Iterable[MessagePump]) -> None:
        """Wait until all of them have come to the end of what they were sent so far, or are there no more."""
        waiting: set[MessagePump] = set()
        done = asyncio.Event()

        def take(node: MessagePump) -> None:
            waiting.discard(node)
            if not waiting:
                done.set()

        waiting.update(node for node in nodes if node.is_running and node.call_later(take, node))
        while waiting:
            with suppress(TimeoutError):
                await asyncio.wait_for(done.wait(), 0.02)
            waiting -= {node for node in waiting if not node.is_running or not node.is_attached}

    # what there is to do

    async def _next(self, place: Place) -> Deed | None:
        """What has not been done here: first keys, then widgets, then entries, which take longest to be found."""
        found = [_IDLE, *(Deed("key", key) for key in self.app.screen.active_bindings if key in self._keys)]
        if self._clicks:
            found += [Deed("click", name) for name in self._widgets()]
        place.found.update(found)
        deed = next((each for each in found if each not in place.done), None)
        if deed is not None:
            return deed
        if isinstance(self.app.screen, CommandPalette) or isinstance(self.app.screen.focused, Input):
            return self._rest(place)
        if self._offered[0] is not self.app.screen:
            self._offered = (self.app.screen, {name: hit async for name, hit in self._entries()})
        # an entry does what a key does that was pressed here, or leads to a place: once is enough for each
        run = {deed.name for other in self.places.values() for deed in other.done if deed.kind == "run"}
        entries = [Deed("run", name) for name in self._offered[1] if name not in run]
        place.found.update(entries)
        deed = next((each for each in entries if each not in place.done), None)
        return deed or self._rest(place)

    def _rest(self, place: Place) -> Deed | None:
        """Keys that meant something for a while are pressed as well; widgets and entries that are gone are gone."""
        left = place.found - place.done
        place.found -= {each for each in left if each.kind != "key"}
        return min((each for each in left if each.kind == "key"), key=lambda each: each.name, default=None)

    def _widgets(self) -> dict[str, Widget]:
        """Widgets that can be clicked in their middle, by names that stay the same: class, number among its kind."""
        named: dict[str, Widget] = {}
        numbers: dict[str, int] = {}
        screen = self.app.screen
        for widget in screen.walk_children(Widget):
            if not widget.visible or not widget.is_on_screen or not widget.region or isinstance(widget, Toast):
                continue
            x, y = (int(each) for each in widget.region.center)
            if 0 <= x < screen.size.width and 0 <= y < screen.size.height and screen.get_widget_at(x, y)[0] is widget:
                kind = type(widget).__name__
                number = numbers[kind] = numbers.get(kind, 0) + 1
                named[f"{kind} {number}"] = widget
        return named

    async def _entries(self) -> AsyncIterator[tuple[str, DiscoveryHit | Hit]]:
        """Entries of the palette, as it would offer them here, with what is shown of them."""
        for provider in self._providers():
            await provider._wait_init()
            for query in _QUERIES:
                hits: Hits = provider.search(query) if query else provider.discover()
                async for hit in hits:
                    if hit is not NotImplemented:  # a provider that has nothing to offer unasked
                        yield str(hit.text), hit

    def _providers(self) -> Iterator[Provider]:
        for each in self.app.COMMANDS:
            made = each if isinstance(each, type) else each()
            provider = made(self.app.screen)
            provider._post_init()
            yield provider

    # doing it

    async def _do(self, deed: Deed) -> None:
        before, screen = self.here, self.app.screen
        if deed == _IDLE:
            active = screen.active_bindings
            for key in self._keys:
                if key not in active:
                    self._press(key)
        elif deed.kind == "key":
            self._press(deed.name)
        elif deed.kind == "click":
            self._click(deed.name)
        else:
            await self._run(deed.name)
        await self._settle()
        if panels := self.app.screen.query(HelpPanel):
            # a screen is laid out when it is its time, and not by a message that could be waited for
            await until(self.pilot, lambda: bool(panels.first().region))
            await self._settle()
            # it would be painted anew with every step from here on
            self._arrived(f"{self.here} with help")
            self.app.action_hide_help_panel()
            await self._settle()
        if self.here != before or self.app.screen is not screen:
            self.places[before].ways[deed] = self.here
        else:
            self.places[before].vain.add(deed)

    def _send(self, kind: str, event: Event) -> None:
        self.count[kind] += 1
        event.set_sender(self.app)
        assert self.app._driver is not None
        self.app._driver.send_message(event)

    def _press(self, key: str) -> None:
        self._send("key", events.Key(key, self._keys[key]))

    def _click(self, name: str) -> None:
        widget = self._widgets().get(name)
        if widget is not None:
            x, y = (int(each) for each in widget.region.center)
            for kind in (events.MouseDown, events.MouseUp):
                event = kind(None, x, y, 0, 0, 1, False, False, False, screen_x=x, screen_y=y)
                self._send("click", event)

    async def _run(self, name: str) -> None:
        hit = self._offered[1].get(name)
        if hit is not None and self._offered[0] is self.app.screen:
            self.count["run"] += 1
            result = hit.command()
            if isawaitable(result):
                await result

    # going on

    async def _go_on(self) -> bool:
        """To somewhere where something is left to do; False where there is no such place, or no way to it."""
        left = set(self.left) - {self.here}
        if not left:
            return False
        way = self._way(left)
        if way is not None:
            await self._do(way)
            return True
        self._homes += 1
        for place in self.places.values():
            place.vain.clear()
        self._home()
        await self._settle()
        return self._homes < _MOST_HOMES

    def _way(self, wanted: set[str]) -> Deed | None:
        """The first step of the shortest way."""
        queue: deque[tuple[str, Deed | None]] = deque([(self.here, None)])
        seen = {self.here}
        while queue:
            name, first = queue.popleft()
            if name in wanted:
                return first
            place = self.places.get(name, Place())
            for deed, there in place.ways.items():
                if there not in seen and deed not in place.vain:
                    seen.add(there)
                    queue.append((there, first or deed))
        return None
