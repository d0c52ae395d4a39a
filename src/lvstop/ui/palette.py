"""The command palette: every action that a key does, every row of the table, every cluster."""

from collections.abc import Awaitable, Callable
from functools import partial
from itertools import islice

from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from lvstop.analysis.board import Row
from lvstop.analysis.listing import listing_of
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


_OFFERED = frozenset(
    {"app", "cluster", "table", "change", "events", "vrrp", "virtual-server", "real-server", "fleet", "drain", "board"}
)


class PlaceProvider(Provider):
    """Where one can go: the other clusters, and the virtual and real servers of this one."""

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
        wanted = query.strip().lower()
        rows: list[tuple[str, Row]] = []
        for listed in listing_of(app.snapshot).servers:
            name = server_name(listed.key)
            rows.append((name, (listed.key, None)))
            rows.extend((f"{key}  of {name}", (listed.key, key)) for key in listed.real_servers)
        for text, row in islice((each for each in rows if wanted in each[0].lower()), _MOST_ROWS):
            yield Hit(0.9, Content(text), partial(app.go_to_row, row))
