"""`lvstop init`: the first meeting with a pair, which ends with a cluster file.

Directors are met one after the other, so that there is one question at a time. Nothing is written but host keys that
the operator vouches for, until everything is known.
"""

import argparse
import asyncio
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lvstop.analysis.diagnosis import Verdict
from lvstop.analysis.naming import cluster_name, director_names
from lvstop.analysis.pairing import Pairing, compare, same_machine
from lvstop.cli.changing import tell
from lvstop.cli.check import report
from lvstop.cli.init_place import place_for, put
from lvstop.cli.init_questions import Ask, HostKeyDesk, Tell, agreed
from lvstop.cli.init_surveys import Surveyor, find_peer
from lvstop.cli.init_words import director_lines, heading, pairing_lines, prospect_lines, remarks
from lvstop.cli.narration import wrapped
from lvstop.cli.prompt import terminal_prompt, terminal_question
from lvstop.clock import Clock, SystemClock
from lvstop.config.cluster_text import checked_text
from lvstop.config.load import load_cluster_file, parse_cluster
from lvstop.config.paths import clusters_folder, shown
from lvstop.config.schema import LOCAL, ClusterConfig, DirectorConfig, SshConfig
from lvstop.config.shipped import cluster_schema
from lvstop.config.target import Target
from lvstop.engine.patience import Patience
from lvstop.errors import LvstopError
from lvstop.model.director import DirectorSnapshot, FaultKind

EXIT_DONE, EXIT_REFUSED, EXIT_INCOMPLETE = 0, 1, 4

_DISTRUST = (FaultKind.HOST_KEY_UNKNOWN, FaultKind.HOST_KEY_CHANGED)


class InitRefusedError(LvstopError):
    """No file is written, and why."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the operator asked for.

    Attributes:
        output: where to write; None is the folder of cluster files, `-` standard output.
        name: of the cluster; empty: lvstop finds one.
        force: a file that exists may be replaced.
        incomplete: the file is written even where a director cannot be examined.
        fingerprints, accept_new: host keys that are trusted without a question.
        timeout: seconds for one look at a director.
    """

    targets: tuple[Target, ...]
    output: Path | None = None
    name: str = ""
    force: bool = False
    incomplete: bool = False
    read_only: bool = False
    ssh: SshConfig = field(default_factory=SshConfig)
    jump: str | None = None
    fingerprints: frozenset[str] = frozenset()
    accept_new: bool = False
    timeout: float = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class _Cluster:
    """What is going to be written. `snapshots` bear the names of their directors."""

    config: ClusterConfig
    targets: tuple[Target, ...]
    snapshots: tuple[DirectorSnapshot, ...]
    pairing: Pairing


def run_init(options: argparse.Namespace) -> int:
    """Do what the arguments say; the exit status is in the help."""
    return asyncio.run(initialise(_wishes(options), SystemClock(), terminal_question(), _tell))


def _tell(text: str) -> None:
    """On a terminal no line is torn in the middle of a word."""
    width = shutil.get_terminal_size().columns if sys.stderr.isatty() else None
    tell(text if width is None else wrapped(text, width))


def _wishes(options: argparse.Namespace) -> Wishes:
    return Wishes(
        targets=tuple(options.targets),
        output=Path(options.output).expanduser() if options.output else None,
        name=options.name or "",
        force=options.force,
        incomplete=options.incomplete,
        read_only=options.init_read_only or options.read_only,
        ssh=SshConfig(identity_files=tuple(options.identity), config=options.ssh_config),
        jump=options.jump,
        fingerprints=frozenset(options.host_key),
        accept_new=options.accept_new_host_keys,
        timeout=options.timeout,
    )


async def initialise(wishes: Wishes, clock: Clock, ask: Ask | None, tell: Tell) -> int:
    """Meet the directors, write the file, examine them by it.

    Args:
        ask: asks the operator; None where nobody can be asked.
        tell: says what is being done and what was found.
    """
    patience = Patience()
    patient = patience.around(ask)
    desk = HostKeyDesk(patient, tell, fingerprints=wishes.fingerprints, accept_new=wishes.accept_new)
    surveyor = Surveyor(clock, patience, patience.around(terminal_prompt()), desk, timeout=wishes.timeout)
    try:
        if wishes.name or wishes.output is not None:
            place_for(wishes.name, wishes.output, force=wishes.force)  # before anybody is asked anything
        targets, snapshots = await _meet(wishes, surveyor, ask, tell)
        cluster = _compose(wishes, targets, snapshots)
        await _doubts(cluster, wishes, ask, tell)
        place = place_for(cluster.config.name, wishes.output, force=wishes.force)
        path = place or Path(f"{cluster.config.name}.yaml")
        text = checked_text(
            replace(cluster.config, path=path),
            path,
            heading=heading(cluster.snapshots, cluster.pairing, clock.now()),
            remarks=remarks(cluster.snapshots, dict(zip(_names(cluster), cluster.targets, strict=True))),
            schema=cluster_schema(),
        )
        put(text, place, force=wishes.force)
    except LvstopError as error:
        tell(f"\nlvstop init: {error}")
        for where, file in desk.trusted:
            tell(f"The host key of {where} was written into {file}.")
        tell("No cluster file was written.")
        return EXIT_REFUSED
    config = parse_cluster(text, path) if place is None else load_cluster_file(place)
    return await _examine(config, cluster, surveyor, tell, written=place)


