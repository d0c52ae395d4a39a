"""`lvstop drain`, `restore`, `weight` and `resume`: look once, plan, show, ask, act, tell.

A plan and its outcome are data and go to stdout, with `--json` as one document; everything else goes to stderr.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from lvstop.actions.outcome import Outcome, OutcomeKind
from lvstop.actions.plan import Objection, Plan, Refusal
from lvstop.actions.progress import Progress, Stage
from lvstop.analysis.draining import DrainProgress, Safety
from lvstop.analysis.words import age
from lvstop.cli import change_json, change_report
from lvstop.cli.change_plan import MakeIntent, intent_of, plan_change, plan_resume, standing_drain
from lvstop.cli.change_wait import follow
from lvstop.cli.changing import (
    EXIT_INCOMPLETE,
    EXIT_INTERRUPTED,
    EXIT_REFUSED,
    EXIT_STATUS,
    Access,
    can_ask,
    no_hangup,
    read_only_objection,
    run_command,
    tell,
    typed,
)
from lvstop.cli.narration import Narrator, write_out
from lvstop.cli.unfinished import find_unfinished
from lvstop.engine.actor import Actor
from lvstop.model.change import Change
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.failover import Failover

WAIT_SECONDS = 600.0
"""How long `--wait` waits unless it is told."""


def run_change(options: argparse.Namespace, files: Sequence[Path], *, read_only: bool) -> int:
    """Run one of the commands that change real servers, or `resume`, and return its exit status.

    Args:
        options: as `change_arguments` reads them.
        read_only: lvstop may change nothing, whatever is asked for.
    """

    def make(access: Access) -> _Command:
        resumes = options.command == "resume"
        return _Command(options, access, None if resumes else intent_of(options, access.clock.now()))

    return run_command(options, files, make, read_only=read_only)


class _Command:
    """One command about one cluster."""

    def __init__(self, options: argparse.Namespace, access: Access, make_intent: MakeIntent | None) -> None:
        self._options = options
        self._access = access
        self._cluster = access.config.name
        self._make_intent = make_intent
        self._plan: Plan | None = None
        self._outcome: Outcome | None = None
        self._progress: DrainProgress | None = None

    def run(self, runner: asyncio.Runner) -> int:
        """All of it. Without an answer from the operator it ends before anything is touched."""
        actor = self._access.actor()
        if actor is None:
            return self.refuse(read_only_objection(self._cluster))
        snapshot = runner.run(self._access.look())
        if self._make_intent is None:
            return self._resume(runner, actor, snapshot)
        made = plan_change(self._options, self._make_intent, actor, snapshot)
        if isinstance(made, Refusal):
            standing = standing_drain(self._options, made, snapshot)
            if standing is None:
                return self.refuse(*made.objections)
            tell(f"{standing.author} drained it already, and it stands; nothing was touched")
            return self._end(self._wait(runner, standing))
        return self._go(runner, actor, made)

    def _resume(self, runner: asyncio.Runner, actor: Actor, snapshot: ClusterSnapshot) -> int:
        found = find_unfinished(snapshot, self._options.id)
        if isinstance(found, Objection):
            return self.refuse(found)
        if isinstance(found, Failover):
            from lvstop.cli.failover import FailoverCommand

            return FailoverCommand(self._options, self._access).resume(runner, found)
        made = plan_resume(self._options, actor, snapshot, found)
        return self.refuse(*made.objections) if isinstance(made, Refusal) else self._go(runner, actor, made)

    def _go(self, runner: asyncio.Runner, actor: Actor, plan: Plan) -> int:
        options = self._options
        self._plan = plan
        shown = self._show(plan)
        if options.dry_run:
            tell("--dry-run: nothing was touched")
            return self._end(0)
        if not options.yes and not self._agreed(shown=shown):
            return self._end(EXIT_REFUSED)
        outcome = self._outcome = self._execute(runner, actor, plan)
        if outcome is None:
            return self._end(EXIT_INCOMPLETE)
        self._show_outcome(outcome)
        if outcome.kind is OutcomeKind.DONE and getattr(options, "wait", False):
            return self._end(self._wait(runner, outcome.change or plan.change))
        return self._end(EXIT_STATUS[outcome.kind])

    def refuse(self, *objections: Objection) -> int:
        """Nothing is done, and why."""
        if not self._options.json:
            tell(change_report.refusal_text(objections))
        return self._end(EXIT_REFUSED, objections)

    def _end(self, status: int, objections: Sequence[Objection] = ()) -> int:
        if self._options.json:
            document = change_json.document(
                self._options.command,
                self._cluster,
                plan=self._plan,
                objections=objections,
                outcome=self._outcome,
                progress=self._progress,
            )
            write_out(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        return status

    def _show(self, plan: Plan) -> bool:
        """Show the plan where it is not only data for a program. False where that was not possible."""
        text = change_report.plan_text(plan)
        if not self._options.json:
            return write_out(text)
        if not self._options.yes and not self._options.dry_run:
            tell(text)
        return True

    def _agreed(self, *, shown: bool) -> bool:
        if not (shown and can_ask()):
            tell("nobody can be asked here, and nothing was touched: --yes does it without asking")
            return False
        if typed("\nType yes to do this") == "yes":
            return True
        tell("not confirmed; nothing was touched")
        return False

    def _execute(self, runner: asyncio.Runner, actor: Actor, plan: Plan) -> Outcome | None:
        """Do it; None where the operator broke it off in the middle."""
        narrator = Narrator(sys.stderr)
        try:
            with no_hangup():
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
            tell(change_report.refusal_text(outcome.objections))
            return
        write_out(change_report.outcome_text(outcome))
        step = change_report.next_step(outcome)
        if step:
            tell(step)

    def _wait(self, runner: asyncio.Runner, change: Change) -> int:
        """Follow the drain. Whatever ends that, the real servers stay drained."""
        timeout = WAIT_SECONDS if self._options.timeout is None else self._options.timeout
        narrator = Narrator(sys.stderr)
        following = follow(
            change,
            self._access.config,
            self._access.probes(),
            self._access.clock,
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
            tell(f"not through after {age(timeout)}; it stays drained")
        return EXIT_INCOMPLETE


def _step(progress: Progress) -> str:
    """One step of an execution on a line."""
    commanded = progress.stage in (Stage.CHANGING, Stage.UNDOING) and progress.director
    prompt = f"{progress.director}# " if commanded else ""
    return f"  {progress.stage:<11}{prompt}{progress.what}"
