"""Real servers taken out of service on a real pair: nobody notices, and nothing but the weight changes."""

import asyncio
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.lab import Lab
from lab.topologies.everything import REAL4, REAL6, VIP4, VIP6
from lab.topologies.maintenance import PERSISTENCE
from lab.topologies.seed import VIP
from lab.wait import wait_until
from lvstop.actions.intent import AddWeight, Intent
from lvstop.actions.outcome import OutcomeKind
from lvstop.actions.plan import ObjectionCode, Plan
from lvstop.actions.progress import silent
from lvstop.clock import SystemClock
from lvstop.config.load import load_cluster_file
from lvstop.engine.actors import ssh_actors
from lvstop.engine.connections import ssh_probes
from lvstop.engine.look import look
from support.factories import rs_key, vs_key
from support.lvstop import status
from support.maintenance import (
    FIRST,
    FOOTPRINT,
    PATIENCE,
    SECOND,
    STATE,
    answer,
    change,
    everywhere,
    left_as_found,
    listed,
    on_all,
    records,
    taken_out,
    weights,
    words,
)

pytestmark = pytest.mark.lab

ROWS = (
    (f"TCP:{VIP4}:80", f"{REAL4[0]}:80"),
    (f"TCP:{VIP4}:443", f"{REAL4[1]}:8443"),
    (f"TCP:{VIP4}:8080", f"{REAL4[0]}:8080"),
    (f"TCP:{VIP4}:8472", f"{REAL4[0]}:8472"),
    (f"TCP:{VIP4}:8472", f"{REAL4[1]}:8472"),
    (f"SCTP:{VIP4}:9999", f"{REAL4[0]}:9999"),
    ("FWM:7", f"{REAL4[0]}:0"),
    ("FWM:7:inet6", f"[{REAL6[1]}]:0"),
    (f"TCP:[{VIP6}]:443", f"[{REAL6[0]}]:8443"),
    (f"TCP:[{VIP6}]:9999", f"[{REAL6[2]}]:9999"),
)


@pytest.fixture
def lab(maintenance_lab: Lab) -> Iterator[Lab]:
    """The pair, put back afterwards."""
    with left_as_found(maintenance_lab) as found:
        yield found


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    """Lines that went, and lines that came."""
    old, new = before.splitlines(), after.splitlines()
    return [line for line in old if line not in new], [line for line in new if line not in old]


async def test_nothing_but_the_weight_changes(everything_lab: Lab, tmp_path: Path) -> None:
    """Thresholds, encapsulation, mapped ports, marks, both families: weights there and back, on both directors."""
    lab = everything_lab
    await asyncio.to_thread(lab.await_ready)
    rows = tuple((vs_key(server), rs_key(real)) for server, real in ROWS)
    found = await asyncio.to_thread(everywhere, lab, STATE)
    await carried_out(lab, AddWeight(rows, 4), tmp_path)
    for name, state in (await asyncio.to_thread(everywhere, lab, STATE)).items():
        gone, come = changed_lines(found[name], state)
        assert len(gone) == len(come) == len(rows)
        heavier = [re.sub(r"-w (\d+)", lambda match: f"-w {int(match[1]) + 4}", line) for line in gone]
        assert sorted(come) == sorted(heavier)
        assert all(any(f"-r {real} " in line for line in gone) for _, real in ROWS)
    await carried_out(lab, AddWeight(rows, -4), tmp_path)
    assert await asyncio.to_thread(everywhere, lab, STATE) == found


async def carried_out(lab: Lab, intent: Intent, folder: Path) -> None:
    """Look, plan and execute as the terminal does; wait for VRRP to settle before."""
    clock, config = SystemClock(), load_cluster_file(lab.cluster_file("ops"))
    with lab.inside():
        actor = ssh_actors(clock, None, folder)(config)
        assert actor is not None
        async with asyncio.timeout(PATIENCE):
            plan = None
            while not isinstance(plan, Plan):
                (snapshot,) = await look([config], ssh_probes(clock, None), clock, timeout=60)
                plan = actor.plan(intent, snapshot)
                assert isinstance(plan, Plan) or {each.code for each in plan.objections} == {
                    ObjectionCode.FAILOVER_UNDER_WAY
                }, plan
        outcome = await actor.execute(plan, silent)
    assert outcome.kind is OutcomeKind.DONE, outcome


