"""keepalived_check.data: what the checkers believe, under the keys of the kernel's table."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvstop.model.address import Family, Protocol, RealServerKey, VirtualServerKey, parse_endpoint
from lvstop.model.checks import CheckedRealServer, CheckedVirtualServer
from lvstop.model.ipvs import ForwardingMethod
from lvstop.probe.parse.keepalived_check import EXPANSION_LIMIT, parse_keepalived_check
from support.recordings import RELEASES, recorded

NAMES = tuple(f"{moment}_d1__tmp_keepalived_check.data" for moment in ("base", "back", "trackfile"))
HEAD = "------< LVS Topology >------\n System is compiled with LVS v1.2.1\n"
WEB = VirtualServerKey.of_endpoint(Protocol.TCP, IPv4Address("10.9.0.200"), 80)
MARKED = VirtualServerKey.of_fwmark(5, Family.INET)


def virtual(title: str, *lines: str, family: str = "inet", protocol: str = "TCP") -> str:
    """A virtual server as 2.3.3 dumps it."""
    body = (f"Address family = {family}", f"protocol = {protocol}", "quorum = 2, hysteresis = 1", *lines)
    return f" ------< Virtual server >------\n VS {title}\n" + "".join(f"   {line}\n" for line in body)


def real(address: str, port: int, forwarding: str = "DR", weight: int = 1, configured: int = 1) -> str:
    """A real server as 2.3.3 dumps it."""
    lines = (
        "------< Real server >------",
        f"RIP = {address}, RPORT = {port}, WEIGHT = {weight} EFF WEIGHT = {configured - 254}",
        f"forwarding method = {forwarding}",
        "Inhibit on failure is OFF",
        f"initial weight = {configured}",
        "alive = 1",
        "num failed checkers = 0",
    )
    return "".join(f"   {line}\n" for line in lines)


def group(name: str, *lines: str, families: str = "IPv4 = yes, IPv6 = no") -> str:
    """A virtual server group as 2.1.5–2.4.3 dump it."""
    title = f" ------< Virtual server group >------\n Virtual Server Group = {name}, {families}\n"
    return title + "".join(f"   {line}\n     Alive: 1 tcp, 0 udp, 0 sctp\n     reloaded = False\n" for line in lines)


def only(text: str) -> CheckedVirtualServer:
    """The only virtual server of a dump without issues."""
    parsed = parse_keepalived_check(HEAD + text)
    assert parsed.issues == ()
    (server,) = parsed.value.virtual_servers
    return server


def keys(text: str) -> list[str]:
    """The virtual servers of a dump without issues, as texts."""
    parsed = parse_keepalived_check(HEAD + text)
    assert parsed.issues == ()
    return [str(server.key) for server in parsed.value.virtual_servers]


def reals(server: CheckedVirtualServer) -> list[str]:
    """The real servers' keys as texts."""
    return [str(real_server.key) for real_server in server.real_servers]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", NAMES)
def test_real_dumps(release: str, name: str) -> None:
    """Both virtual servers with everything but what changes with time; a quorum of 0 is one that is lost."""
    parsed = parse_keepalived_check(recorded(release, name))
    assert parsed.issues == ()
    web, marked = parsed.value.virtual_servers
    assert (web.key, web.quorum, web.quorum_up, web.sorry_server) == (WEB, 1, True, None)
    first = RealServerKey(IPv4Address("10.9.0.11"), 80)
    second = RealServerKey(IPv4Address("10.9.0.12"), 80)
    assert web.real_servers[0] == CheckedRealServer(first, ForwardingMethod.ROUTE, 3, 3, True, 0, True)
    lost = web.real_servers[1]
    assert (lost.key, lost.weight, lost.effective_weight, lost.inhibit_on_failure) == (second, 2, 2, False)
    assert lost.alive is (lost.failed_checkers == 0)
    assert (marked.key, marked.quorum, marked.sorry_server) == (MARKED, 1, first)
    (masqueraded,) = marked.real_servers
    assert (masqueraded.key, masqueraded.forwarding) == (second, ForwardingMethod.MASQ)
    assert marked.quorum_up is masqueraded.alive


