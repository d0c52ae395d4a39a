"""The preflight of VRRP: each check passes, warns, blocks, and does not pass what it cannot know."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from lvstop.actions.failover.checks import CheckCode, Verdict
from lvstop.model.director import Keepalived
from lvstop.model.vrrp import AdvertRates, SyncGroup, VrrpState
from support.assessed import (
    asked,
    check,
    made,
    of,
    pair,
    refused,
    soundings,
    stand_by,
    vrrp,
)
from support.factories import (
    VIP,
    address,
    later,
)

PASSED, WARNED, BLOCKED = Verdict.PASSED, Verdict.WARNED, Verdict.BLOCKED


class TestOneMaster:
    """Exactly one, by keepalived's own word."""

    def test_the_evidence(self) -> None:
        """With its age."""
        found = check(CheckCode.ONE_MASTER, of(target={"vrrp_read_at": later(-40)}))
        assert (found.verdict, found.age_seconds) == (PASSED, 40.0)
        assert found.sentence == "One MASTER: keepalived1 of SMB."

    def test_split_brain(self) -> None:
        """Both are MASTER: nothing is moved."""
        found = of(target={"vrrp": (vrrp("MASTER", priority=100),)})
        line = check(CheckCode.ONE_MASTER, found)
        assert (line.verdict, line.sentence) == (BLOCKED, "keepalived1 and keepalived2 are both MASTER of SMB.")

    def test_nobody(self) -> None:
        """Both are in FAULT."""
        found = of({"vrrp": (vrrp("FAULT"),)}, {"vrrp": (vrrp("FAULT"),)})
        line = check(CheckCode.ONE_MASTER, found)
        assert line.verdict is BLOCKED
        assert line.sentence == "Nobody is MASTER of SMB (keepalived1 is FAULT and keepalived2 is FAULT)."
        assert refused(found).assessment.move is None

    def test_cannot_be_told(self) -> None:
        """One keepalived could not be asked."""
        line = check(CheckCode.ONE_MASTER, of(target={"vrrp": None}))
        assert line.verdict is BLOCKED
        assert "keepalived on keepalived2 could not be asked" in line.sentence

    def test_said_long_ago(self) -> None:
        """A picture that stands still is no evidence."""
        line = check(CheckCode.ONE_MASTER, of(target={"vrrp_read_at": later(-200)}))
        assert (line.verdict, line.age_seconds) == (BLOCKED, 200.0)


class TestOneHolder:
    """The kernels say the same."""

    def test_both_have_it(self) -> None:
        """A duplicate address."""
        line = check(CheckCode.ONE_HOLDER, of(target={"addresses": (address(VIP),)}))
        assert (line.verdict, line.sentence) == (BLOCKED, f"{VIP} is on keepalived1 and keepalived2 at once.")

    def test_nobody_has_it(self) -> None:
        """MASTER by its word only."""
        line = check(CheckCode.ONE_HOLDER, of({"addresses": ()}))
        assert (line.verdict, line.sentence) == (BLOCKED, f"No director holds {VIP}.")

    def test_the_wrong_one_has_it(self) -> None:
        """keepalived and the kernel differ."""
        line = check(CheckCode.ONE_HOLDER, of({"addresses": ()}, {"addresses": (address(VIP),)}))
        assert (line.verdict, line.sentence) == (BLOCKED, f"{VIP} is on keepalived2, and keepalived1 is MASTER.")

    def test_cannot_be_told(self) -> None:
        """The addresses of one were not read."""
        line = check(CheckCode.ONE_HOLDER, of(target={"addresses": None}))
        assert (line.verdict, line.sentence) == (BLOCKED, f"Nobody can tell whether {VIP} is on keepalived2.")


class TestPeerBackup:
    """The target could take over."""

    @pytest.mark.parametrize(
        ("target", "said"),
        [
            ({"vrrp": (vrrp("FAULT", priority=100),)}, "keepalived2 could not take over: SMB is FAULT."),
            ({"vrrp": (vrrp("INIT", priority=100),)}, "keepalived2 could not take over: SMB is INIT."),
            (
                {"vrrp": (replace(vrrp("BACKUP", priority=100), state=None),)},
                "keepalived2 could not take over: SMB is in a state that nobody knows.",
            ),
            ({"vrrp": ()}, "keepalived2 could not take over: its keepalived has no VRRP instance SMB."),
            ({"keepalived": Keepalived("2.2.7", False, None)}, "keepalived does not run on keepalived2."),
            (
                {"vrrp": None},
                "Whether keepalived2 could take over cannot be told: its keepalived could not be asked.",
            ),
        ],
    )
    def test_it_cannot(self, target: Mapping[str, Any], said: str) -> None:
        """And nothing overrides that."""
        line = check(CheckCode.PEER_BACKUP, of(target=target))
        assert (line.verdict, line.sentence) == (BLOCKED, said)

    def test_a_tracker_lowers_it(self) -> None:
        """Something is wrong there, though it could take over."""
        lowered = vrrp("BACKUP", priority=100, effective_priority=80)
        line = check(CheckCode.PEER_BACKUP, of(target={"vrrp": (lowered,)}))
        said = "Trackers hold keepalived2 down: SMB has priority 80 instead of 100."
        assert (line.verdict, line.sentence) == (WARNED, said)


