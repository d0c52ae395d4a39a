"""A director as tests handle it: commands on it, faults around it."""

import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from lab.errors import LabError
from lab.guest import Guest
from lab.ledger import Ledger
from lab.ssh import Connection, Identity
from lab.topology import DirectorSpec, bare
from lab.wait import wait_until
from lab.wiring import Wiring

BOOT_SECONDS = 120.0
ATTEMPT_SECONDS = 5.0
SSH_PORT = 22


@dataclass(frozen=True, slots=True)
class Journal:
    """A piece of a director's journal: its lines, oldest first, and the cursor to go on from."""

    lines: tuple[str, ...]
    cursor: str


class Director:
    """One director of a running lab.

    `run` needs SSH; the faults and the power switch do not, except `netem` with a delay and `stop_sshd`.
    """

    def __init__(self, ledger: Ledger, wiring: Wiring, guest: Guest, identity: Identity) -> None:
        self.spec: DirectorSpec = guest.spec
        self.name = guest.spec.name
        self.address = guest.spec.address
        self._ledger = ledger
        self._wiring = wiring
        self._guest = guest
        self._identity = identity
        self._connections: dict[str, Connection] = {}
        # what a power cut undoes: delayed interfaces, a stopped sshd, the `ipvs_commands`
        self._delayed: set[str] = set()
        self._sshd_stopped = False
        self._prepared = False

    # commands

    def run(
        self,
        command: str | Sequence[str],
        user: str = "root",
        *,
        check: bool = True,
        timeout: float = 30.0,
        stdin: str | None = None,
        nic: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as `user` (root, ops or noc): text for its shell, or the words of one program.

        `nic` is the interface to come in by (usually the first), for a look at a director whose first one is cut.
        Raises CommandError for a status other than 0 (unless `check` is false) and LabError when there is no
        connection or no end within `timeout` seconds.
        """
        return self._connection(user, nic).run(command, check=check, timeout=timeout, stdin=stdin)

    def output(self, command: str | Sequence[str], user: str = "root") -> str:
        """Return what a command writes to its standard output."""
        return self.run(command, user).stdout

    def write(self, path: str, text: str) -> None:
        """Replace a file on the director's disk."""
        self.run(f"cat > {shlex.quote(path)}", stdin=text)

    def holds(self, address: str) -> bool:
        """Say whether the kernel has this address on an interface."""
        return f" {bare(address)}/" in self.output("ip -o addr show")

    def table(self) -> str:
        """Return `ipvsadm -Ln`."""
        return self.output("ipvsadm -Ln")

    def journal(self, since_cursor: str | None = None, unit: str | None = None) -> Journal:
        """Read the journal, from the beginning of this boot or after a cursor; of everything, or of one unit."""
        words = ["journalctl", "--no-pager", "--quiet", "--show-cursor", "--output=short-precise"]
        words += [f"--after-cursor={since_cursor}"] if since_cursor else ["--boot"]
        words += [f"--unit={unit}"] if unit else []
        text = self.output(words)
        lines = text.splitlines()
        cursors = [line.removeprefix("-- cursor: ") for line in lines if line.startswith("-- cursor: ")]
        kept = tuple(line for line in lines if not line.startswith("-- "))
        # nothing new: the old cursor is still the place to go on from
        return Journal(kept, cursors[-1] if cursors else since_cursor or "")

    # power

    @property
    def is_on(self) -> bool:
        """Whether the machine runs."""
        return self._guest.is_on

    def power_off(self) -> None:
        """Take the power away, as kill -9 does: nothing is shut down."""
        self._guest.power_off()
        self._close()

    def power_on(self, *, wait: bool = True, timeout: float = BOOT_SECONDS) -> None:
        """Switch on; with `wait`, return when SSH works, keepalived runs and the `ipvs_commands` are done."""
        self._guest.power_on()
        if wait:
            self.await_up(timeout)

    def reboot(self, *, wait: bool = True, timeout: float = BOOT_SECONDS) -> None:
        """Shut down in good order and switch on again."""
        # a little later, so that the answer comes before the connection goes; exactly, as timers are vague by a minute
        self.run("systemd-run --quiet --on-active=0.2 --timer-property=AccuracySec=10ms systemctl poweroff")
        self._guest.await_off(timeout)
        self._close()
        self.power_on(wait=wait, timeout=timeout)

    def await_up(self, timeout: float = BOOT_SECONDS) -> None:
        """Wait until SSH works for everybody, keepalived runs and the `ipvs_commands` are done."""
        ready = "test ! -e /run/nologin && systemctl is-active --quiet keepalived"
        said = ""

        def is_up() -> bool:
            nonlocal said
            if not self._guest.is_on:
                raise LabError(f"{self.name} ended while booting\n{self.console()}")
            try:
                self._connection("root").open(ATTEMPT_SECONDS)
                return self.run(ready, check=False).returncode == 0
            except LabError as error:
                said = str(error)
                return False

        what = f"{self.name} to run keepalived and let its users in"
        wait_until(is_up, timeout, what, poll=0.2, explain=lambda: f"{said}\n{self.console()}")
        if not self._prepared:
            for arguments in self.spec.ipvs_commands:
                self.run(["ipvsadm", *arguments])
            self._prepared = True

    def console(self) -> str:
        """Return the last lines of the machine's console."""
        return self._guest.console()

    # faults

    def cut(self, nic: str) -> None:
        """Take an interface off its network: nothing passes, ARP included; the link stays up, as behind a switch."""
        self._wiring.cut(self.name, nic)

    def mend(self, nic: str) -> None:
        """Undo `cut`."""
        self._wiring.mend(self.name, nic)

    def hang(self, nic: str) -> None:
        """Drop all IP packets both ways without a word: ARP still answers, connections hang, nothing is reset."""
        self._wiring.drop(self.name, nic, 100)

    def unhang(self, nic: str) -> None:
        """Undo `hang`."""
        self._wiring.drop(self.name, nic, 0)

    def netem(self, nic: str, *, delay_ms: float = 0, loss_percent: float = 0) -> None:
        """Make an interface slow or lossy until `clear_netem`.

        `delay_ms` is added to what the director sends, so to each round trip once; `loss_percent` of the packets are
        lost in each direction. Replaces an earlier netem or hang of this interface.
        """
        # the delay needs SSH, so the loss comes last
        self._wiring.drop(self.name, nic, 0)
        if delay_ms > 0:
            # done in the guest: kernels of small virtual machines often come without netem
            self.run(["tc", "qdisc", "replace", "dev", nic, "root", "netem", "delay", f"{delay_ms:g}ms"])
            self._delayed.add(nic)
        elif nic in self._delayed:
            self.run(["tc", "qdisc", "del", "dev", nic, "root"])
            self._delayed.discard(nic)
        self._wiring.drop(self.name, nic, loss_percent)

    def clear_netem(self, nic: str) -> None:
        """Undo `netem`."""
        self.netem(nic)

    def stop_sshd(self) -> None:
        """Stop sshd's listener: new connections are refused, sessions go on, `run` as root among them."""
        self.run("systemctl stop ssh")
        self._sshd_stopped = True

    def start_sshd(self) -> None:
        """Undo `stop_sshd`."""
        self.run("systemctl start ssh")
        self._sshd_stopped = False

    def refuse_ssh(self) -> None:
        """Have the lab's network answer SSH packets to this director with a reset: no connection lives through it."""
        self._close()
        self._wiring.refuse([bare(address) for nic in self.spec.nics for address in nic.addresses], SSH_PORT)

    def accept_ssh(self) -> None:
        """Undo `refuse_ssh`."""
        self._wiring.accept([bare(address) for nic in self.spec.nics for address in nic.addresses], SSH_PORT)

    def mend_all(self) -> None:
        """Undo all faults of this director, and switch it on when it is off; does not wait for its boot."""
        self.accept_ssh()
        for nic in self.spec.nics:
            self.mend(nic.name)
            self.unhang(nic.name)
        if self._sshd_stopped and self.is_on:
            self.start_sshd()
        # TCP may have backed off for a minute while packets were lost: a fresh connection does not wait
        self._close()
        if not self.is_on:
            self._guest.power_on()
        for nic_name in self._delayed.copy():
            self.clear_netem(nic_name)

    def _connection(self, user: str, nic: str | None = None) -> Connection:
        address = next((bare(each.addresses[0]) for each in self.spec.nics if nic in (None, each.name)), None)
        if address is None:
            raise LabError(f"{self.name} has no interface {nic!r}")
        destination = f"{user}@{address}"
        if destination not in self._connections:
            self._connections[destination] = Connection(self._ledger, self._wiring.core, self._identity, destination)
        return self._connections[destination]

    def _close(self) -> None:
        # memory of a guest without power is gone, and with it what its connections and `tc` knew
        for connection in self._connections.values():
            connection.close()
        if not self._guest.is_on:
            self._delayed.clear()
            self._sshd_stopped = self._prepared = False
