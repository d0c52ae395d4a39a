"""From alerts to alarms: what calls somebody, when, and how often."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.analysis.alarms import Alarms, calls, judged
from lvstop.analysis.merge import merge
from lvstop.config.alarms import Debounce
from lvstop.model.alert import AlertCode, Severity
from lvstop.model.cluster import ClusterSnapshot, Health
from lvstop.model.director import DirectorSnapshot, DirectorStatus, Keepalived
from support import scenes
from support.alarms import Story, Watcher, alarmed, an_alert, is_fine, with_alerts
from support.factories import (
    FIRST,
    NOW,
    SECOND,
    SERVICE,
    VIP,
    address,
    backup,
    checked,
    checked_server,
    cluster,
    director,
    gone,
    instance,
    later,
    master,
    real_server,
    silent,
    unprivileged,
    virtual_server,
)

INFO, WARNING, CRITICAL = Severity.INFO, Severity.WARNING, Severity.CRITICAL
QUIET = cluster()
ONE_GONE = cluster(master(), gone(backup()))
NONE_ANSWERS = cluster(gone(master()), gone(backup()))
BAD, WORRYING, NOTED = alarmed(an_alert(CRITICAL)), alarmed(an_alert(WARNING)), alarmed(an_alert(INFO))


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        # how long it stands
        ([(BAD, 5)], []),
        ([(BAD, 6)], ["raised"]),
        ([(WORRYING, 20)], []),
        ([(WORRYING, 21)], ["raised"]),
        ([(NOTED, 100)], []),
        # a failover that works
        ([(QUIET, 10), (BAD, 4), (QUIET, 100)], []),
        # it ends when it has been away for a while
        ([(BAD, 10), (QUIET, 30)], ["raised"]),
        ([(BAD, 10), (QUIET, 31)], ["raised", "cleared"]),
        ([(BAD, 10), (QUIET, 29), (BAD, 1), (QUIET, 29), (BAD, 1), (QUIET, 29)], ["raised"]),
        ([(BAD, 10), (QUIET, 40), (BAD, 10)], ["raised", "cleared", "raised"]),
        # what comes and goes adds up
        ([(BAD, 3), (QUIET, 5)] * 3, ["raised"]),
        ([(BAD, 3), (QUIET, 40)] * 20, []),
        ([(BAD, 1), (QUIET, 1)] * 10 + [(BAD, 1)], ["raised"]),
        ([(BAD, 1), (QUIET, 1)] * 9 + [(BAD, 1)], []),
        ([(WORRYING, 1), (QUIET, 1)] * 40 + [(WORRYING, 1)], ["raised"]),
        ([(BAD, 1), (QUIET, 31)] * 20, []),
        ([(BAD, 1), (with_alerts(NONE_ANSWERS, ()), 1)] * 11, ["raised"]),
        # worse, and better again
        ([(WORRYING, 30), (BAD, 5)], ["raised"]),
        ([(WORRYING, 30), (BAD, 6)], ["raised", "escalated"]),
        ([(WORRYING, 30), (BAD, 10), (WORRYING, 20), (BAD, 10)], ["raised", "escalated"]),
        ([(WORRYING, 30), (BAD, 10), (WORRYING, 40), (BAD, 10)], ["raised", "escalated", "escalated"]),
        ([(BAD, 30), (WORRYING, 100), (QUIET, 40)], ["raised", "cleared"]),
        # who cannot be asked says nothing
        ([(BAD, 10), (with_alerts(ONE_GONE, ()), 100)], ["raised"]),
        ([(BAD, 10), (with_alerts(NONE_ANSWERS, ()), 1000), (QUIET, 30)], ["raised"]),
        ([(BAD, 10), (with_alerts(NONE_ANSWERS, ()), 1000), (QUIET, 31)], ["raised", "cleared"]),
        ([(BAD, 10), (QUIET, 20), (with_alerts(ONE_GONE, ()), 1), (QUIET, 30)], ["raised"]),
    ],
)
def test_what_is_told(looks: list[tuple[ClusterSnapshot, int]], told: list[str]) -> None:
    """Once a second; each look so many times."""
    watcher = Watcher()
    for snapshot, times in looks:
        watcher.look(snapshot, times=times)
    assert watcher.told == told


def test_a_flapping_thing_is_one_alarm() -> None:
    """Not forty."""
    watcher = Watcher()
    for _ in range(40):
        watcher.look(BAD, times=6)
        watcher.look(QUIET, times=20)
    assert watcher.told == ["raised"]


def test_the_first_looks_call_nobody() -> None:
    """Everything is unknown at the start; what then stands has to stand for its moment."""
    watcher = Watcher()
    (connecting,) = scenes.connecting()
    watcher.look(connecting, times=60)
    assert (watcher.told, judged(connecting, watcher.alarms)) == ([], Health.UNKNOWN)
    watcher.look(BAD, times=5)
    assert watcher.told == []


OTHER_VIP = "172.26.127.30"


def two_instances(other: str, state: str = "MASTER", *, vip: str = VIP) -> tuple[DirectorSnapshot, ...]:
    """A pair with two instances: SMB, MASTER on the first director and `state` on the second one, and OTHER."""
    opposite = "BACKUP" if other == "MASTER" else "MASTER"
    return tuple(
        director(name, vrrp=(instance(smb), instance(its, "OTHER", OTHER_VIP, vrid=21)), addresses=held)
        for name, smb, its, held in (
            ("keepalived1", "MASTER", other, (address(VIP), *([address(OTHER_VIP)] if other == "MASTER" else []))),
            ("keepalived2", state, opposite, (address(vip), *([] if other == "MASTER" else [address(OTHER_VIP)]))),
        )
    )


QUIET_OTHER = two_instances("MASTER")
FLAPPING_OTHER = ["MASTER", "MASTER", "BACKUP", "BACKUP"]


def test_a_split_brain_is_not_over_because_something_else_moves() -> None:
    """SMB is MASTER on both directors all the while; from the second minute on OTHER flaps every two seconds."""
    story = Story()
    story.looks([QUIET_OTHER] * 60)
    assert story.told("multiple-masters") == ["raised"]
    story.looks([two_instances(state) for state in FLAPPING_OTHER * 30])
    assert story.told("multiple-masters", "SMB") == ["raised"]
    assert story.told("vip-duplicate") == ["raised"]
    assert story.watcher.standing["SMB"] == ("critical", "standing")


def test_a_split_brain_is_told_while_something_else_flaps() -> None:
    """Nobody has to wait until all of the cluster is at rest."""
    story = Story()
    story.looks([two_instances(state, "BACKUP", vip="172.26.127.99") for state in FLAPPING_OTHER * 5])
    story.looks([two_instances(state) for state in FLAPPING_OTHER * 5])
    assert story.told("multiple-masters", "SMB") == ["raised"]


def test_what_moves_itself_is_over_only_when_it_has_come_to_rest() -> None:
    """The rules say nothing of two masters while that instance moves, and less of an address: that is no all-clear."""
    story = Story()
    story.looks([QUIET_OTHER] * 20)
    healthy = two_instances("MASTER", "BACKUP", vip="172.26.127.99")
    story.looks([QUIET_OTHER, QUIET_OTHER, healthy, healthy] * 30)
    assert story.told("multiple-masters", "SMB") == ["raised"]
    assert story.told("vip-duplicate", VIP) == ["raised"]
    story.looks([healthy] * 31)
    assert story.told("multiple-masters", "SMB") == ["raised"]
    story.looks([healthy])
    assert story.told("multiple-masters", "SMB") == ["raised", "cleared"]
    assert story.told("vip-duplicate", VIP) == ["raised", "cleared"]


def test_an_address_that_moves_is_called_less_and_is_not_less() -> None:
    """It is on both directors, and gone from one of them and back there every few seconds."""
    story = Story()
    story.looks([QUIET_OTHER] * 20)
    healthy = two_instances("MASTER", "BACKUP", vip="172.26.127.99")
    story.looks([healthy, QUIET_OTHER, QUIET_OTHER] * 20)
    assert [str(each.severity) for each in story.latest.alerts if each.subject == VIP] == ["warning"]
    assert story.watcher.standing[VIP][0] == "critical"


def test_a_master_that_lacks_its_address_while_it_flaps() -> None:
    """It becomes MASTER anew every two seconds, and never has the address: what is not said of it is not over."""
    story = Story()
    story.looks([(master(addresses=()), backup())] * 20)
    flaps = [instance("MASTER", last_transition=later(20 + second // 2 * 2)) for second in range(60)]
    story.looks([(master(addresses=(), vrrp=(each,)), backup()) for each in flaps])
    assert story.told("vip-state-mismatch") == ["raised"]
    assert story.watcher.standing[f"{VIP} on keepalived1"] == ("critical", "unseen")


def test_an_address_that_nobody_holds_does_not_move() -> None:
    """Its instance goes from FAULT to BACKUP and back all the time: nobody serves, and that calls somebody."""
    story = Story()
    story.looks([(master(), backup(vrrp=(instance("FAULT"),)))] * 10)
    for state in ("FAULT", "FAULT", "BACKUP", "BACKUP") * 5:
        story.looks([(backup("keepalived1", vrrp=(instance(state),)), backup(vrrp=(instance("FAULT"),)))])
    assert story.watcher.standing[VIP] == ("critical", "standing")


def test_who_flaps_for_ever_keeps_no_other_alarm() -> None:
    """A real server that is back is back, whatever VRRP does."""
    dead = (checked_server(SERVICE, checked(FIRST, alive=False, inhibit=True), SECOND),)
    story = Story()
    story.looks([tuple(replace(each, checks=dead) for each in two_instances(s)) for s in FLAPPING_OTHER * 8])
    story.looks([two_instances(state) for state in FLAPPING_OTHER * 10])
    assert story.told("real-server-down") == ["raised", "cleared"]


NIGHT = 28_800.0


@pytest.mark.parametrize(("seconds", "slept"), [(1.0, NIGHT), (NIGHT, 0.0)], ids=["asleep", "stopped"])
def test_a_machine_that_slept_saw_nothing(seconds: float, slept: float) -> None:
    """Neither that something stood all the while, nor that it was away: by whichever clock one notices."""
    watcher = Watcher()
    watcher.look(BAD, times=2)
    watcher.look(BAD, seconds, slept=slept)
    watcher.look(BAD, times=4)
    assert watcher.told == []
    watcher.look(BAD, times=1)
    assert watcher.told == ["raised"]
    watcher.look(QUIET, times=20)
    watcher.look(QUIET, seconds, slept=slept)
    watcher.look(QUIET, times=29)
    assert watcher.told == ["raised"]
    watcher.look(QUIET)
    assert watcher.told == ["raised", "cleared"]


def test_looks_that_are_far_apart_on_purpose() -> None:
    """A cluster that is read once in ten minutes: two looks in a row are what stands."""
    alarms, _ = Alarms().observe(BAD, 0.0, Debounce(), gap=1800.0)
    later_look = replace(BAD, generated_at=later(600))
    alarms, news = alarms.observe(later_look, 600.0, Debounce(), gap=1800.0)
    assert [str(each.event) for each in news] == ["raised"]


def test_acknowledged() -> None:
    """It stays an alarm, and calls nobody, until it gets worse; another one calls."""
    watcher = Watcher()
    watcher.look(WORRYING, times=30)
    watcher.alarms = watcher.alarms.acknowledged()
    assert [alarm.acknowledged for alarm in watcher.alarms.standing] == [True]
    both = alarmed(an_alert(WARNING), an_alert(CRITICAL, subject="TCP:172.26.127.20:139"))
    watcher.look(both, times=6)
    assert {alarm.alert.subject: alarm.acknowledged for alarm in watcher.alarms.standing} == {
        "TCP:172.26.127.20:445": True,
        "TCP:172.26.127.20:139": False,
    }
    assert calls(watcher.alarms.standing)
    watcher.alarms = watcher.alarms.acknowledged()
    assert not calls(watcher.alarms.standing)
    watcher.look(alarmed(an_alert(CRITICAL)), times=6)
    assert watcher.told == ["raised", "raised", "escalated"]
    assert calls(watcher.alarms.standing)


def test_an_alarm_that_is_over_is_not_remembered() -> None:
    """Who comes again is new: nobody has taken note of it."""
    watcher = Watcher()
    watcher.look(BAD, times=10)
    watcher.alarms = watcher.alarms.acknowledged()
    watcher.look(QUIET, times=40)
    watcher.look(BAD, times=10)
    assert [alarm.acknowledged for alarm in watcher.alarms.standing] == [False]


def test_many_rows_become_one_alert() -> None:
    """The fourth real server that fails makes one alert of all of them: the three before are not over."""
    rows = [an_alert(WARNING, AlertCode.REAL_SERVER_DOWN, f"10.0.0.{n}:80 of TCP:10.0.0.9:80") for n in range(3)]
    watcher = Watcher()
    watcher.look(alarmed(*rows), times=30)
    together = alarmed(an_alert(WARNING, AlertCode.REAL_SERVER_DOWN, "TCP:10.0.0.9:80"))
    watcher.look(together, times=60)
    assert watcher.told == ["raised"] * 4
    watcher.look(QUIET, times=40)
    assert watcher.told == ["raised"] * 4 + ["cleared"] * 4


LATE = cluster(master(), gone(backup(), DirectorStatus.STALE))
ALL_LATE = cluster(gone(master(), DirectorStatus.STALE), gone(backup(), DirectorStatus.STALE))
"""Nobody answers: some are late, before their connections are given up."""


def test_a_silent_director_is_one_alarm() -> None:
    """Its last answer is old, then its connection is lost, and back again: that is one silence and its 30 seconds."""
    watcher = Watcher()
    watcher.look(LATE, times=15)
    watcher.look(ONE_GONE, times=15)
    assert watcher.told == []
    watcher.look(ONE_GONE)
    assert watcher.told == ["raised"]
    watcher.look(LATE, times=60)
    watcher.look(ONE_GONE, times=60)
    assert watcher.told == ["raised"]
    assert len(watcher.standing) == 1
    watcher.look(QUIET, times=31)
    assert watcher.told == ["raised", "cleared"]
    assert {each.alarm.key for each in watcher.news} == {(AlertCode.DIRECTOR_UNREACHABLE, "keepalived2")}


def test_who_knows_of_a_silence_knows_of_it() -> None:
    """It calls again only where it becomes critical: nobody answers any more."""
    watcher = Watcher()
    watcher.look(LATE, times=40)
    watcher.alarms = watcher.alarms.acknowledged()
    watcher.look(ONE_GONE, times=60)
    assert [each.acknowledged for each in watcher.alarms.standing] == [True]
    watcher.look(ALL_LATE, times=60)
    assert {(each.alert.subject, each.acknowledged) for each in watcher.alarms.standing} == {
        ("keepalived1", False),
        ("keepalived2", False),
    }


def test_one_row_that_is_left_does_not_keep_the_whole_table_critical() -> None:
    """A virtual server was absent from the master's table; it is back, but for a row."""
    one_row = an_alert(WARNING, AlertCode.TABLE_DRIFT, f"{FIRST} of {SERVICE}")
    watcher = Watcher()
    watcher.look(alarmed(an_alert(CRITICAL, subject=SERVICE)), times=30)
    watcher.look(alarmed(one_row), times=40)
    assert watcher.standing == {
        SERVICE: ("warning", "unseen"),
        f"{FIRST} of {SERVICE}": ("warning", "standing"),
    }
    assert judged(alarmed(one_row), watcher.alarms) is Health.WARNING
    watcher.look(QUIET, times=40)
    assert watcher.standing == {}


