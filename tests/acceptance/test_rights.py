"""The least rights on a real director: what a role may it can, and nothing else, whoever holds its key."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.director import Director
from lab.lab import Lab
from lab.topologies.maintenance import LEVER
from lab.wait import wait_until
from lvstop.actions.rights.grant import Grant, Role, parse_key
from lvstop.actions.rights.installer import installer, remover
from lvstop.transport.installed import DIRECTOR
from support import vitals_json as vitals
from support.lvstop import LVSTOP, Status, status
from support.maintenance import SECOND, change, left_as_found, records, weights

pytestmark = [pytest.mark.lab, pytest.mark.one_suite]

WATCHER, OPERATOR = "watcher", "lvstop-ops"
SCRIPT = "/root/rights.sh"
HOME_OF_ITS_OWN = (
    "useradd --no-create-home --shell /bin/sh --password '*' {user} && mkdir -p /home/{user} && "
    "mount -t tmpfs -o uid=$(id -u {user}),gid=$(id -g {user}),mode=755 tmpfs /home/{user}"
)
"""The lab's root is a folder of the host, where whatever a login writes belongs to root."""
BOTH = ("keepalived1", "keepalived2")
FLEETING = {
    *("age_seconds", "active_connections", "inactive_connections", "adverts_sent", "adverts_received", "generated_at"),
    *("bytes_in_per_second", "bytes_out_per_second", "connections_per_second", "packets_in_per_second"),
    *("packets_out_per_second", "connections", "packets_in", "packets_out", "bytes_in", "bytes_out", "privilege"),
}
"""Keys of the JSON document whose values are those of the moment, or of the login."""

STANDING = (
    "ipvsadm -Sn; cat /etc/keepalived/keepalived.conf /etc/keepalived/drain-rs2; sha256sum /etc/shadow; "
    "ls -R /etc/cron.d /root; ls -A /tmp"
)
"""What somebody might have changed who should not."""


@dataclass(frozen=True, slots=True)
class Login:
    """A login that was granted a role, and its key."""

    lab: Lab
    user: str
    key: Path

    @property
    def cluster_file(self) -> Path:
        """The cluster, with this login."""
        ssh = {"identity_files": [str(self.key)], "known_hosts": str(self.lab.known_hosts)}
        return self.lab.cluster_file(self.user, ssh=ssh)

    def ssh(
        self, director: Director, *words: str, options: Sequence[str] = (), text: str = ""
    ) -> "subprocess.CompletedProcess[str]":
        """What somebody tries who has the key and a client of his own."""
        return self.lab.run_inside(
            [
                *("ssh", "-F", "none", "-i", str(self.key), "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes"),
                *(
                    "-o",
                    f"UserKnownHostsFile={self.lab.known_hosts}",
                    *options,
                    f"{self.user}@{director.address}",
                    *words,
                ),
            ],
            check=False,
            timeout=60,
            stdin=text,
        )


@pytest.fixture(scope="module")
def granted(maintenance_lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Login]]:
    """Both roles on both directors, by the scripts that root runs there; taken away afterwards."""
    folder = tmp_path_factory.mktemp("keys")
    logins: dict[str, Login] = {}
    grants: list[Grant] = []
    for user, role, files in ((WATCHER, Role.NOC, ()), (OPERATOR, Role.OPERATOR, (LEVER,))):
        key = folder / user
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        grants.append(Grant(role, user, parse_key(key.with_suffix(".pub").read_text()), files))
        logins[user] = Login(maintenance_lab, user, key)
    try:
        for director in maintenance_lab.directors.values():
            # in this order, so that a watcher who comes later takes nothing from the operator
            for grant in reversed(grants):
                director.run(HOME_OF_ITS_OWN.format(user=grant.user))
                director.write(SCRIPT, installer(grant))
                assert f"{grant.user} is {grant.role} here now" in director.run(f"sh {SCRIPT}").stdout
        yield logins
    finally:
        for director in maintenance_lab.directors.values():
            for grant in grants:
                director.write(SCRIPT, remover(grant))
                director.run(f"sh {SCRIPT}; umount /home/{grant.user}; userdel -r {grant.user}", check=False)
        for director in maintenance_lab.directors.values():
            left = director.run("ls -d /opt/lvstop /etc/sudoers.d/lvstop-*; rm -f /root/rights.sh", check=False).stdout
            assert left == ""


