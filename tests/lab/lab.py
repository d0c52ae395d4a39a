"""A running lab: booted from a topology, handed out as directors, real servers and clients, always torn down."""

import json
import re
import secrets
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import FrameType

from lab import netns, requirements, rootfs
from lab.director import BOOT_SECONDS, Director
from lab.endpoints import Client, RealServer
from lab.errors import LabError
from lab.guest import Guest
from lab.ledger import Ledger
from lab.shell import MINUTE, run
from lab.ssh import Identity
from lab.topology import ReadyCheck, Topology, bare
from lab.wait import wait_until
from lab.wiring import Wiring

LAB_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


class Lab:
    """Handles to a running lab. Made by `Lab.boot`, never directly."""

    def __init__(self, ledger: Ledger, topology: Topology, suite: str) -> None:
        self.name = ledger.record.name
        self.topology = topology
        self.suite = suite
        self.folder = ledger.folder
        self.key_path = ledger.folder / "id_ed25519"
        self.known_hosts = ledger.folder / "known_hosts"
        self.directors: dict[str, Director] = {}
        self.real_servers: dict[str, RealServer] = {}
        self.clients: dict[str, Client] = {}
        self._ledger = ledger
        self._wiring = Wiring(ledger, topology)

    @classmethod
    @contextmanager
    def boot(
        cls, topology: Topology, suite: str, name: str | None = None, *, timeout: float = BOOT_SECONDS
    ) -> Iterator["Lab"]:
        """Boot a lab, wait until it is ready, and give everything back at the end, whatever the end is.

        The end may be an exception, Ctrl-C, SIGTERM or SIGHUP, also during the boot. `timeout` seconds are granted
        to each condition of readiness. Raises LabError when the lab cannot run here, does not become ready (with the
        consoles' last lines), or leaves something behind.
        """
        requirements.require()
        name = name or f"{topology.name}-{suite}-{secrets.token_hex(2)}"
        if not LAB_NAME.fullmatch(name):
            raise LabError(f"unfit name for a lab: {name!r} (a-z, 0-9 and -, at most 32)")
        root = rootfs.ensure(suite)
        with _signals_unwind():
            ledger = Ledger.create(name, topology.name, suite)
            try:
                lab = cls(ledger, topology, suite)
                lab._start(root)
                lab._await_boots(timeout)
                yield lab
            finally:
                with _signals_ignored():
                    failures = ledger.give_back()
                if failures:
                    raise LabError(f"the lab {name} left behind: " + "; ".join(failures))

    @property
    def netns(self) -> str:
        """The name of the network namespace from which the directors are reached."""
        return self._wiring.core

    def inside(self) -> AbstractContextManager[None]:
        """Put the calling thread into the lab's network, so that what it connects to are the directors."""
        return netns.entered(self.netns)

    def run_inside(
        self, argv: Sequence[str], *, check: bool = True, timeout: float = MINUTE, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program of this machine in the lab's network. Errors are those of `lab.shell.run`."""
        return run(["ip", "netns", "exec", self.netns, *argv], check=check, timeout=timeout, stdin=stdin)

    def cluster_file(self, user: str = "root", path: Path | None = None, **top_level: object) -> Path:
        """Write a cluster file for `lvstop` with this user, and return its path.

        Further arguments are top-level keys of the file, in place of the usual ones if they have their names. Values
        are written as JSON, which is YAML as well. Without `path` the file is `cluster-<user>.yaml` of the lab.
        """
        directors = [{"name": name, "host": each.address, "user": user} for name, each in self.directors.items()]
        content: dict[str, object] = {
            "name": self.topology.name,
            "directors": directors,
            "ssh": {"identity_files": [str(self.key_path)], "known_hosts": str(self.known_hosts)},
            "interval": "1s",
            **top_level,
        }
        path = path or self.folder / f"cluster-{user}.yaml"
        path.write_text("".join(_yaml(key, value) for key, value in content.items()), encoding="utf-8")
        return path

    def mend(self, timeout: float = BOOT_SECONDS) -> None:
        """Undo all faults, switch on what is off, start what is stopped, and wait until the lab is ready again.

        What was changed on the directors themselves (files, weights, a stopped keepalived) is the caller's to undo.
        """
        for director in self.directors.values():
            director.mend_all()
        for server in self.real_servers.values():
            server.start()
        for director in self.directors.values():
            director.await_up(timeout)
        self.await_ready(timeout)

    def attach(self) -> tuple[str, ...]:
        """Join this machine to the directors' network as an operator's workstation; return its addresses there."""
        return self._wiring.attach()

    def _start(self, root: Path) -> None:
        self._wiring.build()
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", self.name, "-f", str(self.key_path)])
        public_key = self.key_path.with_suffix(".pub").read_text(encoding="ascii")
        identity = Identity(self.key_path, self.known_hosts)
        guests = [Guest(self._ledger, self._wiring, spec, root, public_key) for spec in self.topology.directors]
        self.known_hosts.write_text("".join(_known(guest) for guest in guests), encoding="ascii")
        for guest in guests:
            guest.power_on()
            self._ledger.note_address(guest.spec.name, guest.spec.address)
            self.directors[guest.spec.name] = Director(self._ledger, self._wiring, guest, identity)
        for server in self.topology.real_servers:
            self.real_servers[server.name] = RealServer(self._ledger, self._wiring.namespace_of(server.name), server)
            self.real_servers[server.name].start()
        for client in self.topology.clients:
            self.clients[client.name] = Client(self._ledger, self._wiring.namespace_of(client.name), client)

    def _await_boots(self, timeout: float) -> None:
        pool = ThreadPoolExecutor(len(self.directors))
        try:
            boots = [pool.submit(director.await_up, timeout) for director in self.directors.values()]
            for boot in wait(boots, return_when=FIRST_EXCEPTION).done:
                boot.result()
        finally:
            # not waited for: the teardown takes the guests away, which ends what still waits for them
            pool.shutdown(wait=False, cancel_futures=True)
        self.await_ready(timeout)

    def await_ready(self, timeout: float = BOOT_SECONDS) -> None:
        """Return when all that the topology declares as ready is so: the VIPs are where they belong, the tables full.

        Guests that get no processor for seconds miss adverts and become MASTER, as real directors do; they go back by
        themselves. A test that presumes the settled pair asks for it here.
        """
        for check in self.topology.ready:
            self._await_check(check, timeout)

    def _await_check(self, check: ReadyCheck, timeout: float) -> None:
        director = self.directors[check.director]
        said = ""

        def holds() -> bool:
            nonlocal said
            said = director.run(check.command, check=False).stdout
            return check.contains in said

        what = f"{check.contains.strip()!r} in the output of `{check.command}` on {check.director}"
        wait_until(holds, timeout, what, poll=0.3, explain=lambda: f"it says:\n{said}\n{director.console()}")


def _known(guest: Guest) -> str:
    hosts = [guest.spec.name, *(bare(address) for nic in guest.spec.nics for address in nic.addresses)]
    return f"{','.join(hosts)} {guest.host_key}\n"


def _yaml(key: str, value: object) -> str:
    if isinstance(value, list):
        return f"{key}:\n" + "".join(f"  - {json.dumps(item)}\n" for item in value)
    return f"{key}: {json.dumps(value)}\n"


def _unwind(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


@contextmanager
def _signals_unwind() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the program through its `finally` clauses, as Ctrl-C does.

    Only where nobody else handles them, and only in the main thread, which alone may say so.
    """
    changed: list[int] = []
    if threading.current_thread() is threading.main_thread():
        changed = [each for each in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(each) == signal.SIG_DFL]
    for number in changed:
        signal.signal(number, _unwind)
    try:
        yield
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def _signals_ignored() -> Iterator[None]:
    """Let nothing interrupt the teardown, not even an impatient second Ctrl-C."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
