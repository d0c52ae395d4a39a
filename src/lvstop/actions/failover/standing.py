"""What stands where after a failover, read back: who has the addresses, what keepalived says, what is left to type."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set

from lvstop.actions.command import Command, back
from lvstop.actions.failover.outcome import DirectorStanding, Tally
from lvstop.actions.failover.plan import FailoverPlan, Move
from lvstop.analysis.vrrp import told_instances
from lvstop.analysis.words import listing
from lvstop.model.address import IPAddress
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot
from lvstop.model.failover import Failover, FailoverPhase, LeverStep
from lvstop.model.vrrp import VrrpState


def standings(move: Move, snapshot: ClusterSnapshot, levers: Mapping[str, str]) -> tuple[DirectorStanding, ...]:
    """Each director of the cluster, as far as it answers.

    Args:
        levers: what the lever of a director is now, in words.
    """
    return tuple(_standing(move, director, levers.get(director.name, "")) for director in snapshot.directors)


def _standing(move: Move, director: DirectorSnapshot, lever: str) -> DirectorStanding:
    holds = states = None
    if director.answers:
        if director.addresses is not None:
            present = {entry.address for entry in director.addresses}
            holds = tuple(vip for vip in move.vips if vip in present)
        told = told_instances(director)
        if told is not None:
            by_name = {instance.name: instance.state for instance in told}
            states = tuple((name, by_name.get(name)) for name in move.instances)
    return DirectorStanding(director.name, holds, states, lever)


def disagreement(move: Move, found: Sequence[DirectorStanding], holder: str) -> str:
    """Why `holder` does not hold everything alone, by the kernel and by keepalived; empty where it does."""
    complaints: list[str] = []
    for each in found:
        if each.holds is None:
            complaints.append(f"nobody can tell what {each.director} holds")
        elif each.director == holder:
            complaints += _lacking(move, each)
        else:
            complaints += _surplus(each)
    return "; ".join(complaints)


def _lacking(move: Move, standing: DirectorStanding) -> Iterable[str]:
    absent = [str(vip) for vip in move.vips if vip not in (standing.holds or ())]
    if absent:
        yield f"{standing.director} does not have {listing(absent)}"
    if standing.states is None:
        yield f"keepalived on {standing.director} cannot be asked"
    for name, state in standing.states or ():
        if state is not VrrpState.MASTER:
            yield f"{name} on {standing.director} is {state or 'in no state that is known'}, not MASTER"


def _surplus(standing: DirectorStanding) -> Iterable[str]:
    if standing.holds:
        yield f"{standing.director} has {listing(map(str, standing.holds))}"
    for name, state in standing.states or ():
        if state is VrrpState.MASTER:
            yield f"{name} on {standing.director} is MASTER"


def tallies(move: Move, before: ClusterSnapshot | None, after: ClusterSnapshot | None) -> tuple[Tally, ...]:
    """ActiveConn of the virtual servers that move, on both directors."""
    return tuple(
        Tally(name, _active(move, before, name), _active(move, after, name)) for name in (move.source, move.target)
    )


def _active(move: Move, snapshot: ClusterSnapshot | None, name: str) -> int | None:
    director = None if snapshot is None else next((each for each in snapshot.directors if each.name == name), None)
    if director is None or not director.answers or director.virtual_servers is None:
        return None
    return sum(
        row.active_connections
        for server in director.virtual_servers
        for row in server.real_servers
        if server.key.address is None or server.key.address in move.vips
    )


def split(holders: Mapping[IPAddress, frozenset[str]]) -> bool:
    """Several have one address at once."""
    return any(len(names) > 1 for names in holders.values())


def holders_found(move: Move, found: Iterable[DirectorStanding]) -> Mapping[IPAddress, frozenset[str]]:
    """Who has which address, of those that answer."""
    return {vip: frozenset(each.director for each in found if vip in (each.holds or ())) for vip in move.vips}


def orphaned(holders: Mapping[IPAddress, frozenset[str]]) -> bool:
    """Nobody has one of the addresses."""
    return not all(holders.values())


def holders_in_words(holders: Mapping[IPAddress, frozenset[str]], silent: Set[str]) -> str:
    """`172.26.127.20 is on keepalived1 and keepalived2; …`.

    Args:
        silent: directors that do not answer: what they had may not be what they have.
    """
    return "; ".join(f"{vip} is on {_holders(names, silent)}" for vip, names in holders.items())


def _holders(names: Set[str], silent: Set[str]) -> str:
    known, last = sorted(names - silent), sorted(names & silent)
    said = listing(known) if known else "no director that answers" if silent else "no director"
    return f"{said} (last seen on {listing(last)}, which does not answer)" if last else said


def lever_words(steps: Iterable[LeverStep], command: Callable[[LeverStep], Command], what: str) -> Mapping[str, str]:
    """What the lever of each director is, with its commands."""
    found: dict[str, list[str]] = {}
    for step in steps:
        found.setdefault(step.director, []).append(str(command(step)))
    return {director: f"{what}: {'; '.join(commands)}" for director, commands in found.items()}


def log_line(plan: FailoverPlan, how: str) -> str:
    """One line for a director's log: what was done, and how it ended."""
    move, record = plan.move, plan.failover
    why = f" ({record.reason})" if record.reason else ""
    deed = f"release of {record.lever}" if plan.releases else f"failover by {record.lever}"
    way = f"from {move.source} to {move.target}" if plan.moves else f"stays on {move.source}"
    return f"{deed}, {', '.join(map(str, move.vips))} {way}: {how}{why}"


def way_out(record: Failover, pulled: Iterable[LeverStep], split_now: bool) -> tuple[str, ...]:
    """What an operator can type, where lvstop could not put it right.

    Args:
        pulled: what may still be pulled, in the order in which it is to be taken back.
    """
    lines: list[str] = []
    if split_now:
        lines.append(
            f"Both directors hold addresses: adverts do not pass between {record.source} and {record.target}. "
            "See that they do; the one with the lower priority then gives up by itself."
        )
    lines.extend(f"on {step.director}: {back(step)}" for step in pulled)
    held = record.phase is FailoverPhase.HELD
    again = f"failover {record.cluster} --release" if held else f"resume {record.cluster} {record.id} --undo"
    lines.append(f"lvstop {again}   # once both directors answer")
    return tuple(lines)
