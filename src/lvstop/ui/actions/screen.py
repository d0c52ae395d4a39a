"""Screens on which a key may be about real servers."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.widgets import Input

from lvstop.actions.intent import AddWeight, Drain, Intent, Restore
from lvstop.actions.intent import Row as RealRow
from lvstop.analysis.board import Board, Row
from lvstop.model.address import IPAddress
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.actions.access import desk_of, operates
from lvstop.ui.actions.bindings import BINDINGS, CHANGING
from lvstop.ui.connections.key import CountableScreen
from lvstop.ui.messages import ShowScreen

_NOT_A_REAL_SERVER = "That is a virtual server; put the cursor on one of its real servers."
_NO_ROW = "There is no row under the cursor."


class ActingScreen(CountableScreen):
    """Knows which real servers a key is about. Rows are captured by their keys before anything else happens."""

    BINDINGS: ClassVar[list[BindingType]] = BINDINGS

    @property
    def pointed_at(self) -> Row | None:
        """The row under the cursor."""
        raise NotImplementedError

    @property
    def marked_rows(self) -> Sequence[RealRow]:
        """Rows that were marked; they go before the one under the cursor."""
        return ()

    def forget_marks(self) -> None:
        """What was marked has been changed."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In read-only mode the keys that change something are shown, and do nothing; nor do they while one types."""
        if action in CHANGING:
            return False if isinstance(self.focused, Input) else operates(self, self.feed.name) or None
        return super().check_action(action, parameters)

    def rows_meant(self) -> tuple[RealRow, ...]:
        """The marked rows, else the one under the cursor; nothing, with a hint, where that is no real server."""
        marked = tuple(self.marked_rows)
        if marked:
            return marked
        row = self.real_row()
        return () if row is None else (row,)

    def real_row(self) -> RealRow | None:
        """The real server under the cursor; None, with a hint, where there is none."""
        row = self.pointed_at
        if row is not None and row[1] is not None:
            return (row[0], row[1])
        self.notify(_NO_ROW if row is None else _NOT_A_REAL_SERVER, timeout=5, markup=False)
        return None

    def action_drain(self) -> None:
        """Drain these rows."""
        rows = self.rows_meant()
        if rows:
            self._ask(Drain(rows))

    def action_drain_everywhere(self) -> None:
        """Drain these real servers in all their virtual servers."""
        rows = self.rows_meant()
        if rows:
            addresses = dict.fromkeys(real.address for _, real in rows)
            self._ask(Drain(everywhere(self.feed.latest, list(addresses)) or rows))

    def action_restore(self) -> None:
        """Give these rows back what they had."""
        rows = self.rows_meant()
        if rows:
            self._ask(Restore(rows))

    def action_add_weight(self, delta: int) -> None:
        """Add to the weights of these rows."""
        rows = self.rows_meant()
        if rows:
            self._ask(AddWeight(rows, delta))

    def action_weight(self) -> None:
        """Ask for a weight."""
        rows, desk = self.rows_meant(), desk_of(self)
        if rows and desk is not None:
            desk.ask_weight(self.feed, rows, self.forget_marks)

    def action_board(self) -> None:
        """What is in maintenance."""
        from lvstop.ui.screens.maintenance import MaintenanceScreen

        self.post_message(ShowScreen(MaintenanceScreen))

    def _ask(self, intent: Intent) -> None:
        desk = desk_of(self)
        if desk is not None:
            desk.ask(self.feed, intent, self.forget_marks)


def everywhere(snapshot: ClusterSnapshot, addresses: Sequence[IPAddress]) -> tuple[RealRow, ...]:
    """All rows of these real servers that some director's kernel has."""
    from lvstop.analysis.presence import places_of

    board = Board.of(snapshot)
    found: list[RealRow] = []
    for address in addresses:
        for server, real in places_of(board.listing, address):
            if any(board.row(server, real, index) is not None for index in range(len(snapshot.directors))):
                listed = board.listing.servers[server]
                found.append((listed.key, listed.real_servers[real]))
    return tuple(sorted(found, key=lambda row: (row[0].sort_key, row[1].sort_key)))
