"""The judge of a soak finds what it is there to find, and nothing where the wall is right."""

from dataclasses import replace

from soak.judge import OUTLIVED, PATIENCE, SERVED, Judge, Truth
from soak.reading import Reading
from soak.witness import Evidence

FULL = {server: {"AC1A7F15:01BD": 1, "AC1A7F16:01BD": 1} for server in SERVED}
FIRST, SECOND = "keepalived1", "keepalived2"
HOLDS = Evidence(0.1, holds=True, keepalived=3, table=FULL)
STANDS_BY = replace(HOLDS, holds=False)
WELL = Reading(0, "OK", FIRST, {FIRST: "live", SECOND: "live"}, 0, (), "")


def truth(first: Evidence | None = HOLDS, second: Evidence | None = STANDS_BY, **more: object) -> Truth:
    """How things are; both directors can be reached."""
    values = {"reachable": {FIRST: True, SECOND: True}, "heard": {FIRST: first, SECOND: second}, **more}
    return Truth(0.0, 0, **values)  # type: ignore[arg-type]  # its values have the right types


def judged(*moments: tuple[Truth, Reading, float]) -> Judge:
    """The judge after truths and readings, each for so many seconds."""
    judge, at = Judge(), 0.0
    for so, said, seconds in moments:
        for _ in range(round(seconds * 2)):
            judge.take(replace(so, at=at, second=int(at)), replace(said, second=int(at)))
            at += 0.5
    judge.end()
    return judge


def kinds(judge: Judge) -> list[str]:
    """What was found."""
    return [finding.kind for finding in judge.findings]


def test_all_is_well() -> None:
    assert kinds(judged((truth(), WELL, 300))) == []


def test_a_fault_that_is_told_in_time() -> None:
    nobody = truth(STANDS_BY)
    told = replace(WELL, state="CRITICAL", holder="NOBODY")
    judge = judged((truth(), WELL, 10), (nobody, WELL, 4), (nobody, told, 30), (truth(), WELL, 30))
    assert kinds(judge) == []
    assert judge.told_after == {"nobody holds the VIP": [4.0]}


def test_a_fault_that_is_not_told() -> None:
    judge = judged((truth(), WELL, 10), (truth(STANDS_BY), WELL, PATIENCE + 5))
    assert sorted(kinds(judge)) == ["false all-clear", "wrong holder"]


def test_a_fault_that_is_told_as_something_lesser() -> None:
    both = truth(second=HOLDS)
    judge = judged((truth(), WELL, 10), (both, replace(WELL, state="WARNING"), PATIENCE + 5))
    assert kinds(judge) == ["missed alarm"]


def test_a_short_fault_need_not_be_told() -> None:
    assert kinds(judged((truth(STANDS_BY), WELL, PATIENCE - 1), (truth(), WELL, 60))) == []


def test_an_all_clear_before_its_time() -> None:
    cut = truth(reachable={FIRST: True, SECOND: False})
    said = replace(WELL, state="WARNING", directors={FIRST: "live", SECOND: "stale"}, text="? keepalived2 stale 5s")
    assert kinds(judged((cut, said, 20), (cut, WELL, 10))) == ["false all-clear"]


def test_a_director_that_is_cut_off_is_named() -> None:
    """That the cluster is not OK, by something else, is not enough."""
    cut = truth(reachable={FIRST: True, SECOND: False})
    said = replace(WELL, state="WARNING", text="● keepalived2 live")
    assert kinds(judged((cut, said, PATIENCE + 5))) == ["missed alarm"]
    assert kinds(judged((cut, replace(said, text="✖ keepalived2 unreachable 20s"), PATIENCE + 5))) == []


def test_keepalived_that_is_down_is_told_in_words_where_there_is_room() -> None:
    down = truth(second=replace(STANDS_BY, keepalived=0, table={}))
    said = replace(WELL, state="WARNING")
    assert kinds(judged((down, said, PATIENCE + 5))) == ["missed alarm"]
    assert kinds(judged((down, replace(said, text="keepalived is not running on keepalived2; …"), PATIENCE + 5))) == []
    assert kinds(judged((down, replace(said, alerts=4), PATIENCE + 5))) == []


def test_clients_that_nobody_serves() -> None:
    empty = truth(replace(HOLDS, table={server: {} for server in SERVED}))
    assert kinds(judged((empty, replace(WELL, state="WARNING"), PATIENCE + 5))) == ["missed alarm"]
    drained = truth(replace(HOLDS, table={**FULL, SERVED[0]: {"AC1A7F15:01BD": 0}}))
    assert kinds(judged((drained, replace(WELL, state="CRITICAL"), PATIENCE + 5))) == []


def test_a_wall_that_stands_still() -> None:
    judge, so = Judge(), truth()
    for at in range(60):
        judge.take(replace(so, at=float(at), second=at), WELL)
    assert kinds(judge) == ["stands still"]


def test_midnight_is_not_a_day_behind() -> None:
    judge = Judge()
    judge.take(replace(truth(), second=1), replace(WELL, second=86399))
    judge.take(replace(truth(), at=0.5, second=0), replace(WELL, second=1))
    assert kinds(judge) == []


def test_an_alarm_that_outlives_its_cause() -> None:
    said = replace(WELL, state="WARNING", alerts=2, grave=("▲ real-server-down",))
    assert kinds(judged((truth(), said, OUTLIVED + 5))) == ["outlived"]
    flapping = replace(said, grave=("▲ SMB changed its state 6 times within 10 min on keepalived1.",))
    assert kinds(judged((truth(), flapping, OUTLIVED + 5))) == []
    assert kinds(judged((truth(broken=True), said, OUTLIVED + 5))) == []


def test_a_director_that_stays_lost() -> None:
    said = replace(WELL, state="WARNING", directors={FIRST: "live", SECOND: "unreachable"})
    assert kinds(judged((truth(), said, 10))) == ["outlived"]
    settling = truth(reachable={FIRST: True, SECOND: None})
    assert kinds(judged((settling, said, 10))) == []


def test_what_nobody_knows_is_not_judged() -> None:
    judge = judged((truth(None), replace(WELL, holder=SECOND), 60))
    assert kinds(judge) == []
    assert judge.unjudged > 55
