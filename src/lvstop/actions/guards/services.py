"""What is left of virtual servers when real servers lose weight."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lvstop.actions.draft import Draft
from lvstop.actions.levers import numbers, weight_by_keepalived
from lvstop.actions.plan import Objection, ObjectionCode
from lvstop.actions.view import Cell
from lvstop.analysis.words import listing
from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.ipvs import RealServer

ENOUGH = 0.5
"""With less than this part of the configured weight left, a virtual server is short of real servers."""

_FALLBACK = {"sh": "sh-fallback", "mh": "mh-fallback", "dh": ""}
"""Schedulers that go on sending clients to a drained real server, and the flag that prevents it; empty: none."""


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """One virtual server on one director, of which real servers lose weight.

    Attributes:
        cells: its real servers, whether they are in the table or not.
        after: the weights that they are to have, of those in the table.
    """

    first: Cell
    cells: Sequence[Cell]
    after: Mapping[RealServerKey, int]
    lowered: frozenset[RealServerKey]
    files: Mapping[str, int]

    @property
    def key(self) -> VirtualServerKey:
        """As the cluster lists it."""
        return self.first.row[0]

    @property
    def usable(self) -> list[Cell]:
        """Real servers that will take connections: weight above 0, and not failed by keepalived's checks."""
        return [cell for cell in self.cells if self.after.get(cell.row[1], 0) > 0 and _passes(cell)]

    @property
    def rows(self) -> Sequence[RealServer]:
        """Its real servers in the kernel's table."""
        return () if self.first.server is None else self.first.server.real_servers


def _passes(cell: Cell) -> bool:
    return cell.checked is None or cell.checked.alive


def services(draft: Draft) -> Iterator[Service]:
    """Every virtual server that loses something, on each director."""
    found: dict[tuple[str, VirtualServerKey], Cell] = {}
    for target in draft.targets:
        if target.lowers:
            found.setdefault((target.cell.director.name, target.cell.row[0]), target.cell)
    for (name, key), first in found.items():
        mine = [target for target in draft.targets if (target.cell.director.name, target.cell.row[0]) == (name, key)]
        cells = draft.view.siblings(first)
        after = {cell.row[1]: cell.weight for cell in cells if cell.weight is not None}
        after.update({target.cell.row[1]: target.after for target in mine})
        lowered = frozenset(target.cell.row[1] for target in mine if target.lowers)
        files = {each.name: each.after for each in draft.files if each.director == name}
        yield Service(first, cells, after, lowered, files)


def last_real_server(draft: Draft) -> Iterator[Objection]:
    """Nothing would be left that takes new connections."""

    def said(service: Service) -> str:
        if service.usable or not any((cell.weight or 0) > 0 and _passes(cell) for cell in service.cells):
            return ""
        return "would have no real server left with a weight above 0 that passes its checks"

    yield from _objections(draft, ObjectionCode.LAST_REAL_SERVER, said)


def capacity(draft: Draft) -> Iterator[Objection]:
    """Less than half of the configured weight would be left, or less room than there are connections."""
    yield from _objections(draft, ObjectionCode.CAPACITY, _short_of_weight)
    yield from _objections(draft, ObjectionCode.CAPACITY, _short_of_room)


def _short_of_weight(service: Service) -> str:
    if service.first.checked_server is None:
        return ""
    total = sum(each.weight for each in service.first.checked_server.real_servers)
    left = sum(service.after[cell.row[1]] for cell in service.usable)
    if not 0 < left < ENOUGH * total:
        return ""
    return f"would be left with weight {left:,} of the {total:,} that are configured ({100 * left / total:.0f} %)"


def _short_of_room(service: Service) -> str:
    """Upper thresholds count active and inactive connections (`ip_vs_dest_totalconns`)."""
    limits = [0 if cell.real_detail is None else cell.real_detail.upper_threshold or 0 for cell in service.usable]
    if not service.first.leads or not limits or not all(limits):
        return ""
    open_now = sum(row.active_connections + row.inactive_connections for row in service.rows)
    if sum(limits) >= open_now:
        return ""
    return f"has {open_now:,} connections, and the upper thresholds of what is left allow {sum(limits):,}"


