"""What can be failed over: groups before their members, everything first where one director has it all."""

from dataclasses import replace

from lvstop.actions.failover.intent import FailOver
from lvstop.model.vrrp import SyncGroup, VrrpState
from lvstop.ui.failover.choices import choices
from support.factories import backup, cluster, director, instance, master, silent
from support.failover_scenes import grouped


def intents(*directors: object) -> list[FailOver]:
    """What is offered."""
    return [each.intent for each in choices(cluster(*directors))]  # type: ignore[arg-type]  # directors


def test_a_pair_with_one_instance_leaves_no_choice() -> None:
    """One thing, one way."""
    assert intents(master(), backup()) == [FailOver(instance="SMB", target="keepalived2")]


def test_a_group_moves_as_a_whole() -> None:
    """Its members are not offered one by one."""
    assert [(each.intent, each.source, each.target) for each in choices(grouped())] == [
        (FailOver(target="keepalived2"), "keepalived1", "keepalived2"),
        (FailOver(group="FRONT", target="keepalived2"), "keepalived1", "keepalived2"),
        (FailOver(instance="SMB", target="keepalived2"), "keepalived1", "keepalived2"),
    ]


def test_who_shares_the_work_is_not_asked_for_everything() -> None:
    """With an instance on each director there is no everything."""
    mine = (instance("MASTER"), instance("BACKUP", "WEB", "10.0.0.8"))
    theirs = (instance("BACKUP"), instance("MASTER", "WEB", "10.0.0.8"))
    assert intents(master(vrrp=mine), backup(vrrp=theirs)) == [
        FailOver(instance="SMB", target="keepalived2"),
        FailOver(instance="WEB", target="keepalived1"),
    ]


def test_three_directors_are_two_targets() -> None:
    """Whoever has it may give it to either."""
    third = replace(backup(), name="keepalived3")
    assert [each.target for each in intents(master(), backup(), third)] == ["keepalived2", "keepalived3"]


def test_where_nobody_is_master_nothing_is_offered() -> None:
    """The planner says why."""
    assert intents(backup("keepalived1"), backup()) == []
    assert intents(silent("keepalived1"), silent()) == []
    unnamed = director(vrrp=(instance("MASTER", None),), sync_groups=(SyncGroup("G", VrrpState.MASTER, ("X",)),))
    assert intents(unnamed, backup()) == []
