"""The kernel's table: real recordings, one test per trap of the format, and round trips."""

import ipaddress

import pytest
from hypothesis import given, settings

from lvstop.model.address import Family, Protocol, RealServerKey, VirtualServerKey
from lvstop.model.ipvs import ForwardingMethod, RealServer, VirtualServer
from lvstop.probe.parse.ip_vs import parse_ip_vs
from lvstop.probe.parse.ipvsadm import parse_save
from support.ip_vs_writer import HEADINGS, tables, write_table
from support.recordings import RELEASES, recorded

HEAD = "".join(f"{line}\n" for line in HEADINGS)
V4 = "  -> 0A00000B:0050      Masq    1      0          0         \n"
V4_TUNNEL = "  -> 0A00000B:0050      Tunnel  1      0          0         \n"
V6 = "  -> [fd00:0000:0000:0000:0000:0000:0000:0011]:0050      Route   5      0          0         \n"
V6_TUNNEL = V6.replace("Route ", "Tunnel")


def only(body: str, hz: int | None = 250) -> VirtualServer:
    """The one virtual server of a table that is read without issues."""
    parsed = parse_ip_vs(HEAD + body, hz=hz)
    assert parsed.issues == ()
    (server,) = parsed.value
    return server


def fwmark_families(body: str) -> list[Family | None]:
    """The families of the firewall marks, in the table's order."""
    return [server.key.family for server in parse_ip_vs(HEAD + body, hz=None).value]


@pytest.mark.parametrize("release", RELEASES)
def test_recorded_table_agrees_with_ipvsadm(release: str) -> None:
    """Every virtual and real server, with forwarding method, weight and persistence, as `ipvsadm -Sn` saves them."""
    parsed = parse_ip_vs(recorded(release, "proc_ip_vs.out"), hz=100)
    assert parsed.issues == ()
    shown = {server.key: server for server in parsed.value}
    saved = {server.key: server for server in parse_save(recorded(release, "ipvsadm_save.out")).value.virtual_servers}
    empty_mark = VirtualServerKey.of_fwmark(9, None)  # IPv6, but nothing in /proc tells
    assert shown.pop(empty_mark).real_servers == ()
    assert saved.pop(VirtualServerKey.of_fwmark(9, Family.INET6)).real_servers == ()
    assert shown.keys() == saved.keys()
    for key, server in shown.items():
        rule = saved[key]
        assert server.scheduler == rule.scheduler
        assert (server.persistence_seconds or 0) == rule.persistence_seconds
        assert server.persistence_prefix == rule.persistence_prefix
        assert server.one_packet is (None if key.family is Family.INET6 else rule.one_packet)
        assert [(row.key, row.forwarding, row.weight) for row in server.real_servers] == [
            (row.key, row.forwarding, row.weight) for row in rule.real_servers
        ]


@pytest.mark.parametrize("release", RELEASES)
def test_recorded_values(release: str) -> None:
    """A few rows spelled out."""
    servers = {str(server.key): server for server in parse_ip_vs(recorded(release, "proc_ip_vs.out"), hz=100).value}
    assert list(servers) == [
        "TCP:198.51.100.10:0",
        "UDP:198.51.100.10:53",
        "TCP:198.51.100.10:80",
        "TCP:198.51.100.10:443",
        "SCTP:198.51.100.10:5060",
        "TCP:198.51.100.10:8443",
        "TCP:198.51.100.10:9999",
        "TCP:[2001:db8::10]:80",
        "TCP:[2001:db8::10]:443",
        "FWM:7",
        "FWM:9",
    ]
    web = servers["TCP:198.51.100.10:80"].real_servers
    assert [(str(row.key), row.weight, row.active_connections, row.inactive_connections) for row in web] == [
        ("10.9.0.11:8080", 100, 1, 0),
        ("10.9.0.12:8080", 0, 0, 0),
        ("10.9.0.13:8080", 65535, 5, 0),
    ]
    assert servers["FWM:7"].persistence_seconds == 3000
    assert servers["UDP:198.51.100.10:53"].one_packet is True


@pytest.mark.parametrize("release", RELEASES)
def test_everybody_may_read_it(release: str) -> None:
    """What uid nobody reads is the whole table."""
    parsed = parse_ip_vs(recorded(release, "nobody_proc_ip_vs.out"), hz=None)
    assert (len(parsed.value), parsed.issues) == (11, ())