def test_what_is_less_severe_is_not_over() -> None:
    """Critical for a few seconds, then a warning that comes and goes: nobody says that it is over."""
    watcher = Watcher()
    watcher.look(BAD, times=6)
    for _ in range(30):
        watcher.look(QUIET)
        watcher.look(WORRYING)
    assert watcher.told == ["raised"]
    assert [str(each.severity) for each in watcher.alarms.standing] == ["warning"]


def failing(count: int, severity: Severity = WARNING) -> ClusterSnapshot:
    """So many real servers of one virtual server fail, in one alert."""
    return alarmed(replace(an_alert(severity, AlertCode.REAL_SERVER_DOWN, SERVICE), extent=count))


def test_more_of_the_same_calls_again() -> None:
    """Four real servers that fail were acknowledged; thirteen were not."""
    watcher = Watcher()
    watcher.look(failing(4), times=30)
    watcher.alarms = watcher.alarms.acknowledged()
    watcher.look(failing(13), times=20)
    assert watcher.told == ["raised"]
    watcher.look(failing(13))
    assert watcher.told == ["raised", "escalated"]
    assert [each.acknowledged for each in watcher.alarms.standing] == [False]
    watcher.alarms = watcher.alarms.acknowledged()
    watcher.look(failing(13), times=100)
    watcher.look(failing(5), times=100)
    watcher.look(failing(13), times=100)
    assert watcher.told == ["raised", "escalated"]
    assert [each.acknowledged for each in watcher.alarms.standing] == [True]


