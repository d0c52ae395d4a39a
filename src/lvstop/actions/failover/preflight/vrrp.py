"""Checks of VRRP: one master, one holder, a backup that is ready, hears adverts, and is configured alike."""

from collections.abc import Callable, Iterator

from lvstop.actions.failover.checks import Check, CheckCode
from lvstop.actions.failover.preflight.verdicts import blocked, passed, warned
from lvstop.actions.failover.situation import VRRP_STALE_AFTER, Look, Pair, Situation, oldest
from lvstop.analysis.vrrp import InstanceGroup, keepalived_is_down, told_instances
from lvstop.analysis.words import age, listing
from lvstop.model.failover import FailoverLever
from lvstop.model.vrrp import VrrpInstance, VrrpState

_ENOUGH_ADVERTS = 0.5
"""With less than this part of the adverts that were due, some are lost on the way."""

_MISSED = 2.0
"""With no advert in more than so many intervals, the target is about to take over, or belongs to another master."""

_NAMED = 3


def one_master(look: Look) -> Check:
    """keepalived on every director was asked, and exactly one is MASTER of each instance."""
    code = CheckCode.ONE_MASTER
    # where keepalived does not run there is nothing that could be older than that
    evidence = oldest(*(look.vrrp_age(side) for side in look.sides if not keepalived_is_down(side.director)))
    unasked = [side.name for side in look.sides if told_instances(side.director) is None]
    if unasked:
        sentence = f"Who is MASTER cannot be told: keepalived on {listing(unasked)} could not be asked."
        return blocked(code, sentence, evidence)
    if not look.groups:
        return blocked(code, "No VRRP instance is known that could move.", evidence)
    wrong = [said for group in look.groups if (said := _not_one(group))]
    if wrong:
        remedy = "see the VRRP view; two masters do not hear each other, and without one nobody can take over"
        said = listing(wrong)
        return blocked(code, f"{_sentence(said) if said.startswith('nobody') else said}.", evidence, remedy)
    if evidence is not None and evidence > VRRP_STALE_AFTER.total_seconds():
        return blocked(code, f"What keepalived said of its states is {age(evidence)} old.", evidence)
    told = listing((f"{group.masters[0].director.name} of {group.label}" for group in look.groups), most=_NAMED)
    return passed(code, f"One MASTER: {told}.", evidence)


def _not_one(group: InstanceGroup) -> str:
    masters = [member.director.name for member in group.masters]
    if len(masters) == 1:
        return ""
    if masters:
        return f"{listing(masters)} are {'both' if len(masters) == 2 else 'all'} MASTER of {group.label}"
    states = listing(
        f"{member.director.name} is {member.instance.state or 'in an unknown state'}" for member in group.members
    )
    return f"nobody is MASTER of {group.label}{f' ({states})' if states else ''}"


def one_holder(look: Look) -> Check:
    """The kernels confirm it: each address is on the MASTER and nowhere else."""
    code = CheckCode.ONE_HOLDER
    evidence = oldest(*map(look.table_age, look.sides))
    holdings = {vip.address: vip for vip in look.snapshot.vips}
    wrong: list[str] = []
    right: list[str] = []
    for group in look.groups:
        masters = {member.director.name for member in group.masters}
        for address in sorted(group.addresses, key=lambda each: (each.version, int(each))):
            vip = holdings.get(address)
            if vip is None or vip.unknown_on:
                on = listing(vip.unknown_on) if vip is not None else "any director"
                wrong.append(f"nobody can tell whether {address} is on {on}")
            elif not vip.holders:
                wrong.append(f"no director holds {address}")
            elif len(vip.holders) > 1:
                wrong.append(f"{address} is on {listing(vip.holders)} at once")
            elif masters and set(vip.holders) != masters:
                wrong.append(f"{address} is on {vip.holders[0]}, and {listing(sorted(masters))} is MASTER")
            else:
                right.append(f"{address} on {vip.holders[0]}")
    if wrong:
        return blocked(code, f"{_sentence(listing(wrong, most=_NAMED))}.", evidence)
    if not right:
        return blocked(code, "No virtual address is known that could move.", evidence)
    return passed(code, f"The kernels agree: {listing(right, most=_NAMED)}.", evidence)