def steady(value: object) -> object:
    """A JSON value without what is of the moment."""
    if isinstance(value, dict):
        return {key: steady(each) for key, each in value.items() if key not in FLEETING}
    return [steady(each) for each in value] if isinstance(value, list) else value


def lasting(seen: Status) -> object:
    """Both directors and the alerts, without what is of the moment."""
    machines = [vitals.lasting(seen.director(name)["vitals"]) for name in BOTH]
    return [steady({**seen.director(name), "vitals": None}) for name in BOTH], machines, seen.codes


@pytest.mark.parametrize("user", [WATCHER, OPERATOR])
def test_it_sees_what_root_sees(maintenance_lab: Lab, granted: dict[str, Login], user: str) -> None:
    """Field by field: nothing is hidden from a login whose key opens nothing but the gate."""

    def looks() -> tuple[Status, Status] | None:
        """What root and the user see, where root sees the same afterwards: alerts end by themselves, for one thing."""
        before = status(maintenance_lab, maintenance_lab.cluster_file("root"), live=BOTH)
        seen = status(maintenance_lab, granted[user].cluster_file, live=BOTH)
        after = status(maintenance_lab, maintenance_lab.cluster_file("root"), live=BOTH)
        return (before, seen) if lasting(before) == lasting(after) else None

    alike = wait_until(looks, 120.0, "two looks of root's that are alike")
    assert alike is not None
    as_root, seen = alike
    assert lasting(seen) == lasting(as_root)
    assert {seen.director(name)["privilege"] for name in BOTH} == {"sudo"}


