"""What a failover means before the deed, and the lines that would make it gentler."""

from collections.abc import Mapping
from typing import Any

import pytest

from lvstop.actions.failover.checks import CheckCode
from lvstop.actions.failover.intent import FailOver
from lvstop.actions.failover.plan import Consequences, Failback, FailoverPlan, FailoverRefusal, Suggestion
from lvstop.model.director import Keepalived
from lvstop.model.failover import FailoverLever
from lvstop.model.sounding import ConnectionCount, Sounding
from lvstop.model.vrrp import SyncGroup, VrrpState
from support.assessed import (
    NFS,
    SOURCE,
    TARGET,
    check,
    lead,
    made,
    of,
    pair,
    soundings,
    stand_by,
    track_file,
    two_backups,
    two_instances,
    vrrp,
)
from support.factories import FIRST, SECOND, SERVICE, VIP, address, real_server, virtual_server, vs_key


def told(found: FailoverPlan | FailoverRefusal) -> Consequences:
    """They are there wherever a lever is."""
    assert found.assessment.consequences is not None
    return found.assessment.consequences


def counted(own: ConnectionCount, peer: ConnectionCount) -> Mapping[str, Sounding]:
    """What both counted of the usual virtual server."""
    return soundings({"connections": {vs_key(SERVICE): own}}, {"connections": {vs_key(SERVICE): peer}})


class TestConnections:
    """Numbers, or nothing."""

    def test_all_are_synchronised(self) -> None:
        """None breaks."""
        assert (told(made()).connections, told(made()).surviving, told(made()).breaking) == (100, 100, 0)

    def test_a_part_is(self) -> None:
        """The table and the count are of different moments: the part is what holds."""
        found = told(made(asked_now=counted(ConnectionCount(50, 0, 0), ConnectionCount(0, 40, 0))))
        assert (found.connections, found.surviving, found.breaking) == (100, 80, 20)

    def test_nothing_is(self) -> None:
        """Without a sync daemon all of them break, whatever the other one has in its table."""
        found = told(of({"sync_daemons": ()}, {"sync_daemons": ()}))
        assert (found.connections, found.surviving, found.breaking) == (100, 0, 100)

    def test_a_stop_resets_some(self) -> None:
        """The table goes a moment before the addresses do, and whoever sends in between is reset."""
        found = told(made(intent=FailOver(lever=FailoverLever.STOP)))
        assert (found.connections, found.surviving, found.breaking) == (100, None, None)
        assert any("At most 100 connections survive" in sentence for sentence in found.sentences)

    def test_a_stop_without_a_sync_daemon(self) -> None:
        """Nothing is left to be unsure of."""
        stop = FailOver(lever=FailoverLever.STOP)
        found = told(made(pair(lead(sync_daemons=()), stand_by(sync_daemons=())), intent=stop))
        assert (found.surviving, found.breaking) == (0, 100)
        assert not any("At most" in sentence for sentence in found.sentences)

    @pytest.mark.parametrize("target", [{"sync_daemons": None}, {}])
    def test_nobody_knows(self, target: dict[str, Any]) -> None:
        """Unknown is not 0."""
        answers = soundings(target={"connections": None})
        found = told(made(pair(target=stand_by(**target)), answers))
        assert (found.connections, found.surviving, found.breaking) == (100, None, None)

    def test_other_addresses_are_not_counted(self) -> None:
        """They stay."""
        stays = virtual_server(f"TCP:{NFS}:2049", real_server("172.26.127.21:2049", active=7))
        table = (virtual_server(SERVICE, real_server(FIRST, active=40), SECOND), stays)
        source = lead(**two_instances(), virtual_servers=table)
        snapshot = pair(source, stand_by(**two_backups(), virtual_servers=table))
        assert told(made(snapshot, intent=FailOver(instance="SMB"))).connections == 40

    def test_firewall_marks(self) -> None:
        """They have no address: they move with everything, and with nothing less."""
        table = (virtual_server("FWM:7", real_server("172.26.127.21:0", active=7)),)
        assert told(of({"virtual_servers": table}, {"virtual_servers": table})).connections == 7
        snapshot = pair(
            lead(**two_instances(), virtual_servers=table), stand_by(**two_backups(), virtual_servers=table)
        )
        assert told(made(snapshot, intent=FailOver(instance="SMB"))).connections == 0