def peer_backup(situation: Situation) -> Check:
    """The target is BACKUP of everything that moves, and its trackers take nothing from its priority."""
    code = CheckCode.PEER_BACKUP
    target, name = situation.target.director, situation.target.name
    evidence = situation.look.vrrp_age(situation.target)
    if keepalived_is_down(target):
        if _explains(situation, FailoverLever.STOP):
            return passed(code, f"keepalived on {name} is stopped by the lever, and will be started.", evidence)
        return blocked(code, f"keepalived does not run on {name}.", evidence, f"start it on {name}")
    if told_instances(target) is None:
        return blocked(code, f"Whether {name} could take over cannot be told: its keepalived could not be asked.")
    wrong = [said for pair in situation.pairs if (said := _not_backup(situation, pair))]
    if wrong:
        remedy = f"journalctl -u keepalived on {name} says what keeps it there"
        return blocked(code, f"{name} could not take over: {listing(wrong, most=_NAMED)}.", evidence, remedy)
    lowered = [said for pair in situation.pairs if (said := _lowered(situation, pair))]
    if lowered:
        return warned(code, f"Trackers hold {name} down: {listing(lowered, most=_NAMED)}.", evidence)
    names = listing((pair.name for pair in situation.pairs), most=_NAMED)
    if _explains(situation, FailoverLever.FAULT):
        return passed(code, f"{names} on {name} is in FAULT by the lever, and becomes BACKUP when it is released.")
    lowers = "no tracker lowers it" if situation.releasing is None else "ready for the lever to be released"
    return passed(code, f"{name} is BACKUP of {names}, and {lowers}.", evidence)


def _explains(situation: Situation, lever: FailoverLever) -> bool:
    """The lever that is to be released is why the target looks like that."""
    record = situation.releasing
    return record is not None and record.lever is lever and record.source == situation.target.name


def _not_backup(situation: Situation, pair: Pair) -> str:
    state = None if pair.target is None else pair.target.state
    if state is VrrpState.BACKUP or (state is VrrpState.FAULT and _explains(situation, FailoverLever.FAULT)):
        return ""
    if pair.target is None:
        return f"its keepalived has no VRRP instance {pair.name}"
    return f"{pair.name} is {state or 'in a state that nobody knows'}"


def _lowered(situation: Situation, pair: Pair) -> str:
    if pair.target is None or situation.releasing is not None:
        return ""
    base, effective = pair.target.priority, pair.target.effective_priority
    if base is None or effective is None or effective >= base:
        return ""
    return f"{pair.name} has priority {effective} instead of {base}"


def adverts_arrive(situation: Situation) -> Check | None:
    """The target hears the master: else it would take over unasked, or does not belong to it."""
    code, target = CheckCode.ADVERTS_ARRIVE, situation.target
    if keepalived_is_down(target.director) or _explains(situation, FailoverLever.FAULT):
        return None
    sounding = target.sounding
    evidence = situation.look.sounding_age(target)
    if sounding is None or sounding.adverts_received is None or sounding.adverts_seconds is None:
        return _by_rates(situation)
    seconds = sounding.adverts_seconds
    few: list[str] = []
    told: list[str] = []
    for pair in situation.pairs:
        name = pair.name if pair.target is None or pair.target.name is None else pair.target.name
        heard = sounding.adverts_received.get(name)
        interval = pair.source.advert_interval
        if heard is None:
            few.append(f"how many of {pair.name} is not known")
        elif interval is not None and heard < int(seconds / interval) * _ENOUGH_ADVERTS:
            few.append(f"{heard} of {int(seconds / interval)} that were due for {pair.name}")
        elif heard == 0:
            few.append(f"none of {pair.name}")
        else:
            told.append(f"{heard} of {pair.name}")
        if heard == 0 and (interval is None or seconds > _MISSED * interval):
            sentence = f"{target.name} has heard no advert of {pair.name} within {age(seconds)}."
            return blocked(code, sentence, evidence, "look for what keeps VRRP (protocol 112) from getting there")
    if few:
        return warned(code, f"{target.name} has heard few adverts in {age(seconds)}: {listing(few)}.", evidence)
    return passed(code, f"{target.name} hears adverts: {listing(told)} in {age(seconds)}.", evidence)


