"""What holds for whatever a director may leave out: planning answers, and no command changes more than a weight."""

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lvstop.actions.command import WeightCommand
from lvstop.actions.intent import AddWeight, Drain, Intent, Restore, Row, ScaleWeight, SetWeight
from lvstop.actions.plan import Objection, Plan, Refusal
from lvstop.actions.planning import build_plan
from lvstop.actions.resume import plan_finish, plan_undo
from lvstop.actions.select import find_rows
from lvstop.model.change import Change, ChangeKind, ChangePhase, FileChange, Lever, WeightChange
from lvstop.model.checks import CheckedRealServer, FileCheck, TrackFile
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot, DirectorStatus, Keepalived, Privilege
from lvstop.model.host import Sysctls
from lvstop.model.ipvs import ForwardingMethod, RealServer, RealServerDetail, Tunnel, TunnelType, VirtualServer
from support.change_factories import change, destination
from support.factories import (
    NOW,
    VIP,
    address,
    checked,
    checked_server,
    cluster,
    detail,
    instance,
    later,
    row_detail,
    rs_key,
    vs_key,
)
from support.planned import AUTHOR

SERVICES = ("TCP:172.26.127.20:445", "UDP:172.26.127.20:53", "FWM:7", "FWM:7:inet6", "FWM:7:?")
REALS = ("10.0.0.1:445", "10.0.0.2:445", "10.0.0.3:0", "[fd00::1]:0")
NAMES = ("keepalived1", "keepalived2", "keepalived9")
FILES = ("a", "b")
GUE = Tunnel(TunnelType.GUE, 6080, "csum")