def test_real_servers_that_fail() -> None:
    """Concrete states: on Debian 11 the firewall mark has lost its only real server, on 13 the web its second."""
    web, marked = parse_keepalived_check(recorded("debian-11", NAMES[0])).value.virtual_servers
    assert [server.alive for server in web.real_servers] == [True, True]
    assert (marked.quorum_up, marked.real_servers[0].alive, marked.real_servers[0].failed_checkers) == (False, False, 1)
    web, marked = parse_keepalived_check(recorded("debian-13", NAMES[0])).value.virtual_servers
    assert [server.alive for server in web.real_servers] == [True, False]
    assert (marked.quorum_up, marked.real_servers[0].alive) == (True, True)


@pytest.mark.parametrize("release", RELEASES)
def test_keys_and_weights_are_the_kernels(release: str) -> None:
    """What is alive, or the sorry server where nothing is, is what ipvsadm listed in the same moment."""
    listed: dict[str, set[tuple[str, str]]] = {}
    title = ""
    for line in recorded(release, "base_d1_ipvsadm.out").splitlines()[3:]:
        words = line.split()
        if words[0] == "->":
            listed[title].add((words[1], words[3]))
        else:
            title = f"{words[0]}:{words[1]}"
            listed[title] = set()
    believed: dict[str, set[tuple[str, str]]] = {}
    for server in parse_keepalived_check(recorded(release, NAMES[0])).value.virtual_servers:
        alive = {(str(one.key), str(one.effective_weight)) for one in server.real_servers if one.alive}
        believed[str(server.key)] = alive or {(str(server.sorry_server), "1")}
    assert believed == listed


def test_the_kernels_port_is_not_the_configured_one() -> None:
    """Only NAT keeps the configured port; all else has that of the virtual server, and 0 with a firewall mark."""
    servers = real("10.0.0.1", 8080, "NAT") + real("10.0.0.2", 8080) + real("10.0.0.3", 0, "TUN, type = IPIP")
    assert reals(only(virtual("VIP = 10.0.0.9, VPORT = 80") + servers)) == [
        "10.0.0.1:8080",
        "10.0.0.2:80",
        "10.0.0.3:80",
    ]
    assert reals(only(virtual("FWMARK = 7", protocol="none") + servers)) == [
        "10.0.0.1:8080",
        "10.0.0.2:0",
        "10.0.0.3:0",
    ]


def test_the_configured_weight_is_the_initial_one() -> None:
    """Since 2.2 the first line shows only what was made of it: 5, less 254 by a FILE_CHECK, is 0."""
    server = only(virtual("VIP = 10.0.0.9, VPORT = 80") + real("10.0.0.1", 80, weight=0, configured=5)).real_servers[0]
    assert (server.weight, server.effective_weight) == (5, 0)


def test_weights_up_to_2_0() -> None:
    """No EFF WEIGHT there."""
    text = real("10.0.0.1", 80, weight=7, configured=7).replace(" EFF WEIGHT = -247", "")
    server = only(virtual("VIP = 10.0.0.9, VPORT = 80") + text).real_servers[0]
    assert (server.weight, server.effective_weight) == (7, 7)


@pytest.mark.parametrize(
    ("text", "method"),
    [
        ("DR", ForwardingMethod.ROUTE),
        ("NAT", ForwardingMethod.MASQ),
        ("TUN", ForwardingMethod.TUNNEL),
        ("TUN, type = IPIP", ForwardingMethod.TUNNEL),
        ("TUN, type = GUE, port = 6080, no checksum", ForwardingMethod.TUNNEL),
        ("TUN, type = GRE, checksum", ForwardingMethod.TUNNEL),
    ],
)
def test_forwarding_methods(text: str, method: ForwardingMethod) -> None:
    """Tunnels with and without their type."""
    server = only(virtual("VIP = 10.0.0.9, VPORT = 80") + real("10.0.0.1", 80, text))
    assert server.real_servers[0].forwarding is method


def test_an_unknown_forwarding_method_is_an_issue_not_a_loss() -> None:
    """The real server stays, with the port that is configured."""
    text = HEAD + virtual("VIP = 10.0.0.9, VPORT = 80") + real("10.0.0.1", 8080, " 0x7")
    parsed = parse_keepalived_check(text)
    assert [issue.line_number for issue in parsed.issues] == [text.split("\n").index("   forwarding method =  0x7") + 1]
    (server,) = parsed.value.virtual_servers[0].real_servers
    assert (str(server.key), server.forwarding) == ("10.0.0.1:8080", None)


