"""How long it holds, in the words that an operator reads before saying yes, and how it could hold longer."""

from dataclasses import replace
from typing import Any

import pytest

from lvstop.actions.intent import Row, SetWeight
from lvstop.model.change import FileChange, Lever
from lvstop.model.checks import FileCheck
from lvstop.model.director import Keepalived
from support.change_factories import BOTH, change, weights
from support.factories import FIRST, SECOND, real_server, rs_key, silent, virtual_server
from support.planned import (
    ROW,
    TWO,
    checks_of,
    drain,
    file_checked,
    lead,
    of,
    pair,
    planned,
    restore,
    row,
    stand_by,
    track_file,
    watched,
    weighing,
)

HOLDS = "Holds through successful health checks and through reloads of keepalived."
ENDS = (
    "Ends where the real server fails its checks and comes back, where its own lines in keepalived.conf change, "
    "and where keepalived or the director restarts: keepalived then sets the weight that it is configured with."
)
PLACES = "Set on keepalived1 and keepalived2: a failover changes nothing."
LASTS = "Holds until it is restored: through health checks, reloads and restarts of keepalived, and failovers."


def test_in_the_table() -> None:
    """What keepalived does to a weight that it did not set."""
    assert planned(drain(), pair()).lifetime == (HOLDS, ENDS, PLACES)


def test_other_weights_end_alike() -> None:
    """keepalived makes no difference between 0 and others."""
    assert planned(SetWeight((ROW,), 9), pair()).lifetime[:2] == (HOLDS, ENDS)


def test_by_a_file() -> None:
    """It is keepalived's own weight."""
    assert planned(drain(), pair(**watched())).lifetime == (LASTS, PLACES)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/run/lvs/rs2", "Ends when the director reboots: /run/lvs/rs2 is on a file system in memory."),
        ("/var/run/rs2", "Ends when the director reboots: /var/run/rs2 is on a file system in memory."),
        ("/dev/shm/rs2", "Ends when the director reboots: /dev/shm/rs2 is on a file system in memory."),  # noqa: S108
        ("/tmp/rs2", "May end when the director reboots: /tmp/rs2 may be emptied then."),  # noqa: S108
    ],
)
def test_a_file_that_a_reboot_takes_away(path: str, sentence: str) -> None:
    """An absent file counts as 0."""
    plan = planned(drain(), pair(**watched(track_files=(track_file(path=path),))))
    assert plan.lifetime[:2] == (LASTS, sentence)


def test_with_a_sorry_server() -> None:
    """Losing and regaining the quorum writes all weights anew."""
    server = replace(checks_of(TWO)[0], sorry_server=rs_key("10.0.0.99:445"))
    assert (
        "Ends when its virtual server loses or regains its quorum: "
        "TCP:172.26.127.20:445 (sorry server 10.0.0.99:445)." in planned(drain(), pair(checks=(server,))).lifetime
    )


def test_a_sorry_server_may_be_there() -> None:
    """Nobody could ask keepalived."""
    plan = planned(drain(), pair(checks=None))
    assert "Ends when its virtual server loses or regains its quorum, if that has a sorry server." in plan.lifetime


def test_other_files_overwrite_it() -> None:
    """keepalived writes when what it computes changes."""
    checks = (file_checked(SECOND, FileCheck("boost", 1, reverse=False)),)
    plan = planned(drain(lever=Lever.IPVSADM), pair(checks=checks))
    assert "Ends when the number in a track file changes that one of its FILE_CHECKs watches." in plan.lifetime


def test_keepalived_does_not_run() -> None:
    """Nothing overwrites it."""
    snapshot = of(lead(keepalived=Keepalived("2.2.7", False, None)), stand_by())
    plan = planned(drain(), snapshot, insist="keepalived is being updated")
    assert "keepalived does not run on keepalived1: nothing is overwritten there until it starts." in plan.lifetime


def test_one_director_is_missing() -> None:
    """Then a failover ends it."""
    plan = planned(drain(), of(lead(), silent()), insist="it is being repaired")
    assert plan.lifetime[-1] == "Not set on keepalived2: a failover to it undoes it."


def test_a_restore_holds() -> None:
    """Where keepalived agrees with the weight."""
    plan = planned(restore(), pair(weighing(5, 0), checks=checks_of(TWO), changes=[change(*weights(real=SECOND))]))
    assert plan.lifetime[0] == "These are the weights that keepalived means them to have: nothing ends that."