_weights = st.sampled_from([0, 1, 5, 100, 65_535, 2**31 - 1])
_reals = st.sampled_from(REALS)
_rows = st.tuples(st.sampled_from(SERVICES).map(vs_key), _reals.map(rs_key))
_tunnels = st.sampled_from([None, GUE, Tunnel(TunnelType.IPIP, None, None)])
_real_servers = st.builds(
    RealServer, _reals.map(rs_key), st.sampled_from(ForwardingMethod), _weights, st.integers(0, 99), st.integers(0, 99)
)
_tables = st.lists(
    st.builds(
        VirtualServer,
        st.sampled_from(SERVICES).map(vs_key),
        st.sampled_from(["rr", "wrr", "wlc", "sh", "mh", "dh", "fo", "unheard-of"]),
        persistent=st.booleans(),
        persistence_seconds=st.sampled_from([None, 300]),
        persistence_prefix=st.none(),
        one_packet=st.sampled_from([None, False, True]),
        real_servers=st.lists(_real_servers, min_size=1, max_size=4, unique_by=lambda row: row.key).map(tuple),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda server: server.key,
).map(tuple)
HEALTHY = {vs_key(service): detail(dict.fromkeys(REALS, row_detail(20, 10, tunnel=GUE))) for service in SERVICES}
_details = st.dictionaries(
    st.sampled_from(SERVICES).map(vs_key),
    st.builds(
        detail,
        st.dictionaries(
            _reals, st.builds(row_detail, st.sampled_from([None, 0, 60]), st.sampled_from([0, 30]), tunnel=_tunnels)
        ),
        flags=st.sampled_from([(), ("sh-fallback",), ("mh-fallback", "mh-port")]),
    ),
)
_file_checks = st.lists(
    st.builds(FileCheck, st.sampled_from(FILES), st.sampled_from([0, 1, -1, -254, 2**31 - 1]), st.booleans()),
    max_size=2,
).map(tuple)
_checked = st.builds(
    lambda real, weight, effective, alive, files: replace(
        checked(real, weight=weight, effective=effective, alive=alive), file_checks=files
    ),
    _reals,
    _weights,
    _weights,
    st.booleans(),
    _file_checks,
)
_checks = st.lists(
    st.builds(
        lambda service, rows, quorum, up: replace(checked_server(service, *rows, quorum_up=up), quorum=quorum),
        st.sampled_from(SERVICES[:4]),
        st.lists(_checked, max_size=4, unique_by=lambda row: row.key),
        st.sampled_from([None, 1, 6]),
        st.sampled_from([None, False, True]),
    ),
    max_size=3,
    unique_by=lambda server: server.key,
).map(tuple)
_track_files = st.lists(
    st.builds(
        TrackFile,
        st.sampled_from(FILES),
        st.sampled_from(["/etc/a", "/run/b"]),
        st.sampled_from([0, 1, -5, 2**40]),
        st.sampled_from([0, -254]),
        st.booleans(),
    ),
    max_size=2,
    unique_by=lambda file: file.name,
).map(tuple)


def _usually(good: st.SearchStrategy[Any], *bad: object, one_in: int = 12) -> st.SearchStrategy[Any]:
    """Troubles that come alone, as a rule, so that planning gets far enough to meet them."""
    return st.integers(1, one_in).flatmap(lambda number: st.sampled_from(bad) if number == one_in else good)


RUNNING = Keepalived("2.2.7", True, 8)
_directors = st.fixed_dictionaries(
    {
        "status": _usually(st.just(DirectorStatus.LIVE), *DirectorStatus),
        "age_seconds": _usually(st.just(0.2), None, 99.0),
        "privilege": _usually(st.just(Privilege.ROOT), None, Privilege.NONE),
        "keepalived": _usually(st.just(RUNNING), None, Keepalived("2.1.5", True, 8), Keepalived("2.2.7", False, None)),
        "vrrp": _usually(st.just(()), None, (instance("BACKUP", last_transition=later(-3)),), (instance(None),)),
        "addresses": _usually(st.just(()), None, (address(VIP),)),
        "sysctls": st.sampled_from([None, Sysctls(), Sysctls(conn_reuse_mode=0, expire_quiescent_template=0)]),
        "virtual_servers": _usually(_tables, None),
        "details": st.one_of(_usually(st.just(HEALTHY), None, {}), _usually(st.just(HEALTHY), None), _details),
        "checks": _usually(_checks, None),
        "track_files": _usually(_track_files, None),
    }
)
_changes = st.builds(
    lambda number, kind, phase, weights, files: change(
        *weights,
        id=f"d{number}",
        kind=kind,
        phase=phase,
        lever=Lever.TRACK_FILE if files else Lever.IPVSADM,
        files=tuple(files),
    ),
    st.integers(0, 9),
    st.sampled_from(ChangeKind),
    st.sampled_from([*[ChangePhase.STANDING] * 3, ChangePhase.PENDING]),
    st.lists(
        st.builds(
            lambda name, row, before, after: WeightChange(name, row[0], row[1], destination(before), after),
            st.sampled_from(NAMES),
            _rows,
            _weights,
            st.sampled_from([0, 5]),
        ),
        min_size=1,
        max_size=4,
    ),
    st.lists(
        st.builds(
            lambda name, file, before: FileChange(name, file, f"/etc/{file}", before, 1),
            st.sampled_from(NAMES),
            st.sampled_from(FILES),
            st.sampled_from([0, 1]),
        ),
        max_size=2,
    ),
)
_asked = st.lists(_rows, max_size=3).map(tuple)


def _of_table(director: DirectorSnapshot) -> list[Row]:
    return [(server.key, row.key) for server in director.virtual_servers or () for row in server.real_servers]


def _intents(rows: st.SearchStrategy[tuple[Row, ...]]) -> st.SearchStrategy[Intent]:
    return st.one_of(
        st.builds(Drain, rows, st.sampled_from([None, *Lever])),
        st.builds(Restore, rows),
        st.builds(SetWeight, rows, st.integers(-1, 70_000)),
        st.builds(AddWeight, rows, st.integers(-9, 70_000)),
        st.builds(ScaleWeight, rows, st.floats()),
    )


def _checked_as(row: RealServer, files: tuple[FileCheck, ...]) -> CheckedRealServer:
    return replace(checked(str(row.key), weight=row.weight), file_checks=files)


@st.composite
def _at_ease(draw: st.DrawFn) -> DirectorSnapshot:
    """A director whose keepalived has set what is in the table, and watches files that are all 0."""
    director = DirectorSnapshot(NAMES[0], "host", **draw(_directors))
    files = st.sampled_from([(), (), (FileCheck("a", -254, reverse=False),), (FileCheck("b", 1, reverse=False),)])
    checks = tuple(
        checked_server(
            str(server.key),
            *(
                replace(checked(str(row.key), weight=row.weight), file_checks=draw(files))
                for row in server.real_servers
            ),
        )
        for server in director.virtual_servers or ()
        if server.key.protocol != "FWM" or server.key.family
    )
    tracked = tuple(TrackFile(name, f"/etc/{name}", 0, 1, reverse=False, vrrp_instances=()) for name in FILES)
    return replace(director, checks=checks, track_files=tracked)


@st.composite
def _snapshots(draw: st.DrawFn) -> ClusterSnapshot:
    """Two directors, alike as a rule, with changes on record."""
    first = draw(st.one_of(_at_ease(), _directors.map(lambda fields: DirectorSnapshot(NAMES[0], "host", **fields))))
    same = replace(first, name=NAMES[1])
    second = draw(st.sampled_from([same, same, None])) or DirectorSnapshot(NAMES[1], "host", **draw(_directors))
    changes: list[Change] = draw(st.lists(_changes, max_size=3, unique_by=lambda each: each.id))
    return replace(cluster(first, second), changes=tuple(changes))


@st.composite
def _wishes(draw: st.DrawFn) -> tuple[ClusterSnapshot, Intent]:
    """A cluster, and something to be done to rows that are there, or on record, or neither."""
    snapshot = draw(_snapshots())
    known = [row for director in snapshot.directors for row in _of_table(director)]
    known += [row for each in snapshot.changes for row in each.rows]
    there = st.lists(st.sampled_from(known), min_size=1, max_size=3).map(tuple) if known else _asked
    return snapshot, draw(_intents(draw(st.sampled_from([there, there, there, _asked]))))


def _detail(director: DirectorSnapshot, step: WeightChange) -> RealServerDetail:
    assert director.details is not None
    return director.details[step.virtual_server].real_servers[step.real_server]


def _check_rows(plan: Plan, snapshot: ClusterSnapshot) -> None:
    """What is expected before is what was read, and commands change the weight alone."""
    directors = {director.name: director for director in snapshot.directors}
    for expected in plan.expects:
        director = directors[expected.director]
        assert director.answers
        (server,) = [each for each in director.virtual_servers or () if each.key == expected.virtual_server]
        (row,) = [each for each in server.real_servers if each.key == expected.real_server]
        told = _detail(director, expected)
        local = row.forwarding is ForwardingMethod.LOCAL
        assert expected.before.forwarding is (ForwardingMethod.ROUTE if local else row.forwarding)
        assert expected.before.weight == row.weight
        assert (expected.before.upper_threshold, expected.before.lower_threshold, expected.before.tunnel) == (
            told.upper_threshold,
            told.lower_threshold,
            told.tunnel,
        )
    expects = {(each.director, each.virtual_server, each.real_server): each for each in plan.expects}
    for command in plan.commands:
        assert str(command)
        if isinstance(command, WeightCommand):
            known = expects[command.director, command.virtual_server, command.real_server]
            assert replace(command.destination, weight=known.before.weight) == known.before
            assert command.destination.weight == known.after != known.before.weight


def _check(answer: Plan | Refusal, snapshot: ClusterSnapshot, *, insisting: bool) -> None:
    if isinstance(answer, Refusal):
        assert answer.objections
        assert [each.overridable for each in answer.objections] == sorted(
            each.overridable for each in answer.objections
        )
        assert not (insisting and answer.overridable)
        return
    assert insisting or answer.overridden == ()
    _check_rows(answer, snapshot)
    reached = {director.name for director in snapshot.directors if director.answers}
    assert {step.director for step in answer.steps} <= reached
    for kept in answer.keeps:
        assert kept.weights
        assert kept.id not in answer.closes


_SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=120)