def test_more_for_a_moment_calls_nobody() -> None:
    """A row that fails a check now and then is no news of the others; nor is what was more when it became an alarm."""
    watcher = Watcher()
    watcher.look(failing(4), times=30)
    watcher.alarms = watcher.alarms.acknowledged()
    for _ in range(10):
        watcher.look(failing(5), times=15)
        watcher.look(failing(4), times=31)
    assert watcher.told == ["raised"]
    assert [each.acknowledged for each in watcher.alarms.standing] == [True]


def test_what_was_acknowledged_is_what_was_shown() -> None:
    """Somebody who takes note of the five that are left of thirteen has not taken note of thirteen."""
    watcher = Watcher()
    watcher.look(failing(13), times=30)
    watcher.look(failing(5), times=30)
    watcher.alarms = watcher.alarms.acknowledged()
    watcher.look(failing(13), times=21)
    assert watcher.told == ["raised", "escalated"]
    assert [each.acknowledged for each in watcher.alarms.standing] == [False]


def test_it_gets_worse_while_nobody_has_taken_note() -> None:
    """That is news as well: once for all that came together."""
    watcher = Watcher()
    watcher.look(failing(4), times=10)
    watcher.look(failing(5), times=60)
    assert watcher.told == ["raised"]
    for count in (6, 8, 13):
        watcher.look(failing(count), times=7)
    watcher.look(failing(13), times=60)
    assert watcher.told == ["raised", "escalated"]


