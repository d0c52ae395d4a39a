"""`lvstop failover` on the embedded pair: the whole way of an operator, over SSH."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from lvstop.model.director import Privilege
from support.demo_pair import FAULT, GENTLE, STOPPED, Commands, commands

VIP = "172.26.127.20"
SETTLED = ("--accept", "not-flapping", "--accept", "sync-daemons", "--accept", "sync-coverage")


def fail_over(lvstop: Commands, *words: str) -> Mapping[str, Any]:
    """Fails over, or back; the document that tells of it."""
    status, out, err = lvstop.run("failover", "smb", "--yes", "--json", *words)
    document: Mapping[str, Any] = json.loads(out)
    assert (status, document["outcome"]["kind"]) == (0, "done"), (document, err)
    return document


def holders(lvstop: Commands) -> Sequence[str]:
    """Who has the VIP."""
    (vip,) = lvstop.cluster()["vips"]
    found: Sequence[str] = vip["holders"]
    return found


def timeline(document: Mapping[str, Any]) -> dict[tuple[str, str], float]:
    """When things happened, by what it was and where; seconds after the lever."""
    moments = document["outcome"]["timeline"]["moments"]
    return {(each["mark"], each["director"]): each["at_seconds"] for each in moments}


def gap(document: Mapping[str, Any]) -> tuple[float, float]:
    """For how long nobody had the VIP (below nothing: for how long both), and how well that is known."""
    (each,) = document["outcome"]["timeline"]["addresses"]
    assert each["vip"] == VIP
    return each["absent"]["seconds"], each["absent"]["error_seconds"]


def test_a_gentle_failover_and_its_release(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Chosen by itself; the VIP goes without a gap, connections go on; held, shown, released, and all is as before."""
    with commands(tmp_path, capsys, Privilege.SUDO, text=GENTLE, speed=1.0) as lvstop:
        there = fail_over(lvstop, "--reason", "kernel")
        assert there["plan"]["lever"] == "track-file"
        assert holders(lvstop) == ["keepalived2"]
        (held,) = lvstop.cluster()["failovers"]
        assert (held["phase"], held["reason"]) == ("held", "kernel")
        assert "failover-held" in lvstop.alerts()
        when = timeline(there)
        passed = when["entered-master", "keepalived2"] - when["priority-changed", "keepalived1"]
        assert 0 < passed < 3 * 0.1 + (256 - 50) / 256 * 0.1 + 0.05
        assert (
            when["entered-master", "keepalived2"]
            <= when["vip-added", "keepalived2"]
            <= when["gratuitous-arp", "keepalived2"]
        )
        seconds, error = gap(there)
        assert seconds == pytest.approx(0, abs=error + 0.001)
        assert there["outcome"]["timeline"]["connections"] is not None
        (left, taken) = there["outcome"]["tallies"]
        assert left["active_before"] > 100
        assert taken["active_after"] > 0.9 * left["active_before"]
        back = fail_over(lvstop, "--release", *SETTLED)
        assert timeline(back)["entered-master", "keepalived1"] > 0
        assert holders(lvstop) == ["keepalived1"]
        assert lvstop.cluster()["failovers"] == []
        assert lvstop.run("status")[0] == 0


def test_keepalived_is_stopped_where_nothing_else_works(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The warning has to be accepted; with the release keepalived runs again."""
    with commands(tmp_path, capsys, text=STOPPED, speed=1.0) as lvstop:
        status, out, err = lvstop.run("failover", "smb", "--yes")
        assert status == 1
        assert "--accept lever" in out + err
        there = fail_over(lvstop, "--accept", "lever")
        assert there["plan"]["lever"] == "stop"
        assert timeline(there)["keepalived-stopped", "keepalived1"] < timeline(there)["entered-master", "keepalived2"]
        seconds, error = gap(there)
        assert seconds == pytest.approx((256 - 50) / 256 * 0.1, abs=error + 0.001)
        assert holders(lvstop) == ["keepalived2"]
        assert {"failover-held", "keepalived-down"} <= lvstop.alerts()
        fail_over(lvstop, "--release", *SETTLED)
        assert holders(lvstop) == ["keepalived1"]
        assert lvstop.run("status")[0] == 0


@pytest.mark.parametrize(("text", "lever"), [(FAULT, "fault"), (STOPPED, "priority")], ids=["fault", "priority"])
def test_the_other_levers(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, lever: str) -> None:
    """A number in a file without a weight, and another priority in keepalived.conf."""
    with commands(tmp_path, capsys, text=text, speed=1.0) as lvstop:
        there = fail_over(lvstop, "--lever", lever, "--accept", "lever")
        assert there["plan"]["lever"] == lever
        assert holders(lvstop) == ["keepalived2"]
        fail_over(lvstop, "--release", *SETTLED)
        assert holders(lvstop) == ["keepalived1"]


def test_suggested_lines_are_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By what each director says of its own configuration with them."""
    with commands(tmp_path, capsys, text=STOPPED, speed=1.0) as lvstop:
        status, out, err = lvstop.run("failover", "smb", "--suggest")
        assert status == 0, err
        assert out.count("lvstop_failover weight -110") == 2
        assert out.count("✔ keepalived -t on") == 2
