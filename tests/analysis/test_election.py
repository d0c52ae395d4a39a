"""Who wins a VRRP election, who is next, and where that cannot be known."""

from dataclasses import replace

import pytest

from lvstop.analysis.election import Election, elect
from lvstop.analysis.vrrp_board import Standing, instance_boards
from lvstop.model.director import DirectorSnapshot, Keepalived
from lvstop.model.vrrp import AdvertRates, VrrpInstance, VrrpSource
from support import factories as make


def told(state: str | None, effective: int | None = 100, **more: object) -> VrrpInstance:
    """An instance of some effective priority, on ens3, that preempts unless it is said otherwise."""
    return make.instance(state, "SMB", effective_priority=effective, **{"preempt": True, "interface": "ens3", **more})


def on(name: str, instance: VrrpInstance | None, **more: object) -> DirectorSnapshot:
    """A director with this instance."""
    return make.director(name, vrrp=() if instance is None else (instance,), **more)


def election(*directors: DirectorSnapshot) -> Election:
    """The election of the only instance."""
    (board,) = instance_boards(directors)
    return elect(board)


def down(name: str) -> DirectorSnapshot:
    """A director whose keepalived does not run."""
    return make.director(name, keepalived=Keepalived("2.2.7", False, None), vrrp=None)


def test_a_healthy_pair() -> None:
    """The master stays, the backup is next; both with their reason."""
    found = election(on("k1", told("MASTER", 150)), on("k2", told("BACKUP", 50)))
    assert (found.now.winner, found.now.sentence) == ("k1", "k1 stays MASTER: priority 150 is the greatest.")
    assert found.next is not None
    assert (found.next.winner, found.next.sentence) == ("k2", "k2 would take over: priority 50.")


@pytest.mark.parametrize(("received", "says"), [(1.0, "hears adverts"), (0.0, "but hears no adverts")])
def test_what_a_backup_hears(received: float, says: str) -> None:
    """Adverts counted between two dumps tell whether the backup hears its master."""
    backup = on("k2", told("BACKUP", 50), advert_rates={"SMB": AdvertRates(received, 0.0)})
    found = election(on("k1", told("MASTER", 150)), backup)
    assert found.next is not None
    assert found.next.sentence == f"k2 would take over: priority 50, {says}."


def test_a_second_master_takes_over_nothing() -> None:
    """In a split brain the other one is MASTER already."""
    found = election(on("k1", told("MASTER", 150)), on("k2", told("MASTER", 50)))
    assert found.now.winner == "k1"
    assert found.next is not None
    assert (found.next.winner, found.next.sentence) == ("k2", "k2 is MASTER already: priority 50.")


def test_a_greater_backup_takes_over() -> None:
    """With preemption the greater priority wins, at once or after its delay."""
    lowered = on("k1", told("MASTER", 50, priority=150))
    found = election(lowered, on("k2", told("BACKUP", 90)))
    assert found.now.winner == "k2"
    assert found.now.sentence == "k2 should take over from k1 at once: priority 90 against 50."
    found = election(lowered, on("k2", told("BACKUP", 90, preempt_delay=300.0)))
    assert found.now.sentence == "k2 should take over from k1 after its preempt delay of 5 min: priority 90 against 50."


def test_nopreempt_waits() -> None:
    """A greater backup that does not preempt leaves the master alone, and is still the next one."""
    found = election(on("k1", told("MASTER", 50)), on("k2", told("BACKUP", 150, preempt=False)))
    assert found.now.winner == "k1"
    assert found.now.sentence == "k1 stays MASTER: k2 (150) is greater than 50, but nopreempt."
    assert found.next is not None
    assert found.next.winner == "k2"


def test_equal_priorities_leave_the_master() -> None:
    """A BACKUP that hears an equal master accepts it, whatever its address."""
    addresses = {"addresses": (make.address("172.26.127.99"),)}
    found = election(on("k1", told("MASTER", 100)), on("k2", told("BACKUP", 100), **addresses))
    assert found.now.winner == "k1"
    assert found.now.sentence == "k1 stays MASTER: priority 100, and k2 has no greater one."