@pytest.mark.parametrize(("hz", "seconds"), [(100, 750), (250, 300), (1000, 75), (None, None)])
def test_persistence_is_in_jiffies(hz: int | None, seconds: int | None) -> None:
    """Only the kernel's HZ makes seconds of it; without, the timeout is unknown, and persistence is not."""
    server = only("TCP  0A000001:01BC sh  persistent 75000 FFFFFF00\n", hz)
    assert (server.persistent, server.persistence_seconds, server.persistence_prefix) == (True, seconds, 24)


def test_persistence_beyond_31_bits_shows_as_negative() -> None:
    """An unsigned number printed with %d."""
    assert only("TCP  0A000001:01BC sh  persistent -2147483648 FFFFFFFF\n", 1000).persistence_seconds == 2147483


@pytest.mark.parametrize(("mask", "prefix"), [("80000000", 128), ("40000000", 64), ("01000000", 1), ("00000040", 64)])
def test_ipv6_masks_are_byte_swapped_prefix_lengths(mask: str, prefix: int) -> None:
    """On little-endian directors; a big-endian one shows the number itself."""
    body = f"TCP  [fd00:0000:0000:0000:0000:0000:0000:0001]:0051 mh persistent 30000 {mask}\n"
    assert only(body, 100).persistence_prefix == prefix


@pytest.mark.parametrize(
    "line",
    [
        "TCP  0A000001:01BC sh  persistent 75000 FF00FF00",
        "TCP  [fd00:0000:0000:0000:0000:0000:0000:0001]:0051 mh persistent 30000 FFFFFFFF",
    ],
)
def test_a_mask_that_is_none_is_an_issue(line: str) -> None:
    """The virtual server stays; its prefix is unknown."""
    parsed = parse_ip_vs(f"{HEAD}{line}\n", hz=100)
    assert [issue.line_number for issue in parsed.issues] == [4]
    assert (parsed.value[0].persistent, parsed.value[0].persistence_prefix) == (True, None)


def test_sctp_has_two_blanks_and_five_letters() -> None:
    """Its real servers are its own, not those of the virtual server above."""
    parsed = parse_ip_vs(f"{HEAD}TCP  0A000001:0050 rr  \n{V4}SCTP  0A000001:0063 rr  \n{V4}{V4_TUNNEL}", hz=None)
    assert [(str(row.key), len(row.real_servers)) for row in parsed.value] == [
        ("TCP:10.0.0.1:80", 1),
        ("SCTP:10.0.0.1:99", 2),
    ]


def test_one_packet_scheduling_does_not_show_with_ipv6() -> None:
    """None there, false and true elsewhere."""
    assert only("UDP  0A000001:0035 wrr ops  \n").one_packet is True
    assert only("UDP  0A000001:0035 wrr  \n").one_packet is False
    assert only("FWM  FFFFFFFF rr ops \n").one_packet is True
    assert only("UDP  [fd00:0000:0000:0000:0000:0000:0000:0001]:0035 rr \n").one_packet is None


def test_firewall_marks_are_unsigned() -> None:
    """ipvsadm shows this one as -1."""
    assert only("FWM  FFFFFFFF rr \n").key.fwmark == 4294967295


def test_numbers_are_signed() -> None:
    """A weight or count below zero is the kernel's word."""
    row = "  -> 0A00000B:0050      Masq    -1     -2         3         \n"
    (server,) = only("TCP  0A000001:0050 rr  \n" + row).real_servers
    assert (server.weight, server.active_connections, server.inactive_connections) == (-1, -2, 3)


@pytest.mark.parametrize("weight", ["1_0", "٣", "+1", "2147483648", "1e3", "--1", "0x1"])
def test_other_spellings_of_numbers_are_none(weight: str) -> None:
    """What Python's int takes, or would take too much of."""
    parsed = parse_ip_vs(
        f"{HEAD}TCP  0A000001:0050 rr  \n  -> 0A00000B:0050      Masq    {weight} 0 0         \n", hz=None
    )
    assert parsed.value[0].real_servers == ()
    assert [issue.line_number for issue in parsed.issues] == [5]


def test_mixed_families_under_one_address() -> None:
    """An IPv4 real server under an IPv6 virtual server is legal (Tunnel)."""
    server = only(f"TCP  [fd00:0000:0000:0000:0000:0000:0000:0001]:005A rr \n{V4_TUNNEL}{V6}")
    assert [row.key.address.version for row in server.real_servers] == [4, 6]