class TestPersistence:
    """Clients that are bound to a real server."""

    TABLE = (virtual_server(SERVICE, real_server(FIRST, active=5), SECOND, persistent=True, persistence_seconds=300),)

    def test_none(self) -> None:
        """Nothing to say."""
        assert told(made()).persistence == ""

    def test_templates_are_synchronised_too(self) -> None:
        """As far as they were counted."""
        snapshot = pair(lead(virtual_servers=self.TABLE), stand_by(virtual_servers=self.TABLE))
        found = told(made(snapshot, counted(ConnectionCount(5, 0, 41), ConnectionCount(0, 5, 40))))
        assert found.persistence == (
            f"{SERVICE} is persistent: 40 of 41 templates are on keepalived2, and those clients stay with their real "
            "server."
        )
        found = told(made(snapshot, soundings(target={"connections": None})))
        assert found.persistence == (
            f"{SERVICE} is persistent; how many clients stay with their real server is not known."
        )

    def test_nothing_is_synchronised(self) -> None:
        """They are bound anew."""
        bare = {"virtual_servers": self.TABLE, "sync_daemons": ()}
        assert told(of(bare, bare)).persistence == (
            f"{SERVICE} is persistent, and nothing is synchronised: clients are bound anew, perhaps to another real "
            "server."
        )


class TestFailback:
    """What comes of releasing it."""

    @pytest.mark.parametrize(
        ("source", "back", "why"),
        [
            (
                vrrp("MASTER"),
                Failback.AUTOMATIC,
                "keepalived1 takes SMB back about 3.4 s after the lever is released: it preempts.",
            ),
            (
                vrrp("MASTER", preempt_delay=60.0),
                Failback.AUTOMATIC,
                "keepalived1 takes SMB back about 64 s after the lever is released: it preempts.",
            ),
            (
                vrrp("MASTER", preempt=False),
                Failback.STAYS,
                "keepalived2 keeps them when the lever is released: keepalived1 is `nopreempt`.",
            ),
            (
                vrrp("MASTER", priority=100),
                Failback.STAYS,
                "keepalived2 keeps them when the lever is released: the priority of keepalived1 is not greater.",
            ),
            (
                vrrp("MASTER", preempt=None),
                Failback.UNKNOWN,
                "Whether keepalived1 takes them back when the lever is released is not known.",
            ),
        ],
    )
    def test_one_instance(self, source: object, back: Failback, why: str) -> None:
        """By the priorities without the lever."""
        found = told(of({"vrrp": (source,)}))
        assert (found.failback, found.failback_why) == (back, why)

    def test_some_of_several(self) -> None:
        """Half of them would come back: said, and not called automatic."""
        source = {**two_instances()}
        source["vrrp"] = (source["vrrp"][0], vrrp("MASTER", "NFS", NFS, vrid=21, preempt=False))
        found = told(of(source, two_backups()))
        assert found.failback is Failback.UNKNOWN
        assert found.failback_why == "Only SMB would go back to keepalived1 when the lever is released."


class TestSentences:
    """What else there is to know."""

    def test_a_gentle_lever(self) -> None:
        """The first director stays ready."""
        assert told(made()).sentences == ("keepalived1 stays ready: it takes over again if keepalived2 fails.",)

    def test_a_stopped_service(self) -> None:
        """Nobody is left, and a boot starts it."""
        found = told(made(intent=FailOver(lever=FailoverLever.STOP)))
        assert found.sentences == (
            "While keepalived is stopped on keepalived1, nobody takes over if keepalived2 fails.",
            "keepalived takes its virtual servers out of the table of keepalived1 when it stops.",
            "At most 100 connections survive: it resets those that send just before the addresses go.",
            "It is started again when keepalived1 boots, and the lever is released by that.",
        )

    def test_a_fault(self) -> None:
        """With both in FAULT there would be nobody."""
        found = told(of({"vrrp_track_files": (track_file(0),)}))
        assert found.sentences[0] == (
            "While the FAULT lasts, keepalived1 does not take over if keepalived2 fails: with both in FAULT nobody "
            "would."
        )

    @pytest.mark.parametrize(("path", "words"), [("/run/maint", "is in memory"), ("/tmp/maint", "may be emptied")])  # noqa: S108
    def test_a_file_that_a_reboot_takes_away(self, path: str, words: str) -> None:
        """The lever ends with it."""
        assert words in told(of({"vrrp_track_files": (track_file(path=path),)})).sentences[-1]

    def test_an_edited_configuration(self) -> None:
        """A reload reads all of it."""
        found = told(made(intent=FailOver(lever=FailoverLever.PRIORITY)))
        assert "whatever else was edited" in found.sentences[-1]

    def test_what_stays(self) -> None:
        """Another address of the same director."""
        snapshot = pair(lead(**two_instances()), stand_by(**two_backups()))
        assert f"{NFS} stays on keepalived1." in told(made(snapshot, intent=FailOver(instance="SMB"))).sentences