def test_ipv6() -> None:
    """Addresses are printed without brackets, but for the sorry server's."""
    sorry = ("sorry server (duplicates rs) = [2001:db8::11]:tcp:81", "  forwarding method = NAT", "  alive = 1")
    server = only(virtual("VIP = 2001:db8::9, VPORT = 443", *sorry, family="inet6") + real("2001:db8::11", 8443, "NAT"))
    assert str(server.key) == "TCP:[2001:db8::9]:443"
    assert server.sorry_server == RealServerKey(IPv6Address("2001:db8::11"), 81)
    assert reals(server) == ["[2001:db8::11]:8443"]


@pytest.mark.parametrize(
    "line",
    [
        "  forwarding method = DR",
        "sorry server forwarding method = DR",
        "forwarding method = TUN, type = GUE, port = 6080",
    ],
)
def test_a_sorry_servers_forwarding_method(line: str) -> None:
    """Told in three ways; the default's of the virtual server above may look the same."""
    lines = ("forwarding method = TUN, type = GUE, port = 1", "sorry server = [10.0.0.5]:tcp:8080", line)
    assert str(only(virtual("VIP = 10.0.0.9, VPORT = 80", *lines)).sorry_server) == "10.0.0.5:80"


def test_a_sorry_servers_state_is_not_the_virtual_servers() -> None:
    """2.3.3 prints `alive` of both; a virtual server without real servers is one, too."""
    lines = ("sorry server = [10.0.0.5]:tcp:80", "  set = 1", "  alive = 1", "VS alive = 1", "quorum_state_up = 0")
    server = only(virtual("VIP = 10.0.0.9, VPORT = 80", *lines))
    assert (server.quorum, server.quorum_up, server.real_servers) == (2, False, ())


@pytest.mark.parametrize("protocol", ["TCP", "UDP", "SCTP"])
def test_protocols(protocol: str) -> None:
    """The three that IPVS knows."""
    assert keys(virtual("VIP = 10.0.0.9, VPORT = 0", protocol=protocol)) == [f"{protocol}:10.0.0.9:0"]


def test_firewall_marks() -> None:
    """Up to 4294967295; the family is unknown where nothing tells it."""
    text = virtual("FWMARK = 4294967295", family="inet6", protocol="none")
    assert only(text).key == VirtualServerKey.of_fwmark(2**32 - 1, Family.INET6)
    assert only(virtual("FWMARK = 1", family="unknown", protocol="none")).key.family is None


def test_a_group_stands_for_its_members() -> None:
    """Every address, range and mark is a service of its own; real servers take the port of each."""
    members = ("VIP = 10.0.0.1, VPORT = 80", "VIP Range = 10.0.1.254-10.0.2.1, VPORT = 443", "FWMARK = 3 IPv4")
    text = group("web, all", *members) + virtual("GROUP = [web, all]:0") + real("10.1.0.1", 8080)
    parsed = parse_keepalived_check(HEAD + text)
    assert parsed.issues == ()
    assert [(str(server.key), reals(server), server.quorum) for server in parsed.value.virtual_servers] == [
        ("TCP:10.0.0.1:80", ["10.1.0.1:80"], 2),
        ("TCP:10.0.1.254:443", ["10.1.0.1:443"], 2),
        ("TCP:10.0.1.255:443", ["10.1.0.1:443"], 2),
        ("TCP:10.0.2.0:443", ["10.1.0.1:443"], 2),
        ("TCP:10.0.2.1:443", ["10.1.0.1:443"], 2),
        ("FWM:3", ["10.1.0.1:0"], 2),
    ]


def test_ranges_up_to_2_1() -> None:
    """Only the last number of the end is told: decimal for IPv4, hexadecimal for IPv6."""
    members = ("VIP Range = 10.0.0.9-11, VPORT = 80", "VIP Range = 2001:db8::9-b, VPORT = 80")
    text = group("web", *members, families="IPv4 = yes, IPv6 = yes") + virtual("GROUP = [web]:0", family="IPv4 & IPv6")
    assert keys(text) == [
        "TCP:10.0.0.9:80",
        "TCP:10.0.0.10:80",
        "TCP:10.0.0.11:80",
        "TCP:[2001:db8::9]:80",
        "TCP:[2001:db8::a]:80",
        "TCP:[2001:db8::b]:80",
    ]