def test_addresses_break_a_tie() -> None:
    """Without a master, of equal priorities the greatest address wins: 172.26.127.100 is greater than .23."""
    found = election(
        on("k1", told("BACKUP"), addresses=(make.address("172.26.127.23"),)),
        on("k2", told("BACKUP"), addresses=(make.address("172.26.127.100"), make.address(make.VIP))),
    )
    assert found.now.winner == "k2"
    assert found.now.sentence == "k2 would become MASTER: priority 100 as others have, and the greatest address."
    assert found.next is None


def test_a_tie_without_addresses_is_not_decided() -> None:
    """Two addresses of a director's own on the interface: nobody knows which one it sends from."""
    found = election(
        on("k1", told("BACKUP"), addresses=(make.address("172.26.127.23"),)),
        on("k2", told("BACKUP"), addresses=(make.address("172.26.127.24"), make.address("172.26.127.25"))),
    )
    assert (found.now.winner, found.now.known) == (None, False)
    assert "the addresses they send from are not known" in found.now.sentence


def test_ties_of_ipv6_are_decided_by_link_local_addresses() -> None:
    """VRRP for IPv6 speaks from the link-local address."""
    v6 = {"interface": "ens3", "preempt": True, "effective_priority": 100}
    found = election(
        on("k1", make.instance("BACKUP", "SMB", "fd00::20", **v6), addresses=(make.address("fe80::2"),)),
        on("k2", make.instance("BACKUP", "SMB", "fd00::20", **v6), addresses=(make.address("fe80::1"),)),
    )
    assert found.now.winner == "k1"


def test_split_brain_is_settled_by_priority() -> None:
    """Two masters that do not hear each other: the greater would stay, the other is next."""
    found = election(on("k1", told("MASTER", 150)), on("k2", told("MASTER", 50)))
    assert found.now.sentence == "k1 stays MASTER: of several, priority 150 is the greatest."
    assert found.next is not None
    assert found.next.winner == "k2"


@pytest.mark.parametrize("state", ["FAULT", "STOP"])
def test_who_cannot_vote_does_not_win(state: str) -> None:
    """A director in FAULT is out, whatever its priority; with nobody left the sentence says why."""
    found = election(on("k1", told("MASTER", 50)), on("k2", told(state, 150)))
    assert found.now.winner == "k1"
    assert found.next is not None
    assert (found.next.winner, found.next.known) == (None, True)
    assert found.next.sentence == f"Nobody would take over if k1 went: k2 is in {state}."


def test_a_keepalived_that_is_down_does_not_win() -> None:
    """It is known that it does not vote."""
    found = election(on("k1", told("MASTER", 50)), down("k2"))
    assert found.now.sentence == "k1 stays MASTER."
    assert found.next is not None
    assert found.next.sentence == "Nobody would take over if k1 went: keepalived does not run on k2."


def test_nobody_is_left() -> None:
    """All out of the race."""
    found = election(on("k1", told("FAULT", 50)), down("k2"))
    assert (found.now.winner, found.now.known) == (None, True)
    assert found.now.sentence == "Nobody can be MASTER: k1 is in FAULT and keepalived does not run on k2."


def test_a_silent_director_leaves_it_open() -> None:
    """It may be greater than all others: nothing is promised, but the first of the others is named."""
    found = election(on("k1", told("MASTER", 150)), on("k2", told("BACKUP", 50)), make.silent("k3"))
    assert (found.now.winner, found.now.known) == (None, False)
    assert found.next is not None
    assert (found.next.winner, found.next.known) == (None, False)
    assert found.next.sentence == (
        "It cannot be told who would take over if k1 went: k3 does not answer; of the others k2 is first."
    )


def test_what_was_inferred_does_not_vote() -> None:
    """Addresses alone tell no priority and no BACKUP."""
    inferred = told("MASTER", None, source=VrrpSource.INFERRED, vrid=None)
    found = election(on("k1", inferred), on("k2", told("BACKUP", 50)))
    assert (found.now.winner, found.now.known) == (None, False)
    assert found.now.sentence == "It cannot be told who should be MASTER: keepalived on k1 could not be asked."


