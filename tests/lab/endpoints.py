"""Real servers and clients of a running lab."""

import json
import signal
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab import netns
from lab.errors import LabError
from lab.ledger import Ledger
from lab.reports import Gap, HoldReport, ProbeReport, hold_report, longest_gap, probe_report
from lab.topology import ClientSpec, RealServerSpec
from lab.wait import wait_until

if TYPE_CHECKING:
    import subprocess

PROGRAM = Path(__file__).with_name("traffic.py")
START_SECONDS = 60.0


class Program:
    """A running `traffic.py` in some namespace, and the events it has written."""

    def __init__(self, ledger: Ledger, space: str, what: str, words: list[str], log: Path) -> None:
        self._ledger = ledger
        self._what = what
        self._log = log
        argv = ["ip", "netns", "exec", space, sys.executable, "-I", str(PROGRAM), *words]
        with log.open("wb") as output:
            self._child: subprocess.Popen[bytes] = ledger.start(what, argv, stdout=output, stderr=output)

    @property
    def runs(self) -> bool:
        """Whether it has not ended, by whatever cause."""
        return self._child.poll() is None

    def events(self) -> list[dict[str, Any]]:
        """Return the events so far, oldest first. Raises LabError when the program said something else."""
        events = []
        # the last line may be half written
        for line in self._log.read_text(encoding="utf-8", errors="replace").rpartition("\n")[0].splitlines():
            try:
                events.append(json.loads(line))
            except ValueError as error:
                raise LabError(f"{self._what} broke down: {self._log.read_text(encoding='utf-8')}") from error
        return events

    def end(self) -> None:
        """Ask the program to end, and wait until it has."""
        if self.runs:
            self._child.send_signal(signal.SIGTERM)
            wait_until(lambda: not self.runs, START_SECONDS, f"the end of {self._what}")
        self._ledger.end(self._child)


class RealServer:
    """A real server: its service can be stopped and started; the machine goes on answering pings."""

    def __init__(self, ledger: Ledger, space: str, spec: RealServerSpec) -> None:
        self.spec = spec
        self.name = spec.name
        self.netns = space
        self._ledger = ledger
        self._program: Program | None = None

    def start(self) -> None:
        """Start its echo servers and wait until they listen. Nothing happens when they run already."""
        if self._program is not None and self._program.runs:
            return
        self.stop()
        words = ["serve", "--tcp", _joined(self.spec.tcp_ports), "--udp", _joined(self.spec.udp_ports)]
        log = self._ledger.folder / f"{self.name}.jsonl"
        program = Program(self._ledger, self.netns, f"real server {self.name}", words, log)
        wait_until(program.events, START_SECONDS, f"{self.name} to listen")
        self._program = program

    def stop(self) -> None:
        """Stop its echo servers: open connections are closed, new ones are refused."""
        if self._program is not None:
            self._program.end()
            self._program = None


class Hold(Program):
    """Held connections."""

    def report(self) -> HoldReport:
        """Return the counts as they are now."""
        return hold_report(self.events())

    def await_answers(self, since: float) -> HoldReport:
        """Wait until each connection that is open was answered after this moment (seconds since the epoch).

        The ones that are open then have survived whatever was before.
        """

        def answered() -> bool:
            heard = self.report().heard
            return heard is None or heard > since

        wait_until(answered, START_SECONDS, f"an answer on each of {self._what}", explain=lambda: str(self.report()))
        return self.report()


class Probe(Program):
    """New connections, one after the other."""

    def __init__(self, ledger: Ledger, space: str, what: str, words: list[str], log: Path, timeout: float) -> None:
        super().__init__(ledger, space, what, words, log)
        self._timeout = timeout

    def report(self) -> ProbeReport:
        """Return the counts as they are now."""
        return probe_report(self.events(), self._timeout)

    def await_decided(self, until: float) -> None:
        """Wait until all tries are decided that began before this moment (seconds since the epoch)."""

        def decided() -> bool:
            last = self.report().decided
            return last is not None and last > until

        wait_until(decided, START_SECONDS, f"the end of all {self._what} until then", poll=0.3)

    def longest_gap(self, since: float, until: float) -> Gap | None:
        """Return the longest gap that overlaps this stretch of time, when all tries in it are decided."""
        self.await_decided(until + self._timeout)
        return longest_gap(self.events(), since, until)


class Client:
    """A place that traffic comes from."""

    def __init__(self, ledger: Ledger, space: str, spec: ClientSpec) -> None:
        self.spec = spec
        self.name = spec.name
        self.netns = space
        self._ledger = ledger
        self._started = 0

    def inside(self) -> AbstractContextManager[None]:
        """Put the calling thread into the client's network namespace."""
        return netns.entered(self.netns)

    def hold(self, count: int, address: str, port: int, *, interval: float = 0.2) -> Hold:
        """Open `count` TCP connections and talk on each every `interval` seconds. Returns when all are decided."""
        words = ["hold", str(count), address, str(port), "--interval", str(interval)]
        hold = Hold(self._ledger, self.netns, f"connections of {self.name}", words, self._log("hold"))

        def decided() -> bool:
            report = hold.report()
            return report.wanted > 0 and report.open + sum(report.lost.values()) >= count

        wait_until(decided, START_SECONDS, f"{count} connections of {self.name} to {address} port {port}")
        return hold

    def probe(
        self, address: str, port: int, interval: float = 0.1, *, timeout: float = 1.0, udp: bool = False
    ) -> Probe:
        """Try a new connection (or datagram) every `interval` seconds, each for `timeout` seconds. Returns at once."""
        words = ["probe", address, str(port), "--interval", str(interval), "--timeout", str(timeout)]
        words += ["--udp"] if udp else []
        return Probe(self._ledger, self.netns, f"tries of {self.name}", words, self._log("probe"), timeout)

    def _log(self, kind: str) -> Path:
        self._started += 1
        return self._ledger.folder / f"{self.name}-{kind}-{self._started}.jsonl"


def _joined(ports: tuple[int, ...]) -> str:
    return ",".join(str(port) for port in ports)
