"""The preflight of tables, connections and hosts: each check passes, warns, blocks, and does not pass the unknown."""

import pytest

from lvstop.actions.failover.checks import CheckCode, Verdict
from lvstop.model.address import VirtualServerKey
from lvstop.model.host import LoadAverage, Sysctls
from lvstop.model.sounding import ConfigCheck, ConnectionCount
from support.assessed import (
    TABLE,
    asked,
    check,
    lead,
    made,
    of,
    pair,
    soundings,
    stand_by,
    troubles,
    vrrp,
)
from support.factories import (
    FIRST,
    SECOND,
    SERVICE,
    VIP,
    address,
    checked,
    checked_server,
    real_server,
    sync_daemon,
    virtual_server,
    vs_key,
)

PASSED, WARNED, BLOCKED = Verdict.PASSED, Verdict.WARNED, Verdict.BLOCKED


class TestConfigurationValid:
    """What keepalived -t says."""

    BAD = ConfigCheck(valid=False, said=("(Line 12) Unknown keyword 'priorty'",))

    def test_invalid_on_the_target(self) -> None:
        """It could not be started again."""
        line = check(CheckCode.CONFIGURATION_VALID, asked(target={"configuration": self.BAD}))
        assert line.verdict is BLOCKED
        assert line.sentence == (
            "keepalived -t finds faults in the configuration of keepalived2 ((Line 12) Unknown keyword 'priorty')."
        )

    def test_what_is_only_ignored_on_the_target(self) -> None:
        """keepalived runs with it, as it does now; among real faults it changes nothing."""
        ignored = "(V4) ignoring tracked file lever with weight 2 due to SYNC group"
        only = ConfigCheck(valid=False, said=(ignored,))
        assert check(CheckCode.CONFIGURATION_VALID, asked(target={"configuration": only})).verdict is WARNED
        both = ConfigCheck(valid=False, said=(ignored, *self.BAD.said))
        assert check(CheckCode.CONFIGURATION_VALID, asked(target={"configuration": both})).verdict is BLOCKED
        brace = ConfigCheck(valid=False, said=("(keepalived.conf: Line 1) Unexpected '{' - ignoring",))
        assert check(CheckCode.CONFIGURATION_VALID, asked(target={"configuration": brace})).verdict is BLOCKED
        silent = ConfigCheck(valid=False, said=())
        assert check(CheckCode.CONFIGURATION_VALID, asked(target={"configuration": silent})).verdict is BLOCKED

    def test_invalid_on_the_source(self) -> None:
        """A track file does not need it; a service that is stopped has to be started again."""
        assert check(CheckCode.CONFIGURATION_VALID, asked({"configuration": self.BAD})).verdict is WARNED
        bare = pair(lead(vrrp_track_files=()))
        found = made(bare, soundings({"configuration": self.BAD}))
        assert check(CheckCode.CONFIGURATION_VALID, found).verdict is BLOCKED

    def test_not_known(self) -> None:
        """It was not asked, or has not answered."""
        line = check(CheckCode.CONFIGURATION_VALID, asked(target={"configuration": None}))
        said = "Whether the configuration is valid is not known on keepalived2."
        assert (line.verdict, line.sentence) == (WARNED, said)


