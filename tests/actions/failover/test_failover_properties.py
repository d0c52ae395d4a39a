"""Whatever a pair looks like: the number that is chosen does what it is to do, and planning never raises."""

from dataclasses import replace
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from lvstop.actions.failover.checks import CheckCode, blocked, warned
from lvstop.actions.failover.intent import FailOver
from lvstop.actions.failover.plan import FailoverPlan, FailoverRefusal
from lvstop.actions.failover.planning import plan_again, plan_finish, plan_undo
from lvstop.model.change import FileChange
from lvstop.model.director import DirectorStatus, Keepalived, Privilege
from lvstop.model.failover import Failover, FailoverLever, FailoverPhase, PriorityChange
from lvstop.model.failover_record import read_failover, write_failover
from lvstop.model.sounding import ClockReading, ConfigCheck, PriorityLine, ServiceStatus, Sounding, Transition
from lvstop.model.vrrp import SyncGroup, VrrpInstance, VrrpState, VrrpTrackFile
from support.assessed import CONF, NFS, SOURCE, TARGET, UNIT, lead, made, option, pair, sounding, stand_by, vrrp
from support.factories import NOW, VIP, address, later, sync_daemon
from support.failover_factories import failover

NAMES = ("SMB", "NFS")
_priorities = st.integers(1, 254)
_weights = st.one_of(st.integers(-254, 254), st.integers(-120, -1), st.sampled_from([-254, -253, -60, -1, 0, 1, 60]))


def product(number: int, weight: int) -> int:
    """`process_update_vrrp_track_file_status` of keepalived, written down a second time."""
    if weight == 0:
        return -254 if number else 0
    return max(-254, min(number * weight, 253))


def as_keepalived(base: int, weights: dict[str, int], numbers: dict[str, int]) -> int | None:
    """The effective priority of an instance; None in FAULT."""
    products = [product(numbers[file], weight) for file, weight in weights.items()]
    if -254 in products:
        return None
    return max(1, min(base + sum(products), 254))


@st.composite
def farms(draw: st.DrawFn) -> tuple[dict[str, int], dict[str, int], dict[str, dict[str, int]], dict[str, int]]:
    """Base priorities here and there, the weights of each file by instance, and what is in the files."""
    own = {name: draw(st.one_of(st.integers(100, 200), _priorities)) for name in NAMES}
    peer = {name: draw(st.one_of(st.integers(50, 99), _priorities)) for name in NAMES}
    tables = st.dictionaries(st.sampled_from(NAMES), _weights, min_size=draw(st.integers(1, 2)))
    files = {name: draw(tables) for name in draw(_file_names)}
    return own, peer, files, {name: draw(st.sampled_from([0, 0, 0, 1, -1, 5])) for name in files}


_file_names = st.lists(st.sampled_from(["a", "b"]), min_size=1, unique=True)


@example(
    farm=({"SMB": 100, "NFS": 1}, {"SMB": 50, "NFS": 53}, {"a": {"SMB": 1, "NFS": -1}}, {"a": 1}),
    only="SMB",
    together=False,
)
@given(farms(), st.sampled_from([None, "SMB"]), st.booleans())
def test_the_numbers_move_what_they_are_to_move(
    farm: tuple[dict[str, int], dict[str, int], dict[str, dict[str, int]], dict[str, int]],
    only: str | None,
    together: bool,
) -> None:
    """By an account of its own of what keepalived computes: strictly below the target, never FAULT, others stay."""
    own, peer, files, before = farm
    weights = {name: {file: told[name] for file, told in files.items() if name in told} for name in NAMES}
    now = {name: as_keepalived(own[name], weights[name], before) for name in NAMES}
    if None in now.values():
        return  # it would not be MASTER
    mine = (_instance("MASTER", "SMB", own, now), _instance("MASTER", "NFS", own, now))
    theirs = (_instance("BACKUP", "SMB", peer, peer), _instance("BACKUP", "NFS", peer, peer))
    groups = (SyncGroup("BOTH", VrrpState.MASTER, NAMES),) if together else ()
    told = tuple(
        VrrpTrackFile(name, f"/etc/keepalived/{name}", before[name], tuple(table.items()), ())
        for name, table in files.items()
    )
    snapshot = pair(
        lead(vrrp=mine, vrrp_track_files=told, sync_groups=groups, addresses=(address(VIP), address(NFS))),
        stand_by(vrrp=theirs, sync_groups=groups),
    )
    found = option(FailoverLever.TRACK_FILE, made(snapshot, intent=FailOver(instance=only)))
    if not found.usable:
        assert not _one_file_does(own, peer, weights, before, only, together=together)
        return
    after = dict(before)
    for step in found.steps:
        assert isinstance(step, FileChange)
        assert (step.before, step.director) == (before[step.name], SOURCE)
        after[step.name] = step.after
    moving = NAMES if only is None or together else (only,)
    for name in NAMES:
        then = as_keepalived(own[name], weights[name], after)
        assert then is not None
        assert (then < peer[name]) if name in moving else (then >= peer[name] or then == now[name])


