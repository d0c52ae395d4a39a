"""Addresses: three sources, one truth."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.probe.parse.addresses import parse_fib_trie, parse_if_inet6, parse_ip_addr_json
from support.recordings import RELEASES, recorded


@pytest.mark.parametrize("release", RELEASES)
def test_the_sources_agree_on_a_real_director(release: str) -> None:
    """What the two /proc files say is what `ip -j addr` says; nothing is left over and nothing is misread."""
    full = parse_ip_addr_json(recorded(release, "ip_addr_json.out"))
    trie = parse_fib_trie(recorded(release, "fib_trie.out"))
    inet6 = parse_if_inet6(recorded(release, "if_inet6.out"))
    assert full.issues == trie.issues == inet6.issues == ()
    assert {entry.address for entry in full.value if isinstance(entry.address, IPv4Address)} == set(trie.value)
    assert {entry for entry in full.value if isinstance(entry.address, IPv6Address)} == set(inet6.value)
    assert IPv4Address("198.51.100.10") in trie.value
    assert IPv4Address("127.0.0.1") in trie.value


def test_an_address_belongs_to_its_own_leaf() -> None:
    """Broadcast and unicast leaves are no addresses of this host; a table other than Main and Local counts as well."""
    text = (
        "Main:\n  +-- 0.0.0.0/0 3 0 4\n     |-- 10.0.0.0\n        /24 link UNICAST\n     |-- 10.0.0.255\n"
        "        /32 link BROADCAST\nId 10:\n     |-- 10.0.0.7\n        /32 host LOCAL\n"
    )
    assert parse_fib_trie(text).value == frozenset({IPv4Address("10.0.0.7")})


def test_lines_that_are_not_understood_are_reported() -> None:
    """Each with its number."""
    trie = parse_fib_trie("Main:\n        /32 host LOCAL\nrubbish here\n")
    assert [issue.line_number for issue in trie.issues] == [2, 3]
    inet6 = parse_if_inet6("fe80 01 40 20 80 eth0\n00000000000000000000000000000001 01 80 10 80 lo\n")
    assert [issue.line_number for issue in inet6.issues] == [1]
    assert [entry.interface for entry in inet6.value] == ["lo"]


@pytest.mark.parametrize(
    "text", ["", "[", "{}", "null", '[{"ifname": 3}]', '[{"ifname": "a", "addr_info": [{}]}]', "[" * 99999]
)
def test_an_answer_that_is_no_list_of_interfaces_is_an_issue(text: str) -> None:
    """Half an answer is not taken for no addresses without a word."""
    parsed = parse_ip_addr_json(text)
    assert parsed.value == ()
    assert parsed.issues


def test_an_interface_that_a_filter_emptied_is_no_issue() -> None:
    """iproute2 prints `{}` for it."""
    assert parse_ip_addr_json("[{},{}]").issues == ()


@given(st.text() | st.text(alphabet="|-+ /32hostLOCA.0127:\n"))
def test_no_text_raises(text: str) -> None:
    """Whatever comes, it is addresses or issues."""
    parse_fib_trie(text)
    parse_if_inet6(text)
    parse_ip_addr_json(text)
