"""`lvstop drain`, `restore`, `weight` and `resume`: look once, plan, show, ask, act, tell.

A plan and its outcome are data and go to stdout, with `--json` as one document; everything else goes to stderr.
"""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from pathlib import Path

from lvstop.actions.outcome import Outcome, OutcomeKind
from lvstop.actions.plan import Objection, ObjectionCode, Plan, Refusal
from lvstop.actions.progress import Progress, Stage
from lvstop.analysis.draining import DrainProgress, Safety
from lvstop.analysis.words import age, listing
from lvstop.cli import change_json, change_report
from lvstop.cli.change_plan import MakeIntent, UsageError, intent_of, plan_change, plan_resume, standing_drain
from lvstop.cli.change_wait import follow
from lvstop.cli.clusters import load_clusters
from lvstop.cli.narration import Narrator, write_out
from lvstop.cli.prompt import terminal_prompt
from lvstop.clock import Clock, SystemClock
from lvstop.config.paths import state_folder
from lvstop.config.schema import ClusterConfig
from lvstop.engine.actor import Actor
from lvstop.engine.actors import ssh_actors, store_in
from lvstop.engine.connections import ProbeFactory, ssh_probes
from lvstop.engine.look import look
from lvstop.engine.patience import Patience
from lvstop.errors import ConfigError
from lvstop.model.change import Change
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

WAIT_SECONDS = 600.0
"""How long `--wait` waits unless it is told."""


def run_change(options: argparse.Namespace, files: Sequence[Path], *, read_only: bool) -> int:
    """Run one of the commands that change a cluster, and return its exit status.

    Args:
        options: as `change_arguments` reads them.
        read_only: lvstop may change nothing, whatever is asked for.
    """
    try:
        config = _cluster(load_clusters(files), options.cluster)
        clock = SystemClock()
        make_intent = None if options.command == "resume" else intent_of(options, clock.now())
        command = _Command(options, config, clock, make_intent)
        if read_only or config.read_only:
            why = "lvstop was started with --read-only" if read_only else "its cluster file says so (read_only)"
            return command.refuse(_read_only(config.name, why))
        with asyncio.Runner() as runner:
            return command.run(runner)
    except (ConfigError, UsageError) as error:
        _tell(f"lvstop: {error}")
        return EXIT_USAGE


def _cluster(configs: Sequence[ClusterConfig], name: str) -> ClusterConfig:
    for config in configs:
        if config.name == name:
            return config
    names = [config.name for config in configs]
    near = get_close_matches(name, names, 1, cutoff=0.0)
    more = f"; there are {listing(names, most=5)}" if len(names) > 1 else ""
    raise UsageError(f"there is no cluster {name!r}; the nearest name is {near[0]}{more}")


def _read_only(cluster: str, why: str) -> Objection:
    return Objection(ObjectionCode.READ_ONLY, f"{cluster} is read-only: {why}.", overridable=False)


def _fault_words(fault: Fault) -> str:
    remedy = fault.remedy.replace("--timeout", "--look-timeout")  # as these commands call it
    return f"{fault.summary} → {remedy}" if remedy else fault.summary


def _tell(text: str) -> None:
    """Narration: one or more lines to stderr. That nobody reads them changes nothing about what was done."""
    with suppress(OSError, ValueError):
        sys.stderr.write(plain(text).rstrip("\n") + "\n")