def quorum(draft: Draft) -> Iterator[Objection]:
    """Fewer weights than the quorum: keepalived acts on it where it sees it, and does nothing where it does not."""
    yield from _objections(draft, ObjectionCode.QUORUM, _below_quorum)


def _below_quorum(service: Service) -> str:
    checked = service.first.checked_server
    if checked is None or checked.quorum is None or checked.quorum_up is False:
        return ""
    wanted = max(1, checked.quorum)
    sorry = checked.sorry_server
    before, then = _by_keepalived(service, {}), _by_keepalived(service, service.files)
    if then < wanted <= before:
        instead = f"takes its real servers out for the sorry server {sorry}" if sorry else "has no sorry server for it"
        return f"would lose its quorum ({then:,} of {wanted:,}), and keepalived {instead}"
    now = sum(cell.weight or 0 for cell in service.cells if _passes(cell))
    left = sum(service.after[cell.row[1]] for cell in service.usable)
    if service.files or not left < wanted <= now or (left == 0 and wanted == 1 and sorry is None):
        return ""
    unseen = f", so that the sorry server {sorry} is not put to work" if sorry else ""
    return f"would have weight {left:,}, less than its quorum of {wanted:,}, and keepalived does not see it{unseen}"


def _by_keepalived(service: Service, files: Mapping[str, int]) -> int:
    """The sum of weights that keepalived counts (`weigh_live_realservers`)."""
    now = numbers(service.first.director) or {}
    alive = [cell.checked for cell in service.cells if cell.checked is not None and cell.checked.alive]
    if not files:
        return sum(each.effective_weight for each in alive)
    return sum(weight_by_keepalived(each, now, {**now, **files}) for each in alive)


def clients_refused(draft: Draft) -> Iterator[Objection]:
    """A scheduler that hashes goes on sending clients to a drained real server, and they are refused."""
    yield from _objections(draft, ObjectionCode.CLIENTS_REFUSED, _refused)


def _refused(service: Service) -> str:
    server, detail = service.first.server, service.first.detail
    drained = [key for key in service.lowered if service.after[key] == 0]
    if server is None or not drained or server.scheduler not in _FALLBACK:
        return ""
    flag = _FALLBACK[server.scheduler]
    if flag and (detail is None or flag in detail.scheduler_flags):
        return ""
    if not flag:
        return "hashes by destination (dh), which refuses what falls to a drained real server; no flag prevents that"
    remedy = f"the line `{flag}` in its virtual_server block sends them to other real servers"
    part = _sh_part(service) if server.scheduler == "sh" else _mh_part(service, drained)
    return f"hashes clients ({server.scheduler}) without {flag}, so that about {part:.0%} of them are refused; {remedy}"


def _sh_part(service: Service) -> float:
    """`ip_vs_sh_reassign` deals as many buckets as a real server weighs, and one to those that weigh nothing."""
    weights = [service.after.get(row.key, row.weight) for row in service.rows]
    empty = sum(weight <= 0 for weight in weights)
    return empty / (empty + sum(weight for weight in weights if weight > 0))


def _mh_part(service: Service, drained: Sequence[RealServerKey]) -> float:
    """Maglev keeps a drained real server's places in its table (`ip_vs_mh_permutate` goes by the last weight)."""
    weights = {row.key: max(0, row.weight) for row in service.rows}
    return sum(weights[key] for key in drained) / max(1, sum(weights.values()))


def _objections(draft: Draft, code: ObjectionCode, said: Callable[[Service], str]) -> Iterator[Objection]:
    """One objection for each virtual server; directors of which the same is to be said share it."""
    found: dict[tuple[VirtualServerKey, str], list[str]] = {}
    for service in services(draft):
        words = said(service)
        if words:
            found.setdefault((service.key, words), []).append(service.first.director.name)
    for (key, words), names in found.items():
        yield Objection(code, f"{key} on {listing(names)} {words}.", overridable=True)
