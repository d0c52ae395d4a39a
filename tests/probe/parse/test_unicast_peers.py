"""Unicast peers in keepalived.data, which nothing else tells."""

from ipaddress import ip_address

from lvstop.model.address import IPAddress
from lvstop.probe.parse.keepalived_data import parse_keepalived_data


def dump(*lines: str) -> str:
    """A dump of one instance with these lines, and the section that ends it."""
    body = "".join(f"{line}\n" for line in lines)
    return f"------< VRRP Topology >------\n VRRP Instance = A\n{body}------< Interfaces >------\n Name = lo\n"


def peers(*lines: str) -> tuple[IPAddress, ...] | None:
    """Of a dump without issues."""
    parsed = parse_keepalived_data(dump("   State = MASTER", *lines, "   fd_in 13, fd_out 14"))
    assert parsed.issues == ()
    return parsed.value.instances[0].unicast_peers


def test_an_address_a_line() -> None:
    """With what its TTL may be, since there is that; the heading has a number, or none."""
    expected = (ip_address("10.9.0.12"), ip_address("fd00::2"))
    for heading in ("Unicast Peer :", "Unicast Peer = 2", "Unicast Peer (2):"):
        assert peers(f"   {heading}", "     10.9.0.12 min_ttl 0 max_ttl 255", "     fd00::2") == expected
    assert peers("   Virtual IP (1):", "     10.9.0.200 dev eth0 set") == ()


def test_what_is_no_address_is_told() -> None:
    """And the others count."""
    parsed = parse_keepalived_data(dump("   Unicast Peer :", "     nobody", "     10.9.0.12"))
    assert parsed.value.instances[0].unicast_peers == (ip_address("10.9.0.12"),)
    assert [(issue.text, issue.reason) for issue in parsed.issues] == [("nobody", "expected an address")]
