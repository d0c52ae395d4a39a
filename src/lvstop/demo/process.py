"""The simulation beside a terminal: a process of its own, so that neither takes the other's time."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from lvstop.config.load import load_cluster_files
from lvstop.config.schema import ClusterConfig
from lvstop.demo.parts import Part
from lvstop.errors import LvstopError

_GOODBYE_SECONDS: Final = 10.0


class SimulationError(LvstopError):
    """The simulation has ended, or cannot do what it was asked for."""


class DemoProcess:
    """A context in which a simulation runs; inside it `clusters` are there. It ends with whoever started it.

    Args:
        scenario: as `find_scenario` takes it.
        folder: where keys and configuration are written.
        seed, speed: as `Demo` takes them.
    """

    clusters: Sequence[ClusterConfig]

    def __init__(self, scenario: str, folder: Path, *, seed: int, speed: float) -> None:
        self._words = [sys.executable, "-m", "lvstop.demo", scenario, str(folder), str(seed), str(speed)]
        self._errors = folder / "errors"
        self._one_at_a_time = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "DemoProcess":
        with self._errors.open("w") as errors:
            # In a session of its own: a Ctrl-C on the terminal is not meant for it.
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                self._words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )
        line = self._pipe("stdout").readline()
        told: dict[str, list[str]] = json.loads(line) if line else {"error": [self._last_words()]}
        if "error" in told:
            self._end()
            raise SimulationError("\n".join(told["error"]))
        self.clusters = load_cluster_files([Path(file) for file in told["files"]])
        return self

    def __exit__(self, *_exception: object) -> None:
        status = self._end()
        if status:
            raise SimulationError(f"the simulation has ended: {self._last_words()}")

    @property
    def pid(self) -> int:
        """Of the process.

        Raises:
            SimulationError: there is none.
        """
        if self._process is None:
            raise SimulationError("the simulation does not run")
        return self._process.pid

    async def parts(self, cluster: str) -> Sequence[Part]:
        """As `Demo.parts`.

        Raises:
            SimulationError: it cannot tell, and why.
        """
        answer = await asyncio.to_thread(self._ask, {"do": "parts", "cluster": cluster})
        return [Part(**each) for each in json.loads(answer)]

    async def act(self, cluster: str, key: str) -> str:
        """As `Demo.act`.

        Raises:
            SimulationError: it was not done, and why.
        """
        return await asyncio.to_thread(self._ask, {"do": "act", "cluster": cluster, "key": key})

    def _ask(self, request: Mapping[str, str]) -> str:
        """The answer to one request; blocks."""
        with self._one_at_a_time:
            try:
                stdin = self._pipe("stdin")
                stdin.write(json.dumps(request) + "\n")
                stdin.flush()
            except OSError as error:
                raise SimulationError(f"the simulation has ended: {self._last_words()}") from error
            line = self._pipe("stdout").readline()
        if not line:
            raise SimulationError(f"the simulation has ended: {self._last_words()}")
        told: dict[str, str] = json.loads(line)
        if "error" in told:
            raise SimulationError(told["error"])
        return told["answer"]

    def _pipe(self, name: str) -> IO[str]:
        pipe = getattr(self._process, name, None)
        if pipe is None:
            raise SimulationError("the simulation does not run")
        found: IO[str] = pipe
        return found

    def _last_words(self) -> str:
        lines = self._errors.read_text(encoding="utf-8", errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")

    def _end(self) -> int:
        """End its input and wait for it; its exit status."""
        process = self._process
        if process is None:
            return 0
        self._process = None
        if process.stdin is not None:
            # closing writes what a request has left behind that nobody was there any more to read
            with suppress(BrokenPipeError):
                process.stdin.close()
        try:
            status = process.wait(_GOODBYE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
        if process.stdout is not None:
            process.stdout.close()
        return status
