"""Who gives what to whom: names, sync groups, holders."""

from dataclasses import replace

import pytest

from lvstop.actions.failover.intent import FailOver
from lvstop.actions.failover.move import find_move
from lvstop.actions.failover.plan import Move
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot
from lvstop.model.vrrp import SyncGroup, VrrpState
from support.assessed import ADDRESS, SOURCE, TARGET, lead, pair, stand_by, vrrp
from support.factories import VIP, address, cluster, silent

NFS = "172.26.127.30"


def two(*, split: bool = False, groups: tuple[SyncGroup, ...] = ()) -> ClusterSnapshot:
    """Two instances; split: each director is MASTER of one."""
    own, peer = ("BACKUP", "MASTER") if split else ("MASTER", "BACKUP")
    held = (address(NFS),)
    return pair(
        lead(
            vrrp=(vrrp("MASTER"), vrrp(own, "NFS", NFS, vrid=21)),
            addresses=(address(VIP), *(() if split else held)),
            sync_groups=groups,
        ),
        stand_by(
            vrrp=(vrrp("BACKUP", priority=100), vrrp(peer, "NFS", NFS, vrid=21, priority=100)),
            addresses=held if split else (),
            sync_groups=groups,
        ),
    )


BOTH = SyncGroup("BOTH", VrrpState.MASTER, ("SMB", "NFS"))


def moved(
    snapshot: ClusterSnapshot, instance: str | None = None, *, group: str | None = None, target: str | None = None
) -> Move:
    """The move of an intent."""
    found = find_move(FailOver(instance, group, target), snapshot)
    assert found.objections == ()
    assert found.move is not None
    return found.move


def objection(
    snapshot: ClusterSnapshot, instance: str | None = None, *, group: str | None = None, target: str | None = None
) -> tuple[str, str]:
    """The only objection, and no move."""
    found = find_move(FailOver(instance, group, target), snapshot)
    assert found.move is None
    (only,) = found.objections
    assert not only.overridable
    return str(only.code), only.sentence


def test_everything_that_the_holder_has() -> None:
    """To the only other director."""
    assert moved(pair()) == Move(SOURCE, TARGET, ("SMB",), (), (ADDRESS,))
    assert moved(pair(), target=TARGET) == moved(pair())
    assert moved(two()).instances == ("SMB", "NFS")


def test_one_instance() -> None:
    """The other one stays, unless they are in one sync group."""
    assert moved(two(), instance="NFS").instances == ("NFS",)
    together = moved(two(groups=(BOTH,)), instance="NFS")
    assert (together.instances, together.groups) == (("SMB", "NFS"), ("BOTH",))


def test_a_sync_group_that_only_the_target_has() -> None:
    """What moves together there has to move together."""
    snapshot = two(groups=(BOTH,))
    source, target = snapshot.directors
    half = cluster(replace(source, sync_groups=()), target)
    assert moved(half, instance="NFS").instances == ("SMB", "NFS")


def test_a_sync_group() -> None:
    """By its name."""
    assert moved(two(groups=(BOTH,)), group="BOTH").instances == ("SMB", "NFS")


def test_each_holds_something() -> None:
    """The target says what is meant; without it nobody can tell."""
    assert moved(two(split=True), target=TARGET).instances == ("SMB",)
    back = moved(two(split=True), target=SOURCE)
    assert (back.source, back.target, back.instances) == (TARGET, SOURCE, ("NFS",))
    assert moved(two(split=True), instance="NFS").source == TARGET
    assert objection(two(split=True)) == (
        "ambiguous",
        "keepalived1 is MASTER of SMB and keepalived2 is MASTER of NFS: name an instance, a sync group, or the "
        "director that is to take over.",
    )


def test_instances_that_are_called_differently() -> None:
    """One name for both, the source's; the other director's name is understood as well."""
    other = stand_by(vrrp=(vrrp("BACKUP", "VI_1", priority=100),))
    assert moved(pair(target=other)).instances == ("SMB",)
    assert moved(pair(target=other), instance="VI_1").instances == ("SMB",)


@pytest.mark.parametrize(
    ("intent", "code", "said"),
    [
        (
            {"target": "keepalive2"},
            "no-such-director",
            "keepalive2 is no director of smb; did you mean keepalived2?",
        ),
        ({"target": "lvs"}, "no-such-director", "lvs is no director of smb; there are keepalived1 and keepalived2."),
        ({"instance": "smb"}, "no-such-instance", "No director has a VRRP instance smb; did you mean SMB?"),
        ({"instance": "WEB"}, "no-such-instance", "No director has a VRRP instance WEB; there are NFS and SMB."),
        ({"group": "BOHT"}, "no-such-group", "No director has a sync group BOHT; did you mean BOTH?"),
        ({"target": SOURCE}, "nothing-to-do", "keepalived1 is MASTER of SMB and NFS already."),
        ({"instance": "SMB", "target": SOURCE}, "nothing-to-do", "keepalived1 is MASTER of SMB and NFS already."),
    ],
)
def test_names_that_do_not_fit(intent: dict[str, str], code: str, said: str) -> None:
    """With the nearest one."""
    assert objection(two(groups=(BOTH,)), **intent) == (code, said)


def test_no_sync_group_at_all() -> None:
    """There is nothing to offer."""
    assert objection(pair(), group="BOTH") == ("no-such-group", "No director has a sync group BOTH.")


def test_three_directors() -> None:
    """Which one is not to be guessed."""
    three = cluster(lead(), stand_by(), stand_by("keepalived3"))
    assert objection(three) == (
        "ambiguous",
        "Name the director that is to take over: keepalived2 and keepalived3 could.",
    )
    assert moved(three, target="keepalived3").target == "keepalived3"


def test_one_director() -> None:
    """There is nobody to take over."""
    said = "smb has no other director that could take over from keepalived1."
    assert objection(cluster(lead())) == ("no-such-director", said)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (lead(vrrp=(vrrp("BACKUP"),)), stand_by()),
        (lead(), stand_by(vrrp=(vrrp("MASTER", priority=100),))),
        (silent(SOURCE), stand_by()),
        (lead(vrrp=None), stand_by()),
    ],
    ids=["no master", "two masters", "silent source", "not asked"],
)
def test_what_the_checks_have_to_say(source: DirectorSnapshot, target: DirectorSnapshot) -> None:
    """It cannot be told who would give it, and that is no fault of the names."""
    found = find_move(FailOver(), cluster(source, target))
    assert (found.move, found.objections) == (None, ())


def test_two_masters_and_a_target() -> None:
    """The move is clear, and a check forbids it."""
    divided = pair(target=stand_by(vrrp=(vrrp("MASTER", priority=100),)))
    assert moved(divided, target=TARGET).source == SOURCE


def test_a_silent_target() -> None:
    """The move is clear as well."""
    assert moved(cluster(lead(), silent())).target == TARGET
