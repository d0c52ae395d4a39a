"""Real servers of a lab taken out of service and back, as an operator does it on the command line."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from lab.director import Director
from lab.lab import Lab
from lab.topologies.maintenance import LEVER
from lab.topologies.seed import REAL_SERVERS, VIP
from lab.wait import wait_until
from support.lvstop import LVSTOP

PATIENCE = 120.0

STATE = "ipvsadm -Sn; ipvsadm -Ln --thresholds | sed 's/ [0-9]* *[0-9]* *$//'"
"""What an edit could change, without the connections."""
FOOTPRINT = (
    f"{STATE}; find /etc/keepalived /var/lib/lvstop /run/lvstop -exec ls -ld --time-style=full-iso {{}} + 2>&1; "
    "cat /etc/keepalived/* /var/lib/lvstop/changes/* /run/lvstop/* 2>/dev/null; journalctl --no-pager -q -t lvstop"
)
"""All that lvstop could leave on a director."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a changing command answered with --json."""

    exit_status: int
    document: dict[str, Any]
    stderr: str

    @property
    def outcome(self) -> str | None:
        """How it ended; None where it was not even begun."""
        outcome = self.document["outcome"]
        return None if outcome is None else str(outcome["kind"])

    @property
    def codes(self) -> set[str]:
        """The codes of all objections, of the plan and of its execution."""
        return {each["code"] for each in self.document["objections"]}


def words(lab: Lab, command: str, *arguments: str, user: str = "ops", cluster_file: Path | None = None) -> list[str]:
    """The command line of a changing command, by the cluster file of a user or by any other."""
    file = cluster_file or lab.cluster_file(user)
    return [LVSTOP, command, lab.topology.name, *arguments, "--json", "-c", str(file)]


def change(
    lab: Lab,
    command: str,
    *arguments: str,
    user: str = "ops",
    cluster_file: Path | None = None,
    timeout: float = 180.0,
) -> Answer:
    """Run a changing command in the lab's network; again as long as VRRP has not settled, which is a refusal."""
    tried: list[Answer] = []

    def settled() -> bool:
        argv = words(lab, command, *arguments, user=user, cluster_file=cluster_file)
        tried.append(answer(lab.run_inside(argv, check=False, timeout=timeout)))
        return tried[-1].codes != {"failover-under-way"}

    wait_until(settled, PATIENCE, "VRRP to settle", poll=1.0, explain=lambda: str(tried[-1]))
    return tried[-1]


def answer(result: "subprocess.CompletedProcess[str]") -> Answer:
    """What a changing command has said."""
    assert result.stdout, result.stderr
    document = json.loads(result.stdout)
    assert document["schema"] == 1
    return Answer(result.returncode, document, result.stderr)


def weights(director: Director, port: int) -> dict[str, int]:
    """The weights of a virtual server's real servers, by address, as ipvsadm tells them; none where it is not there."""
    lines = director.run(f"ipvsadm -Ln -t {VIP}:{port}", check=False).stdout.splitlines()
    rows = [line.split() for line in lines if line.strip().startswith("-> ") and "RemoteAddress" not in line]
    return {row[1].rpartition(":")[0]: int(row[3]) for row in rows}


def on_all(lab: Lab, holds: Callable[[Director], bool], what: str) -> None:
    """Wait until something is true of every director."""
    for director in lab.directors.values():
        wait_until(partial(holds, director), PATIENCE, f"{what} on {director.name}")


def listed(port: int, address: str) -> Callable[[Director], bool]:
    """A real server is in the table."""
    return lambda director: address in weights(director, port)


def taken_out(port: int, address: str) -> Callable[[Director], bool]:
    """It is not."""
    return lambda director: address not in weights(director, port)


def everywhere(lab: Lab, command: str) -> dict[str, str]:
    """What a command says on each director."""
    return {name: director.run(command, check=False).stdout for name, director in lab.directors.items()}


@contextmanager
def left_as_found(lab: Lab) -> Iterator[Lab]:
    """Give a lab to a test that drains, breaks and restores, and put everything back afterwards."""
    lab.await_ready()
    # a plan that is not refused: VRRP has settled since whatever was before
    change(lab, "drain", f"{SECOND}:445", "--dry-run")
    try:
        yield lab
    finally:
        for director in lab.directors.values():
            director.mend_all()
            director.run(
                f"rm -f /var/lib/lvstop/changes/*; echo 0 > {LEVER}; "
                "sysctl -q net.ipv4.vs.expire_quiescent_template=0; ipvsadm -Z; systemctl restart keepalived"
            )
        # afterwards: what it waits for is that keepalived runs
        lab.mend()


def records(lab: Lab) -> dict[str, list[dict[str, Any]]]:
    """The records of changes that each director keeps."""
    told = everywhere(lab, "cat /var/lib/lvstop/changes/*.json 2>/dev/null")
    return {name: [json.loads(line) for line in text.splitlines()] for name, text in told.items()}


FIRST, SECOND = REAL_SERVERS
