"""Finding rows by what an operator types: `172.26.127.22`, `[fd00::1]:443`, `TCP:172.26.127.20:445`, `FWM:7:inet6`."""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from ipaddress import ip_address

from lvstop.actions.intent import Row
from lvstop.actions.plan import Objection, ObjectionCode
from lvstop.actions.view import View
from lvstop.analysis.presence import anything_known
from lvstop.analysis.words import is_are, listing
from lvstop.model.address import Family, IPAddress, Protocol, VirtualServerKey, parse_endpoint
from lvstop.model.change import ChangePhase
from lvstop.model.cluster import ClusterSnapshot

MOST_NAMED = 3
_UINT32 = 2**32 - 1


def find_rows(snapshot: ClusterSnapshot, text: str, virtual_server: str | None) -> tuple[Row, ...] | Objection:
    """The rows of a real server, in all virtual servers of all directors or in one.

    Rows that are only on record, because they were drained and then left every table, are found too: they can still be
    restored.

    Args:
        text: a real server's address, with or without a port.
        virtual_server: as lvstop prints it; None for all.
    """
    matches = _real_server(text)
    if matches is None:
        return _nothing(
            f"{text!r} is not the address of a real server (ADDRESS or ADDRESS:PORT).", _rows(snapshot), text
        )
    serves = _any if virtual_server is None else _virtual_server(virtual_server)
    if serves is None:
        sentence = f"{virtual_server!r} is not a virtual server (e.g. TCP:10.0.0.1:80, TCP:[fd00::1]:80, FWM:7:inet6)."
        return Objection(ObjectionCode.NO_SUCH_ROW, sentence, overridable=False)
    known = _rows(snapshot)
    candidates = [row for row in known if matches(row[1].address, row[1].port)]
    found = tuple(row for row in candidates if serves(row[0]))
    if found:
        return found
    if candidates:
        names = listing(dict.fromkeys(row[0] for row in candidates), most=MOST_NAMED)
        sentence = f"{text} is not a real server of {virtual_server}; it is one of {names}."
        return Objection(ObjectionCode.NO_SUCH_ROW, sentence, overridable=False)
    if not anything_known(snapshot):
        sentence = f"No director of {snapshot.name} answers: whether one has {text} is not known."
        return Objection(ObjectionCode.DIRECTOR_MISSING, sentence, overridable=False)
    some = "" if all(director.answers for director in snapshot.directors) else " that answers"
    return _nothing(f"No director of {snapshot.name}{some} has a real server {text}.", known, text)


def _rows(snapshot: ClusterSnapshot) -> tuple[Row, ...]:
    view = View(snapshot, snapshot.generated_at)
    drained = [each for each in snapshot.changes if each.phase is ChangePhase.STANDING]
    recorded = [view.same(row) for change in drained for row in change.rows]
    return tuple(sorted(dict.fromkeys([*view.listed, *recorded]), key=lambda row: (row[0].sort_key, row[1].sort_key)))


def _real_server(text: str) -> Callable[[IPAddress, int], bool] | None:
    """Whether an address and port are meant by `text`; None where that is neither."""
    bracketed = text.startswith("[") and text.endswith("]")
    try:
        wanted = ip_address(text[1:-1] if bracketed else text)
    except ValueError:
        pass
    else:
        return (lambda address, _port: address == wanted) if not bracketed or wanted.version == 6 else None
    try:
        endpoint = parse_endpoint(text)
    except ValueError:
        return None
    return lambda address, port: (address, port) == endpoint


def _virtual_server(text: str) -> Callable[[VirtualServerKey], bool] | None:
    """Whether a virtual server is meant by `text`; None where that is none."""
    word, _, rest = text.partition(":")
    try:
        protocol = Protocol(word.upper())
    except ValueError:
        return None
    if protocol is Protocol.FWM:
        return _mark(rest)
    try:
        endpoint = parse_endpoint(rest)
    except ValueError:
        return None
    return lambda key: key.protocol is protocol and (key.address, key.port) == endpoint


def _mark(text: str) -> Callable[[VirtualServerKey], bool] | None:
    """A firewall mark. Without a family it is one of IPv4, or one whose family nobody could tell."""
    number, separator, word = text.partition(":")
    if not (number.isascii() and number.isdecimal()) or len(number) > 10 or int(number) > _UINT32:
        return None
    if separator and word not in tuple(Family):
        return None
    families = (Family.INET6, None) if word == Family.INET6 else (Family.INET, None)
    return lambda key: key.fwmark == int(number) and key.family in families


def _any(_key: VirtualServerKey) -> bool:
    return True


def _nothing(sentence: str, known: Sequence[Row], text: str) -> Objection:
    """Nothing was found, and what there is that looks like it."""
    with_port = ":" in text and not _is_address(text)
    names = list(dict.fromkeys(str(row[1]) if with_port else str(row[1].address) for row in known))
    near = get_close_matches(text, names, MOST_NAMED, cutoff=0.0)
    hint = f" The nearest {is_are(near)} {listing(near)}." if near else ""
    return Objection(ObjectionCode.NO_SUCH_ROW, sentence + hint, overridable=False)


def _is_address(text: str) -> bool:
    try:
        ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True