def test_firewall_marks_of_a_group() -> None:
    """The mark's own family, else that of the virtual server, else IPv4."""
    members = ("FWMARK = 1 IPv4", "FWMARK = 2 IPv6", "FWMARK = 3")
    text = group("marks", *members)
    assert keys(text + virtual("GROUP = [marks]:0", family="inet6", protocol="none")) == [
        "FWM:1",
        "FWM:2:inet6",
        "FWM:3:inet6",
    ]
    assert keys(text + virtual("GROUP = [marks]:0", family="IPv4 & IPv6", protocol="none"))[2] == "FWM:3"


def test_a_group_that_nftables_marks() -> None:
    """With `nftables_ipvs` keepalived chooses a firewall mark for all addresses of a group, one for each protocol."""
    both = group(
        "web", "VIP = 10.0.0.1, VPORT = 80", "VIP = 2001:db8::1, VPORT = 80", families="IPv4 = yes, IPv6 = yes"
    )
    title, _, members = both.partition("IPv6 = yes\n")
    marked = f"{title}IPv6 = yes\n  Fwmark TCP: 1000 UDP: 0 SCTP: 0\n{members}"
    assert keys(marked + virtual("GROUP = [web]:0", family="IPv4 & IPv6")) == ["FWM:1000", "FWM:1000:inet6"]
    udp = keys(marked + virtual("GROUP = [web]:0", family="IPv4 & IPv6", protocol="UDP"))
    assert udp == ["UDP:10.0.0.1:80", "UDP:[2001:db8::1]:80"]


def test_groups_that_cannot_be_expanded() -> None:
    """A group that is not listed, members that cannot be read, a network: issues, and everything else goes on."""
    text = HEAD + group("bad", "VIP Range = 10.0.0.9-10.0.0.1, VPORT = 80", "VIP = 10.0.0.1, VPORT = 80", "FWMARK = x")
    text += group("wide", "VIP Range = 10.0.0.0-10.255.255.255, VPORT = 80")
    text += virtual("GROUP = [absent]:0") + virtual("GROUP = [bad]:0") + virtual("GROUP = [wide]:0")
    text += virtual("VIP = 10.0.0.9, VPORT = 80")
    parsed = parse_keepalived_check(text)
    assert [issue.reason for issue in parsed.issues] == [
        "expected addresses and a port, or a firewall mark",
        "expected addresses and a port, or a firewall mark",
        "the dump does not tell the members of this group",
        f"groups stand for more than {EXPANSION_LIMIT} virtual servers",
    ]
    assert len(parsed.value.virtual_servers) == EXPANSION_LIMIT + 1
    assert str(parsed.value.virtual_servers[0].key) == "TCP:10.0.0.1:80"
    assert str(parsed.value.virtual_servers[-1].key) == "TCP:10.0.0.9:80"


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("VS VIP = 10.0.0.9", "VS VIP = 10.0.0.999", "expected an address, a port and a protocol, or a firewall mark"),
        ("VPORT = 80", "VPORT = 65536", "expected an address, a port and a protocol, or a firewall mark"),
        ("quorum = 2", "quorum = many", "expected a quorum and its hysteresis"),
        ("alive = 1", "alive = 2", "expected 0 or 1"),
        ("initial weight = 1", "initial weight = 2147483648", "expected a weight"),
        ("failure is OFF", "failure is MAYBE", "expected ON or OFF"),
        ("checkers = 0", "checkers = -1", "expected a number"),
        ("family = inet", "family = ipx", "expected an address family"),
        ("RPORT = 80", "RPORT = http", "expected address, port and weight of a real server"),
    ],
)
def test_values_that_cannot_be_read(before: str, after: str, reason: str) -> None:
    """An issue at the value's own line."""
    good = HEAD + virtual("VIP = 10.0.0.9, VPORT = 80") + real("10.0.0.1", 80)
    text = good.replace(before, after, 1)
    assert text != good
    number = next(number for number, line in enumerate(text.split("\n"), 1) if after in line)
    assert (number, reason) in [(issue.line_number, issue.reason) for issue in parse_keepalived_check(text).issues]


def test_other_sections_repeat_the_words() -> None:
    """Checkers have their own keys of the same names, and track files as well."""
    text = virtual("VIP = 10.0.0.9, VPORT = 80") + real("10.0.0.1", 80)
    server = only(text + "------< Health checkers >------\n   alive = 0\n   RIP = nonsense\n")
    assert server.real_servers[0].alive
    assert parse_keepalived_check("------< Elsewhere >------\n" + text).value.virtual_servers == ()


