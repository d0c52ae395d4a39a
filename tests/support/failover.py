"""The lab's pair with one configuration after the other, traffic through it, and the levers pulled by hand."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from lab.director import Director
from lab.endpoints import Hold, Probe
from lab.lab import Lab
from lab.reports import Gap, around
from lab.topologies.failover import PORT, PRIORITIES, TRACK_FILES, VIP4, VIP6, Configuration
from lab.wait import wait_until
from lvstop.actions.failover.checks import CheckCode
from lvstop.model.failover import FailoverLever
from support.maintenance import Answer, answer, words

PATIENCE = 120.0
CONF = "/etc/keepalived/keepalived.conf"
FIRST, SECOND = "lvs1", "lvs2"
"""The director that holds everything when a test begins, and the one that is to take over."""
HELD = 50
KNOCK = 0.02
"""Seconds between two new connections."""
ANSWER = 0.9
"""Seconds until a try is given up: less than TCP's first retransmission of a SYN, which would hide a lost one."""
ENOUGH = PRIORITIES[SECOND] - PRIORITIES[FIRST] - 1
"""The number in a track file with weight 1 that brings the first director below the second one."""


# what it is given


def configure(lab: Lab, configuration: Configuration) -> None:
    """Give the pair a configuration, with all levers released, and wait until the first director holds everything.

    Whatever it was before. keepalived is restarted, one after the other: with nopreempt who is first stays MASTER.
    """
    first, second = (lab.directors[name] for name in (FIRST, SECOND))
    clean = "; ".join(f"echo 0 > {path}" for path in TRACK_FILES.values())
    # what is killed while it is stopped leaves its addresses behind
    orphans = "; ".join(f"ip addr del {vip} dev ens3 2>/dev/null" for vip in (f"{VIP4}/24", f"{VIP6}/128"))
    for director in (second, first):
        director.run(
            f"systemctl stop keepalived; {orphans}; {clean}; rm -f /var/lib/lvstop/changes/* /run/lvstop/*; ipvsadm -C"
        )
        director.write(CONF, configuration.text(director.name))
    first.run("systemctl start keepalived")
    await_holder(lab, configuration, FIRST)
    second.run("systemctl start keepalived")
    for director in (first, second):
        wait_until(lambda each=director: _is_balancing(each), PATIENCE, f"a full table on {director.name}")  # type: ignore[misc]
    await_holder(lab, configuration, FIRST)


def await_holder(lab: Lab, configuration: Configuration, holder: str, instances: tuple[str, ...] | None = None) -> None:
    """Wait until a director, and it alone, has the virtual addresses of these instances, or of all."""
    wanted = {configuration.vips[name]: (holder,) for name in instances or tuple(configuration.vips)}

    def holds() -> bool:
        said = holders(lab, configuration)
        return all(said[vip] == who for vip, who in wanted.items())

    what = f"{', '.join(wanted)} on {holder} alone"
    wait_until(holds, PATIENCE, what, poll=0.2, explain=lambda: str(holders(lab, configuration)))


def holders(lab: Lab, configuration: Configuration) -> Mapping[str, tuple[str, ...]]:
    """By virtual address: the directors that have it, asked one after the other."""
    told = {name: director.output("ip -o addr show") for name, director in lab.directors.items()}
    vips = configuration.vips.values()
    return {vip: tuple(name for name, said in told.items() if f" {vip}/" in said) for vip in vips}


def _is_balancing(director: Director) -> bool:
    return director.run("ipvsadm -Ln | grep -c Route", check=False).stdout == "6\n"


# traffic


@dataclass(frozen=True, slots=True)
class Seen:
    """What clients have seen of a failover.

    Attributes:
        gap: the longest time without an answer to a new connection.
        survivors: held connections that were answered afterwards.
        lost: the others, by cause.
        tries: the new connections around the gap, a line each, for whoever wonders at it.
    """

    gap: Gap
    survivors: int
    lost: Mapping[str, int]
    tries: str


