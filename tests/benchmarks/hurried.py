"""`python -m benchmarks.hurried SPEED …`: lvstop, for which SPEED seconds pass in each second of ours."""

import asyncio
import sys
import time
from datetime import UTC, datetime, timedelta

from lvstop.cli import terminal
from lvstop.cli.main import main


class HurriedClock:
    """A clock that runs fast."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._began = datetime.now(UTC)
        self._start = time.monotonic()

    def now(self) -> datetime:
        """The wall clock."""
        return self._began + timedelta(seconds=self._passed())

    def monotonic(self) -> float:
        """The steady clock."""
        return self._start + self._passed()

    async def sleep(self, seconds: float) -> None:
        """Wait for less."""
        await asyncio.sleep(seconds / self._speed)

    def _passed(self) -> float:
        return (time.monotonic() - self._start) * self._speed


if __name__ == "__main__":
    speed = float(sys.argv[1])
    setattr(terminal, "SystemClock", lambda: HurriedClock(speed))  # noqa: B010 - another clock, whatever its type
    sys.exit(main(sys.argv[2:]))