@pytest.mark.parametrize(
    ("body", "families"),
    [
        (f"FWM  00000007 rr \n{V4}", [Family.INET]),
        (f"FWM  00000007 rr \n{V6}", [Family.INET6]),
        (f"FWM  00000007 rr \n{V4_TUNNEL}", [Family.INET]),
        # Only Tunnel leads to the other family, so the other method tells.
        (f"FWM  00000007 rr \n{V4_TUNNEL}{V6}", [Family.INET6]),
        (f"FWM  00000007 rr \n{V6_TUNNEL}{V4}", [Family.INET]),
        (f"FWM  00000007 rr \n{V4_TUNNEL}{V6_TUNNEL}", [None]),
        ("FWM  00000007 rr \n", [None]),
        # A mask's form tells, too.
        ("FWM  00000007 rr persistent 6000 FFFFFFFF\n", [Family.INET]),
        ("FWM  00000007 rr persistent 6000 40000000\n", [Family.INET6]),
        ("FWM  00000007 rr persistent 6000 80000000\n", [None]),
        # One mark has one row per family.
        (f"FWM  00000007 rr \nFWM  00000007 wlc \n{V4}", [Family.INET, Family.INET6]),
        (f"FWM  00000007 rr \n{V6}FWM  00000007 wlc \n", [Family.INET, Family.INET6]),
        (f"FWM  00000007 rr \n{V4_TUNNEL}FWM  00000007 wlc \n{V4}", [Family.INET, Family.INET6]),
        (f"FWM  00000007 rr \n{V4}FWM  00000007 wlc \n{V6}", [Family.INET, Family.INET6]),
        (f"FWM  00000007 rr \n{V4_TUNNEL}FWM  00000007 wlc \n{V4_TUNNEL}", [None, None]),
        ("FWM  00000007 rr \nFWM  00000007 wlc \n", [None, None]),
        (f"FWM  00000007 rr \nFWM  00000008 wlc \n{V4}", [None, Family.INET]),
    ],
)
def test_the_family_of_a_firewall_mark_is_inferred(body: str, families: list[Family | None]) -> None:
    """From real servers, masks, and the other row with the same mark; unknown where nothing tells."""
    assert fwmark_families(body) == families


def test_of_two_rows_with_one_mark_the_other_family_is_the_other_row() -> None:
    """The schedulers show which row got which."""
    parsed = parse_ip_vs(f"{HEAD}FWM  00000007 rr \nFWM  00000007 wlc \n{V4}", hz=None)
    assert {row.scheduler: row.key.family for row in parsed.value} == {"rr": Family.INET6, "wlc": Family.INET}
    assert parsed.issues == ()


def test_rows_with_the_same_key_are_both_kept() -> None:
    """And the second one is an issue that says why."""
    parsed = parse_ip_vs(f"{HEAD}FWM  00000007 rr \nFWM  00000007 wlc \n", hz=None)
    assert sorted(row.scheduler for row in parsed.value) == ["rr", "wlc"]
    (issue,) = parsed.issues
    assert (issue.line_number, "family" in issue.reason) == (5, True)


def test_the_same_real_server_twice_is_kept_and_reported() -> None:
    """A table read while it changes may repeat a row."""
    parsed = parse_ip_vs(f"{HEAD}TCP  0A000001:0050 rr  \n{V4}{V4}", hz=None)
    assert len(parsed.value[0].real_servers) == 2
    assert [issue.line_number for issue in parsed.issues] == [6]


def test_order_is_ours() -> None:
    """The kernel's depends on its hash and on history."""
    lines = f"FWM  00000007 rr \n{V4}TCP  0A000002:0050 rr  \nTCP  0A000001:0050 rr  \n"
    more = "".join(V4.replace("0A00000B", f"0A0000{number:02X}") for number in (9, 200, 3))
    servers = parse_ip_vs(HEAD + lines + more, hz=None).value
    assert [str(server.key) for server in servers] == ["TCP:10.0.0.1:80", "TCP:10.0.0.2:80", "FWM:7"]
    assert [str(server.key) for server in servers[0].real_servers] == ["10.0.0.3:80", "10.0.0.9:80", "10.0.0.200:80"]


