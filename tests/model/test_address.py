"""Addresses, ports and keys: written, read back, told apart and put in order."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.model.address import (
    Family,
    Protocol,
    RealServerKey,
    VirtualServerKey,
    format_endpoint,
    parse_endpoint,
)
from support.factories import rs_key, vs_key

addresses = st.ip_addresses()
ports = st.integers(0, 65535)
marks = st.integers(0, 2**32 - 1)
endpoints = st.builds(
    VirtualServerKey.of_endpoint, st.sampled_from([Protocol.TCP, Protocol.UDP, Protocol.SCTP]), addresses, ports
)
fwmarks = st.builds(VirtualServerKey.of_fwmark, marks, st.sampled_from([*Family, None]))


@given(addresses.filter(lambda address: not getattr(address, "scope_id", None)), ports)
def test_endpoints_are_read_as_they_are_written(address: IPv4Address | IPv6Address, port: int) -> None:
    """Whatever is shown can be given back on the command line."""
    assert parse_endpoint(format_endpoint(address, port)) == (address, port)


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("10.0.0.1:80", (IPv4Address("10.0.0.1"), 80)),
        ("10.0.0.1:0", (IPv4Address("10.0.0.1"), 0)),
        ("10.0.0.1:00080", (IPv4Address("10.0.0.1"), 80)),
        ("[2001:db8::1]:65535", (IPv6Address("2001:db8::1"), 65535)),
        ("[::ffff:10.0.0.1]:80", (IPv6Address("::ffff:10.0.0.1"), 80)),
        ("[2001:DB8:0:0::1]:80", (IPv6Address("2001:db8::1"), 80)),
    ],
)
def test_endpoints_may_be_written_otherwise(text: str, endpoint: tuple[IPv4Address | IPv6Address, int]) -> None:
    """What means the same is the same."""
    assert parse_endpoint(text) == endpoint


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        ":80",
        "10.0.0.1",
        "10.0.0.1:",
        "10.0.0.1:-1",
        "10.0.0.1:+80",
        "10.0.0.1: 80",
        "10.0.0.1:80 ",
        "10.0.0.1:8_0",
        "10.0.0.1:٨٠",
        "10.0.0.1:²",
        "10.0.0.1:65536",
        "10.0.0.1:000080",
        "10.0.0.1:http",
        "10.0.0:80",
        "010.0.0.1:80",
        "10.0.0.256:80",
        "[10.0.0.1]:80",
        "2001:db8::1:80",
        "2001:db8::1",
        "[2001:db8::1]",
        "[2001:db8::1:80",
        "2001:db8::1]:80",
        "[]:80",
        "[:80",
        "keepalived1:80",
        "10.0.0.1/24:80",
    ],
)
def test_what_is_no_endpoint_is_refused(text: str) -> None:
    """Nothing is guessed: a port that is missing is not a part of an IPv6 address."""
    with pytest.raises(ValueError, match=r".+"):
        parse_endpoint(text)


@given(st.text(max_size=30))
def test_any_text_is_an_endpoint_or_a_value_error(text: str) -> None:
    """No text raises anything else, and what is accepted is written in one way."""
    try:
        endpoint = parse_endpoint(text)
    except ValueError:
        return
    assert parse_endpoint(format_endpoint(*endpoint)) == endpoint


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (vs_key("TCP:172.26.127.20:445"), "TCP:172.26.127.20:445"),
        (vs_key("UDP:[2001:db8::10]:53"), "UDP:[2001:db8::10]:53"),
        (vs_key("SCTP:10.0.0.1:0"), "SCTP:10.0.0.1:0"),
        (vs_key("FWM:7"), "FWM:7"),
        (vs_key("FWM:7:inet6"), "FWM:7:inet6"),
        (vs_key("FWM:7:?"), "FWM:7"),
        (VirtualServerKey.of_fwmark(0, Family.INET), "FWM:0"),
        (rs_key("172.26.127.21:445"), "172.26.127.21:445"),
        (rs_key("[2001:db8::1]:80"), "[2001:db8::1]:80"),
    ],
)
def test_keys_are_written_as_commands_take_them(key: VirtualServerKey | RealServerKey, text: str) -> None:
    """`TCP:ADDRESS:PORT`, `FWM:MARK`, and the family of a mark only where it is not the usual one."""
    assert str(key) == text


@given(addresses)
def test_the_family_is_that_of_the_address(address: IPv4Address | IPv6Address) -> None:
    """A key of an address cannot be of another family."""
    key = VirtualServerKey.of_endpoint(Protocol.TCP, address, 80)
    assert key.family is Family.of(address)
    assert (key.family is Family.INET6) is (address.version == 6)


@given(endpoints | fwmarks, endpoints | fwmarks)
def test_keys_that_differ_are_never_at_one_place(one: VirtualServerKey, other: VirtualServerKey) -> None:
    """Sorting is total: only the same key has the same place, so that rows never change their order."""
    assert (one.sort_key == other.sort_key) is (one == other)
    assert (one.sort_key < other.sort_key) is not (other.sort_key <= one.sort_key)


@given(st.builds(RealServerKey, addresses, ports), st.builds(RealServerKey, addresses, ports))
def test_real_servers_are_never_at_one_place(one: RealServerKey, other: RealServerKey) -> None:
    """The same for real servers within their virtual server."""
    assert (one.sort_key == other.sort_key) is (one == other)


def test_virtual_servers_are_sorted_as_people_count() -> None:
    """By address as a number, then port, then protocol; IPv6 after IPv4, firewall marks last."""
    texts = [
        "TCP:9.0.0.1:80",
        "TCP:10.0.0.1:9",
        "SCTP:10.0.0.1:80",
        "TCP:10.0.0.1:80",
        "UDP:10.0.0.1:80",
        "TCP:10.0.0.1:443",
        "TCP:[2001:db8::9]:80",
        "TCP:[2001:db8::10]:80",
        "FWM:7",
        "FWM:7:inet6",
        "FWM:10",
    ]
    keys = [vs_key(text) for text in texts[::-1]]
    assert [str(key) for key in sorted(keys, key=lambda key: key.sort_key)] == texts


def test_real_servers_are_sorted_as_people_count() -> None:
    """By address as a number, then port; IPv6 after IPv4."""
    texts = ["9.0.0.1:80", "10.0.0.1:9", "10.0.0.1:80", "10.0.0.10:1", "[2001:db8::1]:80"]
    assert [str(key) for key in sorted(map(rs_key, reversed(texts)), key=lambda key: key.sort_key)] == texts


def test_keys_with_a_mark_have_no_address() -> None:
    """A firewall mark is a number and a family, and nothing else."""
    key = VirtualServerKey.of_fwmark(7, None)
    assert (key.protocol, key.address, key.port, key.fwmark, key.family) == (Protocol.FWM, None, None, 7, None)
    assert key != VirtualServerKey.of_fwmark(7, Family.INET)
    assert ip_address("10.0.0.1") != key