def test_rows_that_share_an_alert_are_counted() -> None:
    """By the rules: whatever it is that fails of them."""
    rows = [f"172.26.127.{n}:445" for n in range(30, 43)]
    for count in (4, 13):
        dead = tuple(checked(row, alive=row not in rows[:count], inhibit=True) for row in rows)
        table = (virtual_server(SERVICE, *(real_server(row, int(row not in rows[:count])) for row in rows)),)
        checks = (checked_server(SERVICE, *dead),)
        pair = (master(virtual_servers=table, checks=checks), backup(virtual_servers=table, checks=checks))
        (found,) = [each for each in cluster(*pair).alerts if each.code is AlertCode.REAL_SERVER_DOWN]
        assert found.extent == count


DOWN = Keepalived("2.2.7", False, None)
TAKEN = backup("keepalived2", vrrp=(instance("MASTER"),), addresses=(address("172.26.127.20"),))
"""The other director, which has taken over."""


@pytest.mark.parametrize(
    ("wrong", "after", "over"),
    [
        # nobody is MASTER; then one is, while the other one is dead
        ((master(vrrp=(instance("FAULT"),)), backup(vrrp=(instance("FAULT"),))), (silent("keepalived1"), TAKEN), True),
        # two masters; then one of them cannot be asked: it may still be one
        ((master(), TAKEN), (master(), silent("keepalived2")), False),
        # two masters; then keepalived is stopped on one of them
        ((master(), TAKEN), (master(), backup(keepalived=DOWN, vrrp=None, checks=None)), True),
        # a director that cannot be asked answers again, or is merely being connected
        ((master(), silent()), (master(), backup()), True),
        ((master(), silent()), (master(), silent(status=DirectorStatus.CONNECTING)), False),
        # keepalived is down; then it cannot be told any more
        ((master(keepalived=DOWN, vrrp=None), TAKEN), (master(keepalived=None, vrrp=None), TAKEN), False),
        ((master(keepalived=DOWN, vrrp=None), TAKEN), (gone(master()), TAKEN), False),
    ],
    ids=["a-master", "two-masters-one-gone", "two-masters-one-stopped", "answers", "connecting", "not-told", "gone"],
)
def test_away_or_out_of_sight(
    wrong: tuple[DirectorSnapshot, ...], after: tuple[DirectorSnapshot, ...], over: bool
) -> None:
    """By what directors tell: only what is known to be away is over."""
    before = cluster(*wrong)
    code, subject = before.alerts[0].code, before.alerts[0].subject
    watcher = Watcher()
    watcher.look(before, times=31)
    assert "raised" in watcher.told
    watcher.look(cluster(*after), times=40)
    left = {alarm.key for alarm in watcher.alarms.standing}
    assert ((code, subject) not in left) is over