class TestSuggestions:
    """Lines for both directors."""

    BARE: Mapping[str, Any] = {"vrrp_track_files": (), "sync_daemons": ()}

    def suggested(self, source: Mapping[str, Any], target: Mapping[str, Any]) -> tuple[Suggestion, ...]:
        """What is suggested on a pair without levers."""
        return of({**self.BARE, **source}, {**self.BARE, **target}).assessment.suggestions

    def test_there_is_a_gentle_lever(self) -> None:
        """Nothing to add."""
        assert made().assessment.suggestions == ()

    def test_the_seed(self) -> None:
        """No track file and no sync daemon: a weight that is enough for either, and the daemon."""
        found = self.suggested({}, {})
        assert [each.director for each in found] == [SOURCE, TARGET]
        for each in found:
            assert each.lines == (
                "track_file lvstop_failover {",
                "    file /etc/keepalived/lvstop_failover",
                "    init_file 0",
                "}",
                "global_defs {",
                "    lvs_sync_daemon ens3 inst SMB",
                "}",
            )
            assert each.within == (("vrrp_instance SMB", ("track_file {", "    lvstop_failover weight -60", "}")),)

    def test_a_sync_daemon_runs(self) -> None:
        """It is not suggested; nor where nobody knows."""
        for known in (lead().sync_daemons, None):
            found = self.suggested({"sync_daemons": known}, {})
            assert not any("sync_daemon" in line for line in found[0].lines)

    def test_a_sync_group(self) -> None:
        """There a file of a member would be ignored."""
        group = SyncGroup("BOTH", VrrpState.MASTER, ("SMB", "NFS"))
        found = self.suggested({**two_instances(), "sync_groups": (group,)}, {**two_backups(), "sync_groups": (group,)})
        assert [heading for heading, _ in found[0].within] == ["vrrp_sync_group BOTH"]

    @pytest.mark.parametrize(
        ("version", "keyword"), [("2.0.19", "vrrp_track_file"), ("2.1.5", "track_file"), ("2.3.3", "track_file")]
    )
    def test_what_it_is_called(self, version: str, keyword: str) -> None:
        """Older ones know it by another name."""
        found = self.suggested({"keepalived": Keepalived(version, True, 1)}, {})
        assert found[0].lines[0] == f"{keyword} lvstop_failover {{"

    @pytest.mark.parametrize(("own", "peer", "weight"), [(150, 100, 60), (101, 100, 10), (110, 100, 20), (254, 2, 253)])
    def test_the_weight(self, own: int, peer: int, weight: int) -> None:
        """More than the difference, so that either director falls below the other one."""
        found = self.suggested({"vrrp": (vrrp("MASTER", priority=own),)}, {"vrrp": (vrrp("BACKUP", priority=peer),)})
        assert found[0].within[0][1][1] == f"    lvstop_failover weight -{weight}"
        assert own - weight < peer

    @pytest.mark.parametrize(
        "target",
        [
            vrrp("BACKUP", priority=100, preempt=False),
            vrrp("BACKUP", priority=100, preempt=None),
            vrrp("BACKUP", priority=1),
        ],
    )
    def test_no_weight_would_do(self, target: object) -> None:
        """It would be a promise that is not kept."""
        assert self.suggested({}, {"vrrp": (target,)}) == ()

    def test_nopreempt_is_named(self) -> None:
        """What would have to go before a gentle lever can work."""
        accepting = stand_by(vrrp=(vrrp("BACKUP", priority=100, preempt=False),))
        line = check(CheckCode.LEVER, made(pair(lead(vrrp_track_files=()), accepting)))
        assert line.remedy == "a gentle lever needs `nopreempt` taken out of vrrp_instance SMB on keepalived2"

    def test_the_lines_would_do(self) -> None:
        """With them in the configuration the lever is there, and it is gentle."""
        weight = int(self.suggested({}, {})[0].within[0][1][1].split()[-1])
        found = of({"vrrp_track_files": (track_file(weight),), "addresses": (address(VIP),)})
        assert found.assessment.chosen is not None
        assert found.assessment.chosen.lever is FailoverLever.TRACK_FILE