def _instance(
    state: str, name: str, base: dict[str, int], effective: dict[str, int | None] | dict[str, int]
) -> VrrpInstance:
    vips = (VIP,) if name == "SMB" else (NFS,)
    number = 20 if name == "SMB" else 21
    return vrrp(state, name, *vips, vrid=number, priority=base[name], effective_priority=effective[name])


def _one_file_does(
    own: dict[str, int],
    peer: dict[str, int],
    weights: dict[str, dict[str, int]],
    before: dict[str, int],
    only: str | None,
    *,
    together: bool,
) -> bool:
    """Some number in one file would have done: found the long way round, where priorities are beyond doubt."""
    moving = NAMES if only is None or together else (only,)
    now = {name: as_keepalived(own[name], weights[name], before) for name in NAMES}
    if any(value in (None, 1, 254) for value in now.values()):
        return False  # cut off: keepalived does not tell what its trackers add up to
    for file in before:
        for number in range(-253, 254):
            then = {name: as_keepalived(own[name], weights[name], {**before, file: number}) for name in NAMES}
            moved = all(then[name] is not None and (then[name] or 0) < peer[name] for name in moving)
            tracked = all(weights[name].get(file) for name in moving)
            quiet = all(then[name] == now[name] for name in NAMES if name not in moving)
            if number != before[file] and moved and tracked and quiet:
                return True
    return False


def _usually(good: object, *bad: object) -> st.SearchStrategy[Any]:
    """Troubles that come alone, as a rule, so that planning gets far enough to meet them."""
    return st.integers(1, 12).flatmap(lambda number: st.sampled_from(bad) if number == 12 else st.just(good))


_states = st.sampled_from([None, "MASTER", "BACKUP", "FAULT", "INIT"])
_instances = st.builds(
    lambda state, priority, effective, preempt, interval, version: replace(
        vrrp("BACKUP", priority=priority),
        state=None if state is None else VrrpState(state),
        effective_priority=effective,
        preempt=preempt,
        advert_interval=interval,
        version=version,
    ),
    _states,
    st.sampled_from([1, 100, 150, 254, 255]),
    st.sampled_from([None, 1, 100, 150, 254, 255]),
    st.sampled_from([None, True, False]),
    st.sampled_from([None, 0.01, 1.0, 40.0]),
    st.sampled_from([None, 2, 3]),
)
_files = st.lists(
    st.builds(
        VrrpTrackFile,
        st.sampled_from(["a", "b"]),
        st.sampled_from([None, "/run/a", "/etc/b"]),
        st.sampled_from([None, 0, 1, 2**40]),
        st.lists(st.tuples(st.sampled_from(["SMB", "WEB"]), _weights), max_size=2).map(tuple),
        st.lists(st.tuples(st.just("BOTH"), _weights), max_size=1).map(tuple),
    ),
    max_size=2,
).map(tuple)


def _directors(state: str, priority: int) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "status": _usually(DirectorStatus.LIVE, *DirectorStatus),
            "age_seconds": _usually(0.3, None, 99.0),
            "privilege": _usually(Privilege.ROOT, None, Privilege.NONE),
            "keepalived": _usually(Keepalived("2.2.7", True, 8), None, Keepalived("2.2.7", False, None)),
            "vrrp": st.one_of(
                _usually((vrrp(state, priority=priority),), None, ()), _instances.map(lambda each: (each,))
            ),
            "vrrp_track_files": st.one_of(_usually(lead().vrrp_track_files, None, ()), _files),
            "sync_groups": _usually((), None, (SyncGroup("BOTH", VrrpState.MASTER, ("SMB",)),)),
            "virtual_servers": _usually(lead().virtual_servers, None, ()),
            "checks": _usually(lead().checks, None, ()),
            "sync_daemons": _usually((sync_daemon("master"), sync_daemon("backup")), None, ()),
            "addresses": _usually((address(VIP),) if state == "MASTER" else (), None, (), (address(VIP),)),
        }
    )