@pytest.mark.parametrize(
    ("body", "numbers"),
    [
        (V4, [4]),
        (f"TCP  0A000001:0050 rr  \nXXX  0A000002:0050 rr  \n{V4}", [5, 6]),
        (f"TCP  0A000001:0050 rr  \nTCP  0A00002:0050 rr  \n{V4}", [5, 6]),
        (f"TCP  0A000001:0050 rr  \n\n{V4}", [5, 6]),
        (f"TCP  0A000001:0050 rr  \n{HEADINGS[1]}\n{V4}", [5, 6]),
    ],
)
def test_real_servers_without_a_readable_virtual_server_belong_to_nobody(body: str, numbers: list[int]) -> None:
    """Least of all to the virtual server further up."""
    parsed = parse_ip_vs(HEAD + body, hz=None)
    assert [server.real_servers for server in parsed.value] == [()] * len(parsed.value)
    assert [issue.line_number for issue in parsed.issues] == numbers


def test_an_unreadable_real_server_costs_only_itself() -> None:
    """The virtual server above goes on."""
    parsed = parse_ip_vs(f"{HEAD}TCP  0A000001:0050 rr  \n  -> 0A00000B      Masq    1 0 0         \n{V4}", hz=None)
    assert [issue.line_number for issue in parsed.issues] == [5]
    assert len(parsed.value[0].real_servers) == 1


def test_an_empty_text_is_no_empty_table() -> None:
    """The heading is always there."""
    assert [issue.line_number for issue in parse_ip_vs("", hz=None).issues] == [0]
    assert [issue.line_number for issue in parse_ip_vs("\n", hz=None).issues] == [0, 1]


def test_an_empty_table_is_one() -> None:
    """IPVS is loaded, and nothing is configured."""
    parsed = parse_ip_vs(HEAD, hz=None)
    assert (parsed.value, parsed.issues) == ((), ())


def test_a_lost_heading_is_reported() -> None:
    """The rows that are there are read all the same."""
    parsed = parse_ip_vs(f"TCP  0A000001:0050 rr  \n{V4}", hz=None)
    assert len(parsed.value[0].real_servers) == 1
    assert [issue.line_number for issue in parsed.issues] == [0]


def test_a_table_cut_short_gives_no_wrong_number() -> None:
    """Cut anywhere: each real server that is read is one of the whole table's."""
    whole = f"{HEAD}TCP  0A000001:0050 wrr  \n" + V4.replace("1      0          0", "12     345        678")
    (server,) = parse_ip_vs(whole, hz=None).value
    for length in range(len(whole)):
        parsed = parse_ip_vs(whole[:length], hz=None)
        for read in parsed.value:
            assert read.scheduler == server.scheduler
            assert read.real_servers in ((), server.real_servers)


def test_issues_are_bounded() -> None:
    """A hundred, and how many more."""
    parsed = parse_ip_vs(HEAD + "rubbish\n" * 100_000, hz=None)
    assert len(parsed.issues) == 101
    assert (parsed.issues[0].line_number, parsed.issues[0].text) == (4, "rubbish")
    assert parsed.issues[-1].reason == "… and 99900 more lines"


def test_issue_texts_are_short_and_printable() -> None:
    """A line may be anything; a terminal's escape sequences are not passed on."""
    (issue,) = parse_ip_vs(f"{HEAD}\x1b[31m{'x' * 100_000}\n", hz=None).issues
    assert len(issue.text) == 200
    assert issue.text.isprintable()


def test_addresses_and_forwarding_methods() -> None:
    """Hexadecimal in host order, IPv6 in full length."""
    body = V6.replace("Route  ", "Local  ") + V4.replace("Masq  ", "Route ")
    servers = only("TCP  [2001:0db8:0000:0000:0000:0000:0000:0010]:FFFF rr \n" + body.replace("Masq", "Route"))
    assert servers.key == VirtualServerKey.of_endpoint(Protocol.TCP, ipaddress.ip_address("2001:db8::10"), 65535)
    assert servers.real_servers == (
        RealServer(RealServerKey(ipaddress.ip_address("10.0.0.11"), 80), ForwardingMethod.ROUTE, 1, 0, 0),
        RealServer(RealServerKey(ipaddress.ip_address("fd00::11"), 80), ForwardingMethod.LOCAL, 5, 0, 0),
    )


@given(table=tables)
@settings(deadline=None, max_examples=50)
def test_what_the_kernel_writes_is_read(table: tuple[VirtualServer, ...]) -> None:
    """Round trip of generated tables."""
    parsed = parse_ip_vs(write_table(table), hz=250)
    assert (parsed.value, parsed.issues) == (table, ())
