"""The table programs outside of SSH: the script as it is, in a local shell, with a generated table in its place."""

import os
import select
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from benchmarks.frames import Frames
from lvstop.transport.base import Program
from lvstop.transport.framing import AnswerBuffer

NONCE = "lvstop-0123456789abcdef01234567"
_KERNELS_TABLE = "/proc/net/ip_vs"
_PATIENCE = 30.0
_TOTALS = """   Total Incoming Outgoing         Incoming         Outgoing
   Conns  Packets  Packets            Bytes            Bytes
    5D2A   1B3C44        0          9C3D2A1                0

 Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s
      1A      4F2        0            2B3C1                0
"""


class CrashedError(Exception):
    """What was measured did not do its work."""


class Table:
    """A table in a file, which programs read instead of the kernel's. `/proc/net/ip_vs_stats` lies beside it."""

    def __init__(self, folder: Path, frames: Frames) -> None:
        self.path = folder / "ip_vs"
        self.frames = frames
        self.path.write_bytes(frames.text)
        (folder / "ip_vs_stats").write_text(_TOTALS)

    def step(self) -> None:
        """A second later."""
        self.frames.step()
        self.path.write_bytes(self.frames.text)

    def files(self) -> list[str]:
        """What the table programs read at each poll."""
        others = ("/proc/net/fib_trie", "/proc/net/if_inet6", "/proc/loadavg", "/proc/net/dev")
        return ["/proc/uptime", str(self.path), f"{self.path}_stats", *filter(os.path.exists, others)]

    def read_by(self, program: Program) -> Program:
        """`program`, reading this table instead of the kernel's."""
        script = program.script.replace(_KERNELS_TABLE, str(self.path))
        assert script.count(f"{self.path}_stats") == 1, f"{program.name} does not read the table's totals"
        assert script.count(str(self.path)) >= 2, f"{program.name} does not read the table"
        return Program(program.name, script)

    def read_by_cat(self) -> Program:
        """The floor: the least that copies these files at each request."""
        files = " ".join(self.files())
        greeting = "printf '\\n%s . 0\\n' \"$1\""
        end = 'printf \'\\n%s . %s\\n\' "$1" "$n"'
        return Program("cat", f"{greeting}\nwhile read -r n _; do\n  cat {files}\n  {end}\ndone\n")


class Asked:
    """A running program that is asked through pipes: a local `sh`, or an `ssh` client that leads to one."""

    def __init__(self, program: Program, command: Sequence[str] = ("sh",), path: str | None = None) -> None:
        environment = {**os.environ, **({} if path is None else {"PATH": path})}
        shell = [*command, "-s", "--", NONCE] if command == ("sh",) else list(command)
        self._name = program.name
        self._sequence = 0
        self._buffer = AnswerBuffer(NONCE)
        with ExitStack() as undo:
            self._process = subprocess.Popen(shell, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
            undo.callback(self.close)
            self._write(program.script.encode())
            self.greeting = self._read()
            undo.pop_all()

    @property
    def pid(self) -> int:
        """The process that was started here."""
        return self._process.pid

    def ask(self, request: str) -> bytes:
        """The whole answer as it came."""
        self._sequence += 1
        self._write(f"{self._sequence} {request}\n".encode())
        return self._read()

    def _write(self, data: bytes) -> None:
        assert self._process.stdin is not None
        os.write(self._process.stdin.fileno(), data)

    def _read(self) -> bytes:
        assert self._process.stdout is not None
        stdout = self._process.stdout.fileno()
        while True:
            if not select.select([stdout], [], [], _PATIENCE)[0]:
                raise CrashedError(f"{self._name} did not answer within {_PATIENCE:g} s")
            data = os.read(stdout, 262_144)
            if not data:
                raise CrashedError(f"{self._name} ended")
            answer = self._buffer.feed(data)
            if answer is not None:
                return answer

    def close(self) -> None:
        """End its input, and wait for it; not for ever."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> "Asked":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def path_with_awk(folder: Path, awk: str) -> str | None:
    """A PATH whose `awk` is the program `awk`; None where it is not installed."""
    found = shutil.which(awk)
    if found is None:
        return None
    chosen = folder / f"with-{awk}"
    chosen.mkdir()
    (chosen / "awk").symlink_to(Path(found).resolve())
    return f"{chosen}:{os.environ['PATH']}"