_soundings = st.fixed_dictionaries(
    {
        "asked_at": _usually(later(-1), later(-600)),
        "clock": _usually(ClockReading(0.0, 0.001), None, ClockReading(-99.0, 9.0)),
        "configuration": _usually(ConfigCheck(valid=True, said=()), None, ConfigCheck(valid=False, said=("x",))),
        "adverts_received": _usually({"SMB": 5}, None, {}, {"SMB": 0}),
        "priority_lines": _usually((PriorityLine("SMB", CONF, 1, 150),), None, ()),
        "transitions": _usually((), None, (Transition("SMB", VrrpState.MASTER, later(-30)),)),
        "service": _usually(ServiceStatus(UNIT, active=True, enabled=None), None, ServiceStatus(None, False, None)),
        "reloading": _usually(False, None, True),
    }
)


@st.composite
def _asked(draw: st.DrawFn) -> dict[str, Sounding]:
    names = [name for name in (SOURCE, TARGET) if draw(_usually(True, False))]
    return {name: sounding(name, **draw(_soundings)) for name in names}


_records = st.builds(
    lambda lever, phase, returns, ahead: failover(lever=lever, phase=phase, returns=returns, at=later(ahead)),
    st.sampled_from([FailoverLever.TRACK_FILE, FailoverLever.FAULT, FailoverLever.STOP, FailoverLever.PRIORITY]),
    st.sampled_from(FailoverPhase),
    st.sampled_from([None, True, False]),
    st.integers(-999, 0),
)


@given(
    _directors("MASTER", 150),
    _directors("BACKUP", 100),
    _asked(),
    st.lists(_records, max_size=1),
    st.sampled_from([None, *FailoverLever]),
    st.sampled_from([frozenset[CheckCode](), frozenset(CheckCode)]),
)
def test_planning_answers_whatever_it_finds(
    source: dict[str, Any],
    target: dict[str, Any],
    asked: dict[str, Sounding],
    records: list[Failover],
    lever: FailoverLever | None,
    accepted: frozenset[CheckCode],
) -> None:
    """A plan that nothing speaks against, or a refusal with its reasons; never an exception."""
    snapshot = pair(lead(**source), stand_by(**target), failovers=records)
    found = made(snapshot, asked, intent=FailOver(lever=lever), accepted=accepted)
    _is_sound(found, accepted)
    if isinstance(found, FailoverPlan):
        again = plan_again(found, snapshot, asked, now=later(1))
        _is_sound(again, found.accepted)
        if not found.releases:
            assert found.steps
            assert read_failover(write_failover(found.failover)) == found.failover
    for record in records:
        for finished in (True, False):
            answer = (
                plan_finish(record, snapshot, asked, now=NOW, accepted=accepted)
                if finished
                else plan_undo(record, snapshot, asked, now=NOW)
            )
            _is_sound(answer, accepted if finished else frozenset(CheckCode))


def _is_sound(found: FailoverPlan | FailoverRefusal, accepted: frozenset[CheckCode]) -> None:
    checks = found.assessment.checks
    assert len({each.code for each in checks}) == len(checks)
    assert all(each.sentence.endswith(".") and "None" not in each.sentence for each in checks)
    assert all(option.steps == () for option in found.assessment.options if not option.usable)
    if isinstance(found, FailoverRefusal):
        assert found.objections or found.unaccepted or blocked(checks)
        return
    assert not blocked(checks)
    assert {each.code for each in warned(checks)} == set(found.accepted_warnings) <= accepted == found.accepted
    assert found.limit > 0
    assert {step.director for step in found.steps} <= {found.failover.source}
    assert not any(isinstance(step, PriorityChange) for step in found.steps) or (
        found.failover.lever is FailoverLever.PRIORITY
    )