def test_who_drops_out_of_sight_while_it_stands_was_never_mended() -> None:
    """Both directors refuse new connections; one is lost, the other one shows it for a moment more and is mended."""
    refusing = (virtual_server(SERVICE, real_server(FIRST, 0), real_server(SECOND, 0)),)
    one, other = master(virtual_servers=refusing), backup(virtual_servers=refusing)
    watcher = Watcher()
    watcher.look(cluster(one, other), times=30)
    watcher.look(cluster(gone(one), other), times=2)
    watcher.look(cluster(gone(one), backup()), times=60)
    assert watcher.standing[SERVICE][1] == "unseen"
    watcher.look(cluster(master(), backup()), times=31)
    assert SERVICE not in watcher.standing


def test_keepalived_is_back_for_a_plain_user_as_well() -> None:
    """A keepalived that does not run has no states to tell; one that runs hides them from that login."""
    seen = (unprivileged(master(keepalived=DOWN, addresses=())), unprivileged(backup(addresses=(address(VIP),))))
    watcher = Watcher()
    watcher.look(cluster(*seen), times=40)
    assert "keepalived1" in watcher.standing
    watcher.look(cluster(unprivileged(master()), unprivileged(backup())), times=40)
    assert "keepalived1" not in watcher.standing


def test_a_laptop_that_wakes_up_calls_nobody() -> None:
    """Its connections are lost and made again: nobody answers for a while, and nothing is wrong."""
    watcher = Watcher()
    watcher.look(QUIET, times=10)
    watcher.look(QUIET, slept=NIGHT)
    watcher.look(NONE_ANSWERS, times=25)
    watcher.look(QUIET, times=60)
    assert watcher.told == []


