"""Commands of the operator that misbehave, and waiting for what becomes of them."""

import asyncio
import contextlib
import errno
import json
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


async def until(condition: Callable[[], bool]) -> None:
    """Let everything else go on until something is so."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - what it waits for is no event of its own
            await asyncio.sleep(0.01)


async def told_in_a_row(fifo: Path, count: int) -> list[dict[str, Any]]:
    """The documents of so many runs. Who reads slowly finds two of them in the pipe: the second run began meanwhile."""
    lines = list[str]()
    while len(lines) < count:
        lines += (await asyncio.to_thread(fifo.read_text)).splitlines()
    return [json.loads(line) for line in lines]


def asyncio_waits() -> bool:
    """A thread of asyncio's own waits for a program, as in Python before 3.12."""
    return any(thread.name.startswith("asyncio-waitpid") for thread in threading.enumerate())


class Untouchable:
    """Signals reach no program, as where it runs as somebody else (sudo), or waits for a dead file server.

    Attributes:
        signalled: set when it was tried.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.signalled = asyncio.Event()
        self._pids = folder / "pids"
        self._flag = folder / "flag"
        monkeypatch.setattr(os, "killpg", self._refuse)

    def _refuse(self, group: int, _signal: int) -> None:
        self.signalled.set()
        if not Path(f"/proc/{group}").exists():
            raise ProcessLookupError(errno.ESRCH, "No such process")
        raise PermissionError(errno.EPERM, "Operation not permitted")

    def command(self, fifo: Path) -> tuple[str, ...]:
        """Stays for ever; from `mend` on it hands on what it is told."""
        script = 'test ! -e "$1" || exec cat > "$0"; echo $$ >> "$2"; echo stuck >&2; exec sleep 1000'
        return ("sh", "-c", script, str(fifo), str(self._flag), str(self._pids))

    def mend(self) -> None:
        """From now on it works."""
        self._flag.touch()

    @property
    def pids(self) -> list[int]:
        """Those that stay."""
        return [int(word) for word in self._pids.read_text().split()] if self._pids.exists() else []

    async def end(self, pid: int) -> None:
        """It ends after all, and asyncio has learnt of it: by a thread, or by its event loop."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        await until(lambda: not Path(f"/proc/{pid}").exists() and not asyncio_waits())
        await asyncio.sleep(0)
