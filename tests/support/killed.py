"""lvstop, killed at a step: `python -P killed.py N WORDS…` runs `lvstop WORDS…`, and SIGKILL ends it at step N.

Steps are told before they are taken. A run that has fewer of them ends as it would have.
"""

import os
import signal
import sys
from collections.abc import Callable

from lvstop.actions.outcome import Outcome
from lvstop.actions.plan import Plan
from lvstop.actions.progress import Progress
from lvstop.cli.main import main
from lvstop.engine import actors


def deadly(at: int) -> None:
    """Let every execution end at its step `at`."""
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


if __name__ == "__main__":
    deadly(int(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
