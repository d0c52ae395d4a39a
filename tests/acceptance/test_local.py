"""A director asked on the spot: it tells what it tells over SSH, field by field, and is changed in the same way."""

from typing import Any

import pytest

from acceptance.test_truth import steady
from lab.lab import Lab
from lab.topologies.everything import REAL4, VIP4
from lab.topologies.seed import VIP
from lab.wait import wait_until
from support.failover import ACCEPT_ALL
from support.inside import Inside
from support.lvstop import Status, status
from support.maintenance import PATIENCE, STATE, everywhere
from support.pty_program import PtyProgram
from support.vitals_json import lasting

pytestmark = [pytest.mark.lab, pytest.mark.one_suite]

COUNTED_ON = ("adverts_sent", "adverts_received")
PROGRAMS = "pgrep -fc 'sh -s -- [l]vstop-|awk .*nonce=[l]vstop-' || true"


def comparable(director: dict[str, Any]) -> dict[str, Any]:
    """All that is told of it, but where it is, how old that is, and what is counted on meanwhile."""
    place = "this machine" if director["host"] == "local" else director["host"]
    vrrp = [{**instance, **dict.fromkeys(COUNTED_ON)} for instance in director["vrrp"]]
    lacks = [{**lack, "detail": lack["detail"].replace(f"sudo refuses on {place}", "")} for lack in director["lacks"]]
    vitals = lasting(director["vitals"])
    return {**director, "host": None, "age_seconds": None, "vrrp": vrrp, "lacks": lacks, "vitals": vitals}


def check_alike(on_the_spot: Status, over_ssh: Status, here: str) -> None:
    """One director is this machine in one of them; nothing else differs."""
    for told in on_the_spot.cluster["directors"]:
        remote = over_ssh.director(told["name"])
        assert told["host"] == ("local" if told["name"] == here else remote["host"])
        assert comparable(told) == comparable(remote)
        for instance, earlier in zip(told["vrrp"], remote["vrrp"], strict=True):
            assert all(instance[key] is None or instance[key] >= earlier[key] for key in COUNTED_ON)


def test_status_is_the_same_on_the_spot(everything_lab: Lab) -> None:
    """Both families, all protocols, marks, forwarding methods, thresholds, counters, VRRP, sync daemons."""
    lab = everything_lab
    here, peer = lab.directors.values()
    inside = Inside(lab, here, peer)
    names = tuple(lab.directors)
    (over_ssh, on_the_spot), _, _ = steady(lab, lambda: (status(lab, lab.cluster_file(), live=names), inside.status()))
    assert on_the_spot.director(here.name)["privilege"] == "root"
    check_alike(on_the_spot, over_ssh, here.name)
    for key in ("health", "vips", "alerts"):
        assert on_the_spot.cluster[key] == over_ssh.cluster[key]
    wait_until(lambda: here.output(PROGRAMS).strip() == "0", PATIENCE, "every program to end")


@pytest.mark.parametrize(("user", "privilege"), [("ops", "sudo"), ("noc", "none")])
def test_other_users_see_what_they_see_over_ssh(everything_lab: Lab, user: str, privilege: str) -> None:
    """Through sudo all of it, and without privilege what everybody may see, with the same reasons for the rest."""
    lab = everything_lab
    here = lab.directors["lvs1"]
    inside = Inside(lab, here, user=user)
    (over_ssh, on_the_spot), _, _ = steady(
        lab, lambda: (status(lab, lab.cluster_file(user), live=("lvs1",)), inside.status())
    )
    assert on_the_spot.director("lvs1")["privilege"] == privilege
    check_alike(on_the_spot, over_ssh, "lvs1")


def test_a_weight_is_changed_on_both(everything_lab: Lab) -> None:
    """On the spot and over SSH at the same time, read back, and nothing but the weight; and set back."""
    lab = everything_lab
    here, peer = lab.directors.values()
    inside = Inside(lab, here, peer)
    lab.await_ready()
    found = everywhere(lab, STATE)
    real_server, service = f"{REAL4[0]}:80", ("--virtual-server", f"TCP:{VIP4}:80")
    done = inside.document("weight", real_server, "5", *service, "--yes")
    assert done["outcome"]["kind"] == "done", done
    for name, state in everywhere(lab, STATE).items():
        (changed,) = [line for line in found[name].splitlines() if line not in state.splitlines()]
        assert f"-r {real_server} " in changed
        assert changed.replace("-w 3", "-w 5") in state.splitlines()
    done = inside.document("weight", real_server, "3", *service, "--yes")
    assert done["outcome"]["kind"] == "done", done
    assert everywhere(lab, STATE) == found


def test_a_failover_away_from_the_machine_that_lvstop_runs_on(mended_seed_lab: Lab) -> None:
    """Preflight, watchers, lever and reading back, on the spot and over SSH at the same time; and the way back."""
    lab = mended_seed_lab
    here, peer = lab.directors.values()
    inside = Inside(lab, here, peer)

    def held_by(name: str) -> None:
        wait_until(lambda: [each.name for each in lab.directors.values() if each.holds(VIP)] == [name], PATIENCE, name)

    lab.await_ready()
    held_by(here.name)
    try:
        moved = inside.document("failover", "--to", peer.name, *ACCEPT_ALL, "--yes")
        assert moved["outcome"]["kind"] == "done", moved
        held_by(peer.name)
        moved = inside.document("failover", "--release", *ACCEPT_ALL, "--yes")
        assert moved["outcome"]["kind"] == "done", moved
        held_by(here.name)
    finally:
        for director in lab.directors.values():
            director.run("rm -f /var/lib/lvstop/changes/*; systemctl start keepalived")


def text_of(program: PtyProgram) -> str:
    """What is on the screen."""
    return "\n".join(program.screen.row(y) for y in range(40))


def test_the_terminal_runs_there(everything_lab: Lab) -> None:
    """In an operator's SSH session on the director: both directors, who holds the VIPs, and no program left behind."""
    lab = everything_lab
    here, peer = lab.directors.values()
    lab.await_ready()
    with Inside(lab, here, peer).terminal() as program:
        program.until(lambda: text_of(program).count("● live") == 2, "both directors")
        program.until(lambda: "on lvs1" in text_of(program), "who holds the VIPs")
        program.feed(b"q")
        program.until(lambda: program.process.poll() is not None, "the end")
        assert program.process.returncode == 0
        assert b"Traceback" not in program.output
    wait_until(lambda: here.output(PROGRAMS).strip() == "0", PATIENCE, "every program to end")