class TestKernelSettings:
    """Forwarding and ARP."""

    def test_forwarding_off_with_nat(self) -> None:
        """Replies could not pass."""
        table = (virtual_server(SERVICE, real_server(FIRST, forwarding="Masq")),)
        off = Sysctls(ip_forward=0)
        found = of({"virtual_servers": table}, {"virtual_servers": table, "sysctls": off})
        assert check(CheckCode.KERNEL_SETTINGS, found).verdict is BLOCKED

    def test_forwarding_differs(self) -> None:
        """Direct routing does not need it."""
        line = check(CheckCode.KERNEL_SETTINGS, of(target={"sysctls": Sysctls(ip_forward=0)}))
        said = "Kernel settings differ: ip_forward is 1 on keepalived1 and 0 on keepalived2."
        assert (line.verdict, line.sentence) == (WARNED, said)

    @pytest.mark.parametrize(("interface", "verdict"), [("ens3", BLOCKED), ("all", BLOCKED), ("eth7", PASSED)])
    def test_no_arp_answers(self, interface: str, verdict: Verdict) -> None:
        """Nobody would find the address; an interface that it is not on does not matter."""
        arp = {"net.ipv4.conf.all.arp_ignore": 0, f"net.ipv4.conf.{interface}.arp_ignore": 8}
        line = check(CheckCode.KERNEL_SETTINGS, asked(target={"arp": arp}))
        assert line.verdict is verdict

    def test_arp_differs(self) -> None:
        """The greater of `all` and of the interface counts, whatever that is called."""
        other = {"net.ipv4.conf.all.arp_ignore": 1, "net.ipv4.conf.ens3.arp_ignore": 0}
        line = check(CheckCode.KERNEL_SETTINGS, asked(target={"arp": other}))
        said = "Kernel settings differ: arp_ignore is 0 on keepalived1 and 1 on keepalived2."
        assert (line.verdict, line.sentence) == (WARNED, said)
        same = {"net.ipv4.conf.all.arp_ignore": 0, "net.ipv4.conf.ens3.arp_ignore": 1}
        assert check(CheckCode.KERNEL_SETTINGS, asked({"arp": same}, {"arp": other})).verdict is PASSED

    def test_ipv6_knows_no_arp(self) -> None:
        """Neighbours are found in another way."""
        own, peer = (vrrp("MASTER", "SMB", "fd00::20"), vrrp("BACKUP", "SMB", "fd00::20", priority=100))
        snapshot = pair(lead(vrrp=(own,), addresses=(address("fd00::20"),)), stand_by(vrrp=(peer,)))
        line = check(CheckCode.KERNEL_SETTINGS, made(snapshot, soundings({"arp": None}, {"arp": None})))
        assert (line.verdict, line.sentence) == (PASSED, "ip_forward is alike on both.")

    def test_unknown(self) -> None:
        """Not read."""
        assert check(CheckCode.KERNEL_SETTINGS, asked(target={"arp": None})).verdict is WARNED
        assert check(CheckCode.KERNEL_SETTINGS, of(target={"sysctls": None})).verdict is WARNED


class TestPeerLoad:
    """The target is not busy."""

    @pytest.mark.parametrize(
        ("own", "peer", "verdict"), [(0.4, 1.9, PASSED), (0.4, 2.1, WARNED), (3.0, 5.9, PASSED), (3.0, 6.1, WARNED)]
    )
    def test_a_load(self, own: float, peer: float, verdict: Verdict) -> None:
        """More than twice the source's, and not small."""
        found = of({"load": LoadAverage(own, 0.1, 0.1)}, {"load": LoadAverage(peer, 0.1, 0.1)})
        assert check(CheckCode.PEER_LOAD, found).verdict is verdict

    def test_unknown(self) -> None:
        """Nobody knows."""
        line = check(CheckCode.PEER_LOAD, of(target={"load": None}))
        assert (line.verdict, line.sentence) == (WARNED, "The load of keepalived2 is not known.")


