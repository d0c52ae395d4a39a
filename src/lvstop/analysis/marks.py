"""Firewall marks: /proc/net/ip_vs does not tell the family of one without real servers."""

from collections.abc import Iterable, Mapping

from lvstop.model.address import Protocol, VirtualServerKey
from lvstop.model.director import DirectorSnapshot


def known_marks(directors: Iterable[DirectorSnapshot]) -> Mapping[int | None, VirtualServerKey | None]:
    """Firewall marks whose family some director knows; None for a mark that is used with both."""
    marks: dict[int | None, VirtualServerKey | None] = {}
    for director in directors:
        for server in director.virtual_servers or ():
            key = server.key
            if key.protocol is Protocol.FWM and key.family is not None:
                marks[key.fwmark] = key if marks.get(key.fwmark, key) == key else None
    return marks


def same_mark(key: VirtualServerKey, marks: Mapping[int | None, VirtualServerKey | None]) -> VirtualServerKey:
    """The key under which a firewall mark is compared."""
    if key.protocol is Protocol.FWM and key.family is None:
        return marks.get(key.fwmark) or key
    return key