ATTEMPTS = {
    "a shell": (),
    "a command": ("id",),
    "a shell as root": ("sudo -n sh",),
    "what lvstop sends without a gate": ("exec sudo -n -- sh -s -- lvstop-0123456789abcdef01234567",),
    "an edit": ("sudo -n ipvsadm -C",),
    "a change": (f"exec sudo -n -- {DIRECTOR} act",),
    "a change without sudo": (f"exec {DIRECTOR} act",),
    "something behind": (f"exec {DIRECTOR} facts; id",),
    "something within": (f"exec {DIRECTOR} $(id)",),
    "something below": (f"exec {DIRECTOR} facts\nid",),
    "another role": (f"exec {DIRECTOR} gate operator",),
    "a copy": ("scp -t /tmp",),
    "files": ("/usr/lib/openssh/sftp-server",),
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_it_can_do_nothing_else(maintenance_lab: Lab, granted: dict[str, Login], attempt: str) -> None:
    """Refused, whatever it is, and written into the director's log."""
    director = maintenance_lab.directors[BOTH[0]]
    before = director.run(STANDING).stdout
    cursor = director.journal().cursor
    told = granted[WATCHER].ssh(director, *ATTEMPTS[attempt], text="id\nlvstop-0123456789abcdef01234567\n1 uid\n")
    assert told.returncode == 126, told
    assert "uid=" not in told.stdout + told.stderr
    assert "this key is for lvstop as noc" in told.stderr
    assert director.run(STANDING).stdout == before
    logged = [line for line in director.journal(cursor).lines if "refused to watcher" in line]
    assert len(logged) == 1, logged


def test_no_way_around_the_gate(maintenance_lab: Lab, granted: dict[str, Login]) -> None:
    """No terminal, no forwarding, no environment, no subsystem."""
    director, watcher = maintenance_lab.directors[BOTH[0]], granted[WATCHER]
    terminal = watcher.ssh(director, "id", options=["-tt"])
    assert "PTY allocation request failed" in terminal.stderr
    tunnel = watcher.ssh(director, options=["-W", f"{director.address}:22"])
    assert tunnel.returncode != 0
    assert "prohibited" in tunnel.stderr or "forwarding failed" in tunnel.stderr
    listening = watcher.ssh(director, "-N", options=["-o", "ExitOnForwardFailure=yes", "-R", "4444:localhost:22"])
    assert listening.returncode != 0
    assert "remote port forwarding failed" in listening.stderr
    environment = ["-o", "SetEnv=ENV=/tmp/evil BASH_ENV=/tmp/evil LVSTOP_FILES=/etc/shadow"]
    assert watcher.ssh(director, "id", options=environment).returncode == 126
    files = watcher.ssh(director, "sftp", options=["-s"])
    assert files.returncode == 126


def test_words_that_a_program_does_not_know(maintenance_lab: Lab, granted: dict[str, Login]) -> None:
    """Behind the gate the programs look their requests up: rubbish, and very much of it, gets an empty answer."""
    director, watcher = maintenance_lab.directors[BOTH[0]], granted[WATCHER]
    nonce = "lvstop-0123456789abcdef01234567"
    requests = ["1 $(touch /tmp/owned)", "2 dump ../../etc/shadow", "3 signal 9", "4 " + "x" * 100_000, "5 uid"]
    text = f"{nonce}\n" + "\n".join(requests) + "\n"
    told = watcher.ssh(director, f"exec sudo -n -- {DIRECTOR} facts", text=text)
    assert told.returncode == 0, told.stderr
    assert f"{nonce} [ uid full\n0\n" in told.stdout
    assert "root:" not in told.stdout
    assert director.run("test -e /tmp/owned", check=False).returncode == 1
    assert director.run("systemctl is-active keepalived").stdout == "active\n"


def test_an_operator_does_what_is_catalogued(maintenance_lab: Lab, granted: dict[str, Login]) -> None:
    """A drain by ipvsadm, one by the track file that root has listed, and back."""
    operator = granted[OPERATOR]
    with left_as_found(maintenance_lab) as lab:
        file = operator.cluster_file
        for port in (445, 139):
            drained = change(lab, "drain", f"{SECOND}:{port}", "--yes", cluster_file=file)
            assert (drained.exit_status, drained.outcome) == (0, "done"), drained
        assert {len(kept) for kept in records(lab).values()} == {2}
        for port in (445, 139):
            restored = change(lab, "restore", f"{SECOND}:{port}", "--yes", cluster_file=file)
            assert (restored.exit_status, restored.outcome) == (0, "done"), restored
        assert weights(lab.directors[BOTH[0]], 445)[SECOND] == 1


def test_an_operator_does_nothing_else(maintenance_lab: Lab, granted: dict[str, Login]) -> None:
    """Files that root has not listed, lines of configuration, and words of ipvsadm that are none of an edit."""
    director, operator = maintenance_lab.directors[BOTH[0]], granted[OPERATOR]
    nonce = "lvstop-0123456789abcdef01234567"
    requests = {
        "put 1 /etc/shadow": "not among the files",
        "put 1 /etc/keepalived/other": "not among the files",
        "number /etc/shadow": "not among the files",
        "place V /etc/keepalived/keepalived.conf": "not among the files",
        "priority SMB 150 50 /etc/keepalived/keepalived.conf": "not among the files",
        "try +include /etc/shadow": "by root only",
        "service stop ssh": "does not start keepalived",
        "edit -C": "no word of an edit",
        "edit -t 172.26.127.20:445 -r 172.26.127.21:445 -w 0;reboot": "no word of an edit",
        "record ../../../etc/cron.d/x * * * * * root id": "names no record",
        "forget ../../x": "names no record",
    }
    before = director.run(STANDING).stdout
    text = f"{nonce}\n" + "".join(f"{number} {request}\n" for number, request in enumerate(requests, 1))
    told = operator.ssh(director, f"exec sudo -n -- {DIRECTOR} act", text=text)
    assert told.returncode == 0, told.stderr
    answers = told.stdout.split(f"{nonce} . ")
    for number, said in enumerate(requests.values(), 1):
        assert said in answers[number], (number, answers[number])
    assert director.run(STANDING).stdout == before
    assert operator.ssh(director, "id").returncode == 126


def test_a_key_of_another_version(maintenance_lab: Lab, granted: dict[str, Login]) -> None:
    """It says what to do, and sees nothing rather than something wrong."""
    director, watcher = maintenance_lab.directors[BOTH[1]], granted[WATCHER]
    director.run(
        "cp -p /opt/lvstop/director /root/kept; sed -i 's/^facts .*/facts '$(printf %064d 0)'/' /opt/lvstop/director"
    )
    try:
        told = maintenance_lab.run_inside(
            [LVSTOP, "status", "--json", "-c", str(watcher.cluster_file)], check=False, timeout=120
        )
        (found,) = [each for each in json.loads(told.stdout)["clusters"][0]["directors"] if each["name"] == BOTH[1]]
        assert "another version" in found["error"]["summary"]
        assert "lvstop setup noc" in found["error"]["remedy"]
    finally:
        director.run("mv /root/kept /opt/lvstop/director")
