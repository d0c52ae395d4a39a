"""Alarms while something moves: what the rules are patient with is not over."""

from dataclasses import replace

from lvstop.model.director import DirectorSnapshot
from support.alarms import Story
from support.factories import (
    FIRST,
    SECOND,
    SERVICE,
    VIP,
    address,
    backup,
    checked,
    checked_server,
    director,
    instance,
    later,
    master,
)

OTHER_VIP = "172.26.127.30"


def two_instances(other: str, state: str = "MASTER", *, vip: str = VIP) -> tuple[DirectorSnapshot, ...]:
    """A pair with two instances: SMB, MASTER on the first director and `state` on the second one, and OTHER."""
    opposite = "BACKUP" if other == "MASTER" else "MASTER"
    return tuple(
        director(name, vrrp=(instance(smb), instance(its, "OTHER", OTHER_VIP, vrid=21)), addresses=held)
        for name, smb, its, held in (
            ("keepalived1", "MASTER", other, (address(VIP), *([address(OTHER_VIP)] if other == "MASTER" else []))),
            ("keepalived2", state, opposite, (address(vip), *([] if other == "MASTER" else [address(OTHER_VIP)]))),
        )
    )


QUIET_OTHER = two_instances("MASTER")
FLAPPING_OTHER = ["MASTER", "MASTER", "BACKUP", "BACKUP"]


def test_a_split_brain_is_not_over_because_something_else_moves() -> None:
    """SMB is MASTER on both directors all the while; from the second minute on OTHER flaps every two seconds."""
    story = Story()
    story.looks([QUIET_OTHER] * 60)
    assert story.told("multiple-masters") == ["raised"]
    story.looks([two_instances(state) for state in FLAPPING_OTHER * 30])
    assert story.told("multiple-masters", "SMB") == ["raised"]
    assert story.told("vip-duplicate") == ["raised"]
    assert story.watcher.standing["SMB"] == ("critical", "standing")


def test_a_split_brain_is_told_while_something_else_flaps() -> None:
    """Nobody has to wait until all of the cluster is at rest."""
    story = Story()
    story.looks([two_instances(state, "BACKUP", vip="172.26.127.99") for state in FLAPPING_OTHER * 5])
    story.looks([two_instances(state) for state in FLAPPING_OTHER * 5])
    assert story.told("multiple-masters", "SMB") == ["raised"]


def test_what_moves_itself_is_over_only_when_it_has_come_to_rest() -> None:
    """The rules say nothing of two masters while that instance moves, and less of an address: that is no all-clear."""
    story = Story()
    story.looks([QUIET_OTHER] * 20)
    healthy = two_instances("MASTER", "BACKUP", vip="172.26.127.99")
    story.looks([QUIET_OTHER, QUIET_OTHER, healthy, healthy] * 30)
    assert story.told("multiple-masters", "SMB") == ["raised"]
    assert story.told("vip-duplicate", VIP) == ["raised"]
    story.looks([healthy] * 31)
    assert story.told("multiple-masters", "SMB") == ["raised"]
    story.looks([healthy])
    assert story.told("multiple-masters", "SMB") == ["raised", "cleared"]
    assert story.told("vip-duplicate", VIP) == ["raised", "cleared"]


def test_an_address_that_moves_is_called_less_and_is_not_less() -> None:
    """It is on both directors, and gone from one of them and back there every few seconds."""
    story = Story()
    story.looks([QUIET_OTHER] * 20)
    healthy = two_instances("MASTER", "BACKUP", vip="172.26.127.99")
    story.looks([healthy, QUIET_OTHER, QUIET_OTHER] * 20)
    assert [str(each.severity) for each in story.latest.alerts if each.subject == VIP] == ["warning"]
    assert story.watcher.standing[VIP][0] == "critical"


def test_a_master_that_lacks_its_address_while_it_flaps() -> None:
    """It becomes MASTER anew every two seconds, and never has the address: what is not said of it is not over."""
    story = Story()
    story.looks([(master(addresses=()), backup())] * 20)
    flaps = [instance("MASTER", last_transition=later(20 + second // 2 * 2)) for second in range(60)]
    story.looks([(master(addresses=(), vrrp=(each,)), backup()) for each in flaps])
    assert story.told("vip-state-mismatch") == ["raised"]
    assert story.watcher.standing[f"{VIP} on keepalived1"] == ("critical", "unseen")


def test_an_address_that_nobody_holds_does_not_move() -> None:
    """Its instance goes from FAULT to BACKUP and back all the time: nobody serves, and that calls somebody."""
    story = Story()
    story.looks([(master(), backup(vrrp=(instance("FAULT"),)))] * 10)
    for state in ("FAULT", "FAULT", "BACKUP", "BACKUP") * 5:
        story.looks([(backup("keepalived1", vrrp=(instance(state),)), backup(vrrp=(instance("FAULT"),)))])
    assert story.watcher.standing[VIP] == ("critical", "standing")


def test_who_flaps_for_ever_keeps_no_other_alarm() -> None:
    """A real server that is back is back, whatever VRRP does."""
    dead = (checked_server(SERVICE, checked(FIRST, alive=False, inhibit=True), SECOND),)
    story = Story()
    story.looks([tuple(replace(each, checks=dead) for each in two_instances(s)) for s in FLAPPING_OTHER * 8])
    story.looks([two_instances(state) for state in FLAPPING_OTHER * 10])
    assert story.told("real-server-down") == ["raised", "cleared"]
