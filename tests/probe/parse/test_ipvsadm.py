"""ipvsadm's listings and rules: real recordings, and one test per trap."""

from ipaddress import ip_address

import pytest
from hypothesis import given, settings

from lvstop.model.address import Family, Protocol, RealServerKey, VirtualServerKey, format_endpoint
from lvstop.model.ipvs import Counters, ForwardingMethod, Rates, SyncDaemon, SyncRole, Tunnel, TunnelType, VirtualServer
from lvstop.probe.parse.ip_vs import parse_ip_vs
from lvstop.probe.parse.ipvsadm import (
    combine_details,
    parse_persistent_connections,
    parse_rates,
    parse_save,
    parse_stats,
    parse_sync_daemons,
    parse_thresholds,
)
from support.ip_vs_writer import tables
from support.recordings import RELEASES, recorded

TITLE = "IP Virtual Server version 1.2.1 (size=4096)\n"
STATS = f"{TITLE}Prot LocalAddress:Port Conns InPkts OutPkts InBytes OutBytes\n  -> RemoteAddress:Port\n"
RATE = f"{TITLE}Prot LocalAddress:Port CPS InPPS OutPPS InBPS OutBPS\n  -> RemoteAddress:Port\n"
THRESHOLDS = f"{TITLE}Prot LocalAddress:Port Uthreshold Lthreshold ActiveConn InActConn\n  -> RemoteAddress:Port\n"


def tcp(address: str, port: int) -> VirtualServerKey:
    """A TCP virtual server's key."""
    return VirtualServerKey.of_endpoint(Protocol.TCP, ip_address(address), port)


def real(address: str, port: int) -> RealServerKey:
    """A real server's key."""
    return RealServerKey(ip_address(address), port)


WEB = tcp("198.51.100.10", 80)


@pytest.mark.parametrize("release", RELEASES)
def test_recorded_listings_name_the_same_servers(release: str) -> None:
    """Counters, rates, thresholds and templates of every virtual and real server, and no issue."""
    saved = parse_save(recorded(release, "ipvsadm_save.out"))
    stats = parse_stats(recorded(release, "ipvsadm_Ln_stats_exact.out"))
    rates = parse_rates(recorded(release, "ipvsadm_Ln_rate_exact.out"))
    thresholds = parse_thresholds(recorded(release, "ipvsadm_Ln_thresholds.out"))
    templates = parse_persistent_connections(recorded(release, "ipvsadm_Ln_persistent.out"))
    assert saved.issues == stats.issues == rates.issues == thresholds.issues == templates.issues == ()
    keys = {server.key: {row.key for row in server.real_servers} for server in saved.value.virtual_servers}
    assert len(keys) == 11
    assert {key: set(counters.real_servers) for key, counters in stats.value.items()} == keys
    assert {key: set(rate.real_servers) for key, rate in rates.value.items()} == keys
    assert {key: set(rows) for key, rows in thresholds.value.items()} == keys
    assert {key: set(rows) for key, rows in templates.value.items()} == keys


@pytest.mark.parametrize("release", RELEASES)
def test_recorded_values(release: str) -> None:
    """A few numbers spelled out."""
    stats = parse_stats(recorded(release, "ipvsadm_Ln_stats_exact.out")).value[WEB]
    assert stats.total == Counters(6, 13, 11, 1256, 1368)
    assert stats.real_servers[real("10.9.0.13", 8080)] == Counters(5, 9, 8, 540, 704)
    rates = parse_rates(recorded(release, "ipvsadm_Ln_rate_exact.out")).value[WEB]
    assert rates.total == Rates(1, 1, 1, 101, 124)
    assert rates.real_servers[real("10.9.0.11", 8080)] == Rates(0, 0, 0, 50, 47)
    thresholds = parse_thresholds(recorded(release, "ipvsadm_Ln_thresholds.out")).value[WEB]
    assert thresholds == {
        real("10.9.0.11", 8080): (0, 0),
        real("10.9.0.12", 8080): (0, 0),
        real("10.9.0.13", 8080): (1000, 500),
    }
    templates = parse_persistent_connections(recorded(release, "ipvsadm_Ln_persistent.out")).value[WEB]
    assert set(templates.values()) == {0}
    assert parse_sync_daemons(recorded(release, "ipvsadm_daemon.out")).value == (
        SyncDaemon(SyncRole.MASTER, "br0", 3),
        SyncDaemon(SyncRole.BACKUP, "br0", 3),
    )