def test_blindness_ends_with_the_first_answer() -> None:
    """A director alone that cannot be asked is a warning: it was critical only while nobody answered."""
    watcher = Watcher()
    watcher.look(NONE_ANSWERS, times=31)
    assert set(watcher.standing.values()) == {("critical", "standing")}
    watcher.look(ONE_GONE, times=40)
    assert watcher.standing == {"keepalived2": ("warning", "standing")}


@pytest.mark.parametrize(
    ("snapshot", "times", "health"),
    [
        (QUIET, 1, Health.OK),
        (BAD, 3, Health.WARNING),
        (BAD, 6, Health.CRITICAL),
        (WORRYING, 1, Health.WARNING),
        (NONE_ANSWERS, 30, Health.UNKNOWN),
        (ONE_GONE, 1, Health.WARNING),
    ],
)
def test_one_word(snapshot: ClusterSnapshot, times: int, health: Health) -> None:
    """What stands and is no alarm yet is no reason to say that all is well."""
    watcher = Watcher()
    watcher.look(snapshot, times=times)
    assert judged(snapshot, watcher.alarms) is health


def test_an_alarm_outlives_what_is_known() -> None:
    """A cluster in trouble of which nobody answers any more is not merely unknown."""
    watcher = Watcher()
    watcher.look(BAD, times=10)
    watcher.look(NONE_ANSWERS, times=100)
    assert judged(NONE_ANSWERS, watcher.alarms) is Health.CRITICAL
    assert watcher.standing["TCP:172.26.127.20:445"] == ("critical", "unseen")


