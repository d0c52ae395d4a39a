"""Readings → DirectorSnapshot: status, reasons, and addresses put together from two sources."""

from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address, ip_address

from hypothesis import given
from hypothesis import strategies as st

from lvstop.model.director import DirectorSnapshot, DirectorStatus, FaultKind, Lack, LackCause, ParseIssue, Privilege
from lvstop.model.host import InterfaceAddress
from lvstop.model.vrrp import SyncGroup, VrrpState
from lvstop.probe import labels
from lvstop.probe.assemble import assemble
from lvstop.probe.readings import Readings
from support.factories import address, instance


def assembled(**fields: object) -> DirectorSnapshot:
    """A director with these readings, ten seconds after the last table answer."""
    readings = Readings(read_at=datetime(2026, 11, 22, tzinfo=UTC), read_monotonic=90.0)
    for name, value in fields.items():
        setattr(readings, name, value)
    return assemble("keepalived1", "keepalived1.example", readings, monotonic=100.0)


def shown(snapshot: DirectorSnapshot) -> dict[str, str | None]:
    """Addresses and their interfaces."""
    return {str(entry.address): entry.interface for entry in snapshot.addresses or ()}


def ipv4(*texts: str) -> frozenset[IPv4Address]:
    """What the routing trie shows."""
    return frozenset(IPv4Address(text) for text in texts)


def test_nothing_read_is_nothing_known() -> None:
    """Empty readings make a snapshot in which everything is None, not empty and not 0."""
    snapshot = assemble("keepalived1", "", Readings(), monotonic=5.0)
    assert (snapshot.read_at, snapshot.age_seconds) == (None, None)
    assert (snapshot.addresses, snapshot.virtual_servers, snapshot.ipvs_loaded) == (None, None, None)
    assert snapshot.keepalived is not None
    assert (snapshot.keepalived.version, snapshot.keepalived.running) == (None, None)


def test_age_is_counted_from_the_table() -> None:
    """The age is that of the last table answer, and never negative."""
    assert assembled().age_seconds == 10.0
    assert assembled(read_monotonic=101.0).age_seconds == 0.0


def test_a_director_is_live_where_all_is_read() -> None:
    """No failure, no strange line: live, without a fault."""
    snapshot = assembled(privilege=Privilege.ROOT)
    assert (snapshot.status, snapshot.fault) == (DirectorStatus.LIVE, None)


def test_a_failure_degrades() -> None:
    """What should be told and could not be read spoils the answers, in words."""
    snapshot = assembled(lacks={"x": Lack("kernel settings", LackCause.FAILED, "no answer")})
    assert snapshot.status is DirectorStatus.DEGRADED
    assert snapshot.answers
    assert snapshot.fault is not None
    assert snapshot.fault.kind is FaultKind.BAD_ANSWER
    assert snapshot.fault.summary == "some of it could not be read: kernel settings: no answer"


def test_what_cannot_be_had_does_not_degrade() -> None:
    """A command that is not installed and a missing privilege are lacks of a live director."""
    snapshot = assembled(
        privilege=Privilege.NONE, lacks={"x": Lack("kernel settings", LackCause.UNSUPPORTED, "no sysctl")}
    )
    assert snapshot.status is DirectorStatus.LIVE
    assert {lack.what for lack in snapshot.lacks} == {"kernel settings", *labels.PRIVILEGED}


def test_a_line_not_understood_degrades() -> None:
    """The number of lines and their sources are told."""
    issue = ParseIssue("/proc/net/ip_vs", 4, "TCP nonsense", "expected an endpoint")
    snapshot = assembled(issues={"ip_vs": (issue, issue)})
    assert snapshot.status is DirectorStatus.DEGRADED
    assert snapshot.issues == (issue, issue)
    assert snapshot.fault is not None
    assert snapshot.fault.summary == "2 lines could not be understood (ip_vs)"


def test_vrrp_is_not_lacking_where_the_bus_told_it() -> None:
    """Without privilege VRRP is known all the same where D-Bus answered."""
    snapshot = assembled(privilege=Privilege.NONE, vrrp=(instance("MASTER"),))
    assert labels.VRRP not in {lack.what for lack in snapshot.lacks}


def test_sync_groups_come_from_the_data_dump() -> None:
    """JSON does not tell groups: each instance gets the group that names it, others keep theirs."""
    group = SyncGroup("G", VrrpState.MASTER, ("A", "B"))
    instances = (instance("MASTER", "A"), instance("MASTER", "B", sync_group="OWN"), instance("MASTER", "C"))
    snapshot = assembled(vrrp=instances, sync_groups=(group,))
    assert [each.sync_group for each in snapshot.vrrp or ()] == ["G", "OWN", None]


def test_an_address_that_has_gone_is_not_shown() -> None:
    """Still in the last `ip addr`, no longer in the trie: gone."""
    known = (address("172.26.127.23"), address("172.26.127.20"))
    assert shown(assembled(addresses=known, live_ipv4=ipv4("172.26.127.23"))) == {"172.26.127.23": "ens3"}


def test_an_ipv6_address_that_has_gone_is_not_shown() -> None:
    """The same, where /proc/net/if_inet6 tells."""
    known = (address("2001:db8::20"), address("fe80::1"))
    assert shown(assembled(addresses=known, live_ipv6=(address("fe80::1"),))) == {"fe80::1": "ens3"}


def test_a_new_address_has_no_interface_yet() -> None:
    """The trie tells an address before `ip addr` has told where it is."""
    snapshot = assembled(addresses=(address("172.26.127.23"),), live_ipv4=ipv4("172.26.127.23", "172.26.127.20"))
    assert shown(snapshot) == {"172.26.127.23": "ens3", "172.26.127.20": None}


def test_a_new_ipv6_address_knows_its_interface() -> None:
    """if_inet6 tells the interface itself."""
    snapshot = assembled(addresses=(), live_ipv6=(address("2001:db8::20", "ens4"),))
    assert shown(snapshot) == {"2001:db8::20": "ens4"}


def test_without_ip_addr_the_kernels_files_tell() -> None:
    """Where `ip` is missing presence is known all the same."""
    snapshot = assembled(live_ipv4=ipv4("172.26.127.20"), live_ipv6=(address("2001:db8::20"),))
    assert shown(snapshot) == {"172.26.127.20": None, "2001:db8::20": "ens3"}


def test_without_the_trie_ip_addr_tells_ipv4() -> None:
    """Too many routes: IPv4 as last read in full, IPv6 as it is now."""
    known = (address("172.26.127.20"), address("2001:db8::20"))
    assert shown(assembled(addresses=known, live_ipv6=())) == {"172.26.127.20": "ens3"}


ADDRESSES = st.sampled_from([ip_address(text) for text in ("10.0.0.1", "10.0.0.2", "fd00::1", "fd00::2")])


@given(st.sets(ADDRESSES), st.sets(ADDRESSES))
def test_presence_is_always_that_of_now(
    before: set[IPv4Address | IPv6Address], now: set[IPv4Address | IPv6Address]
) -> None:
    """Whatever was known, where both files are read the addresses are exactly those of the last second."""
    snapshot = assembled(
        addresses=tuple(InterfaceAddress(each, 24, "ens3") for each in before),
        live_ipv4=frozenset(each for each in now if isinstance(each, IPv4Address)),
        live_ipv6=tuple(InterfaceAddress(each, 64, "ens3") for each in now if isinstance(each, IPv6Address)),
    )
    assert {entry.address for entry in snapshot.addresses or ()} == now