class TestAdvertsArrive:
    """The backup hears the master."""

    @pytest.mark.parametrize(
        ("heard", "verdict", "said"),
        [
            (5, PASSED, "keepalived2 hears adverts: 5 of SMB in 5.2 s."),
            (3, PASSED, "keepalived2 hears adverts: 3 of SMB in 5.2 s."),
            (2, WARNED, "keepalived2 has heard few adverts in 5.2 s: 2 of 5 that were due for SMB."),
            (0, BLOCKED, "keepalived2 has heard no advert of SMB within 5.2 s."),
        ],
    )
    def test_counted(self, heard: int, verdict: Verdict, said: str) -> None:
        """Against how many were due."""
        line = check(CheckCode.ADVERTS_ARRIVE, asked(target={"adverts_received": {"SMB": heard}}))
        assert (line.verdict, line.sentence) == (verdict, said)

    def test_too_short_a_time_to_tell(self) -> None:
        """None is due within half a second, and one may get lost: nothing follows."""
        line = check(CheckCode.ADVERTS_ARRIVE, asked(target={"adverts_received": {"SMB": 0}, "adverts_seconds": 0.5}))
        assert line.verdict is WARNED
        line = check(CheckCode.ADVERTS_ARRIVE, asked(target={"adverts_received": {"SMB": 0}, "adverts_seconds": 1.9}))
        assert line.verdict is WARNED
        line = check(CheckCode.ADVERTS_ARRIVE, asked(target={"adverts_received": {"SMB": 0}, "adverts_seconds": 2.2}))
        assert line.verdict is BLOCKED

    @pytest.mark.parametrize(("rate", "verdict"), [(1.0, PASSED), (0.0, WARNED), (None, WARNED)])
    def test_not_counted(self, rate: float | None, verdict: Verdict) -> None:
        """Then what the session has seen between two dumps counts; without it nobody knows."""
        rates = None if rate is None else {"SMB": AdvertRates(rate, 0.0)}
        found = made(pair(target=stand_by(advert_rates=rates)), soundings(target={"adverts_received": None}))
        assert check(CheckCode.ADVERTS_ARRIVE, found).verdict is verdict


class TestSameConfiguration:
    """Both mean the same."""

    @pytest.mark.parametrize(
        ("target", "verdict", "said"),
        [
            (
                vrrp("BACKUP", "SMB", VIP, "172.26.127.99", priority=100),
                BLOCKED,
                f"The virtual addresses of SMB are {VIP} on keepalived1 and {VIP} and 172.26.127.99 on keepalived2.",
            ),
            (
                vrrp("BACKUP", priority=100, vrid=21),
                BLOCKED,
                "The VRID of SMB is 20 on keepalived1 and 21 on keepalived2.",
            ),
            (
                vrrp("BACKUP", priority=100, version=3),
                BLOCKED,
                "The VRRP version of SMB is 2 on keepalived1 and 3 on keepalived2.",
            ),
            (
                vrrp("BACKUP", priority=100, advert_interval=2.0),
                BLOCKED,
                "The advert interval of SMB is 1 on keepalived1 and 2 on keepalived2.",
            ),
        ],
    )
    def test_they_differ(self, target: object, verdict: Verdict, said: str) -> None:
        """VRRP would drop the adverts, or only half would move."""
        line = check(CheckCode.SAME_CONFIGURATION, of(target={"vrrp": (target,)}))
        assert (line.verdict, line.sentence) == (verdict, said)

    def test_intervals_in_version_3(self) -> None:
        """The master's counts for all, so that they may differ; it is worth a thought."""
        found = of(
            {"vrrp": (vrrp("MASTER", version=3),)},
            {"vrrp": (vrrp("BACKUP", priority=100, version=3, advert_interval=0.5),)},
        )
        line = check(CheckCode.SAME_CONFIGURATION, found)
        said = "The advert interval of SMB is 1 on keepalived1 and 0.5 on keepalived2."
        assert (line.verdict, line.sentence) == (WARNED, said)

    def test_another_sync_group(self) -> None:
        """What moves together on one side does not on the other."""
        mates = (vrrp("MASTER"), vrrp("MASTER", "NFS", "172.26.127.30", vrid=21))
        peers = (vrrp("BACKUP", priority=100), vrrp("BACKUP", "NFS", "172.26.127.30", priority=100, vrid=21))
        group = SyncGroup("BOTH", VrrpState.MASTER, ("SMB", "NFS"))
        held = (address(VIP), address("172.26.127.30"))
        found = of({"vrrp": mates, "sync_groups": (group,), "addresses": held}, {"vrrp": peers, "sync_groups": ()})
        line = check(CheckCode.SAME_CONFIGURATION, found)
        assert line.verdict is WARNED
        assert "SMB is in another sync group on keepalived2" in line.sentence

    def test_unknown(self) -> None:
        """The target's keepalived could not be asked."""
        line = check(CheckCode.SAME_CONFIGURATION, of(target={"vrrp": None}))
        assert (line.verdict, line.sentence) == (WARNED, "How SMB is configured on keepalived2 is not known.")
