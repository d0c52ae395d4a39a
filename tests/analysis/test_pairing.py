"""Whether two machines that were only named belong together."""

from ipaddress import ip_address

from lvstop.analysis.diagnosis import Verdict, diagnose
from lvstop.analysis.pairing import compare, same_machine, unicast_peers
from lvstop.model.director import Keepalived
from support.factories import VIP, address, backup, director, instance, master, silent, unprivileged, virtual_server


def test_a_pair() -> None:
    """The same instance on both."""
    found = compare([master(), backup()])
    assert found.agreed == (f"SMB (VRID 20) with {VIP}",)
    assert (found.doubts, found.unknown) == ((), ())


def test_names_of_instances_may_differ() -> None:
    """On the wire it is the VRID and the addresses that count."""
    found = compare([master(), backup(vrrp=(instance("BACKUP", "OTHER"),))])
    assert (len(found.agreed), found.doubts) == (1, ())


def test_nothing_in_common() -> None:
    """Each has an instance of its own."""
    found = compare([master(), backup(vrrp=(instance("MASTER", "WEB", "192.0.2.9", vrid=30),))])
    assert found.agreed == ()
    assert found.doubts == (
        "They have no VRRP instance in common.",
        f"SMB (VRID 20) with {VIP} is on keepalived1 only.",
        "WEB (VRID 30) with 192.0.2.9 is on keepalived2 only.",
    )


def test_other_addresses_and_another_vrid() -> None:
    """The same name is not enough."""
    one = compare([master(), backup(vrrp=(instance("BACKUP", "SMB", VIP, "192.0.2.9"),))])
    assert one.doubts == (
        "SMB does not have the same addresses on keepalived1 and keepalived2: 192.0.2.9 is on one of them only.",
    )
    other = compare([master(), backup(vrrp=(instance("BACKUP", vrid=30),))])
    assert other.doubts == ("SMB has VRID 20 on keepalived1 and 30 on keepalived2.",)
    assert other.agreed == ()


def test_adverts_that_nobody_hears() -> None:
    """Unicast to somebody else, or unicast here and multicast there."""
    elsewhere = (ip_address("192.0.2.77"),)
    here = (ip_address("172.26.127.23"), ip_address("172.26.127.24"))
    first = master(vrrp=(instance("MASTER", unicast_peers=elsewhere),))
    second = backup(vrrp=(instance("BACKUP", unicast_peers=here[:1]),))
    assert compare([first, second]).doubts == (
        "The unicast peer of keepalived1 is 192.0.2.77, which is no address of keepalived2.",
    )
    multicast = backup(vrrp=(instance("BACKUP", unicast_peers=()),))
    spoken = compare([master(vrrp=(instance("MASTER", unicast_peers=here[1:]),)), multicast])
    assert spoken.doubts == ("SMB speaks unicast on keepalived1 and multicast on keepalived2.",)
    untold = compare([master(vrrp=(instance("MASTER", unicast_peers=here[1:]),)), backup()])
    assert untold.doubts == ()
    # one's own address in the list is no peer (`unicast_peer` may be the same text on both)
    assert unicast_peers(master(vrrp=(instance("MASTER", unicast_peers=here),))) == here[1:]


def test_keepalived_that_says_nothing_of_vrrp() -> None:
    """It does not run, or runs without it, on one of them or on both."""
    down = director("keepalived2", vrrp=None, keepalived=Keepalived("2.2.7", False, None))
    assert compare([master(), down]).doubts == ("keepalived does not run on keepalived2.",)
    assert compare([master(), director("keepalived2")]).doubts == ("keepalived2 has no VRRP instance.",)
    neither = compare([director(), director("keepalived2")])
    assert (neither.agreed, neither.doubts) == (("1 virtual server that their tables share",), ())


def test_what_cannot_be_compared_is_not_judged() -> None:
    """Without privilege the tables are a hint; a director that is silent is none."""
    found = compare([unprivileged(master()), unprivileged(backup())])
    assert found.agreed == ("1 virtual server that their tables share",)
    assert found.unknown == (
        "keepalived on keepalived1 and keepalived2 cannot be asked, so that VRRP cannot be compared.",
    )
    other = unprivileged(backup(virtual_servers=(virtual_server("TCP:192.0.2.9:80"),)))
    assert compare([unprivileged(master()), other]).doubts == ("Their tables have no virtual server in common.",)
    empty = compare([unprivileged(master()), unprivileged(backup(virtual_servers=()))])
    assert (empty.agreed, empty.doubts) == ((), ())
    alone = compare([master(), silent()])
    assert (alone.agreed, alone.doubts) == ((), ())
    assert alone.unknown == ("keepalived2 cannot be compared: it does not answer.",)


def test_one_machine_by_two_names() -> None:
    """Told by the kernel's boot and the network namespace; where that is not known nobody is accused."""
    twins = [master(machine="b net:[1]", addresses=(address(VIP),)), backup(machine="b net:[1]")]
    assert same_machine(twins) == ("keepalived1", "keepalived2")
    assert same_machine([master(machine="b net:[1]"), backup(machine="b net:[2]")]) is None
    assert same_machine([master(), backup()]) is None
    finding = next(each for each in diagnose(twins[1], twins[:1]) if each.item == "machine")
    assert (finding.verdict, finding.detail) == (Verdict.FAILURE, "this is the same machine as keepalived1")
    assert not any(each.item == "machine" for each in diagnose(master(), [backup()]))
