"""lvstop inside a director of a lab: this checkout and its packages, mounted there, under the director's own Python."""

import json
import shlex
import sysconfig
from pathlib import Path
from typing import Any

from lab.director import Director
from lab.lab import Lab

_ROOT = Path(__file__).resolve().parents[2]
_MOUNTS = {"/run/lvstop-checkout": _ROOT, "/run/lvstop-packages": Path(sysconfig.get_path("purelib"))}
_KEY, _KNOWN_HOSTS, _CLUSTER = "/root/lab-key", "/root/lab-hosts", "/root/here.yaml"


class Inside:
    """A director with lvstop on it.

    Args:
        peers: the cluster's other directors, asked over SSH from there.
    """

    def __init__(self, lab: Lab, director: Director, *peers: Director, user: str = "root") -> None:
        self._director = director
        self._user = user
        for place, folder in _MOUNTS.items():
            # hostfs (user-mode Linux): a folder of the machine that the guest runs on
            mount = f"mkdir -p {place} && mount -t hostfs -o ro,{shlex.quote(str(folder))} none {place}"
            director.run(f"mountpoint -q {place} || {{ {mount}; }}")
        director.write(_KEY, lab.key_path.read_text(encoding="ascii"))
        director.write(_KNOWN_HOSTS, lab.known_hosts.read_text(encoding="ascii"))
        director.run(f"chmod 600 {_KEY}")
        directors = [{"name": director.name, "host": "local"}]
        directors += [{"name": peer.name, "host": peer.address, "user": "root"} for peer in peers]
        content: dict[str, object] = {"name": lab.topology.name, "directors": directors}
        if peers:
            content["ssh"] = {"identity_files": [_KEY], "known_hosts": _KNOWN_HOSTS}
        director.write(_CLUSTER, "".join(f"{key}: {json.dumps(value)}\n" for key, value in content.items()))

    @property
    def command(self) -> str:
        """What starts lvstop there, for a shell."""
        path = f"{'/run/lvstop-checkout'}/src:/run/lvstop-packages"
        return f"PYTHONDONTWRITEBYTECODE=1 PYTHONPATH={path} python3 -m lvstop"

    def lvstop(self, command: str, *arguments: str) -> str:
        """What a command says of the cluster there; its exit status is not looked at."""
        patience = ["--timeout", "60"] if command in ("status", "check") else []
        words = shlex.join([command, *patience, "-c", _CLUSTER, *arguments])
        done = self._director.run(f"{self.command} {words}", self._user, check=False, timeout=120)
        assert done.stdout, done.stderr
        return done.stdout

    def status(self) -> dict[str, Any]:
        """`lvstop status --json` there: the cluster."""
        document = json.loads(self.lvstop("status", "--json"))
        (cluster,) = document["clusters"]
        assert isinstance(cluster, dict)
        return cluster
