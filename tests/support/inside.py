"""lvstop inside a director of a lab: this checkout and its packages, mounted there, under the director's own Python."""

import json
import shlex
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lab.director import Director
from lab.lab import Lab
from lab.ssh import Identity
from support.lvstop import Status
from support.pty_program import PtyProgram, on_a_terminal

_CHECKOUT, _PACKAGES = "/run/lvstop-checkout", "/run/lvstop-packages"
_MOUNTS = {_CHECKOUT: Path(__file__).resolve().parents[2], _PACKAGES: Path(sysconfig.get_path("purelib"))}
_KEY, _KNOWN_HOSTS = "/root/lab-key", "/root/lab-known-hosts"
_LVSTOP = f"LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH={_CHECKOUT}/src:{_PACKAGES} python3 -m lvstop"


class Inside:
    """A director with lvstop on it.

    Args:
        peers: the cluster's other directors, asked over SSH from there; only root has the key.
        user: who runs lvstop.
    """

    def __init__(self, lab: Lab, director: Director, *peers: Director, user: str = "root") -> None:
        self._lab = lab
        self._director = director
        self._user = user
        self._file = f"/run/lvstop-{user}.yaml"
        for place, folder in _MOUNTS.items():
            # hostfs (user-mode Linux): a folder of the machine that the guest runs on
            mount = f"mkdir -p {place} && mount -t hostfs -o ro,{shlex.quote(str(folder))} none {place}"
            director.run(f"mountpoint -q {place} || {{ {mount}; }}")
        directors = [{"name": director.name, "host": "local"}]
        directors += [{"name": peer.name, "host": peer.address, "user": "root"} for peer in peers]
        content: dict[str, object] = {"name": lab.topology.name, "directors": directors}
        if peers:
            director.write(_KEY, lab.key_path.read_text(encoding="ascii"))
            director.write(_KNOWN_HOSTS, lab.known_hosts.read_text(encoding="ascii"))
            director.run(f"chmod 600 {_KEY}")
            content["ssh"] = {"identity_files": [_KEY], "known_hosts": _KNOWN_HOSTS}
        director.write(self._file, "".join(f"{key}: {json.dumps(value)}\n" for key, value in content.items()))

    def lvstop(self, command: str, *arguments: str) -> tuple[int, str]:
        """What a command says of the cluster there, and its exit status."""
        patience = ["--timeout", "60"] if command in ("status", "check") else []
        words = shlex.join([command, *patience, *arguments, "-c", self._file])
        done = self._director.run(f"{_LVSTOP} {words}", self._user, check=False, timeout=180)
        assert done.stdout, done.stderr
        return done.returncode, done.stdout

    def status(self) -> Status:
        """`lvstop status --json` there."""
        exit_status, text = self.lvstop("status", "--json")
        (cluster,) = json.loads(text)["clusters"]
        return Status(exit_status, cluster, "")

    def document(self, command: str, *arguments: str) -> dict[str, Any]:
        """What a command that changes the cluster says there with --json."""
        _, text = self.lvstop(command, self._lab.topology.name, *arguments, "--json")
        document = json.loads(text)
        assert isinstance(document, dict)
        return document

    @contextmanager
    def terminal(self) -> Iterator[PtyProgram]:
        """`lvstop` there, on a terminal of 140×40: that of an SSH session, as an operator has it."""
        identity = Identity(self._lab.key_path, self._lab.known_hosts)
        place = f"{self._user}@{self._director.address}"
        within = ["ip", "netns", "exec", self._lab.netns]
        argv = [*within, "ssh", *identity.options(), "-tt", place, "--", f"{_LVSTOP} -c {self._file}"]
        with on_a_terminal(argv, {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}) as program:
            program.size(140, 40)
            yield program