@pytest.mark.parametrize("release", RELEASES)
def test_recorded_details(release: str) -> None:
    """What the three commands say together."""
    details = combine_details(
        parse_save(recorded(release, "ipvsadm_save.out")).value,
        parse_thresholds(recorded(release, "ipvsadm_Ln_thresholds.out")).value,
        parse_persistent_connections(recorded(release, "ipvsadm_Ln_persistent.out")).value,
    )
    fallback = details[tcp("198.51.100.10", 443)]
    assert fallback.scheduler_flags == ("sh-fallback", "sh-port")
    assert (fallback.persistence_seconds, fallback.persistence_prefix) == (360, 24)
    ipv6 = details[tcp("2001:db8::10", 443)]
    assert (ipv6.persistence_seconds, ipv6.persistence_prefix) == (50, 64)
    assert ipv6.real_servers[real("2001:db8:9::11", 443)].tunnel == Tunnel(TunnelType.IPIP, None, None)
    gue = details[tcp("198.51.100.10", 8443)].real_servers[real("10.9.0.11", 8443)]
    assert gue.tunnel == Tunnel(TunnelType.GUE, 6080, "nocsum")
    assert str(gue.tunnel) == "gue:6080:nocsum"
    limited = details[WEB].real_servers[real("10.9.0.13", 8080)]
    assert (limited.upper_threshold, limited.lower_threshold, limited.persistent_connections) == (1000, 500, 0)
    assert details[VirtualServerKey.of_endpoint(Protocol.UDP, ip_address("198.51.100.10"), 53)].one_packet is True
    assert (details[WEB].persistence_seconds, details[WEB].persistence_prefix) == (0, None)
    assert VirtualServerKey.of_fwmark(9, Family.INET6) in details


def test_a_command_that_failed_leaves_its_fields_unknown() -> None:
    """None, not 0; so does a real server that it did not list."""
    saved = parse_save("-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.1:80 -r 10.0.0.2:80 -m -w 1\n").value
    for thresholds, persistent in ((None, None), ({}, {})):
        detail = combine_details(saved, thresholds, persistent)[tcp("10.0.0.1", 80)].real_servers[real("10.0.0.2", 80)]
        assert (detail.upper_threshold, detail.lower_threshold, detail.persistent_connections) == (None, None, None)


@pytest.mark.parametrize("word", ["123M", "100K", "9G", "1T"])
def test_shortened_numbers_are_no_numbers(word: str) -> None:
    """Without --exact ipvsadm rounds; a rounded counter would make wrong rates."""
    parsed = parse_stats(f"{STATS}TCP  10.0.0.1:80 1 2 3 4 5\n  -> 10.0.0.2:80 1 {word} 3 4 5\n")
    assert parsed.value[tcp("10.0.0.1", 80)].real_servers == {}
    (issue,) = parsed.issues
    assert (issue.line_number, "--exact" in issue.reason) == (5, True)
    lost = parse_stats(f"{STATS}TCP  10.0.0.1:80 1 {word} 3 4 5\n  -> 10.0.0.2:80 1 2 3 4 5\n")
    assert lost.value == {}
    assert {issue.line_number for issue in lost.issues} == {0, 4}


def test_firewall_marks_print_as_signed() -> None:
    """-1 is 4294967295, in listings and in rules; `IPv6` and `-6` tell the family."""
    stats = parse_stats(f"{STATS}FWM  -1 1 2 3 4 5\nFWM  -2147483648 IPv6 1 2 3 4 5\nFWM  9 IPv6 1 2 3 4 5\n")
    keys = [
        VirtualServerKey.of_fwmark(4294967295, Family.INET),
        VirtualServerKey.of_fwmark(2147483648, Family.INET6),
        VirtualServerKey.of_fwmark(9, Family.INET6),
    ]
    assert (list(stats.value), stats.issues) == (keys, ())
    saved = parse_save("-A -f -1 -s rr\n-A -f -2147483648 -6 -s rr\n-A -f 9 -6 -s sed\n")
    assert ([server.key for server in saved.value.virtual_servers], saved.issues) == (keys, ())


def test_a_service_s_words_do_not_matter_to_thresholds() -> None:
    """Scheduler, flags, persistence, mask in both styles, engine, one-packet."""
    body = (
        "TCP  10.0.0.1:443 sh (sh-fallback,sh-port) persistent 360 mask 255.255.255.0 pe sip\n"
        "  -> 10.0.0.2:443 10 5 0 0\n"
        "UDP  [fd00::1]:53 rr persistent 50 mask 64 ops\n"
        "  -> [fd00::2]:53 20 7 0 0\n"
    )
    parsed = parse_thresholds(THRESHOLDS + body)
    assert parsed.issues == ()
    assert [list(rows.values()) for rows in parsed.value.values()] == [[(10, 5)], [(20, 7)]]