def _names(cluster: _Cluster) -> list[str]:
    return [each.name for each in cluster.config.directors]


async def _meet(
    wishes: Wishes, surveyor: Surveyor, ask: Ask | None, tell: Tell
) -> tuple[tuple[Target, ...], tuple[DirectorSnapshot, ...]]:
    """Every director, one after the other; where only one was named, its peer as well."""
    targets = list(wishes.targets)
    if len(set(targets)) < len(targets):
        raise InitRefusedError("the same director is given twice; give the two of the pair")
    snapshots: list[DirectorSnapshot] = []
    for target in targets:
        snapshots.append(await _survey(target, wishes, surveyor, tell))
        if len(targets) == 1 and snapshots[0].answers:
            peer = await find_peer(target, snapshots[0], ask, tell)
            if peer is not None:
                targets.append(peer)
    return tuple(targets), tuple(snapshots)


async def _survey(target: Target, wishes: Wishes, surveyor: Surveyor, tell: Tell) -> DirectorSnapshot:
    tell(f"{target}: connecting …")
    snapshot = await surveyor.survey(_director("director", target, wishes), wishes.ssh)
    fault = snapshot.fault
    if not snapshot.answers and fault is not None and fault.kind in _DISTRUST:
        remedy = f"\n  → {fault.remedy}" if fault.remedy else ""
        if fault.kind is FaultKind.HOST_KEY_UNKNOWN:
            remedy += "\n  → or say that it is the right one: --host-key SHA256:…, once you have compared it"
        raise InitRefusedError(f"{fault.summary}{remedy}")
    return snapshot


def _director(name: str, target: Target, wishes: Wishes) -> DirectorConfig:
    # nothing is jumped over to get to this machine
    jump = None if target.host == LOCAL else wishes.jump
    return DirectorConfig(name, target.host, target.user, target.port, jump)


def _compose(wishes: Wishes, targets: Sequence[Target], snapshots: Sequence[DirectorSnapshot]) -> _Cluster:
    names = director_names([target.host for target in targets], [each.hostname for each in snapshots])
    named = tuple(replace(each, name=name) for each, name in zip(snapshots, names, strict=True))
    twins = same_machine(named)
    if twins is not None:
        where = " and ".join(str(targets[names.index(name)]) for name in twins)
        raise InitRefusedError(f"{where} lead to the same machine; give the two directors of the pair")
    if not any(each.answers for each in named):
        found = zip(named, targets, strict=True)
        reasons = "\n".join(line for each, target in found for line in director_lines(each, target))
        raise InitRefusedError(f"no director could be examined\n{reasons}")
    directors = tuple(_director(name, target, wishes) for name, target in zip(names, targets, strict=True))
    name = wishes.name or cluster_name(named)
    config = ClusterConfig(name, directors, wishes.ssh, read_only=wishes.read_only)
    return _Cluster(config, tuple(targets), named, compare(named))


async def _doubts(cluster: _Cluster, wishes: Wishes, ask: Ask | None, tell: Tell) -> None:
    """Say what was found, and whether anything speaks against writing it down.

    Raises:
        InitRefusedError: the operator does not want it.
    """
    tell("")
    for snapshot, target in zip(cluster.snapshots, cluster.targets, strict=True):
        tell("\n".join(director_lines(snapshot, target)))
    tell("\n".join(pairing_lines(cluster.pairing)))
    tell("\n".join(f"  {line}" for line in prospect_lines(cluster.snapshots)))
    missing = [str(target) for target, each in zip(cluster.targets, cluster.snapshots, strict=True) if not each.answers]
    if missing and not wishes.incomplete:
        tell(f"\nWithout {' and '.join(missing)} nobody knows whether this is a pair.")
        if not await agreed(ask, "Write the file all the same?"):
            raise InitRefusedError(_unexamined(cluster, wishes, " and ".join(missing)))
    if cluster.pairing.doubts and ask is not None and not await agreed(ask, "\nThis looks like no pair. Go on?"):
        raise InitRefusedError("the directors do not look like a pair")


def _unexamined(cluster: _Cluster, wishes: Wishes, missing: str) -> str:
    if len(wishes.targets) < len(cluster.targets):
        # the address that VRRP knows is often one of a network that only the directors are in
        known = wishes.targets[0]
        return f"{missing} could not be examined; name the host by which you reach it: lvstop init {known} [USER@]HOST"
    return f"{missing} could not be examined; --incomplete writes it all the same"


async def _examine(
    config: ClusterConfig, cluster: _Cluster, surveyor: Surveyor, tell: Tell, *, written: Path | None
) -> int:
    """What `lvstop check` says of the file, in the same words."""
    if written is not None:
        tell(f"\nwritten: {shown(written)}. Examining {config.name} by it …\n")
    worst = report(await surveyor.look(config), sys.stderr if written is None else sys.stdout)
    if written is not None:
        found = "lvstop" if written.parent == clusters_folder() else f"lvstop -c {shown(written)}"
        tell(f"Look at it: {found}")
    return EXIT_DONE if worst <= Verdict.ADVICE and not cluster.pairing.doubts else EXIT_INCOMPLETE
