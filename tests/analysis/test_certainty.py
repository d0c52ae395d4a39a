"""What is away, and what is merely out of sight."""

import pytest

from lvstop.analysis.alarms import Alarms
from lvstop.model.director import DirectorSnapshot, DirectorStatus, Keepalived
from support import scenes
from support.alarms import Watcher, is_fine
from support.factories import (
    FIRST,
    SECOND,
    SERVICE,
    VIP,
    address,
    backup,
    cluster,
    gone,
    instance,
    master,
    real_server,
    silent,
    unprivileged,
    virtual_server,
)

DOWN = Keepalived("2.2.7", False, None)
TAKEN = backup("keepalived2", vrrp=(instance("MASTER"),), addresses=(address("172.26.127.20"),))
"""The other director, which has taken over."""


@pytest.mark.parametrize(
    ("wrong", "after", "over"),
    [
        # nobody is MASTER; then one is, while the other one is dead
        ((master(vrrp=(instance("FAULT"),)), backup(vrrp=(instance("FAULT"),))), (silent("keepalived1"), TAKEN), True),
        # two masters; then one of them cannot be asked: it may still be one
        ((master(), TAKEN), (master(), silent("keepalived2")), False),
        # two masters; then keepalived is stopped on one of them
        ((master(), TAKEN), (master(), backup(keepalived=DOWN, vrrp=None, checks=None)), True),
        # a director that cannot be asked answers again, or is merely being connected
        ((master(), silent()), (master(), backup()), True),
        ((master(), silent()), (master(), silent(status=DirectorStatus.CONNECTING)), False),
        # keepalived is down; then it cannot be told any more
        ((master(keepalived=DOWN, vrrp=None), TAKEN), (master(keepalived=None, vrrp=None), TAKEN), False),
        ((master(keepalived=DOWN, vrrp=None), TAKEN), (gone(master()), TAKEN), False),
    ],
    ids=["a-master", "two-masters-one-gone", "two-masters-one-stopped", "answers", "connecting", "not-told", "gone"],
)
def test_away_or_out_of_sight(
    wrong: tuple[DirectorSnapshot, ...], after: tuple[DirectorSnapshot, ...], over: bool
) -> None:
    """By what directors tell: only what is known to be away is over."""
    before = cluster(*wrong)
    code, subject = before.alerts[0].code, before.alerts[0].subject
    watcher = Watcher()
    watcher.look(before, times=31)
    assert "raised" in watcher.told
    watcher.look(cluster(*after), times=40)
    left = {alarm.key for alarm in watcher.alarms.standing}
    assert ((code, subject) not in left) is over


def test_who_drops_out_of_sight_while_it_stands_was_never_mended() -> None:
    """Both directors refuse new connections; one is lost, the other one shows it for a moment more and is mended."""
    refusing = (virtual_server(SERVICE, real_server(FIRST, 0), real_server(SECOND, 0)),)
    one, other = master(virtual_servers=refusing), backup(virtual_servers=refusing)
    watcher = Watcher()
    watcher.look(cluster(one, other), times=30)
    watcher.look(cluster(gone(one), other), times=2)
    watcher.look(cluster(gone(one), backup()), times=60)
    assert watcher.standing[SERVICE][1] == "unseen"
    watcher.look(cluster(master(), backup()), times=31)
    assert SERVICE not in watcher.standing


def test_keepalived_is_back_for_a_plain_user_as_well() -> None:
    """A keepalived that does not run has no states to tell; one that runs hides them from that login."""
    seen = (unprivileged(master(keepalived=DOWN, addresses=())), unprivileged(backup(addresses=(address(VIP),))))
    watcher = Watcher()
    watcher.look(cluster(*seen), times=40)
    assert "keepalived1" in watcher.standing
    watcher.look(cluster(unprivileged(master()), unprivileged(backup())), times=40)
    assert "keepalived1" not in watcher.standing


@pytest.mark.parametrize(
    ("directors", "fine"),
    [
        ((master(), backup()), True),
        ((master(), backup(checks=None)), False),
        ((master(), backup(virtual_servers=None)), False),
        ((master(), backup(vrrp=None)), False),
        ((master(), backup(keepalived=None)), False),
        ((master(), gone(backup())), False),
        ((master(), silent(status=DirectorStatus.CONNECTING)), False),
        ((master(status=DirectorStatus.DEGRADED), backup()), False),
    ],
)
def test_everything_is_fine(directors: tuple[DirectorSnapshot, ...], fine: bool) -> None:
    """That is said only where everything that counts was read, on every director."""
    assert is_fine(cluster(*directors), Alarms()) is fine


@pytest.mark.parametrize("scene", [scenes.unprivileged_pair, scenes.connecting, scenes.nobody_answers, scenes.stale])
def test_not_everything_is_fine(scene: object) -> None:
    """In whole scenes."""
    assert callable(scene)
    assert not is_fine(scene()[-1], Alarms())