def test_rules_with_every_option() -> None:
    """Persistence engine, GRE tunnels, marks with both families."""
    text = (
        "-A -u 10.0.0.1:5060 -s rr -p 360 --pe sip\n"
        "-A -f 7 -s rr\n"
        "-a -f 7 -r 10.0.0.2:0 -g -w 2\n"
        "-A -f 7 -6 -s rr\n"
        "-a -f 7 -6 -r [fd00::2]:0 -g -w 1\n"
        "-a -f 7 -r [fd00::3]:0 -i -w 1 --tun-type gre --tun-csum\n"
        "-a -f 7 -6 -r [fd00::4]:0 -i -w 2147483647\n"
    )
    parsed = parse_save(text)
    assert parsed.issues == ()
    sip, inet, inet6 = parsed.value.virtual_servers
    assert (sip.persistence_engine, sip.persistence_prefix) == ("sip", 32)
    assert [str(row.key) for row in inet.real_servers] == ["10.0.0.2:0"]
    assert [row.tunnel for row in inet6.real_servers] == [None, Tunnel(TunnelType.GRE, None, "csum"), None]


@pytest.mark.parametrize(
    "line",
    [
        "-a -t 10.0.0.9:80 -r 10.0.0.2:80 -m -w 1",
        "-a -t 10.0.0.1:80 -r 10.0.0.2 -m -w 1",
        "-a -t 10.0.0.1:80 -r 10.0.0.2:80 -m -g -w 1",
        "-a -t 10.0.0.1:80 -r 10.0.0.2:80 -m -w -1",
        "-a -t 10.0.0.1:80 -r 10.0.0.2:80 -m -w",
        "-a -t 10.0.0.1:80 -r 10.0.0.2:80 -i -w 1 --tun-type new",
        "-a -t 10.0.0.1:80 -r 10.0.0.2:80 -m -w 1 -w 2",
        "-a -t 10.0.0.1:80 -r 10.0.0.2:80 -m -w 1 --new",
        "-a -f 7 -6 -r 10.0.0.2:80 -m -w 1",
        "-A -t 10.0.0.1:80 -s rr",
        "-A -t 10.0.0.2:80",
        "-A -t 10.0.0.2:80 -s rr -p x",
        "-A -t 10.0.0.2:80 -s rr -p 60 -M 255.0.255.0",
        "-A -t [fd00::1]:80 -s rr -p 60 -M 129",
        "-A -t 10.0.0.2:80 -u 10.0.0.2:80 -s rr",
        "",
        "Can't initialize ipvs: Permission denied (you must be root)",
    ],
)
def test_a_rule_that_cannot_be_read_is_an_issue(line: str) -> None:
    """The rules around it stay."""
    parsed = parse_save(f"-A -f 7 -s rr\n-A -t 10.0.0.1:80 -s rr\n{line}\n-A -t 10.0.0.3:80 -s rr\n")
    assert [issue.line_number for issue in parsed.issues] == [3]
    assert len(parsed.value.virtual_servers) == 3


def test_a_mark_s_real_servers_do_not_fall_to_the_other_family() -> None:
    """Its own rule is unreadable, and the mark's other family stands further up."""
    parsed = parse_save(
        "-A -f 7 -s rr\n-A -f 7 -6 -s\n-a -f 7 -r [fd00::2]:0 -i -w 1\n-a -f 7 -6 -r [fd00::2]:0 -g -w 1\n"
    )
    assert [issue.line_number for issue in parsed.issues] == [2, 3, 4]
    assert parsed.value.virtual_servers[0].real_servers == ()


def test_what_is_there_twice_is_reported_and_not_lost() -> None:
    """The first counts; real servers under the second heading are kept."""
    first = "TCP  10.0.0.1:80 1 2 3 4 5\n  -> 10.0.0.2:80 1 1 1 1 1\n"
    second = "TCP  10.0.0.1:80 6 7 8 9 9\n  -> 10.0.0.3:80 2 2 2 2 2\n  -> 10.0.0.2:80 3 3 3 3 3\n"
    parsed = parse_stats(STATS + first + second)
    counters = parsed.value[tcp("10.0.0.1", 80)]
    assert counters.total == Counters(1, 2, 3, 4, 5)
    assert [row.connections for row in counters.real_servers.values()] == [1, 2]
    assert [issue.line_number for issue in parsed.issues] == [6, 8]


