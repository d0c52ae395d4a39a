"""lvstop, killed at a step: `python -P killed.py WHEN WORDS…` runs `lvstop WORDS…`, and SIGKILL ends it there.

WHEN is a number, of a step of a change, or a stage of a failover, when it is told for the first time. Steps are told
before they are taken. A run that does not come there ends as it would have.
"""

import os
import signal
import sys
from collections.abc import Callable

from lvstop.actions.failover.outcome import FailoverOutcome, FailoverProgress
from lvstop.actions.failover.plan import FailoverPlan
from lvstop.actions.outcome import Outcome
from lvstop.actions.plan import Plan
from lvstop.actions.progress import Progress
from lvstop.cli.main import main
from lvstop.engine import actors, failovers


def deadly_step(at: int) -> None:
    """Let every change end at its step `at`."""
    execute = actors.ClusterActor.execute
    told = 0

    async def watched(self: actors.ClusterActor, plan: Plan, report: Callable[[Progress], None]) -> Outcome:
        def tell(progress: Progress) -> None:
            nonlocal told
            told += 1
            if told == at:
                os.kill(os.getpid(), signal.SIGKILL)
            report(progress)

        return await execute(self, plan, tell)

    actors.ClusterActor.execute = watched  # type: ignore[method-assign] # a test's own program


def deadly_stage(at: str) -> None:
    """Let every failover end at its stage `at`."""
    execute = failovers.ClusterFailoverActor.execute

    async def watched(
        self: failovers.ClusterFailoverActor, plan: FailoverPlan, report: Callable[[FailoverProgress], None]
    ) -> FailoverOutcome:
        def tell(progress: FailoverProgress) -> None:
            if progress.stage == at and progress.moment is None:
                os.kill(os.getpid(), signal.SIGKILL)
            report(progress)

        return await execute(self, plan, tell)

    failovers.ClusterFailoverActor.execute = watched  # type: ignore[method-assign] # a test's own program


if __name__ == "__main__":
    when = sys.argv[1]
    if when.isdigit():
        deadly_step(int(when))
    else:
        deadly_stage(when)
    sys.exit(main(sys.argv[2:]))
