"""`python -m benchmarks.punctual …`: lvstop, whose clock notes how much later than asked it returns from each sleep.

That is the lag of its event loop, seen by what it does anyway. A line on the pipe `CONTROL` is answered on `TALE` with
the milliseconds of all sleeps since the line before, as a list in JSON.
"""

import asyncio
import json
import os
import sys
import threading
import time
from datetime import UTC, datetime

from lvstop.cli import terminal
from lvstop.cli.main import main


class PunctualClock:
    """This machine's clocks, watched."""

    def __init__(self) -> None:
        self._late: list[float] = []
        threading.Thread(target=self._tell, daemon=True).start()

    def now(self) -> datetime:
        """The wall clock."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """The steady clock."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait, and note how much longer it took."""
        due = time.monotonic() + max(0.0, seconds)
        await asyncio.sleep(seconds)
        self._late.append((time.monotonic() - due) * 1000)

    def _tell(self) -> None:
        with os.fdopen(int(os.environ["CONTROL"])) as control, os.fdopen(int(os.environ["TALE"]), "w") as tale:
            for _ in control:
                late, self._late = self._late, []
                print(json.dumps([round(each, 2) for each in late]), file=tale, flush=True)


if __name__ == "__main__":
    setattr(terminal, "SystemClock", PunctualClock)  # noqa: B010 - another clock, whatever its type
    sys.exit(main(sys.argv[1:]))
