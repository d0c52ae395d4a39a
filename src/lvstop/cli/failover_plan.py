"""From arguments to what is to be done: a failover, or the release of a lever that is held."""

import argparse
from collections.abc import Sequence

from lvstop.actions.failover.intent import FailOver, FailoverIntent, Release
from lvstop.actions.plan import Objection, ObjectionCode
from lvstop.cli.change_plan import reason_of
from lvstop.cli.changing import UsageError
from lvstop.cli.unfinished import unfinished_text, unknown_records
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.failover import Failover, FailoverLever, FailoverPhase


def failover_intent(options: argparse.Namespace, snapshot: ClusterSnapshot) -> FailoverIntent | Objection:
    """What is asked for, or why there is nothing of the kind.

    Raises:
        UsageError: several levers are held, and it is open which of them is meant.
    """
    reason = reason_of(options)
    if not options.release:
        lever = None if options.lever is None else FailoverLever(options.lever)
        return FailOver(options.instance, options.group, options.to, lever, reason)
    held = [each for each in snapshot.failovers if each.phase is FailoverPhase.HELD]
    meant = [each for each in held if _is_meant(each, options, snapshot)]
    if len(meant) > 1:
        raise UsageError(
            f"{len(meant)} levers are held; tell which by --instance, or by --to, the director that gets it back:\n"
            f"{unfinished_text(meant)}"
        )
    return Release(meant[0].id, reason) if meant else _nothing_held(snapshot, held)


def _is_meant(failover: Failover, options: argparse.Namespace, snapshot: ClusterSnapshot) -> bool:
    """By the instance, the sync group, and the director that gets the addresses back."""
    if options.to is not None and failover.source != options.to:
        return False
    if options.instance is not None:
        return options.instance in failover.instances
    return options.group is None or bool(_members(options.group, snapshot) & set(failover.instances))


def _members(group: str, snapshot: ClusterSnapshot) -> set[str]:
    groups = [each for director in snapshot.directors for each in director.sync_groups or () if each.name == group]
    return {instance for each in groups for instance in each.instances}


def _nothing_held(snapshot: ClusterSnapshot, held: Sequence[Failover]) -> Objection:
    """No such lever is known, which is not the same as that there is none."""
    if held:
        those = ", ".join(f"{each.lever} on {each.source} ({', '.join(each.instances)})" for each in held)
        sentence = f"No lever is held that fits; these are: {those}."
        return Objection(ObjectionCode.NOTHING_TO_DO, sentence, overridable=False)
    pending = [each.id for each in snapshot.failovers if each.phase is FailoverPhase.PENDING]
    if pending:
        sentence = f"A failover of {snapshot.name} is unfinished: `lvstop resume {snapshot.name} {pending[0]} --undo`."
        return Objection(ObjectionCode.CHANGE_UNFINISHED, sentence, overridable=False)
    if unknown := unknown_records(snapshot):
        sentence = f"No lever of {snapshot.name} is held as far as is known; {unknown}."
        return Objection(ObjectionCode.DIRECTOR_MISSING, sentence, overridable=False)
    return Objection(ObjectionCode.NOTHING_TO_DO, f"No lever of {snapshot.name} is held.", overridable=False)