@pytest.mark.parametrize(
    ("directors", "fine"),
    [
        ((master(), backup()), True),
        ((master(), backup(checks=None)), False),
        ((master(), backup(virtual_servers=None)), False),
        ((master(), backup(vrrp=None)), False),
        ((master(), backup(keepalived=None)), False),
        ((master(), gone(backup())), False),
        ((master(), silent(status=DirectorStatus.CONNECTING)), False),
        ((master(status=DirectorStatus.DEGRADED), backup()), False),
    ],
)
def test_everything_is_fine(directors: tuple[DirectorSnapshot, ...], fine: bool) -> None:
    """That is said only where everything that counts was read, on every director."""
    assert is_fine(cluster(*directors), Alarms()) is fine


@pytest.mark.parametrize("scene", [scenes.unprivileged_pair, scenes.connecting, scenes.nobody_answers, scenes.stale])
def test_not_everything_is_fine(scene: object) -> None:
    """In whole scenes."""
    assert callable(scene)
    assert not is_fine(scene()[-1], Alarms())


SETS = {"both": QUIET.directors, "one": ONE_GONE.directors, "none": NONE_ANSWERS.directors}
SEES = {"none": 0, "one": 1, "both": 2}
ROUNDING = 1e-6
LOOKS = st.lists(
    st.tuples(
        st.sampled_from([0.2, 1.0, 1.0, 1.0, 5.0, 600.0]),
        st.sampled_from(["both", "both", "one", "none"]),
        st.sampled_from([None, WARNING, CRITICAL]),
        st.sampled_from([None, None, INFO, CRITICAL]),
        st.integers(1, 40),
    ),
    max_size=30,
)


@given(LOOKS)
def test_never_an_all_clear_while_something_stands(
    looks: list[tuple[float, str, Severity | None, Severity | None, int]],
) -> None:
    """Nor while it was not seen to be away for its time, by all who had seen it: whatever happens."""
    watcher = Watcher()
    away: dict[str, float | None] = {"a": None, "b": None}
    seen_by = {"a": 0, "b": 0}
    for seconds, answering, first, second, times in looks:
        alerts = [an_alert(severity, subject=name) for name, severity in (("a", first), ("b", second)) if severity]
        merged = merge("smb", SETS[answering], now=NOW)
        snapshot = with_alerts(merged, alerts)
        standing = {alert.subject for alert in alerts if alert.severity > INFO}
        for _ in range(times):
            news = watcher.look(snapshot, seconds)
            for name, before in away.items():
                if name in standing:
                    seen_by[name] = max(seen_by[name], SEES[answering])
                known = name not in standing and SEES[answering] >= seen_by[name]
                counted = before is not None and seconds < 30
                away[name] = None if not known else (before or 0.0) + seconds if counted else 0.0
            over = {name for name, span in away.items() if span is not None and span >= 30.0 - ROUNDING}
            assert {each.alarm.alert.subject for each in news if each.event == "cleared"} <= over
            seen_by.update(dict.fromkeys(over, 0))
            if standing or watcher.alarms.standing or answering != "both":
                assert not is_fine(snapshot, watcher.alarms)
            assert (judged(snapshot, watcher.alarms) is Health.OK) <= (not standing and not watcher.alarms.standing)


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(1, 29)), min_size=1, max_size=40))
def test_a_flap_within_the_hysteresis_is_at_most_one_alarm(flaps: list[tuple[int, int]]) -> None:
    """However it flaps, it is told once, and told at all where it stood long enough."""
    watcher = Watcher()
    for on, off in flaps:
        watcher.look(BAD, times=on)
        watcher.look(QUIET, times=off)
    # the first look of a time shows that it stands, and not since when: half of the second before it is counted
    stood = sum(on - 1 for on, _ in flaps) + 0.5 * (len(flaps) - 1)
    assert watcher.told == (["raised"] if stood >= 5 else [])