@_SLOW
@given(_wishes(), st.booleans())
def test_planning_answers(wish: tuple[ClusterSnapshot, Intent], insisting: bool) -> None:
    """A plan that does something, or reasons."""
    snapshot, intent = wish
    answer = build_plan(
        intent, snapshot, author=AUTHOR, now=NOW, change_id="new", insist="a test" if insisting else None
    )
    _check(answer, snapshot, insisting=insisting)
    if isinstance(answer, Plan):
        assert answer.steps or answer.closes or answer.keeps
        rows = [(each.director, each.virtual_server, each.real_server) for each in answer.expects]
        assert len(set(rows)) == len(rows)
        if isinstance(intent, Drain):
            assert {each.after for each in answer.expects} <= {0}
            assert answer.change.weights


@_SLOW
@given(_snapshots(), _changes, st.booleans())
def test_resuming_answers(snapshot: ClusterSnapshot, record: Change, insisting: bool) -> None:
    """An interrupted change can be finished or undone, or it is said why not."""
    begun = replace(record, phase=ChangePhase.PENDING)
    known = replace(snapshot, changes=(*(each for each in snapshot.changes if each.id != begun.id), begun))
    insist = "a test" if insisting else None
    for resume in (plan_finish, plan_undo):
        answer = resume(begun, known, now=NOW, insist=insist)
        _check(answer, known, insisting=insisting)
        if isinstance(answer, Plan):
            assert answer.change == begun


@given(st.text(max_size=30), st.one_of(st.none(), st.text(max_size=30)), _snapshots())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=50)
def test_any_text(text: str, service: str | None, snapshot: ClusterSnapshot) -> None:
    """Whatever is typed is answered: rows that are there, or one sentence."""
    found = find_rows(snapshot, text, service)
    if isinstance(found, Objection):
        assert found.sentence
    else:
        assert found