def test_an_instance_that_starts_has_not_voted() -> None:
    """INIT may become anything."""
    found = election(on("k1", told("MASTER", 50)), on("k2", told("INIT", 150)))
    assert (found.now.winner, found.now.known) == (None, False)


def test_without_priorities_only_the_next_is_known() -> None:
    """D-Bus tells states only: who should be MASTER is open, the only other one is the next all the same."""
    found = election(
        on("k1", told("MASTER", None, source=VrrpSource.DBUS)), on("k2", told("BACKUP", None, source=VrrpSource.DBUS))
    )
    assert (found.now.winner, found.now.known) == (None, False)
    assert found.now.sentence == "It cannot be told who should be MASTER: no priority is known of k1 and k2."
    assert found.next is not None
    assert found.next.sentence == "k2 would take over: the only one that can."


def test_unknown_preemption_matters_for_greater_backups_only() -> None:
    """A lesser backup never takes over, so that its preemption need not be known."""
    lesser = election(on("k1", told("MASTER", 150)), on("k2", told("BACKUP", 50, preempt=None)))
    assert lesser.now.winner == "k1"
    greater = election(on("k1", told("MASTER", 50)), on("k2", told("BACKUP", 150, preempt=None)))
    assert (greater.now.winner, greater.now.known) == (None, False)


def test_three_directors() -> None:
    """The second of three is next; the third has its turn when the second cannot."""
    first, third = on("k1", told("MASTER", 150)), on("k3", told("BACKUP", 50))
    found = election(first, on("k2", told("BACKUP", 100)), third)
    assert found.next is not None
    assert found.next.sentence == "k2 would take over: priority 100 is the greatest."
    found = election(first, on("k2", told("FAULT", 100)), third)
    assert found.next is not None
    assert found.next.winner == "k3"


def test_different_vrids_do_not_vote_together() -> None:
    """The same name with another VRID: each side is alone on the wire."""
    found = election(on("k1", told("MASTER", 150)), on("k2", told("MASTER", 50, vrid=21)))
    assert (found.now.winner, found.now.known, found.next) == (None, False, None)
    assert found.now.sentence == "They do not vote together: their VRIDs are 20 and 21."


def test_a_director_without_the_instance_takes_no_part() -> None:
    """It will never hold the addresses."""
    found = election(on("k1", told("MASTER", 150)), on("k2", None))
    assert found.next is not None
    assert found.next.sentence == "Nobody would take over if k1 went: no other director has this instance."


def test_sides_say_what_is_known() -> None:
    """Told, past, down, unknown: every director has its place in every instance."""
    past = make.gone(on("k2", told("BACKUP", 50)))
    directors = (on("k1", told("MASTER", 150)), past, down("k3"), make.silent("k4"), on("k5", None))
    (board,) = instance_boards(directors)
    assert [side.standing for side in board.sides] == [
        Standing.TOLD,
        Standing.PAST,
        Standing.DOWN,
        Standing.UNKNOWN,
        Standing.ABSENT,
    ]
    assert board.sides[1].instance is not None
    assert board.sides[1].told is None


def test_the_past_alone_still_has_its_place() -> None:
    """No director answers: the instances of the past are shown, and nobody is promised anything."""
    directors = [make.gone(on(name, told("BACKUP", 50))) for name in ("k1", "k2")]
    (board,) = instance_boards(directors)
    assert [side.standing for side in board.sides] == [Standing.PAST, Standing.PAST]
    assert elect(board).now.known is False


def test_what_was_inferred_joins_the_told_instance() -> None:
    """A nameless inferred instance belongs where its addresses are claimed."""
    nameless = replace(told("MASTER", None, source=VrrpSource.INFERRED), name=None)
    (board,) = instance_boards((on("k1", nameless), on("k2", told("BACKUP", 50))))
    assert board.label == "SMB"
    assert [side.standing for side in board.sides] == [Standing.INFERRED, Standing.TOLD]
