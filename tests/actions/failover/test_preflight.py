"""The preflight of directors and of the moment: each check passes, warns, blocks, and passes nothing unknown."""

from dataclasses import replace

import pytest

from lvstop.actions.failover.checks import CheckCode, Verdict
from lvstop.model.director import DirectorSnapshot, DirectorStatus, Privilege
from lvstop.model.failover import FailoverPhase
from lvstop.model.sounding import ClockReading, Transition
from lvstop.model.vrrp import VrrpState
from support.assessed import (
    SOURCE,
    asked,
    check,
    lead,
    made,
    of,
    pair,
    planned,
    refused,
    sounding,
    soundings,
    stand_by,
    troubles,
    vrrp,
)
from support.change_factories import change, weights
from support.factories import (
    SECOND,
    cluster,
    gone,
    later,
    silent,
)
from support.failover_factories import failover

PASSED, WARNED, BLOCKED = Verdict.PASSED, Verdict.WARNED, Verdict.BLOCKED


def test_a_healthy_pair_has_nothing_to_accept() -> None:
    """Every line is there once, and all are passed."""
    plan = planned(made())
    assert troubles(plan) == {}
    assert sorted(each.code for each in plan.assessment.checks) == sorted(CheckCode)


def test_a_blocked_check_is_not_to_be_accepted() -> None:
    """Whatever is accepted."""
    refusal = refused(made(pair(target=silent()), accepted=frozenset(CheckCode)))
    assert refusal.unaccepted == ()
    assert check(CheckCode.DIRECTORS_LIVE, refusal).verdict is BLOCKED


def test_a_warning_is_to_be_accepted_by_its_code() -> None:
    """Not by another one."""
    bare = pair(lead(sync_daemons=()), stand_by(sync_daemons=()))
    assert refused(made(bare)).unaccepted == (CheckCode.SYNC_DAEMONS,)
    assert refused(made(bare, accepted=frozenset({CheckCode.CLOCKS}))).unaccepted == (CheckCode.SYNC_DAEMONS,)
    accepted = frozenset({CheckCode.SYNC_DAEMONS, CheckCode.CLOCKS})
    assert planned(made(bare, accepted=accepted)).accepted_warnings == (CheckCode.SYNC_DAEMONS,)


class TestDirectorsLive:
    """Both directors answer, now."""

    @pytest.mark.parametrize(
        ("target", "said"),
        [
            (silent(), "keepalived2 does not answer (no answer from 172.26.127.24:22 within 5 s)."),
            (gone(stand_by()), "keepalived2 does not answer (no answer from 172.26.127.24:22 within 5 s)."),
            (stand_by(virtual_servers=None), "the table of keepalived2 is not known."),
            (stand_by(age_seconds=11.0), "what is known of keepalived2 is old: its table was read 11 s ago."),
            (
                stand_by(status=DirectorStatus.STALE, age_seconds=42.0),
                "keepalived2 does not answer in time: its table was read 42 s ago.",
            ),
        ],
    )
    def test_one_does_not(self, target: DirectorSnapshot, said: str) -> None:
        """With the reason and the age."""
        found = check(CheckCode.DIRECTORS_LIVE, made(pair(target=target)))
        assert (found.verdict, found.sentence) == (BLOCKED, said)

    def test_one_could_not_be_asked_for_this(self) -> None:
        """The session goes on, and the questions of a failover were not answered."""
        found = check(CheckCode.DIRECTORS_LIVE, made(asked_now={SOURCE: sounding(SOURCE)}))
        assert (found.verdict, found.sentence) == (BLOCKED, "keepalived2 could not be asked for this failover.")

    def test_answers_that_are_old(self) -> None:
        """Somebody has left the question standing."""
        old = soundings({"asked_at": later(-90)})
        found = check(CheckCode.DIRECTORS_LIVE, made(asked_now=old))
        assert (found.verdict, found.age_seconds) == (BLOCKED, 90.0)
        assert "keepalived1 was asked 90 s ago" in found.sentence

    def test_one_answers_in_part(self) -> None:
        """The checks that miss something say what."""
        found = check(CheckCode.DIRECTORS_LIVE, of(target={"status": DirectorStatus.DEGRADED}))
        assert (found.verdict, found.sentence) == (WARNED, "keepalived2 answers in part only.")


class TestPrivilege:
    """lvstop may change something there."""

    @pytest.mark.parametrize("privilege", [Privilege.NONE, None])
    def test_none(self, privilege: Privilege | None) -> None:
        """Nor where that is not known."""
        line = check(CheckCode.PRIVILEGE, of(target={"privilege": privilege}))
        assert (line.verdict, line.sentence) == (BLOCKED, "The login has no root privilege on keepalived2.")


class TestClocks:
    """How well the directors' clocks are known."""

    @pytest.mark.parametrize(
        ("reading", "verdict"),
        [
            (ClockReading(1.5, 0.001), PASSED),
            (ClockReading(-2.5, 0.001), WARNED),
            (ClockReading(0.0, 0.2), WARNED),
            (None, WARNED),
        ],
    )
    def test_a_clock(self, reading: ClockReading | None, verdict: Verdict) -> None:
        """Far away, or badly known."""
        assert check(CheckCode.CLOCKS, asked(target={"clock": reading})).verdict is verdict

    def test_the_words(self) -> None:
        """With the offset and its error."""
        line = check(CheckCode.CLOCKS, asked(target={"clock": ClockReading(-2.5, 0.001)}))
        assert line.sentence == (
            "Against the operator's clock: keepalived2 is 2.500 s behind (± 1 ms) and keepalived1 agrees (± 0 ms)."
        )


