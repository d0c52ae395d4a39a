"""Programs in a real shell on this machine, `act` above all, with a test's own folders and commands."""

import os
import signal
import stat
import subprocess
from contextlib import suppress
from pathlib import Path

from lab.errors import LabTimeoutError
from lab.wait import wait_until
from lvstop.actions import programs
from lvstop.actions.hands import DirectorHands
from lvstop.transport.base import Program
from support.local_transport import LocalChannel, LocalTransport

IPVSADM = """\
case $1 in
-e) printf '%s\\n' "$@" >"$FOLDER/edited" ;;
-Sn) printf '%s\\n' '-A -t 172.26.127.20:445 -s rr' '-a -t 172.26.127.20:445 -r 172.26.127.22:445 -g -w 1' ;;
*) printf '%s\\n' 'IP Virtual Server version 1.2.1 (size=4096)' \
'Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn' '  -> RemoteAddress:Port' \
'TCP  172.26.127.20:445 rr' '  -> 172.26.127.22:445 1000 500 0 0' ;;
esac
"""


# what has keepalived's name, and writes down what it is told
DAEMON = """\
#!/bin/sh
[ "$HEARS" = nothing ] || trap 'echo HUP >>"$FOLDER/signals"' HUP
: >"$FOLDER/started"
while :; do sleep 600 & wait $!; done
"""
# says what a test has put down, of the file that it was given
KEEPALIVED = """\
printf '%s\\n' "$*" >>"$FOLDER/tested"
for word do case $before in -f) cat "$word" >"$FOLDER/seen" ;; esac; before=$word; done
ls -a "$FOLDER/etc" >"$FOLDER/listed"
[ ! -e "$FOLDER/complaint" ] || { cat "$FOLDER/complaint" >&2; exit 4; }
"""
SYSTEMCTL = """\
case "$*" in
*ExecStart*' keepalived.service') echo '{ path=/usr/sbin/keepalived ; argv[]=/usr/sbin/keepalived --dont-fork }' ;;
*ExecStart*) echo '{ path=/usr/sbin/sshd }' ;;
*ActiveState*) cat "$FOLDER/state" ;;
*' stop '*) echo "$*" >>"$FOLDER/services"; echo inactive >"$FOLDER/state" ;;
*' start '*) echo "$*" >>"$FOLDER/services"; echo active >"$FOLDER/state" ;;
esac
"""


class Machine:
    """What the program finds: this machine, with its own folders in the place of the director's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.records = folder / "lib" / "lvstop" / "changes"
        self.etc = folder / "etc"
        self.etc.mkdir()
        (folder / "ip_vs").write_text("")
        self.command("ipvsadm", IPVSADM)
        self.command("logger", 'printf "%s\\n" "$*" >"$FOLDER/logged"')
        self.command("journalctl", "exit 1")
        self.command("systemctl", SYSTEMCTL)
        (folder / "state").write_text("active\n")
        self._daemon: subprocess.Popen[bytes] | None = None
        self._open: list[LocalChannel] = []

    def command(self, name: str, script: str) -> None:
        """Put a command in front."""
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def own(self, program: Program) -> Program:
        """A program, with this machine's folders in the place of a director's."""
        script = program.script
        for there, here in (
            ("/var/lib/lvstop", self.folder / "lib" / "lvstop"),
            ("/run/lvstop", self.folder / "run"),
            ("/proc/net/ip_vs", self.folder / "ip_vs"),
            ("/run/keepalived.pid", self.folder / "keepalived.pid"),
            ("/etc/keepalived", self.etc),
        ):
            script = script.replace(there, str(here))
        assert script != program.script
        return Program(program.name, script)

    async def channel(self, program: Program | None = None) -> LocalChannel:
        """Start a program, `act` where none is named."""
        environment = {"PATH": f"{self.folder}:/usr/bin:/bin", "FOLDER": str(self.folder)}
        channel = await LocalTransport(environment).open(
            self.own(program or programs.act()), elevated=False, timeout=10
        )
        self._open.append(channel)
        return channel

    async def hands(self) -> DirectorHands:
        """Lay hands on it."""
        return DirectorHands("keepalived1", await self.channel(), timeout=10)

    def keepalived(self, *words: str, hears: str = "everything") -> None:
        """Let keepalived run, started with these words. `keepalived -t` says what the file `complaint` does, if any.

        One that hears nothing has just been started: any signal would end it.
        """
        self.command("keepalived", KEEPALIVED)
        program = self.folder / "sbin" / "keepalived"
        program.parent.mkdir()
        program.write_text(DAEMON)
        program.chmod(0o755)
        environment = {"FOLDER": str(self.folder), "PATH": "/usr/bin:/bin", "HEARS": hears}
        self._daemon = subprocess.Popen([program, *words], env=environment, start_new_session=True)
        daemon, started = self._daemon, self.folder / "started"
        wait_until(lambda: started.exists() or daemon.poll() is not None, 30, "keepalived's start", poll=0.01)
        assert started.exists()
        (self.folder / "keepalived.pid").write_text(f"{self._daemon.pid}\n")

    def reloads(self) -> int:
        """How often keepalived was told to reload; waits a moment for the first time."""
        told = self.folder / "signals"
        with suppress(LabTimeoutError):
            wait_until(told.exists, 5, "a signal", poll=0.01)
        return told.read_text().count("HUP") if told.exists() else 0

    def runs(self) -> bool:
        """keepalived has not been ended."""
        return self._daemon is not None and self._daemon.poll() is None

    async def close(self) -> None:
        """End all programs."""
        if self._daemon is not None:
            os.killpg(self._daemon.pid, signal.SIGKILL)
            self._daemon.wait()
        for channel in self._open:
            await channel.close()
