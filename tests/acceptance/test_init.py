"""The first meeting with a real pair: as each of the three logins, and where somebody may stand in between."""

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncssh
import pytest

from lab.lab import Lab
from lvstop.config.load import load_cluster_file
from support.lvstop import LVSTOP

pytestmark = pytest.mark.lab

FIRST, SECOND = "keepalived1", "keepalived2"
PATIENCE = 240.0


@dataclass(frozen=True, slots=True)
class Desk:
    """An operator's machine in the lab's network, with a home of its own that knows nobody yet."""

    lab: Lab
    home: Path

    @property
    def known_hosts(self) -> Path:
        """What ssh and lvstop know of host keys."""
        return self.home / ".ssh" / "known_hosts"

    @property
    def written(self) -> list[Path]:
        """Cluster files."""
        return sorted(self.home.rglob("*.yaml"))

    def lvstop(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command there; nobody sits at a terminal."""
        environment = {**os.environ, "HOME": str(self.home)}
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "SSH_AUTH_SOCK"):
            environment.pop(name, None)
        argv = ["ip", "netns", "exec", self.lab.netns, LVSTOP, *words]
        return subprocess.run(
            argv,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def init(self, user: str, *words: str, hosts: Sequence[str] = (FIRST, SECOND)) -> subprocess.CompletedProcess[str]:
        """`lvstop init` as this login of the directors."""
        targets = [f"{user}@{self.lab.directors[host].address}" for host in hosts]
        return self.lvstop("init", *targets, "-i", str(self.lab.key_path), "--timeout", "60s", *words)


@pytest.fixture
def desk(seed_lab: Lab, tmp_path: Path) -> Desk:
    """A machine whose ssh has never been used."""
    home = tmp_path / "desk"
    (home / ".ssh").mkdir(parents=True, mode=0o700)
    return Desk(seed_lab, home)


def fingerprint(lab: Lab, director: str) -> str:
    """Of a director's host key, as its own console shows it."""
    said = lab.directors[director].output("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub")
    return said.split()[1]


def vouched(lab: Lab) -> list[str]:
    """The options by which an operator says that he has compared both."""
    return [word for name in (FIRST, SECOND) for word in ("--host-key", fingerprint(lab, name))]


@pytest.mark.parametrize(
    ("user", "privilege", "name"), [("root", "root", "smb"), ("ops", "sudo", "smb"), ("noc", "none", "keepalived")]
)
def test_the_file_is_one_that_every_command_takes(desk: Desk, user: str, privilege: str, name: str) -> None:
    """Written for two host keys that were compared; `check` and `status` need nothing else then, nor does ssh."""
    done = desk.init(user, *vouched(desk.lab))
    assert done.returncode == 0, done.stderr
    assert f"written: ~/.config/lvstop/clusters/{name}.yaml" in done.stderr
    assert done.stdout.count("answers, its host key is known") == 2

    (file,) = desk.written
    found = load_cluster_file(file)
    assert [(each.name, each.user) for each in found.directors] == [(FIRST, user), (SECOND, user)]
    assert len(desk.known_hosts.read_text().splitlines()) == 2

    checked = desk.lvstop("check", "--timeout", "60")
    assert checked.returncode in (0, 1), checked.stdout
    looked = desk.lvstop("status", "--json", "--timeout", "60")
    assert looked.returncode in (0, 1), looked.stdout
    (cluster,) = json.loads(looked.stdout)["clusters"]
    assert [(each["name"], each["privilege"]) for each in cluster["directors"]] == [
        (FIRST, privilege),
        (SECOND, privilege),
    ]
    for director in desk.lab.directors.values():
        strict = ["-F", "none", "-o", f"UserKnownHostsFile={desk.known_hosts}", "-o", "StrictHostKeyChecking=yes"]
        identity = ["-i", str(desk.lab.key_path), "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes"]
        desk.lab.run_inside(["ssh", *strict, *identity, f"{user}@{director.address}", "true"])


@pytest.mark.parametrize("more", [(), ("--accept-new-host-keys", "--incomplete", "--force")], ids=["plain", "willing"])
def test_a_changed_host_key_is_refused_and_nothing_is_written(desk: Desk, more: tuple[str, ...]) -> None:
    """Both fingerprints, the line that knows the other one, and what to do; whatever options were given."""
    lab = desk.lab
    own, stranger = lab.directors[FIRST], asyncssh.generate_private_key("ssh-ed25519")
    keys = {
        own.address: own.output("cat /etc/ssh/ssh_host_ed25519_key.pub").rsplit(" ", 1)[0],
        lab.directors[SECOND].address: stranger.export_public_key().decode().strip(),
    }
    before = "".join(f"{address} {key}\n" for address, key in keys.items())
    desk.known_hosts.write_text(before)
    done = desk.init("ops", *more)
    assert (done.returncode, done.stdout) == (1, "")
    assert fingerprint(lab, SECOND) in done.stderr
    assert f"{stranger.get_fingerprint()} (~/.ssh/known_hosts:2)" in done.stderr
    assert "ssh-keygen -R" in done.stderr
    assert done.stderr.endswith("No cluster file was written.\n")
    assert desk.written == []
    assert desk.known_hosts.read_text() == before


def test_an_unknown_host_key_is_not_trusted_unasked(desk: Desk) -> None:
    """Nobody can be asked: refused with its fingerprint and with what would say otherwise."""
    done = desk.init("root")
    assert done.returncode == 1
    assert fingerprint(desk.lab, FIRST) in done.stderr
    assert "--host-key" in done.stderr
    assert desk.written == []
    assert not desk.known_hosts.exists()


def test_the_peer_is_known_from_vrrp(desk: Desk) -> None:
    """The seed's pair speaks VRRP on a network of its own, which is what its directors call one another."""
    done = desk.init("root", "--host-key", fingerprint(desk.lab, FIRST), hosts=[FIRST])
    assert done.returncode == 1
    assert "Its VRRP peer is 192.168.66.24." in done.stderr
    assert desk.written == []


def test_the_same_director_twice_is_no_pair(desk: Desk) -> None:
    """By two addresses, which no comparison of words would find out."""
    address = desk.lab.directors[FIRST].address
    words = ("--host-key", fingerprint(desk.lab, FIRST), "-i", str(desk.lab.key_path), "--timeout", "60s")
    (desk.home / "ssh_config").write_text(f"Host other\n  HostName {address}\n")
    done = desk.lvstop("init", f"root@{address}", "root@other", "-F", str(desk.home / "ssh_config"), *words)
    assert done.returncode == 1
    assert f"root@{address} and root@other lead to the same machine" in done.stderr
    assert desk.written == []
