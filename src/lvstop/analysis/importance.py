"""Which rows of a virtual server come first where there is no room for all of them."""

import heapq
from collections.abc import Sequence

from lvstop.analysis.board import Board


def most_important(board: Board, server: int, *, most: int) -> Sequence[int]:
    """Indices of a virtual server's real servers: all in order of address where there is room for them.

    Else those that are out of the ordinary in any way come first, then the most active ones; both by address.
    """
    count = len(board.listing.servers[server].real_servers)
    if count <= most:
        return range(count)
    faulty = [real for real in range(count) if board.states(server, real)][:most]
    known = set(faulty)
    active = [(0 if row is None else row.active_connections) for row in board.rows(server)]
    others = (real for real in range(count) if real not in known)
    busiest = heapq.nlargest(most - len(faulty), others, key=lambda real: active[real])
    return [*faulty, *sorted(busiest)]
