"""Lines of the cluster screen that the table's rows do not need: cards and alerts may have them."""

from textual.widget import Widget

from lvstop.ui.table.widget import HEADER, ClusterTable
from lvstop.ui.widgets.quiet import QuietWidget

_CARD_LEAST = ((50, 7), (30, 3), (0, 2))
_ALERTS_LEAST = ((50, 8), (30, 4), (0, 3))
"""Lines of the screen from which on a card, and the alerts, may have so many in any case."""
_CARD_MOST = 9


def card_lines(screen: int, free: int, wanted: int, *, alerts: bool) -> int:
    """How many lines all cards have.

    Args:
        screen: lines of the screen.
        free: lines that cards and alerts can have without taking one from a row.
        wanted: lines of the card that has most to say.
        alerts: there are some, which have their least before a card grows.
    """
    spare = free - (_least(_ALERTS_LEAST, screen) if alerts else 0)
    return min(wanted, _CARD_MOST, max(_least(_CARD_LEAST, screen), spare))


def alert_room(screen: int, free: int, cards: int) -> int:
    """How many lines alerts may have beside cards of so many lines: a few, and all that nobody else needs."""
    return max(_least(_ALERTS_LEAST, screen), free - cards)


def _least(steps: tuple[tuple[int, int], ...], screen: int) -> int:
    return next(lines for least, lines in steps if screen >= least)


class SharingWidget(QuietWidget):
    """A card or the alerts: has more to say where rows leave room for it."""

    def __init__(self) -> None:
        super().__init__()
        self._table: ClusterTable | None = None
        self._card: Widget | None = None

    @property
    def free_lines(self) -> int:
        """Lines that cards and alerts can have without taking one from a row; few before anything was placed.

        What table, cards and alerts have between them is always the same, however they share it.
        """
        self._find()
        table, card = self._table, self._card
        if table is None or card is None:
            return 0
        strip = self.screen.query_one_optional("AlertStrip", Widget)
        alerts = strip.size.height if strip is not None and strip.display else 0
        needed = HEADER + table.all_rows + int(table.show_horizontal_scrollbar)
        return table.size.height + card.content_size.height + alerts - needed

    @property
    def card_width(self) -> int:
        """Cells of a card, as far as it was placed."""
        return (0 if self._card is None else self._card.content_size.width) or self.app.size.width

    def _find(self) -> None:
        if self._table is not None:
            return
        table, cards = self.screen.query_one_optional(ClusterTable), self.screen.query("DirectorCard")
        if table is not None and cards:
            self._table, self._card = table, cards.first()
            # its rows have come, or are others
            self.watch(table, "virtual_size", self.say_news, init=False)
