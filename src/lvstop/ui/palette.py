"""The command palette: every action that a key does, every row of the table, every cluster."""

import heapq
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import NamedTuple

from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from lvstop.analysis.board import Row
from lvstop.analysis.listing import Listing, listing_of
from lvstop.ui.table.order import server_name

_MOST_ROWS = 50
"""Rows of a large table are offered as far as they match best."""


class ActionProvider(Provider):
    """What the keys of this screen do, by the words of their bindings."""

    def _actions(self) -> list[tuple[Binding, Callable[[], Awaitable[bool]]]]:
        """Bindings, each with its action on the part of the screen that it belongs to."""
        found: dict[str, tuple[Binding, Callable[[], Awaitable[bool]]]] = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if active.enabled and binding.id and binding.description and binding.id.partition(".")[0] in _OFFERED:
                found.setdefault(binding.id, (binding, partial(self.app.run_action, binding.action, active.node)))
        # what explains itself is worth finding; moving the cursor comes last
        return sorted(found.values(), key=lambda each: not each[0].tooltip)

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        for binding, run in self._actions():
            yield DiscoveryHit(binding.description, run, help=binding.tooltip or None)

    async def search(self, query: str) -> Hits:
        """Those whose words match."""
        matcher = self.matcher(query)
        for binding, run in self._actions():
            score = max(matcher.match(binding.description), matcher.match(binding.tooltip))
            if score > 0:
                yield Hit(score, matcher.highlight(binding.description), run, help=binding.tooltip or None)


_PLACES = ("cluster", "table", "events", "alerts", "vrrp", "machines", "virtual-server", "real-server", "fleet", "wall")
_OFFERED = frozenset({"app", "change", "drain", "board", "connections", *_PLACES})


class PlaceProvider(Provider):
    """Where one can go: the other clusters, and the virtual and real servers of this one."""

    _places: Sequence["Place"] | None = None

    async def search(self, query: str) -> Hits:
        """Clusters and rows that match."""
        from lvstop.ui.app import LvstopApp

        app = self.app
        if not isinstance(app, LvstopApp):
            return
        matcher = self.matcher(query)
        for name in app.feeds:
            score = matcher.match(f"cluster {name}")
            if score > 0:
                yield Hit(score, matcher.highlight(f"cluster {name}"), partial(app.show_cluster, name))
        if app.snapshot is None:
            return
        if self._places is None:
            # once for all letters: listing ten thousand rows would be felt at each of them
            self._places = places_of(listing_of(app.snapshot))
        for score, place in best_places(self._places, query, most=_MOST_ROWS):
            yield Hit(score, place.marked(query), partial(app.go_to_row, place.row))


class Place(NamedTuple):
    """A row with the words by which it is found: its own, and for a real server those of its virtual server."""

    row: Row
    own: str
    of: str = ""

    def marked(self, query: str) -> Content:
        """The words, with what was typed standing out."""
        content = Content(f"{self.own}  of {self.of}" if self.of else self.own)
        plain = content.plain.lower()
        for word in query.lower().split():
            begin = plain.find(word)
            if begin >= 0:
                content = content.stylize("bold underline", begin, begin + len(word))
        return content


def places_of(listing: Listing) -> Sequence[Place]:
    """All rows, in the order of the table."""
    places: list[Place] = []
    for listed in listing.servers:
        name = server_name(listed.key)
        places.append(Place((listed.key, None), name))
        places.extend(Place((listed.key, key), str(key), name) for key in listed.real_servers)
    return places


def best_places(places: Sequence[Place], query: str, *, most: int) -> Sequence[tuple[float, Place]]:
    """The rows that have all the words, with a score between 0 and 1: the best first, equals as in the table."""
    words = query.lower().split()
    found = ((_score(place, words), -number) for number, place in enumerate(places)) if words else ()
    return [(score, places[-number]) for score, number in heapq.nlargest(most, found) if score > 0]


def _score(place: Place, words: Sequence[str]) -> float:
    own, of = place.own.lower(), place.of.lower()
    return min(max(_fit(own, word), 0.5 * _fit(of, word)) for word in words)


def _fit(text: str, word: str) -> float:
    """How well a word fits: the whole of an address, its beginning, a number of it, any part, or not at all."""
    begin = text.find(word)
    if begin < 0:
        return 0.0
    protocol = text.find(" ") + 1
    if begin <= protocol:
        return 1.0 if len(text) - begin == len(word) else 0.95
    return 0.8 if text[begin].isalnum() and text[begin - 1].isalnum() else 0.9