def test_a_naive_edit_breaks_what_it_leaves_out(everything_lab: Lab) -> None:
    """The control: what lvstop restates is what ipvsadm sets back where it is left out."""
    director = everything_lab.directors["lvs2"]
    found = director.output(STATE)
    gue, masq = f"-t {VIP4}:8472 -r {REAL4[0]}:8472", f"-t {VIP4}:80 -r {REAL4[0]}:80"
    try:
        director.run(f"ipvsadm -e {gue} -i -w 4; ipvsadm -e {masq} -g -w 3")
        broken = director.output(STATE)
    finally:
        director.run(f"ipvsadm -e {gue} -i --tun-type gue --tun-port 6080 --tun-nocsum -w 4")
        director.run(f"ipvsadm -e {masq} -g -w 3 -x 1000 -y 800")
    gone, come = changed_lines(found, broken)
    assert any("gue" in line for line in gone)
    assert not any("gue" in line for line in come)
    assert any(line.split()[-2:] == ["1000", "800"] for line in gone)
    assert director.output(STATE) == found


def started(lab: Lab, argv: list[str]) -> "subprocess.Popen[str]":
    """A command that runs beside the test, in the lab's network."""
    inside = ["ip", "netns", "exec", lab.netns, *argv]
    return subprocess.Popen(inside, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def active(lab: Lab, address: str, port: int) -> int:
    """ActiveConn of a real server on the director that balances."""
    told = lab.directors["keepalived1"].output(f"ipvsadm -Ln -t {VIP}:{port}")
    return next((int(line.split()[4]) for line in told.splitlines() if f"-> {address}:" in line), 0)


def test_nobody_notices(lab: Lab) -> None:
    """50 long connections and many short ones: drained, followed until it is safe, stopped, started, restored."""
    client = lab.clients["client"]
    old, short = client.hold(50, VIP, 445, interval=0.5), lab.clients["client2"].probe(VIP, 445, 0.05, timeout=20.0)
    drain = words(lab, "drain", f"{SECOND}:445", "--reason", "kernel update", "--yes", "--wait", "--timeout", "10m")
    waiting = subprocess.Popen(
        ["ip", "netns", "exec", lab.netns, *drain], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        on_all(lab, lambda director: weights(director, 445)[SECOND] == 0, "the drain")
        assert active(lab, SECOND, 445) > 0
        new = client.hold(50, VIP, 445, interval=0.5)
        assert waiting.poll() is None, "safe to stop, with connections left"
        assert (old.report().open, old.report().lost) == (50, {})
        old.end()
        told, errors = waiting.communicate(timeout=PATIENCE)
        assert waiting.returncode == 0, errors
        assert json.loads(told)["progress"]["safe"] is True
        assert active(lab, SECOND, 445) == 0

        lab.real_servers["rs2"].stop()
        on_all(lab, taken_out(445, SECOND), "that it left the table")
        assert (new.report().open, new.report().lost, short.report().failed) == (50, {}, {})
        lab.real_servers["rs2"].start()
        on_all(lab, listed(445, SECOND), "that it is back")
        restored = change(lab, "restore", f"{SECOND}:445", "--yes")
        assert (restored.exit_status, restored.outcome) == (0, "done"), restored
        assert [weights(director, 445)[SECOND] for director in lab.directors.values()] == [1, 1]
        assert records(lab) == {"keepalived1": [], "keepalived2": []}
        share = client.hold(20, VIP, 445)
        assert active(lab, SECOND, 445) > 0
        short.end()
        assert (new.report().open, new.report().lost) == (50, {})
        assert share.report().lost == short.report().failed == {}
        new.end()
        share.end()
    finally:
        waiting.kill()
        waiting.communicate()
        for program in (old, short):
            program.end()


def taken(lab: Lab, address: str, port: int) -> int:
    """How many connections a real server has been given, by the kernel's own counter."""
    told = lab.directors["keepalived1"].output(f"ipvsadm -Ln --stats --exact -t {VIP}:{port}")
    return next(int(line.split()[2]) for line in told.splitlines() if f"-> {address}:" in line)


def test_persistence_defeats_a_drain_until_it_is_told_not_to(lab: Lab) -> None:
    """Said beforehand; a client that was there keeps coming; with the sysctl it goes elsewhere."""
    client = lab.clients["client"]
    client.hold(1, VIP, 80).end()
    bound = SECOND if active_or_not(lab, SECOND) else FIRST
    other = FIRST if bound == SECOND else SECOND
    drained = change(lab, "drain", f"{bound}:80", "--yes")
    assert (drained.exit_status, drained.outcome) == (0, "done"), drained
    remarks = json.dumps(drained.document["plan"]["remarks"])
    assert "expire_quiescent_template" in remarks
    assert str(PERSISTENCE) in remarks
    before = taken(lab, bound, 80)
    client.hold(3, VIP, 80).end()
    wait_until(lambda: taken(lab, bound, 80) == before + 3, 20, "the client to be sent to the drained real server")
    for director in lab.directors.values():
        director.run("sysctl -q net.ipv4.vs.expire_quiescent_template=1")
    before = taken(lab, other, 80)
    client.hold(3, VIP, 80).end()
    wait_until(lambda: taken(lab, other, 80) == before + 3, 20, "the client to be sent elsewhere")


def active_or_not(lab: Lab, address: str) -> bool:
    """A real server of the persistent virtual server has a connection or a client bound to it."""
    told = lab.directors["keepalived1"].output(f"ipvsadm -Ln --persistent-conn -t {VIP}:80")
    return any(f"-> {address}:" in line and int(line.split()[3]) > 0 for line in told.splitlines())


def test_a_dry_run_leaves_nothing(lab: Lab) -> None:
    """Not a byte on any director, for any command. What is on record everybody sees, whatever his login."""
    assert change(lab, "drain", f"{SECOND}:445", "--yes", "--reason", "kernel update").exit_status == 0
    (seen,) = status(lab, lab.cluster_file("noc"), live=tuple(lab.directors)).cluster["changes"]
    assert (seen["kind"], seen["phase"], seen["reason"]) == ("drain", "standing", "kernel update")
    leave_unfinished(lab, seen["id"])
    found = everywhere(lab, FOOTPRINT)
    for command, *rest in (
        ("drain", f"{FIRST}:80"),
        ("drain", f"{SECOND}:139"),
        ("restore", f"{SECOND}:445"),
        ("weight", f"{FIRST}:139", "7"),
        ("resume", "--undo"),
        ("resume", "--finish"),
    ):
        told = change(lab, command, *rest, "--dry-run")
        assert (told.exit_status, told.outcome) == (0, None), told
        assert told.document["plan"]["commands"] or "--undo" in rest
    assert everywhere(lab, FOOTPRINT) == found


def leave_unfinished(lab: Lab, change_id: str) -> None:
    """A copy of a drain's record under another name, as an interrupted one would have left it for another row."""
    for director in lab.directors.values():
        director.run(
            f"cd /var/lib/lvstop/changes && sed -e 's/{change_id}/unfinished-1/' -e 's/standing/pending/' "
            f"-e 's/:445/:80/g' {change_id}.json > unfinished-1.json"
        )


def test_who_may_not_is_told_so(lab: Lab) -> None:
    """A plain user, and a director that is not there: refused with reasons. Who insists changes the one that is."""
    found = everywhere(lab, FOOTPRINT)
    nobody = change(lab, "drain", f"{SECOND}:445", "--yes", user="noc")
    assert (nobody.exit_status, nobody.codes) == (1, {"privilege-missing"})
    assert everywhere(lab, FOOTPRINT) == found
    gone = lab.directors["keepalived2"]
    gone.cut("ens3")
    alone = change(lab, "drain", f"{SECOND}:445", "--yes")
    assert alone.exit_status == 1
    assert "director-missing" in alone.codes
    insisted = change(lab, "drain", f"{SECOND}:445", "--yes", "--force", "--reason", "keepalived2 is being rebuilt")
    assert (insisted.exit_status, insisted.outcome) == (0, "done"), insisted
    assert weights(lab.directors["keepalived1"], 445)[SECOND] == 0
    gone.mend_all()
    gone.await_up()
    # cut off, it failed its checks: keepalived takes the real servers back
    on_all(lab, listed(445, SECOND), "that it is in the table")
    assert weights(gone, 445)[SECOND] == 1


def test_of_two_at_once_one_wins(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Two operators on two machines drain the same real server at the same moment: the other one is told."""
    drain = words(lab, "drain", f"{SECOND}:445", "--yes")
    both = [started(lab, ["env", f"XDG_STATE_HOME={tmp_path_factory.mktemp('desk')}", *drain]) for _ in range(2)]
    told = [subprocess.CompletedProcess(each.args, 0, *each.communicate(timeout=PATIENCE)) for each in both]
    answers = [answer(each) for each in told]
    assert sorted(each.returncode for each in both) == [0, 1]
    (loser,) = [each for each, process in zip(answers, both, strict=True) if process.returncode == 1]
    assert loser.codes <= {"locked", "changed-since", "change-unfinished", "nothing-to-do"}
    assert loser.codes
    assert [weights(director, 445)[SECOND] for director in lab.directors.values()] == [0, 0]
    assert [len(kept) for kept in records(lab).values()] == [1, 1]
