"""Who would be MASTER if everybody could vote now, and who would be it if the current master went.

The rules are those of RFC 5798 §6.4 as keepalived follows them: a BACKUP that hears a master of lower priority takes
over, unless it is `nopreempt`; of equal ones the master stays. Where no master is heard, the greatest effective
priority wins, and of equal ones the greatest primary address.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from lvstop.analysis.vrrp_board import InstanceBoard, Side, Standing
from lvstop.analysis.words import age, is_are, listing
from lvstop.model.address import IPAddress
from lvstop.model.vrrp import VrrpInstance, VrrpState

_UNABLE = frozenset({VrrpState.FAULT, VrrpState.STOP, VrrpState.DELETED})
_VOTING = frozenset({VrrpState.MASTER, VrrpState.BACKUP})


@dataclass(frozen=True, slots=True)
class Outcome:
    """Who wins, and a sentence that says so with its reason.

    Attributes:
        winner: a director's name; None where nobody can win, and where it cannot be told.
        known: False where it cannot be told.
    """

    winner: str | None
    known: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Election:
    """`now`: who would be MASTER. `next`: who would be it without the current master; None where there is none."""

    now: Outcome
    next: Outcome | None


class _Vote(Enum):
    ABLE = "able"
    UNABLE = "unable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class _Voter:
    """`why`: why it cannot vote, or why that is unknown; a part of a sentence."""

    side: Side
    vote: _Vote
    why: str = ""

    @property
    def name(self) -> str:
        return self.side.director.name

    @property
    def instance(self) -> VrrpInstance | None:
        return self.side.told

    @property
    def priority(self) -> int | None:
        return None if self.instance is None else self.instance.effective_priority

    @property
    def is_master(self) -> bool:
        return self.vote is _Vote.ABLE and self.instance is not None and self.instance.state is VrrpState.MASTER

    @property
    def address(self) -> IPAddress | None:
        """What its adverts come from, where that is beyond doubt: the only address of its own on the interface."""
        instance, addresses = self.instance, self.side.director.addresses
        if instance is None or instance.interface is None or not instance.vips or addresses is None:
            return None
        claimed = {vip.address for vip in instance.vips}
        version = instance.vips[0].address.version
        own = [
            entry.address
            for entry in addresses
            if entry.interface == instance.interface
            and entry.address not in claimed
            and entry.address.version == version
            and (version == 4 or entry.address.is_link_local)
        ]
        return own[0] if len(own) == 1 else None


@dataclass(frozen=True, slots=True)
class _Race:
    """The greatest of some voters; `doubt` where it cannot be told which that is."""

    first: _Voter | None
    doubt: str = ""
    by_address: bool = False


def elect(board: InstanceBoard) -> Election:
    """Both questions for one instance."""
    voters = [voter for side in board.sides if (voter := _voter(side)) is not None]
    divided = _divided(voters)
    if divided:
        return Election(Outcome(None, False, f"They do not vote together: {divided}."), None)
    masters = [voter for voter in voters if voter.is_master]
    now = _now(voters, masters)
    if not masters:
        return Election(now, None)
    holder = masters[0] if len(masters) == 1 else next((each for each in masters if each.name == now.winner), None)
    if holder is None:
        return Election(now, None)
    return Election(now, _next([voter for voter in voters if voter is not holder], holder))


def _voter(side: Side) -> _Voter | None:
    """None for a director whose keepalived has no such instance: it never takes part."""
    name, instance = side.director.name, side.told
    if side.standing is Standing.ABSENT:
        return None
    if side.standing is Standing.DOWN:
        return _Voter(side, _Vote.UNABLE, f"keepalived does not run on {name}")
    if instance is None:
        why = f"{name} does not answer" if not side.director.answers else f"keepalived on {name} could not be asked"
        return _Voter(side, _Vote.UNKNOWN, why)
    if instance.state in _UNABLE:
        return _Voter(side, _Vote.UNABLE, f"{name} is in {instance.state}")
    if instance.state not in _VOTING:
        return _Voter(side, _Vote.UNKNOWN, f"the state of {name} is {instance.state or 'not known'}")
    return _Voter(side, _Vote.ABLE)


def _divided(voters: Sequence[_Voter]) -> str:
    """Adverts of another VRID or VRRP version are not heard, or not understood."""
    told = [voter.instance for voter in voters if voter.instance is not None]
    for values, what in (
        ({instance.vrid for instance in told} - {None}, "VRID"),
        ({instance.version for instance in told} - {None}, "VRRP version"),
    ):
        if len(values) > 1:
            return f"their {what}s are {listing(sorted(str(value) for value in values))}"
    return ""


def _now(voters: Sequence[_Voter], masters: Sequence[_Voter]) -> Outcome:
    doubts = _doubts(voters)
    if doubts:
        return Outcome(None, False, f"It cannot be told who should be MASTER: {doubts}.")
    able = [voter for voter in voters if voter.vote is _Vote.ABLE]
    if not able:
        return Outcome(None, True, f"Nobody can be MASTER: {_reasons(voters)}.")
    if not masters:
        race = _race(able)
        if race.first is None:
            return Outcome(None, False, f"It cannot be told who would become MASTER: {race.doubt}.")
        return Outcome(race.first.name, True, f"{race.first.name} would become MASTER: {_merits(race, able)}.")
    reigning = _race(masters)
    if reigning.first is None:
        return Outcome(None, False, f"It cannot be told who would stay MASTER: {reigning.doubt}.")
    others = [voter for voter in able if not voter.is_master]
    several = len(masters) > 1
    merits = f"of several, {_merits(reigning, masters)}" if several else _lead(reigning.first, others)
    return _challenged(reigning.first, others, merits)


def _challenged(master: _Voter, others: Sequence[_Voter], merits: str) -> Outcome:
    """A master that hears the BACKUPs, and is heard by them. `merits`: why it is the one."""
    challengers: list[_Voter] = []
    held_back: list[_Voter] = []
    for voter in others:
        greater = _is_greater(voter, master)
        preempts = None if voter.instance is None else voter.instance.preempt
        if greater is False or (preempts is False and greater is None):
            continue
        if greater is None:
            names = listing(each.name for each in (master, voter) if each.priority is None)
            return Outcome(None, False, f"It cannot be told who should be MASTER: no priority is known of {names}.")
        if preempts is None:
            summary = f"it is not known whether {voter.name} preempts"
            return Outcome(None, False, f"It cannot be told who should be MASTER: {summary}.")
        (challengers if preempts else held_back).append(voter)
    if challengers:
        race = _race(challengers)
        if race.first is None:
            return Outcome(None, False, f"It cannot be told who would take over from {master.name}: {race.doubt}.")
        return Outcome(race.first.name, True, _takes_over(race.first, master))
    if held_back:
        names = listing(f"{voter.name} ({voter.priority})" for voter in held_back)
        merits = f"{names} {is_are(held_back)} greater than {master.priority}, but nopreempt"
    return Outcome(master.name, True, f"{master.name} stays MASTER{merits and f': {merits}'}.")


def _next(others: Sequence[_Voter], holder: _Voter) -> Outcome:
    """The same without the current master."""
    able = [voter for voter in others if voter.vote is _Vote.ABLE]
    doubts = _doubts(others)
    race = _race(able)
    if doubts:
        of_the_rest = "" if race.first is None else f"; of the others {race.first.name} is first"
        sentence = f"It cannot be told who would take over if {holder.name} went: {doubts}{of_the_rest}."
        return Outcome(None, False, sentence)
    if not able:
        why = _reasons(others) or "no other director has this instance"
        return Outcome(None, True, f"Nobody would take over if {holder.name} went: {why}.")
    if race.first is None:
        return Outcome(None, False, f"It cannot be told who would take over if {holder.name} went: {race.doubt}.")
    if race.first.is_master:
        return Outcome(race.first.name, True, f"{race.first.name} is MASTER already: {_merits(race, able)}.")
    hearing = _hearing(race.first)
    merits = f"{_merits(race, able)}{f', {hearing}' if hearing else ''}"
    return Outcome(race.first.name, True, f"{race.first.name} would take over: {merits}.")


def _race(voters: Sequence[_Voter]) -> _Race:
    """By effective priority, then by address."""
    if len(voters) < 2:
        return _Race(voters[0] if voters else None)
    mute = [voter.name for voter in voters if voter.priority is None]
    if mute:
        return _Race(None, f"no priority is known of {listing(mute)}")
    top = max(voter.priority or 0 for voter in voters)
    best = [voter for voter in voters if voter.priority == top]
    if len(best) == 1:
        return _Race(best[0])
    addresses = {address: voter for voter in best if (address := voter.address) is not None}
    if len(addresses) < len(best):
        names = listing(voter.name for voter in best)
        return _Race(None, f"{names} have the same priority {top}, and the addresses they send from are not known")
    return _Race(addresses[max(addresses, key=int)], by_address=True)


def _is_greater(voter: _Voter, master: _Voter) -> bool | None:
    if voter.priority is None or master.priority is None:
        return None
    return voter.priority > master.priority


def _doubts(voters: Sequence[_Voter]) -> str:
    return listing(voter.why for voter in voters if voter.vote is _Vote.UNKNOWN)


def _reasons(voters: Sequence[_Voter]) -> str:
    return listing(voter.why for voter in voters if voter.vote is _Vote.UNABLE)


def _merits(race: _Race, rivals: Sequence[_Voter]) -> str:
    """Why it is the first of them."""
    first = race.first
    priority = None if first is None else first.priority
    if race.by_address:
        return f"priority {priority} as others have, and the greatest address"
    if priority is None:
        return "the only one that can"
    return f"priority {priority}" if len(rivals) < 2 else f"priority {priority} is the greatest"


def _takes_over(challenger: _Voter, master: _Voter) -> str:
    delay = None if challenger.instance is None else challenger.instance.preempt_delay
    when = f"after its preempt delay of {age(delay)}" if delay else "at once"
    numbers = f"priority {challenger.priority} against {master.priority}"
    return f"{challenger.name} should take over from {master.name} {when}: {numbers}."


def _lead(master: _Voter, others: Sequence[_Voter]) -> str:
    """Why nobody takes over from the only master."""
    if not others or master.priority is None:
        return ""
    equal = [voter.name for voter in others if voter.priority == master.priority]
    if equal:
        return f"priority {master.priority}, and {listing(equal)} {_has(equal)} no greater one"
    return f"priority {master.priority} is the greatest"


def _has(items: Sequence[object]) -> str:
    return "has" if len(items) == 1 else "have"


def _hearing(voter: _Voter) -> str:
    """Whether a BACKUP hears its master, by the adverts it counted between two looks."""
    rates = voter.side.director.advert_rates
    rate = None if rates is None or voter.instance is None else rates.get(voter.instance.name or "")
    if rate is None or voter.instance is None or voter.instance.state is not VrrpState.BACKUP:
        return ""
    return "hears adverts" if rate.received > 0 else "but hears no adverts"