class TestTablesEqual:
    """The target balances the same."""

    @pytest.mark.parametrize(
        ("table", "verdict", "said"),
        [
            ((), BLOCKED, f"The tables differ: {SERVICE} is not on keepalived2."),
            (
                (virtual_server(SERVICE, FIRST),),
                BLOCKED,
                f"The tables differ: {SECOND} of {SERVICE} is not on keepalived2.",
            ),
            (
                (virtual_server(SERVICE, FIRST, SECOND, scheduler="sh"),),
                BLOCKED,
                f"The tables differ: scheduler of {SERVICE} is rr on keepalived1 and sh on keepalived2.",
            ),
            (
                (virtual_server(SERVICE, FIRST, real_server(SECOND, forwarding="Masq")),),
                BLOCKED,
                f"The tables differ: forwarding of {SECOND} of {SERVICE} is Route on keepalived1 and Masq on "
                "keepalived2.",
            ),
            (
                (virtual_server(SERVICE, FIRST, real_server(SECOND, 5)),),
                WARNED,
                f"The tables differ: the weight of {SECOND} of {SERVICE} is 1 on keepalived1 and 5 on keepalived2.",
            ),
            (
                (virtual_server(SERVICE, FIRST, SECOND, "172.26.127.25:445"),),
                WARNED,
                f"The tables differ: 172.26.127.25:445 of {SERVICE} is only on keepalived2.",
            ),
            (
                (virtual_server(SERVICE, FIRST, real_server(SECOND, forwarding="Local")),),
                PASSED,
                "The tables are equal: 1 virtual server, 2 real servers.",
            ),
        ],
    )
    def test_the_target_has(self, table: tuple[object, ...], verdict: Verdict, said: str) -> None:
        """A director that is a real server itself shows Local."""
        line = check(CheckCode.TABLES_EQUAL, of(target={"virtual_servers": table}))
        assert (line.verdict, line.sentence) == (verdict, said)

    def test_what_does_not_move_is_not_compared(self) -> None:
        """Another address of the source."""
        extra = virtual_server("TCP:172.26.127.77:80", "172.26.127.21:80")
        assert check(CheckCode.TABLES_EQUAL, of({"virtual_servers": (*TABLE, extra)})).verdict is PASSED

    def test_what_the_target_has_found_dead(self) -> None:
        """That is a matter of its health."""
        dead = (checked_server(SERVICE, FIRST, checked(SECOND, alive=False)),)
        found = of(target={"virtual_servers": (virtual_server(SERVICE, FIRST),), "checks": dead})
        assert check(CheckCode.TABLES_EQUAL, found).verdict is PASSED
        line = check(CheckCode.PEER_HEALTH, found)
        said = f"keepalived2 has fewer usable real servers: 1 instead of 2 of {SERVICE}."
        assert (line.verdict, line.sentence) == (WARNED, said)

    def test_unknown(self) -> None:
        """Not read."""
        assert check(CheckCode.TABLES_EQUAL, of(target={"virtual_servers": None})).verdict is BLOCKED

    def test_nothing_is_balanced(self) -> None:
        """A pair may hold addresses without virtual servers."""
        line = check(CheckCode.TABLES_EQUAL, of({"virtual_servers": ()}, {"virtual_servers": ()}))
        assert (line.verdict, line.sentence) == (PASSED, "No virtual server is on the addresses that move.")


class TestPeerHealth:
    """The target finds the real servers alive."""

    def test_none_alive(self) -> None:
        """Its way to them is broken."""
        dead = (checked_server(SERVICE, checked(FIRST, alive=False), checked(SECOND, alive=False)),)
        table = (virtual_server(SERVICE, real_server(FIRST, 0), real_server(SECOND, 0)),)
        line = check(CheckCode.PEER_HEALTH, of(target={"virtual_servers": table, "checks": dead}))
        assert (line.verdict, line.sentence) == (BLOCKED, f"keepalived2 has no usable real server of {SERVICE}.")

    def test_one_that_stays_with_weight_0(self) -> None:
        """inhibit_on_failure: said once, as health and not as drift."""
        dead = (checked_server(SERVICE, FIRST, checked(SECOND, alive=False, inhibit=True)),)
        table = (virtual_server(SERVICE, FIRST, real_server(SECOND, 0)),)
        found = of(target={"virtual_servers": table, "checks": dead})
        assert troubles(found) == {"peer-health": "warned"}

    def test_drained_everywhere(self) -> None:
        """It is no worse there than here."""
        table = (virtual_server(SERVICE, FIRST, real_server(SECOND, 0)),)
        assert troubles(of({"virtual_servers": table}, {"virtual_servers": table})) == {}

    def test_unknown(self) -> None:
        """The kernels are alike, and nobody knows what the checks find."""
        assert check(CheckCode.PEER_HEALTH, of(target={"checks": None})).verdict is WARNED