def test_nobody_answers() -> None:
    """Nothing passes that nobody could be asked."""
    found = refused(made(cluster(silent(SOURCE), silent()), {}))
    assert found.assessment.move is None
    assert all(each.verdict is not PASSED for each in found.assessment.checks)


class TestNotFlapping:
    """Nothing has moved lately."""

    def test_a_moment_ago(self) -> None:
        """VRRP has to settle."""
        just = (Transition("SMB", VrrpState.MASTER, later(-4)),)
        line = check(CheckCode.NOT_FLAPPING, asked({"transitions": just}))
        said = "SMB became MASTER on keepalived1 4.0 s ago: wait until VRRP has settled."
        assert (line.verdict, line.sentence) == (BLOCKED, said)

    def test_within_ten_minutes(self) -> None:
        """On either director; another instance does not count."""
        moved = tuple(
            Transition("SMB", state, later(-at)) for state, at in ((VrrpState.BACKUP, 300), (VrrpState.MASTER, 200))
        )
        other = (Transition("NFS", VrrpState.MASTER, later(-100)),)
        line = check(CheckCode.NOT_FLAPPING, asked({"transitions": moved}, {"transitions": other}))
        said = "2 changes of state within 10 min, the last 3 min ago: SMB became MASTER on keepalived1."
        assert (line.verdict, line.sentence) == (WARNED, said)

    def test_a_clock_that_is_ahead(self) -> None:
        """Its log is by its own time."""
        moved = (Transition("SMB", VrrpState.MASTER, later(3600 - 700)),)
        ahead = {"transitions": moved, "clock": ClockReading(3600.0, 0.001)}
        assert check(CheckCode.NOT_FLAPPING, asked(ahead)).verdict is PASSED

    def test_without_a_log(self) -> None:
        """keepalived itself tells when it last changed; without that nobody knows."""
        moved = vrrp("MASTER", last_transition=later(-120))
        unread = soundings({"transitions": None})
        assert check(CheckCode.NOT_FLAPPING, made(pair(lead(vrrp=(moved,))), unread)).verdict is WARNED
        assert check(CheckCode.NOT_FLAPPING, made(pair(), unread)).verdict is PASSED
        mute = vrrp("MASTER", last_transition=None)
        line = check(CheckCode.NOT_FLAPPING, made(pair(lead(vrrp=(mute,))), unread))
        assert (line.verdict, line.sentence) == (WARNED, "When VRRP last moved is not known on keepalived1.")


class TestNothingUnderWay:
    """Nobody else is at it."""

    def test_another_failover(self) -> None:
        """Begun, and not finished."""
        other = failover(id="other", phase=FailoverPhase.PENDING, at=later(-300))
        line = check(CheckCode.NOTHING_UNDER_WAY, made(pair(failovers=[other])))
        assert line.verdict is BLOCKED
        assert line.sentence == "ops@desk began to move SMB to keepalived2 5 min ago, and it is not finished."
        assert line.remedy == "wait for it, or see `lvstop resume smb` if it was interrupted"

    def test_a_change(self) -> None:
        """A drain in the middle; one that stands is no hindrance."""
        drain = change(*weights(real=SECOND, before=1), at=later(-60))
        pending = replace(drain, phase=drain.phase.PENDING)
        assert check(CheckCode.NOTHING_UNDER_WAY, made(pair(changes=[pending]))).verdict is BLOCKED
        line = check(CheckCode.NOTHING_UNDER_WAY, made(pair(changes=[drain])))
        said = "No change, reload or failover is under way; 1 drain on record."
        assert (line.verdict, line.sentence) == (PASSED, said)

    def test_a_reload(self) -> None:
        """keepalived is not itself then."""
        line = check(CheckCode.NOTHING_UNDER_WAY, asked(target={"reloading": True}))
        said = "keepalived on keepalived2 is taking over a new configuration."
        assert (line.verdict, line.sentence) == (BLOCKED, said)

    def test_a_lever_elsewhere(self) -> None:
        """Of something that is not to move."""
        held = failover(id="other", source="lvs3", target="lvs4", vips=(), instances=("WEB",))
        assert check(CheckCode.NOTHING_UNDER_WAY, made(pair(failovers=[held]))).verdict is WARNED

    def test_records_that_were_not_read(self) -> None:
        """Somebody may be at it."""
        snapshot = pair()
        unread = replace(snapshot, directors=tuple(replace(each, changes=None) for each in snapshot.directors))
        assert check(CheckCode.NOTHING_UNDER_WAY, made(unread)).verdict is WARNED


class TestLever:
    """Something can be pulled."""

    def test_a_gentle_one(self) -> None:
        """Nothing to accept."""
        assert check(CheckCode.LEVER, made()).verdict is PASSED

    def test_only_a_hard_one(self) -> None:
        """With its price."""
        line = check(CheckCode.LEVER, of({"vrrp_track_files": ()}))
        assert line.verdict is WARNED
        assert line.sentence == (
            "stop: keepalived.service runs on keepalived1 and can be stopped; nobody answers for 0.6–1.1 s."
        )

    def test_none(self) -> None:
        """Each is explained."""
        found = made(pair(lead(vrrp_track_files=())), soundings({"service": None}))
        line = check(CheckCode.LEVER, found)
        assert line.verdict is BLOCKED
        assert "No track file with a weight is tracked by SMB on keepalived1." in line.sentence
        assert "How keepalived is run on keepalived1 is not known." in line.sentence


def test_the_evidence_grows_old() -> None:
    """Ages are of the moment at which somebody looks."""
    found = made(now=later(5))
    assert check(CheckCode.ONE_HOLDER, found).age_seconds == pytest.approx(5.3)
    assert check(CheckCode.CLOCKS, found).age_seconds == pytest.approx(7.0)
