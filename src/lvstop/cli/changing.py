"""What commands that change a cluster have in common: its name, a look at it, means to change it, exit statuses."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from pathlib import Path
from typing import Protocol

from lvstop.actions.outcome import OutcomeKind
from lvstop.actions.plan import Objection, ObjectionCode
from lvstop.actions.store import StoreError
from lvstop.analysis.records import LocalRecords, ended
from lvstop.analysis.words import listing
from lvstop.cli.clusters import load_clusters
from lvstop.cli.prompt import terminal_prompt
from lvstop.clock import Clock, SystemClock
from lvstop.config.paths import state_folder
from lvstop.config.schema import ClusterConfig
from lvstop.engine.actor import Actor
from lvstop.engine.actors import ssh_actors
from lvstop.engine.connections import ProbeFactory, ssh_probes
from lvstop.engine.failover_actor import FailoverActor
from lvstop.engine.look import look
from lvstop.engine.patience import Patience
from lvstop.engine.records import store_in
from lvstop.errors import ConfigError, LvstopError
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import Fault
from lvstop.plain import plain

EXIT_REFUSED = 1
EXIT_USAGE = 2
EXIT_INCOMPLETE = 4
EXIT_INTERRUPTED = 130

EXIT_STATUS = {
    OutcomeKind.DONE: 0,
    OutcomeKind.REFUSED: EXIT_REFUSED,
    OutcomeKind.UNDONE: 3,
    OutcomeKind.INCOMPLETE: EXIT_INCOMPLETE,
}


class UsageError(LvstopError):
    """What was asked for is no sense, or leaves open what is meant."""


class Access:
    """One cluster as a command reaches it. What reads and what changes it share the keys that the operator unlocks.

    Args:
        look_timeout: seconds that a first look at a director may take.
    """

    def __init__(self, config: ClusterConfig, clock: Clock, look_timeout: float) -> None:
        from lvstop.transport.ssh import UnlockedKeys

        self.config = config
        self.clock = clock
        self._look_timeout = look_timeout
        self._patience = Patience()
        self._ask = self._patience.around(terminal_prompt())
        self._unlocked = UnlockedKeys()

    def probes(self) -> ProbeFactory:
        """What reads its directors."""
        return ssh_probes(self.clock, self._ask, self._unlocked)

    def actor(self) -> Actor | None:
        """What changes it; None where nothing may."""
        return ssh_actors(self.clock, self._ask, state_folder(), self._unlocked)(self.config)

    def failover_actor(self) -> FailoverActor | None:
        """What fails it over; None where nothing may."""
        from lvstop.engine.failovers import ssh_failover_actors

        return ssh_failover_actors(self.clock, self._ask, state_folder(), self._unlocked)(self.config)

    async def look(self) -> ClusterSnapshot:
        """The cluster now, with what is on record of it here and there. What cannot be read is told."""
        store = store_in(state_folder())
        local = store.load(self.config.name)
        for complaint in local.complaints:
            tell(f"! {complaint}")
        (snapshot,) = await look(
            [self.config],
            self.probes(),
            self.clock,
            timeout=self._look_timeout,
            local_records=lambda: LocalRecords(local.changes, local.failovers),
            patience=self._patience,
        )
        name = self.config.name
        over = ended(name, local.changes, snapshot.changes) + ended(name, local.failovers, snapshot.failovers)
        for record in over:
            try:
                store.forget(record)
            except StoreError as error:
                tell(f"! {error}")
        for director in snapshot.directors:
            if director.fault is not None:
                tell(f"! {director.name}: {_fault_words(director.fault)}")
        return snapshot


class Command(Protocol):
    """One command about one cluster."""

    def run(self, runner: asyncio.Runner) -> int:
        """All of it, and its exit status."""
        ...

    def refuse(self, *objections: Objection) -> int:
        """Nothing is done, and why."""
        ...


def run_command(
    options: argparse.Namespace, files: Sequence[Path], make: Callable[[Access], Command], *, read_only: bool
) -> int:
    """Run a command about the cluster that `options` name, and return its exit status.

    Args:
        read_only: lvstop may change nothing, whatever is asked for.
    """
    try:
        config = _cluster(load_clusters(files), options.cluster)
        command = make(Access(config, SystemClock(), options.look_timeout))
        if read_only or config.read_only:
            why = "lvstop was started with --read-only" if read_only else "its cluster file says so (read_only)"
            return command.refuse(read_only_objection(config.name, why))
        with asyncio.Runner() as runner:
            return command.run(runner)
    except (ConfigError, UsageError) as error:
        tell(f"lvstop: {error}")
        return EXIT_USAGE


def _cluster(configs: Sequence[ClusterConfig], name: str) -> ClusterConfig:
    for config in configs:
        if config.name == name:
            return config
    names = [config.name for config in configs]
    near = get_close_matches(name, names, 1, cutoff=0.0)
    more = f"; there are {listing(names, most=5)}" if len(names) > 1 else ""
    raise UsageError(f"there is no cluster {name!r}; the nearest name is {near[0]}{more}")


def read_only_objection(cluster: str, why: str = "nothing here may change it") -> Objection:
    """Why a cluster is not changed."""
    return Objection(ObjectionCode.READ_ONLY, f"{cluster} is read-only: {why}.", overridable=False)


def _fault_words(fault: Fault) -> str:
    remedy = fault.remedy.replace("--timeout", "--look-timeout")  # as these commands call it
    return f"{fault.summary} → {remedy}" if remedy else fault.summary


def tell(text: str) -> None:
    """Narration: one or more lines to stderr. That nobody reads them changes nothing about what was done."""
    with suppress(OSError, ValueError):
        sys.stderr.write(plain(text).rstrip("\n") + "\n")


def can_ask() -> bool:
    """Somebody sits at a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def typed(question: str) -> str | None:
    """What the operator types, without blanks around it; None at the end of input."""
    sys.stderr.write(f"{plain(question)}: ")
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer:
        tell("")
        return None
    return answer.strip()


@contextmanager
def no_hangup() -> Iterator[None]:
    """A terminal that goes away (SIGHUP) does not end a change half-way."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)