def test_a_restore_that_keepalived_would_undo() -> None:
    """Where it has another opinion, and where it was not asked."""
    old = change(*weights(real=SECOND, before=7))
    plan = planned(restore(), pair(weighing(5, 0), checks=checks_of(TWO), changes=[old]))
    assert plan.lifetime[0].startswith("Where it is not the weight that keepalived is configured with, it ends where")
    plan = planned(restore(), pair(weighing(5, 0), checks=None, changes=[old]))
    assert plan.lifetime[0].startswith("Unless it is the weight that keepalived is configured with, it ends where")


def test_a_restore_by_a_file() -> None:
    """keepalived computes the weight as ever."""
    files = tuple(FileChange(name, "drain", "/etc/keepalived/drain", 0, 1) for name in BOTH)
    old = change(*weights(real=SECOND), lever=Lever.TRACK_FILE, files=files)
    plan = planned(restore(), pair(weighing(5, 0), changes=[old], **watched(1)))
    assert plan.lifetime[0] == "These are the weights that keepalived means them to have: nothing ends that."


def test_nothing_is_set() -> None:
    """Only a record ends: nothing has to hold."""
    alone = (virtual_server("TCP:172.26.127.20:445", real_server(FIRST, 5)),)
    assert planned(restore(), pair(alone, changes=[change(*weights(real=SECOND))])).lifetime == ()


# how it could hold longer


def remedy(*rows: Row, **more: Any) -> str:  # noqa: ANN401 (fields of directors)
    """What is advised to make a drain of these rows last."""
    table = (
        virtual_server("TCP:172.26.127.20:445", real_server(SECOND, 5), real_server(FIRST, 5)),
        virtual_server("FWM:7", real_server("172.26.127.22:0", 5), real_server("172.26.127.21:0", 5)),
        virtual_server("UDP:[fd00::20]:53", real_server("[fd00::22]:53", 5), real_server("[fd00::21]:53", 5)),
    )
    plan = planned(drain(*rows), pair(table, **more))
    return "\n".join(each.remedy for each in plan.remarks if each.sentence.startswith("keepalived is not told of it"))


def test_lines_for_a_real_server_everywhere() -> None:
    """One file for all its virtual servers, so that one number drains it everywhere."""
    assert remedy(ROW, row("FWM:7", "172.26.127.22:0")).splitlines() == [
        "A drain that lasts needs these lines in keepalived.conf of every director:",
        "track_file drain-172.26.127.22 {",
        "    file /etc/keepalived/drain-172.26.127.22",
        "    init_file 0",
        "}",
        "virtual_server 172.26.127.20 445 {",
        "    real_server 172.26.127.22 445 {",
        "        FILE_CHECK {",
        "            track_file drain-172.26.127.22",
        "            weight -65535",
        "        }",
        "    }",
        "}",
        "virtual_server fwmark 7 {",
        "    real_server 172.26.127.22 {",
        "        FILE_CHECK {",
        "            track_file drain-172.26.127.22",
        "            weight -65535",
        "        }",
        "    }",
        "}",
    ]


def test_lines_for_one_of_its_services() -> None:
    """A file of its own: the others are not to follow."""
    assert "track_file drain-172.26.127.22-445 {" in remedy(ROW)


def test_lines_for_ipv6() -> None:
    """A name without colons."""
    told = remedy(row("UDP:[fd00::20]:53", "[fd00::22]:53"))
    assert "track_file drain-fd00--22 {" in told
    assert "virtual_server fd00::20 53 {" in told


def test_lines_for_many() -> None:
    """Eight are enough to see how it goes."""
    rows = [row("TCP:172.26.127.20:445", f"10.1.0.{number}:445") for number in range(1, 12)]
    table = (
        virtual_server("TCP:172.26.127.20:445", *(real_server(f"10.1.0.{number}:445", 5) for number in range(1, 40))),
    )
    (remark,) = planned(drain(*rows), pair(table)).remarks[:1]
    assert remark.remedy.count("FILE_CHECK {") == 8
    assert remark.remedy.endswith("# and likewise for 3 more")


def test_an_old_keepalived_is_not_told_lines() -> None:
    """They would leave weight 1 there."""
    assert remedy(ROW, keepalived=Keepalived("2.1.5", True, 1)) == (
        "A drain that lasts needs keepalived 2.2.0 or newer on keepalived1 and keepalived2, and a FILE_CHECK."
    )


def test_what_is_not_known_is_not_advised() -> None:
    """Perhaps the lines are there already."""
    told = remedy(ROW, checks=None, track_files=None)
    assert told == "Once they have been, there may be a track file that lasts longer."
    assert remedy(ROW, keepalived=None) == ""