@dataclass(frozen=True, slots=True)
class Traffic:
    """Fifty long connections, and a new one every 20 ms, to one virtual address."""

    vip: str
    hold: Hold
    probe: Probe

    def await_copies(self, director: Director) -> None:
        """Wait until the sync daemon has brought all the long connections to a director."""
        wait_until(lambda: self.active(director) >= HELD, PATIENCE, f"{HELD} connections on {director.name}", poll=0.3)

    def active(self, director: Director) -> int:
        """ActiveConn of the virtual server, as ipvsadm tells it."""
        server = f"[{self.vip}]:{PORT}" if ":" in self.vip else f"{self.vip}:{PORT}"
        lines = director.run(f"ipvsadm -Ln -t {server}", check=False).stdout.splitlines()
        return sum(int(line.split()[4]) for line in lines if "->" in line and "Route" in line)

    def await_answer(self, since: float) -> None:
        """Wait until a new connection that began after this moment is answered."""

        def answered() -> bool:
            return any(each["ok"] and each["started"] > since for each in self.probe.events())

        wait_until(answered, PATIENCE, f"an answer from {self.vip}", poll=0.3)

    def seen(self, since: float) -> Seen:
        """What has become of it since a moment (seconds since the epoch), when everything has settled."""
        now = time.time()
        self.await_answer(now)
        held = self.hold.await_answers(now)
        gap = self.probe.longest_gap(since, now)
        assert gap is not None, "not one answer"
        return Seen(gap, held.open, held.lost, around(self.probe.events(), gap))


@contextmanager
def traffic(lab: Lab, vip: str) -> Iterator[Traffic]:
    """Traffic to a virtual address, all of it answered, until the block ends."""
    hold = lab.clients["client"].hold(HELD, vip, PORT)
    probe = lab.clients["client2"].probe(vip, PORT, KNOCK, timeout=ANSWER)
    flow = Traffic(vip, hold, probe)
    try:
        assert hold.report().open == HELD
        flow.await_answer(time.time())
        yield flow
    finally:
        probe.end()
        hold.end()


# levers, by hand


def pull(director: Director, lever: FailoverLever, file: str) -> None:
    """Pull a lever as an operator would who has no lvstop; `file` is the track file that is meant."""
    match lever:
        case FailoverLever.TRACK_FILE:
            director.run(f"echo {ENOUGH} > {file}")
        case FailoverLever.FAULT:
            director.run(f"echo 1 > {file}")
        case FailoverLever.PRIORITY:
            own = PRIORITIES[director.name]
            director.run(f"sed -i '0,/priority {own}/s//priority {own + ENOUGH}/' {CONF}; systemctl reload keepalived")
        case FailoverLever.STOP:
            director.run("systemctl stop keepalived")


def release(director: Director, lever: FailoverLever, file: str) -> None:
    """The same the other way round."""
    match lever:
        case FailoverLever.TRACK_FILE | FailoverLever.FAULT:
            director.run(f"echo 0 > {file}")
        case FailoverLever.PRIORITY:
            own = PRIORITIES[director.name]
            director.run(f"sed -i 's/priority {own + ENOUGH}/priority {own}/' {CONF}; systemctl reload keepalived")
        case FailoverLever.STOP:
            director.run("systemctl start keepalived")


# levers, by lvstop

ACCEPT_ALL = tuple(word for code in CheckCode for word in ("--accept", str(code)))


def fail_over(
    lab: Lab, *arguments: str, user: str = "ops", command: str = "failover", timeout: float = 300.0
) -> Answer:
    """`lvstop failover` on this cluster, with --json."""
    return answer(lab.run_inside(words(lab, command, *arguments, user=user), check=False, timeout=timeout))


def reasons(told: Answer) -> str:
    """How it ended and all that spoke against it, for whoever reads a failed test."""
    outcome = told.document["outcome"] or {}
    checks = [*((told.document["assessment"] or {}).get("checks") or ()), *(outcome.get("checks") or ())]
    against = [
        f"{each['verdict']} {each['code']}: {each['sentence']}" for each in checks if each["verdict"] != "passed"
    ]
    objections = [*told.document["objections"], *(outcome.get("objections") or ())]
    rest = [outcome.get("failure"), *(outcome.get("notes") or ()), *(outcome.get("way_out") or ()), told.stderr]
    lines = [f"exit status {told.exit_status}, {told.outcome}", *against, *map(str, objections), *map(str, rest)]
    return "\n".join(lines)


def agrees(told: Mapping[str, float], gap: Gap) -> bool:
    """A span that lvstop told with its error, and the gap that a client has seen, may be the same."""
    lowest, highest = told["seconds"] - told["error_seconds"], told["seconds"] + told["error_seconds"]
    return lowest <= gap.at_most and highest >= gap.at_least


def mend_machines(lab: Lab) -> None:
    """Undo all faults and wait until everybody can be asked; what keepalived does is the caller's business."""
    for director in lab.directors.values():
        director.mend_all()
    for director in lab.directors.values():
        director.run("true", timeout=PATIENCE)


def levers(lab: Lab) -> Mapping[str, list[str]]:
    """The numbers in the track files of each director; empty words where there is no such file."""
    command = "; ".join(f"cat {path} || echo" for path in TRACK_FILES.values())
    return {name: director.output(command).splitlines() for name, director in lab.directors.items()}