def _by_rates(situation: Situation) -> Check:
    """What the session has seen between two dumps of keepalived."""
    code, target = CheckCode.ADVERTS_ARRIVE, situation.target
    rates = target.director.advert_rates or {}
    found = [rates.get(pair.target.name or "") for pair in situation.pairs if pair.target is not None]
    known = [rate.received for rate in found if rate is not None]
    evidence = situation.look.vrrp_age(target)
    why = target.why_not("advert")
    if known and len(known) == len(situation.pairs):
        if min(known) > 0:
            return passed(code, f"{target.name} has heard {min(known):.1f} adverts a second.", evidence)
        return warned(code, f"{target.name} has heard no adverts between two looks{why}.", evidence)
    return warned(code, f"Whether {target.name} hears adverts is not known{why}.", evidence)


def same_configuration(situation: Situation) -> Check | None:
    """Both directors mean the same by each instance. What differs is dropped on the way, or only half would move.

    Nothing where the target is stopped by the lever that is to be released: what it had was compared before.
    """
    code = CheckCode.SAME_CONFIGURATION
    if keepalived_is_down(situation.target.director) and _explains(situation, FailoverLever.STOP):
        return None
    evidence = oldest(*map(situation.look.vrrp_age, situation.both))
    absent = [pair.name for pair in situation.pairs if pair.target is None]
    if absent:
        sentence = f"How {listing(absent)} is configured on {situation.target.name} is not known."
        return warned(code, sentence, evidence)
    grave = [said for pair in situation.pairs for said in _differences(situation, pair, _GRAVE)]
    if grave:
        return blocked(code, f"{_sentence(listing(grave, most=_NAMED))}.", evidence, "make both configurations alike")
    slight = [said for pair in situation.pairs for said in _differences(situation, pair, _SLIGHT)]
    slight += [said for pair in situation.pairs if (said := _other_group(situation, pair))]
    if slight:
        return warned(code, f"{_sentence(listing(slight, most=_NAMED))}.", evidence, "make both configurations alike")
    return passed(code, "Virtual addresses, VRIDs, versions and advert intervals are the same on both.", evidence)


def _addresses(instance: VrrpInstance) -> str | None:
    if not instance.vips:
        return None
    return listing(sorted(str(vip.address) for vip in instance.vips))


def _number(value: float | None) -> str | None:
    return None if value is None else f"{value:g}"


def _interval(instance: VrrpInstance) -> str | None:
    """VRRP 2 refuses adverts of another interval; in VRRP 3 the master's counts (RFC 5798 §6.4.2)."""
    return None if instance.version == 3 else _number(instance.advert_interval)


_Trait = tuple[str, Callable[[VrrpInstance], str | None]]

_GRAVE: tuple[_Trait, ...] = (
    ("virtual addresses", _addresses),
    ("VRID", lambda instance: _number(instance.vrid)),
    ("VRRP version", lambda instance: _number(instance.version)),
    ("advert interval", _interval),
)
_SLIGHT: tuple[_Trait, ...] = (("advert interval", lambda instance: _number(instance.advert_interval)),)


def _differences(situation: Situation, pair: Pair, traits: tuple[_Trait, ...]) -> Iterator[str]:
    if pair.target is None:
        return
    for what, read in traits:
        own, peer = read(pair.source), read(pair.target)
        if own is not None and peer is not None and own != peer:
            yield (
                f"the {what} of {pair.name} {'are' if what.endswith('es') else 'is'} {own} on {situation.source.name} "
                f"and {peer} on {situation.target.name}"
            )


def _other_group(situation: Situation, pair: Pair) -> str:
    """In another sync group, or in none, on the other side: then other instances move with it there."""
    sides = [_mates(situation, side.name, pair) for side in situation.both]
    if None in sides or sides[0] == sides[1]:
        return ""
    return f"{pair.name} is in another sync group on {situation.target.name}"


def _mates(situation: Situation, director: str, pair: Pair) -> frozenset[str] | None:
    """The labels of what is in one sync group with it on a director; None where that is not known."""
    found = situation.look.director(director)
    if found is None or found.sync_groups is None:
        return None
    own = pair.source if director == situation.source.name else pair.target
    name = None if own is None else own.name
    members = next((set(group.instances) for group in found.sync_groups if name in group.instances), set[str]())
    labels = {
        group.label
        for group in situation.look.groups
        if (instance := group.on(found)) is not None and instance.name in members
    }
    return frozenset(labels)


def _sentence(words: str) -> str:
    """With a capital letter; not for words that begin with the name of a director."""
    return words[:1].upper() + words[1:]