class _Command:
    """One command about one cluster."""

    def __init__(
        self, options: argparse.Namespace, config: ClusterConfig, clock: Clock, make_intent: MakeIntent | None
    ) -> None:
        self._options = options
        self._config = config
        self._clock = clock
        self._make_intent = make_intent
        self._patience = Patience()
        self._plan: Plan | None = None
        self._outcome: Outcome | None = None
        self._progress: DrainProgress | None = None

    def run(self, runner: asyncio.Runner) -> int:
        """All of it. Without an answer from the operator it ends before anything is touched."""
        options = self._options
        make_probe, actor = self._means()
        if actor is None:
            return self.refuse(_read_only(self._config.name, "nothing here may change it"))
        snapshot = runner.run(self._look(make_probe))
        if self._make_intent is None:
            made = plan_resume(options, actor, snapshot)
        else:
            made = plan_change(options, self._make_intent, actor, snapshot)
        if isinstance(made, Refusal):
            standing = standing_drain(options, made, snapshot)
            if standing is None:
                return self.refuse(*made.objections)
            _tell(f"{standing.author} drained it already, and it stands; nothing was touched")
            return self._end(self._wait(runner, make_probe, standing))
        self._plan = made
        shown = self._show(made)
        if options.dry_run:
            _tell("--dry-run: nothing was touched")
            return self._end(0)
        if not options.yes and not self._agreed(shown=shown):
            return self._end(EXIT_REFUSED)
        outcome = self._outcome = self._execute(runner, actor, made)
        if outcome is None:
            return self._end(EXIT_INCOMPLETE)
        self._show_outcome(outcome)
        if outcome.kind is OutcomeKind.DONE and getattr(options, "wait", False):
            return self._end(self._wait(runner, make_probe, outcome.change or made.change))
        return self._end(EXIT_STATUS[outcome.kind])

    async def _look(self, make_probe: ProbeFactory) -> ClusterSnapshot:
        """The cluster now, with what is on record of it here and there."""
        local = store_in(state_folder()).load(self._config.name)
        for complaint in local.complaints:
            _tell(f"! {complaint}")
        (snapshot,) = await look(
            [self._config],
            make_probe,
            self._clock,
            timeout=self._options.look_timeout,
            local_changes=lambda: local.changes,
            patience=self._patience,
        )
        for director in snapshot.directors:
            if director.fault is not None:
                _tell(f"! {director.name}: {_fault_words(director.fault)}")
        return snapshot

    def refuse(self, *objections: Objection) -> int:
        """Nothing is done, and why."""
        if not self._options.json:
            _tell(change_report.refusal_text(objections))
        return self._end(EXIT_REFUSED, objections)

    def _end(self, status: int, objections: Sequence[Objection] = ()) -> int:
        if self._options.json:
            document = change_json.document(
                self._options.command,
                self._config.name,
                plan=self._plan,
                objections=objections,
                outcome=self._outcome,
                progress=self._progress,
            )
            write_out(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        return status

    def _means(self) -> tuple[ProbeFactory, Actor | None]:
        """What reads the cluster, and what changes it. They share the keys that the operator unlocks."""
        from lvstop.transport.ssh import UnlockedKeys

        ask, unlocked = self._patience.around(terminal_prompt()), UnlockedKeys()
        make_actor = ssh_actors(self._clock, ask, state_folder(), unlocked)
        return ssh_probes(self._clock, ask, unlocked), make_actor(self._config)

    def _show(self, plan: Plan) -> bool:
        """Show the plan where it is not only data for a program. False where that was not possible."""
        text = change_report.plan_text(plan)
        if not self._options.json:
            return write_out(text)
        if not self._options.yes and not self._options.dry_run:
            _tell(text)
        return True

    def _agreed(self, *, shown: bool) -> bool:
        if not (shown and sys.stdin.isatty() and sys.stderr.isatty()):
            _tell("nobody can be asked here, and nothing was touched: --yes does it without asking")
            return False
        sys.stderr.write("\nType yes to do this: ")
        sys.stderr.flush()
        answer = sys.stdin.readline()
        if answer.strip() == "yes":
            return True
        _tell(f"{'' if answer else chr(10)}not confirmed; nothing was touched")
        return False

    def _execute(self, runner: asyncio.Runner, actor: Actor, plan: Plan) -> Outcome | None:
        """Do it; None where the operator broke it off in the middle."""
        narrator = Narrator(sys.stderr)
        try:
            with _no_hangup():
                return runner.run(actor.execute(plan, lambda progress: narrator.say(_step(progress))))
        except KeyboardInterrupt:
            change = plan.change
            narrator.say(
                "interrupted: how much was done is unknown. It is on record: "
                f"`lvstop resume {change.cluster} {change.id} --finish` or `--undo`"
            )
            return None
        finally:
            narrator.finish()

    def _show_outcome(self, outcome: Outcome) -> None:
        if self._options.json:
            return
        if outcome.kind is OutcomeKind.REFUSED:
            _tell(change_report.refusal_text(outcome.objections))
            return
        write_out(change_report.outcome_text(outcome))
        step = change_report.next_step(outcome)
        if step:
            _tell(step)

    def _wait(self, runner: asyncio.Runner, make_probe: ProbeFactory, change: Change) -> int:
        """Follow the drain. Whatever ends that, the real servers stay drained."""
        timeout = WAIT_SECONDS if self._options.timeout is None else self._options.timeout
        narrator = Narrator(sys.stderr)
        following = follow(
            change,
            self._config,
            make_probe,
            self._clock,
            timeout=timeout,
            tell=lambda progress: narrator.say(change_report.progress_line(progress)),
        )
        try:
            progress = self._progress = runner.run(following)
        except KeyboardInterrupt:
            narrator.say("not followed any more; it stays drained")
            return EXIT_INTERRUPTED
        finally:
            narrator.finish()
        if not self._options.json:
            write_out(change_report.progress_text(progress))
        if progress.safe:
            return 0
        if progress.safety is not Safety.REVERTED:
            _tell(f"not through after {age(timeout)}; it stays drained")
        return EXIT_INCOMPLETE


def _step(progress: Progress) -> str:
    """One step of an execution on a line."""
    commanded = progress.stage in (Stage.CHANGING, Stage.UNDOING) and progress.director
    prompt = f"{progress.director}# " if commanded else ""
    return f"  {progress.stage:<11}{prompt}{progress.what}"


@contextmanager
def _no_hangup() -> Iterator[None]:
    """A terminal that goes away (SIGHUP) does not end a change half-way."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)