class TestSync:
    """Connections that know their way."""

    def test_no_daemon(self) -> None:
        """All of them break; how much is synchronised is not asked then."""
        found = of({"sync_daemons": ()}, {"sync_daemons": ()})
        line = check(CheckCode.SYNC_DAEMONS, found)
        said = "No sync daemon runs: 100 established connections will be reset."
        assert (line.verdict, line.sentence) == (WARNED, said)
        assert CheckCode.SYNC_COVERAGE not in {each.code for each in found.assessment.checks}

    def test_the_wrong_way_round(self) -> None:
        """The source receives."""
        found = of({"sync_daemons": (sync_daemon("backup"),)}, {"sync_daemons": (sync_daemon("master"),)})
        line = check(CheckCode.SYNC_DAEMONS, found)
        assert line.verdict is WARNED
        assert line.sentence.startswith(
            "Synchronisation does not go from keepalived1 to keepalived2: keepalived1 has a "
        )

    def test_another_id(self) -> None:
        """They do not hear each other; an id that is not known is not a difference."""
        assert check(CheckCode.SYNC_DAEMONS, of(target={"sync_daemons": (sync_daemon("backup", 7),)})).verdict is WARNED
        assert (
            check(CheckCode.SYNC_DAEMONS, of(target={"sync_daemons": (sync_daemon("backup", None),)})).verdict is PASSED
        )

    def test_unknown(self) -> None:
        """Not read."""
        line = check(CheckCode.SYNC_DAEMONS, of(target={"sync_daemons": None}))
        assert line.verdict is WARNED
        assert "is not known on keepalived2" in line.sentence

    def test_nothing_could_break(self) -> None:
        """No connection is open."""
        quiet = (virtual_server(SERVICE, FIRST, SECOND),)
        found = of(*({"virtual_servers": quiet, "sync_daemons": ()},) * 2)
        assert check(CheckCode.SYNC_DAEMONS, found).verdict is PASSED

    @pytest.mark.parametrize(("there", "verdict"), [(100, PASSED), (95, PASSED), (94, WARNED), (0, WARNED)])
    def test_coverage(self, there: int, verdict: Verdict) -> None:
        """In percent of the source's."""
        counted = {vs_key(SERVICE): ConnectionCount(0, there, 0)}
        line = check(CheckCode.SYNC_COVERAGE, asked(target={"connections": counted}))
        assert line.verdict is verdict
        assert f"{there} of 100 active connections are on keepalived2 ({there} %)" in line.sentence

    def test_coverage_of_each_virtual_server(self) -> None:
        """Many of one do not make up for few of another."""
        dns: VirtualServerKey = vs_key(f"TCP:{VIP}:53")
        own = {vs_key(SERVICE): ConnectionCount(100, 0, 0), dns: ConnectionCount(100, 0, 0)}
        peer = {vs_key(SERVICE): ConnectionCount(0, 500, 0), dns: ConnectionCount(0, 0, 0)}
        table = (*TABLE, virtual_server(str(dns), real_server("172.26.127.21:53", active=100)))
        snapshot = pair(lead(virtual_servers=table), stand_by(virtual_servers=table))
        line = check(CheckCode.SYNC_COVERAGE, made(snapshot, soundings({"connections": own}, {"connections": peer})))
        assert "100 of 200 active connections" in line.sentence

    def test_firewall_marks(self) -> None:
        """Counted with their family, which the table does not tell; where marks share a real server they are not."""
        table = (virtual_server("FWM:7:?", real_server("172.26.127.21:0", active=10)),)
        snapshot = pair(lead(virtual_servers=table), stand_by(virtual_servers=table))
        mark = {vs_key("FWM:7"): ConnectionCount(10, 0, 0)}
        answers = soundings({"connections": mark}, {"connections": {vs_key("FWM:7"): ConnectionCount(0, 10, 0)}})
        assert check(CheckCode.SYNC_COVERAGE, made(snapshot, answers)).verdict is PASSED
        for own, peer in (({}, mark), (mark, {})):
            left_out = soundings({"connections": own}, {"connections": peer})
            assert check(CheckCode.SYNC_COVERAGE, made(snapshot, left_out)).verdict is WARNED

    def test_not_counted(self) -> None:
        """Nobody knows."""
        line = check(CheckCode.SYNC_COVERAGE, asked(target={"connections": None}))
        said = "How many connections are synchronised is not known: keepalived2 did not count."
        assert (line.verdict, line.sentence) == (WARNED, said)