def test_real_servers_without_a_readable_virtual_server_belong_to_nobody() -> None:
    """Neither before the first one nor after an unreadable one."""
    row = "  -> 10.0.0.2:80 1 1 1 1 1\n"
    parsed = parse_rates(f"{RATE}{row}TCP  10.0.0.1:80 1 2 3 4 5\nXXX  10.0.0.2:80 1 2 3 4 5\n{row}")
    assert parsed.value[tcp("10.0.0.1", 80)].real_servers == {}
    assert [issue.line_number for issue in parsed.issues] == [4, 6, 7]


@pytest.mark.parametrize("parse", [parse_stats, parse_rates, parse_thresholds, parse_persistent_connections])
@pytest.mark.parametrize("text", ["", "No such service\n", STATS.replace("Conns", "CPS")])
def test_no_heading_is_an_issue(parse: object, text: str) -> None:
    """An empty answer, an error, another listing: none is an empty table."""
    assert callable(parse)
    assert any(issue.line_number == 0 for issue in parse(text).issues)


@pytest.mark.parametrize("release", RELEASES)
def test_a_text_cut_short_gives_no_wrong_number(release: str) -> None:
    """`1` may be the beginning of 1234: the last line does not count without its newline."""
    for name, parse in (("ipvsadm_Ln_stats_exact.out", parse_stats), ("ipvsadm_Ln_rate_exact.out", parse_rates)):
        text = recorded(release, name)
        whole = parse(text).value
        for length in range(0, len(text), 7):
            for key, values in parse(text[:length]).value.items():
                assert values.total == whole[key].total
                assert values.real_servers.items() <= whole[key].real_servers.items()
    text = recorded(release, "ipvsadm_save.out")
    rows = {row for server in parse_save(text).value.virtual_servers for row in server.real_servers}
    for length in range(0, len(text), 3):
        assert {
            row for server in parse_save(text[:length]).value.virtual_servers for row in server.real_servers
        } <= rows


def test_no_daemon_is_an_answer() -> None:
    """The command prints nothing then."""
    assert parse_sync_daemons("") == parse_sync_daemons("\n")
    assert parse_sync_daemons("").value == ()
    odd = parse_sync_daemons("backup sync daemon (mcast=eth0.5, syncid=255)\nodd\n")
    assert odd.value == (SyncDaemon(SyncRole.BACKUP, "eth0.5", 255),)
    assert [issue.line_number for issue in odd.issues] == [2]


@pytest.mark.parametrize("release", RELEASES)
def test_the_other_columns_of_the_recorded_table(release: str) -> None:
    """The plain listing has all that /proc shows, in the same order."""
    shown = [line.split() for line in recorded(release, "ipvsadm_Ln.out").splitlines() if line.startswith("  -> ")][1:]
    table = parse_ip_vs(recorded(release, "proc_ip_vs.out"), hz=100).value
    rows = [
        [
            str(row.key),
            row.forwarding.value,
            str(row.weight),
            str(row.active_connections),
            str(row.inactive_connections),
        ]
        for server in table
        for row in server.real_servers
    ]
    assert sorted(rows) == sorted(words[1:] for words in shown)


_PROTOCOL_OPTIONS = {Protocol.TCP: "-t", Protocol.UDP: "-u", Protocol.SCTP: "--sctp-service"}
_METHOD_OPTIONS = {ForwardingMethod.MASQ: "-m", ForwardingMethod.TUNNEL: "-i"}


@given(table=tables)
@settings(deadline=None, max_examples=50)
def test_saved_rules_are_read(table: tuple[VirtualServer, ...]) -> None:
    """Round trip of generated tables, written as ipvsadm does."""
    lines = []
    for server in table:
        assert server.key.address is not None
        assert server.key.port is not None
        name = f"{_PROTOCOL_OPTIONS[server.key.protocol]} {format_endpoint(server.key.address, server.key.port)}"
        lines.append(f"-A {name} -s {server.scheduler}{' -o' if server.one_packet else ''}\n")
        lines.extend(
            f"-a {name} -r {row.key} {_METHOD_OPTIONS.get(row.forwarding, '-g')} -w {abs(row.weight) % 2**31}\n"
            for row in server.real_servers
        )
    parsed = parse_save("".join(lines))
    assert parsed.issues == ()
    assert [(server.key, server.scheduler, server.one_packet) for server in parsed.value.virtual_servers] == [
        (server.key, server.scheduler, bool(server.one_packet)) for server in table
    ]
    assert [[(row.key, row.weight) for row in server.real_servers] for server in parsed.value.virtual_servers] == [
        [(row.key, abs(row.weight) % 2**31) for row in server.real_servers] for server in table
    ]
