"""`lvstop failover`, and `lvstop resume` for a failover: ask both directors, plan, show, ask, act, tell.

What is known, planned and found goes to stdout, with `--json` as one document; everything else goes to stderr.
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lvstop.actions.failover.checks import Check, CheckCode, blocked
from lvstop.actions.failover.outcome import FailoverOutcome
from lvstop.actions.failover.plan import Assessment, FailoverPlan, FailoverRefusal
from lvstop.actions.failover.report_files import ReportError, write_report
from lvstop.actions.plan import Objection
from lvstop.cli import failover_json, failover_report
from lvstop.cli.changing import (
    EXIT_INCOMPLETE,
    EXIT_REFUSED,
    EXIT_STATUS,
    Access,
    UsageError,
    can_ask,
    no_hangup,
    read_only_objection,
    run_command,
    tell,
    typed,
)
from lvstop.cli.failover_json import Tried
from lvstop.cli.failover_plan import failover_intent
from lvstop.cli.narration import Narrator, write_out
from lvstop.engine.failover_actor import FailoverActor
from lvstop.errors import LvstopError
from lvstop.model.failover import Failover

Make = Callable[[frozenset[CheckCode]], FailoverPlan | FailoverRefusal]
"""Plans with these warnings accepted, from what was asked before."""


def run_failover(options: argparse.Namespace, files: Sequence[Path], *, read_only: bool) -> int:
    """Run `lvstop failover` and return its exit status.

    Args:
        options: as `failover_arguments` reads them.
        read_only: lvstop may change nothing, whatever is asked for.
    """
    return run_command(options, files, lambda access: FailoverCommand(options, access), read_only=read_only)


class FailoverCommand:
    """One failover, release or resumption of one cluster.

    Raises:
        UsageError: a report could not be written where it is wanted.
    """

    def __init__(self, options: argparse.Namespace, access: Access) -> None:
        self._options = options
        self._access = access
        self._cluster = access.config.name
        self._plan: FailoverPlan | None = None
        self._assessment: Assessment | None = None
        self._unaccepted: Sequence[CheckCode] = ()
        self._tried: Mapping[str, Tried] | None = None
        self._outcome: FailoverOutcome | None = None
        for path in options.report:
            _complain_of(path)

    def run(self, runner: asyncio.Runner) -> int:
        """All of it. Without an answer from the operator it ends before anything is touched."""
        actor = self._access.failover_actor()
        if actor is None:
            return self.refuse(read_only_objection(self._cluster))
        soundings = runner.run(actor.sound())
        snapshot = runner.run(self._access.look())
        intent = failover_intent(self._options, snapshot)
        if isinstance(intent, Objection):
            return self.refuse(intent)
        make: Make = lambda accepted: actor.plan(intent, snapshot, soundings, accepted=accepted)  # noqa: E731
        if self._options.suggest:
            return self._suggest(runner, actor, make(frozenset()).assessment)
        return self._go(runner, actor, make)

    def resume(self, runner: asyncio.Runner, failover: Failover) -> int:
        """Finish or undo a failover that was interrupted."""
        actor = self._access.failover_actor()
        if actor is None:
            return self.refuse(read_only_objection(self._cluster))
        soundings = runner.run(actor.sound())
        snapshot = runner.run(self._access.look())
        if self._options.finish:
            return self._go(
                runner,
                actor,
                lambda accepted: actor.plan_finish(failover, snapshot, soundings, accepted=accepted),
            )
        return self._go(runner, actor, lambda _: actor.plan_undo(failover, snapshot, soundings))

    def refuse(self, *objections: Objection) -> int:
        """Nothing is done, and why."""
        if not self._options.json:
            tell(failover_report.objections_text(objections))
        return self._end(EXIT_REFUSED, objections)

    def _go(self, runner: asyncio.Runner, actor: FailoverActor, make: Make) -> int:
        options = self._options
        accepted = frozenset(options.accept)
        made = make(accepted)
        waiting: FailoverRefusal | None = None
        if isinstance(made, FailoverRefusal) and _only_unaccepted(made):
            # planned at once, while what is known is fresh: the operator takes his time to read the warnings
            waiting, made = made, make(accepted | frozenset(made.unaccepted))
        if isinstance(made, FailoverRefusal):
            return self._refused(made)
        self._plan, self._assessment = made, made.assessment
        self._unaccepted = () if waiting is None else waiting.unaccepted
        shown = self._show(failover_report.plan_text(made, accepted, suggestions=options.dry_run))
        if options.dry_run:
            tell("--dry-run: nothing was touched")
            return self._end(0 if waiting is None else self._not_accepted(waiting))
        if waiting is not None and (options.yes or not (shown and can_ask())):
            return self._end(self._not_accepted(waiting))
        if not options.yes and not self._agreed(made, waiting, shown=shown):
            return self._end(EXIT_REFUSED)
        return self._end(self._execute(runner, actor, made))

    def _refused(self, refusal: FailoverRefusal) -> int:
        self._assessment, self._unaccepted = refusal.assessment, refusal.unaccepted
        if not self._options.json:
            write_out(failover_report.assessment_text(refusal.assessment, self._cluster))
            tell(failover_report.refusal_text(refusal))
        return self._end(EXIT_REFUSED, refusal.objections)

    def _not_accepted(self, refusal: FailoverRefusal) -> int:
        """What would have to be accepted."""
        if not self._options.json:
            tell("\n".join(["not done without these:", *failover_report.unaccepted_lines(refusal)]))
        return EXIT_REFUSED

    def _show(self, text: str) -> bool:
        """Show the plan where it is not only data for a program. False where that was not possible."""
        options = self._options
        if not options.json:
            return write_out(text)
        if not options.yes and not options.dry_run:
            tell(text)
        return True

    def _agreed(self, plan: FailoverPlan, waiting: FailoverRefusal | None, *, shown: bool) -> bool:
        """Each warning by hand, then the name of whoever is to hold the addresses."""
        if not (shown and can_ask()):
            tell("nobody can be asked here, and nothing was touched: --yes does it without asking")
            return False
        for check in () if waiting is None else _warnings(waiting):
            if typed(f"\n! {check.sentence}\nType {check.code} to accept that") != check.code:
                tell("not accepted; nothing was touched")
                return False
        word = plan.move.target if plan.moves else "yes"
        if typed(f"\nType {word} to {'have it take over' if plan.moves else 'do this'}") == word:
            return True
        tell("not confirmed; nothing was touched")
        return False

    def _execute(self, runner: asyncio.Runner, actor: FailoverActor, plan: FailoverPlan) -> int:
        """Do it, tell it, and write the reports that are wanted."""
        narrator = Narrator(sys.stderr)
        try:
            with no_hangup():
                outcome = runner.run(
                    actor.execute(plan, lambda progress: narrator.say(failover_report.progress_line(progress)))
                )
        except KeyboardInterrupt:
            narrator.say(
                "interrupted: how much was done is unknown. It is on record: "
                f"`lvstop resume {self._cluster} {plan.failover.id} --finish` or `--undo`"
            )
            return EXIT_INCOMPLETE
        finally:
            narrator.finish()
        self._outcome = outcome
        if not self._options.json:
            write_out(failover_report.outcome_text(plan, outcome))
            tell(failover_report.next_step(outcome))
        for path in self._options.report:
            self._write_report(path, plan, outcome)
        return EXIT_STATUS[outcome.kind]

    def _write_report(self, path: Path, plan: FailoverPlan, outcome: FailoverOutcome) -> None:
        """What was done is done: that its report cannot be written changes nothing about it."""
        try:
            write_report(path, plan, outcome)
            tell(f"report: {path}")
        except ReportError as error:
            tell(f"! {error}")

    def _suggest(self, runner: asyncio.Runner, actor: FailoverActor, assessment: Assessment) -> int:
        """Lines that would add a gentle lever, and what keepalived says of them."""
        self._assessment = assessment
        tried = self._tried = runner.run(_try_all(actor, assessment))
        if not self._options.json:
            write_out(failover_report.suggested_text(assessment, tried))
        gentle = failover_report.gentle_lever(assessment) is not None
        taken = bool(tried) and all(each.check is not None and each.check.valid for each in tried.values())
        return self._end(0 if taken or (gentle and not tried) else EXIT_REFUSED)

    def _end(self, status: int, objections: Sequence[Objection] = ()) -> int:
        if self._options.json:
            document = failover_json.document(
                self._options.command,
                self._cluster,
                plan=self._plan,
                assessment=self._assessment,
                objections=objections,
                unaccepted=self._unaccepted,
                tried=self._tried,
                outcome=self._outcome,
            )
            write_out(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        return status


def _only_unaccepted(refusal: FailoverRefusal) -> bool:
    """The operator may still accept all that speaks against it."""
    return bool(refusal.unaccepted) and not refusal.objections and not blocked(refusal.assessment.checks)


def _warnings(refusal: FailoverRefusal) -> Sequence[Check]:
    return [check for check in refusal.assessment.checks if check.code in refusal.unaccepted]


async def _try_all(actor: FailoverActor, assessment: Assessment) -> Mapping[str, Tried]:
    """Every director is asked; one that cannot be asked does not keep the others from it."""
    tried: dict[str, Tried] = {}
    for suggestion in assessment.suggestions:
        try:
            tried[suggestion.director] = Tried(await actor.try_suggestion(suggestion))
        except LvstopError as error:
            tried[suggestion.director] = Tried(None, str(error))
    return tried


def _complain_of(path: Path) -> None:
    """A report is wanted here: better to know now than afterwards that it cannot be."""
    if path.exists():
        raise UsageError(f"--report {path}: there is such a file already")
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK | os.X_OK):
        raise UsageError(f"--report {path}: nothing can be written into {path.parent}")
