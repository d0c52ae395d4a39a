"""What there is to say of a virtual server in sentences: what the kernel does, and what keepalived says of it."""

from collections.abc import Iterable
from datetime import datetime

from textual.content import Content

from lvstop import format as fmt
from lvstop.analysis.board import Board, RowState, VirtualServerFacts
from lvstop.analysis.presence import anything_known
from lvstop.analysis.scheduling import one_packet_sentence, persistence_sentence, scheduler_sentence
from lvstop.analysis.vrrp import keepalived_is_down
from lvstop.analysis.words import count, listing
from lvstop.model.address import VirtualServerKey
from lvstop.model.checks import CheckedVirtualServer
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.ipvs import VirtualServer
from lvstop.ui.detail.paragraphs import labelled
from lvstop.ui.fitting import hanging
from lvstop.ui.words import muted, unknown


def gone_line(key: VirtualServerKey, since: datetime | None, snapshot: ClusterSnapshot) -> Content:
    """A virtual server that no director has, or of which nobody can tell."""
    if not anything_known(snapshot):
        return Content.styled(f" ? nothing is known of {key}: no director's table can be read now", "$unknown")
    when = "" if since is None else f" since {fmt.day_time(since, snapshot.generated_at)}"
    below = "" if since is None else "; below is its past"
    return Content.styled(f" ✖ gone: no director that answers has {key}{when}{below}", "bold $health-critical")


def fact_lines(board: Board, server: int, width: int) -> list[Content]:
    """A paragraph for each truth, in lines of `width` cells."""
    facts = board.virtual_server(server)
    told: list[tuple[str, Content]] = []
    if facts.server is None:
        told.append(("kernel", _absent(facts)))
    else:
        flags = None if facts.detail is None else facts.detail.scheduler_flags
        told.append(("kernel", Content(scheduler_sentence(facts.server.scheduler, flags))))
        told.append(("clients", Content(_clients(facts, facts.server))))
    told.append(("checks", _checks(facts)))
    told.append(("others", Content(", ").join(_others(facts))))
    thresholds = _thresholds(facts)
    if thresholds:
        told.append(("limits", Content(thresholds)))
    lines = hanging(Content(" "), _headline(board, facts), width)
    for label, content in told:
        lines += labelled(label, content, width)
    return lines


def _headline(board: Board, facts: VirtualServerFacts) -> Content:
    """Whose values these are, and what is wrong with the virtual server as a whole."""
    leader, vips = facts.leader, board.snapshot.vips
    held = next((vip for vip in vips if vip.address == facts.key.address and leader.name in vip.holders), None)
    who = f"values of {leader.name}"
    if not leader.answers:
        age = fmt.age(leader.age_seconds)
        whose = Content.styled(f"? {leader.name} does not answer: its past, {age} old", "$director-unreachable")
    elif held is not None:
        whose = Content.assemble((f"{who}, which holds {held.address}", "$foreground"))
    elif facts.key.address is None or all(vip.address != facts.key.address for vip in vips):
        whose = Content(who)
    else:
        whose = Content.styled(f"▲ {who}, which does not hold {facts.key.address}", "$health-warning")
    for state, words in _STATES:
        if state in facts.states:
            return Content.assemble((words, "bold $health-critical"), "  ", whose)
    return whose


_STATES = (
    (RowState.ABSENT, "✖ not in the kernel"),
    (RowState.EMPTY, "✖ empty: no real server"),
    (RowState.DOWN, "✖ no quorum"),
)


def _absent(facts: VirtualServerFacts) -> Content:
    if facts.leader.virtual_servers is None:
        return unknown()
    return Content.styled(f"{facts.leader.name} does not have it", "$drift")


def _clients(facts: VirtualServerFacts, server: VirtualServer) -> str:
    parts = [persistence_sentence(server, facts.detail), one_packet_sentence(server, facts.detail)]
    return "; ".join(part for part in parts if part)


def _checks(facts: VirtualServerFacts) -> Content:
    """What keepalived has configured and checked, apart from what the kernel has."""
    leader, checked = facts.leader, facts.checked
    if keepalived_is_down(leader):
        return Content.styled("keepalived is not running: nobody checks the real servers", "$health-critical")
    if checked is None:
        if leader.checks is None or not leader.answers:
            return Content.assemble(unknown(), ("  what keepalived's checks believe is unknown", "$muted"))
        return Content.styled("keepalived does not have it configured: it was set by hand", "$drift")
    alive = sum(each.alive for each in checked.real_servers)
    total = len(checked.real_servers)
    passing = f"{alive:,} of {count(total, 'real server')} pass"
    state = Content(passing) if alive == total else Content.styled(f"▲ {passing}", "$health-warning")
    return Content("; ").join([state, _quorum(checked), _sorry(facts, checked)])


def _quorum(checked: CheckedVirtualServer) -> Content:
    quorum = "quorum" if checked.quorum is None else f"quorum {checked.quorum:,}"
    if checked.quorum_up is None:
        return Content.assemble(f"{quorum} ", unknown())
    return Content(f"{quorum} reached") if checked.quorum_up else Content.styled(f"✖ {quorum} lost", "$health-critical")


def _sorry(facts: VirtualServerFacts, checked: CheckedVirtualServer) -> Content:
    if checked.sorry_server is None:
        return muted("no sorry server")
    rows = () if facts.server is None else facts.server.real_servers
    serving = any(row.key == checked.sorry_server for row in rows)
    words = f"sorry server {checked.sorry_server}"
    return Content.styled(f"▲ {words} is in the kernel", "$server-drained") if serving else Content(f"{words} waits")


def _others(facts: VirtualServerFacts) -> Iterable[Content]:
    """The same virtual server on the other directors; their rows are in the table."""
    if not facts.twins:
        yield muted("there is no other director")
    for twin in facts.twins:
        if not twin.known:
            yield Content.assemble((f"{twin.director} ", "$muted"), unknown())
        elif twin.words:
            yield Content.styled(f"{twin.director} differs: {twin.words} ≠", "$drift")
        else:
            yield Content(f"{twin.director} has the same settings")


def _thresholds(facts: VirtualServerFacts) -> str:
    """How many real servers take so many connections only; empty where none is limited."""
    if facts.detail is None:
        return ""
    limited = [detail for detail in facts.detail.real_servers.values() if detail.upper_threshold]
    if not limited:
        return ""
    tops = listing(sorted({f"{detail.upper_threshold:,}" for detail in limited}), most=3)
    return f"{len(limited):,} of {count(len(facts.detail.real_servers), 'real server')} take at most {tops} connections"
