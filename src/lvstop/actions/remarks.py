"""What to know before saying yes: only what matters to this change."""

from collections.abc import Callable, Iterable, Iterator

from lvstop.actions.draft import Draft, Target
from lvstop.actions.intent import Row
from lvstop.actions.plan import Remark
from lvstop.analysis.words import listing, row_subject
from lvstop.model.address import Protocol, VirtualServerKey
from lvstop.model.change import ChangeKind
from lvstop.model.director import DirectorSnapshot
from lvstop.model.ipvs import ForwardingMethod, VirtualServer

_NAMED = 3
_WEIGHTS_DO_NOT_COUNT = frozenset({"rr", "lc"})
_LEAST_CONNECTIONS = frozenset({"lc", "wlc", "sed", "nq"})


def remarks(draft: Draft) -> tuple[Remark, ...]:
    """Those of the draft, and what follows from the directors' settings and tables."""
    found = [*draft.remarks, *(remark for look in _LOOKS for remark in look(draft))]
    return tuple(dict.fromkeys(found))


def _drained(draft: Draft) -> list[Target]:
    return list(draft.targets) if draft.drains else []


def _servers(targets: Iterable[Target]) -> dict[VirtualServerKey, list[Target]]:
    found: dict[VirtualServerKey, list[Target]] = {}
    for target in targets:
        found.setdefault(target.cell.row[0], []).append(target)
    return found


def persistence(draft: Draft) -> Iterator[Remark]:
    """Clients that stay with a drained real server (sysctl expire_quiescent_template)."""
    for key, targets in _servers(_drained(draft)).items():
        keeping = [target for target in targets if _is_persistent(target) and _expires(target.cell.director) != 1]
        if not keeping:
            continue
        seconds = next((known for target in keeping if (known := _timeout(target)) is not None), None)
        until = "their timeout" if seconds is None else f"{seconds} s"
        certain = all(_expires(target.cell.director) == 0 for target in keeping)
        go_on = "go on sending" if certain else "may go on sending"
        names = listing(dict.fromkeys(target.cell.director.name for target in keeping))
        sentence = (
            f"{key} is persistent: its clients {go_on} new connections to the drained real server "
            f"until {until} after their last one."
        )
        remedy = f"On {names}: sysctl -w net.ipv4.vs.expire_quiescent_template=1"
        yield Remark(sentence, remedy)


def _is_persistent(target: Target) -> bool:
    return target.cell.server is not None and target.cell.server.persistent


def _timeout(target: Target) -> int | None:
    detail, server = target.cell.detail, target.cell.server
    if detail is not None:
        return detail.persistence_seconds
    return None if server is None else server.persistence_seconds


def _expires(director: DirectorSnapshot) -> int | None:
    return None if director.sysctls is None else director.sysctls.expire_quiescent_template


def reused_ports(draft: Draft) -> Iterator[Remark]:
    """A client's port that is used again leads to the real server of before (sysctl conn_reuse_mode)."""
    names = dict.fromkeys(
        target.cell.director.name
        for target in _drained(draft)
        if target.cell.director.sysctls is not None and target.cell.director.sysctls.conn_reuse_mode == 0
    )
    if names:
        sentence = "A client that uses the same port again reaches the drained real server again (conn_reuse_mode 0)."
        yield Remark(sentence, f"On {listing(names)}: sysctl -w net.ipv4.vs.conn_reuse_mode=1")


def no_connections(draft: Draft) -> Iterator[Remark]:
    """UDP has no connections that end: what is left shows elsewhere, or nowhere."""
    for key, targets in _servers(_drained(draft)).items():
        if any(_one_packet(target) for target in targets):
            yield Remark(f"{key} schedules each packet on its own: nothing is left to wait for.")
        elif key.protocol is Protocol.UDP:
            yield Remark(f"{key}: UDP counts as inactive only, and decays by its timeout; ActiveConn is always 0.")


def _one_packet(target: Target) -> bool:
    server, detail = target.cell.server, target.cell.detail
    return bool(detail.one_packet if detail is not None else server is not None and server.one_packet)


def unlike_rows(draft: Draft) -> Iterator[Remark]:
    """Directors that have not the same weight before the change. After an interrupted one, that is no news."""
    by_row: dict[Row, list[Target]] = {}
    for target in () if draft.resumes else draft.targets:
        by_row.setdefault(target.cell.row, []).append(target)
    for targets in by_row.values():
        if len({target.before.weight for target in targets}) > 1:
            told = listing(f"{target.before.weight} on {target.cell.director.name}" for target in targets)
            yield Remark(f"{row_subject(*targets[0].cell.row)} has weight {told} now.")


def failed_already(draft: Draft) -> Iterator[Remark]:
    """Draining by a file what keepalived has taken out of service. Without a file that is objected to."""
    files = {each.director for each in draft.files}
    down: dict[str, list[str]] = {}
    for row in draft.rows if draft.drains else ():
        for cell in draft.view.cells(row):
            if cell.down and cell.director.name in files:
                down.setdefault(row_subject(*row), []).append(cell.director.name)
    for subject, names in down.items():
        yield Remark(f"{subject} fails keepalived's checks on {listing(names)}; when they pass, it stays at weight 0.")


def unknown_tunnel(draft: Draft) -> Iterator[Remark]:
    """An encapsulation that could not be read is restated as ipip."""
    rows = [
        f"{row_subject(*step.cell.row)} on {step.cell.director.name}"
        for step in draft.targets
        if step.before.forwarding is ForwardingMethod.TUNNEL and step.before.tunnel is None and not step.by_file
    ]
    if rows:
        sentence = f"The encapsulation of {listing(rows, most=_NAMED)} is not known: it will be ipip."
        yield Remark(sentence, "A newer ipvsadm (1.31) tells it.")


def scheduling(draft: Draft) -> Iterator[Remark]:
    """What a scheduler makes of other weights."""
    moved = [target for target in draft.targets if target.after != target.before.weight]
    for key, targets in _servers(moved).items():
        server = targets[0].cell.server
        if server is not None:
            yield from _of_scheduler(key, server, targets, draft.kind)


def _of_scheduler(
    key: VirtualServerKey, server: VirtualServer, targets: list[Target], kind: ChangeKind
) -> Iterator[Remark]:
    name = server.scheduler
    if name in _WEIGHTS_DO_NOT_COUNT and all(target.after > 0 and target.before.weight > 0 for target in targets):
        yield Remark(f"{key} uses {name}, for which weights other than 0 do not count: shares stay as they are.")
    if name == "sh":
        yield Remark(f"{key} uses sh: other weights place the clients of all its real servers anew.")
    back = any(target.before.weight == 0 and target.after > 0 for target in targets)
    if kind is ChangeKind.RESTORE and back and name in _LEAST_CONNECTIONS:
        yield Remark(f"{key} uses {name}: a real server without connections gets most new ones until it has its share.")


_LOOKS: tuple[Callable[[Draft], Iterator[Remark]], ...] = (
    persistence,
    reused_ports,
    no_connections,
    failed_already,
    unlike_rows,
    unknown_tunnel,
    scheduling,
)
