"""What could be done with a pair that was just met."""

from dataclasses import replace

import pytest

from lvstop.actions.prospects import drain_prospect, failover_prospect
from lvstop.model.checks import FileCheck, TrackFile
from lvstop.model.director import DirectorSnapshot, Keepalived, Privilege
from lvstop.model.vrrp import VrrpTrackFile
from support.factories import CHECKS, backup, instance, master, unprivileged

FILE = TrackFile("drain", "/etc/keepalived/drain", 0, -254, reverse=False, vrrp_instances=())


def watched(snapshot: DirectorSnapshot, *, rows: int = 2, file: TrackFile = FILE) -> DirectorSnapshot:
    """A director on which the first rows have a FILE_CHECK."""
    (server,) = CHECKS
    real_servers = tuple(
        replace(row, file_checks=(FileCheck(file.name, -254, reverse=False),)) if number < rows else row
        for number, row in enumerate(server.real_servers)
    )
    return replace(snapshot, checks=(replace(server, real_servers=real_servers),), track_files=(file,))


def tracked(snapshot: DirectorSnapshot, weight: int | None) -> DirectorSnapshot:
    """A director whose instance tracks a file with this weight; None: no file."""
    files = () if weight is None else (VrrpTrackFile("m", "/etc/keepalived/m", 0, (("SMB", weight),), ()),)
    return replace(snapshot, vrrp_track_files=files)


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ([master(track_files=()), backup(track_files=())], "no FILE_CHECK is configured"),
        ([watched(master()), watched(backup())], "Drains by track files (FILE_CHECK): they outlast"),
        ([watched(master()), watched(backup(), rows=1)], "for 3 of 4 real servers"),
        ([watched(master(keepalived=Keepalived("2.1.5", True, 8)))], "keepalived1 is older"),
        ([watched(master(), file=replace(FILE, vrrp_instances=("SMB",)))], "no FILE_CHECK"),
        ([master(checks=None)], "checks are not known"),
        ([master(checks=())], "No real server is checked"),
        (
            [unprivileged(master()), backup()],
            "No drain with this login: weights are changed as root, which it is not on k",
        ),
    ],
)
def test_drains(pair: list[DirectorSnapshot], said: str) -> None:
    """How a drain would be made, and how long it would last."""
    assert said in drain_prospect(pair)


@pytest.mark.parametrize(
    ("weights", "said"),
    [((-110, -110), "with a weight"), ((-110, 0), "FAULT"), ((-110, None), "stopping"), ((None, None), "stopping")],
)
def test_failovers(weights: tuple[int | None, int | None], said: str) -> None:
    """The least gentle of what either director has: the VIP may be on each of them."""
    assert said in failover_prospect([tracked(master(), weights[0]), tracked(backup(), weights[1])])


def test_a_weight_moves_nothing_where_the_other_one_waits() -> None:
    """`nopreempt` on the peer."""
    waiting = backup(vrrp=(instance("BACKUP", preempt=False),))
    assert "stopping" in failover_prospect([tracked(master(), -110), tracked(waiting, -110)])


def test_what_is_not_known_of_failovers() -> None:
    """Without privilege, without a dump, without VRRP."""
    assert "No failover with this login" in failover_prospect([master(privilege=Privilege.NONE), backup()])
    assert "not known" in failover_prospect([master(), backup()])
    assert "no VRRP instance" in failover_prospect([tracked(master(vrrp=()), None), tracked(backup(vrrp=()), None)])