def test_a_dump_that_ends_within_a_line() -> None:
    """`quorum = 1` may be the beginning of 10; without its state a real server is none yet, nor a mark its family."""
    text = HEAD + virtual("VIP = 10.0.0.9, VPORT = 80") + real("10.0.0.1", 80)
    parsed = parse_keepalived_check(text[: text.index(", hysteresis")])
    assert (parsed.value.virtual_servers[0].quorum, len(parsed.issues)) == (None, 1)
    mark = HEAD + virtual("FWMARK = 5", protocol="none")
    assert parse_keepalived_check(mark[: mark.index("   Address")]).value.virtual_servers == ()
    parsed = parse_keepalived_check(text[: text.index("alive = 1") + 9])
    assert parsed.value.virtual_servers[0].real_servers == ()
    assert [issue.reason for issue in parsed.issues] == [
        "expected a real server that is alive or not",
        "the text ends within this line",
    ]


def test_dumps_without_virtual_servers() -> None:
    """keepalived may run only for VRRP; but an empty file is no dump."""
    text = recorded("debian-13", NAMES[0])
    assert parse_keepalived_check(text[: text.index("------< LVS")]).issues == ()
    assert [issue.line_number for issue in parse_keepalived_check("").issues] == [0]


DUMPS = [recorded(release, NAMES[0]) for release in RELEASES]
DUMPS.append(
    HEAD
    + group("g", "VIP Range = 10.0.0.1-9, VPORT = 80", "VIP = 2001:db8::1, VPORT = 80", "FWMARK = 3 IPv6")
    + virtual("GROUP = [g]:0", "sorry server = [10.0.0.5]:tcp:8080")
    + real("10.0.0.1", 80)
)


@given(st.text() | st.binary().map(lambda data: data.decode("utf-8", "replace")))
def test_never_raises(text: str) -> None:
    """Whatever the text is; inside the section that is read, too."""
    for candidate in (text, HEAD + text, HEAD + " ------< Virtual server >------\n VS " + text):
        for server in parse_keepalived_check(candidate).value.virtual_servers:
            assert str(server.key)


@settings(max_examples=80)
@given(st.sampled_from(DUMPS), st.data())
def test_mutated_dumps(dump: str, data: st.DataObject) -> None:
    """Lines lost, doubled, exchanged and scribbled upon: the parser goes on, and its numbers stay within the model."""
    lines = dump.split("\n")
    for _ in range(data.draw(st.integers(1, 6))):
        here = data.draw(st.integers(0, len(lines) - 1))
        kind = data.draw(st.sampled_from(("drop", "double", "swap", "scribble", "cut")))
        if kind == "drop" and len(lines) > 1:
            del lines[here]
        elif kind == "double":
            lines.insert(here, lines[here])
        elif kind == "swap":
            lines[0], lines[here] = lines[here], lines[0]
        elif kind == "scribble":
            at = data.draw(st.integers(0, len(lines[here])))
            lines[here] = lines[here][:at] + data.draw(st.text(max_size=9)) + lines[here][at + 1 :]
        else:
            lines = lines[: here + 1]
    text = "\n".join(lines)
    parsed = parse_keepalived_check(text)
    for server in parsed.value.virtual_servers:
        for one in server.real_servers:
            assert parse_endpoint(str(one.key)) == (one.key.address, one.key.port)
            assert 0 <= one.weight < 2**31
            assert 0 <= one.effective_weight < 2**31
    for issue in parsed.issues:
        assert 0 <= issue.line_number <= text.count("\n") + 1


@given(st.sampled_from(DUMPS), st.data())
def test_truncated_dumps(dump: str, data: st.DataObject) -> None:
    """What a part of a dump says, the whole dump says as well: nothing is made up from half a line."""
    part = parse_keepalived_check(dump[: data.draw(st.integers(0, len(dump)))]).value.virtual_servers
    whole = {server.key: server for server in parse_keepalived_check(dump).value.virtual_servers}
    for server in part:
        full = whole[server.key]
        assert server.quorum in (None, full.quorum)
        assert server.sorry_server in (None, full.sorry_server)
        assert {one.key.address for one in server.real_servers} <= {one.key.address for one in full.real_servers}


def test_a_password_never_shows() -> None:
    """A checker has none to tell; but whoever writes one where a key is known sees it masked."""
    text = HEAD + virtual("VIP = 10.0.0.9, VPORT = 80", "quorum_state_up = Password = hunter2")
    assert "hunter2" not in repr(parse_keepalived_check(text))
