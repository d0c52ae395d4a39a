"""What holds for whatever a director may leave out, and how much work it is when there is a lot of it."""

from dataclasses import fields, replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lvstop.analysis.diff import events
from lvstop.analysis.memory import Memory
from lvstop.analysis.rules import evaluate
from lvstop.analysis.thresholds import DEFAULT_THRESHOLDS
from lvstop.model.alert import AlertCode, Severity
from lvstop.model.checks import CheckedRealServer, CheckedVirtualServer
from lvstop.model.cluster import ClusterSnapshot, Health
from lvstop.model.director import DirectorSnapshot, DirectorStatus, Keepalived
from lvstop.model.host import Sysctls
from lvstop.model.ipvs import ForwardingMethod, RealServer, VirtualServer
from support.calls import calls_of
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
    detail,
    instance,
    later,
    master,
    real_server,
    row_detail,
    rs_key,
    sync_daemon,
    virtual_server,
    vs_key,
)

UNKNOWN_ROW = row_detail(None, None, persistent=None)
_OPTIONAL: dict[str, list[Any]] = {
    "fault": [None],
    "age_seconds": [None, 0.2, 99.0],
    "privilege": [None],
    "keepalived": [None, Keepalived("2.2.7", False, None), Keepalived("2.2.7", True, 8), Keepalived(None, None, None)],
    "vrrp": [
        None,
        (),
        *[(instance(state),) for state in ("INIT", "BACKUP", "MASTER", "FAULT", None)],
        (instance("MASTER", None), instance("BACKUP", "OTHER", "10.0.0.9", vrid=None, last_transition=None)),
    ],
    "vrrp_read_at": [None, NOW],
    "checks": [
        None,
        (),
        (checked_server(SERVICE, FIRST, checked(SECOND, alive=False)), checked_server("FWM:7", quorum_up=None)),
    ],
    "addresses": [None, (), (address(VIP),), (address(VIP, None), address("10.0.0.9"))],
    "ipvs_loaded": [None, True, False],
    "virtual_servers": [
        None,
        (),
        (virtual_server(SERVICE, FIRST, real_server(SECOND, 0), persistent=True), virtual_server("FWM:7:?")),
        (virtual_server(SERVICE, SECOND, scheduler="sh"), virtual_server("FWM:7", "10.0.0.2:0", one_packet=None)),
    ],
    "details": [None, {}, {vs_key(SERVICE): detail({FIRST: UNKNOWN_ROW}, flags=["sh-port"])}],
    "sync_daemons": [None, (), (sync_daemon("master", None),), (sync_daemon("backup"), sync_daemon("master"))],
    "sysctls": [None, Sysctls(), Sysctls(expire_quiescent_template=0)],
}

_directors = st.fixed_dictionaries(
    {"status": st.sampled_from(list(DirectorStatus)), **{key: st.sampled_from(each) for key, each in _OPTIONAL.items()}}
)


def _look(number: int, *found: dict[str, Any], memory: Memory | None = None) -> ClusterSnapshot:
    directors = [DirectorSnapshot(f"keepalived{n}", "host", **each) for n, each in enumerate(found)]
    return cluster(*directors, now=later(number), memory=memory)


_looks = st.lists(st.tuples(_directors, _directors), min_size=1, max_size=4)


def test_the_strategy_knows_every_field_that_rules_read() -> None:
    assert set(_OPTIONAL) <= {field.name for field in fields(DirectorSnapshot)}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_looks)
def test_no_combination_of_what_is_unknown_breaks_anything(looks: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    memory, before = Memory(), None
    for number, pair in enumerate(looks):
        snapshot = _look(number, *pair, memory=memory)
        assert events(snapshot, snapshot) == ()
        for event in events(before, snapshot):
            assert event.at <= snapshot.generated_at
            assert event.summary.endswith(".")
        memory = memory.observe(snapshot)
        before = snapshot
        _is_sound(snapshot)


def _is_sound(snapshot: ClusterSnapshot) -> None:
    keys = [(alert.code, alert.subject) for alert in snapshot.alerts]
    assert len(keys) == len(set(keys))
    assert all(alert.subject and alert.summary.endswith(".") for alert in snapshot.alerts)
    assert snapshot.alerts == tuple(sorted(snapshot.alerts, key=lambda a: (-a.severity, a.code, a.subject)))
    silent = {director.name for director in snapshot.directors if not director.answers}
    if len(silent) == len(snapshot.directors):
        assert snapshot.health is Health.UNKNOWN
        assert {alert.code for alert in snapshot.alerts} <= {
            AlertCode.DIRECTOR_UNREACHABLE,
            AlertCode.DIRECTOR_STALE,
            AlertCode.DRAIN_REVERTED,
            AlertCode.FLAPPING,
        }
    elif snapshot.health is Health.OK:
        assert all(alert.severity is Severity.INFO for alert in snapshot.alerts)
        assert all(vip.holders for vip in snapshot.vips)
    for vip in snapshot.vips:
        assert not set(vip.holders) & silent
        assert silent <= set(vip.unknown_on)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_directors, _directors)
def test_what_a_silent_director_once_said_changes_no_verdict(seen: dict[str, Any], other: dict[str, Any]) -> None:
    """Its table, addresses and states are the past: only what it is meant to hold is still used."""
    past = seen | {"status": DirectorStatus.UNREACHABLE, "vrrp": None, "age_seconds": None}
    blank = {"status": DirectorStatus.UNREACHABLE, "keepalived": seen["keepalived"]}
    with_past, without = _look(0, past, other), _look(0, blank, other)
    assert with_past.alerts == without.alerts
    assert with_past.vips == without.vips
    assert with_past.health is without.health


def _big(servers: int, rows: int) -> tuple[tuple[VirtualServer, ...], tuple[CheckedVirtualServer, ...]]:
    """A table with keys of its own, as if read from another director."""
    table, checks = [], []
    for n in range(servers):
        keys, same = ([rs_key(f"10.{n // 250}.{n % 250}.{m + 1}:80") for m in range(rows)] for _ in range(2))
        text = f"TCP:172.16.{n // 250}.{n % 250}:80"
        table.append(
            replace(
                virtual_server(text),
                real_servers=tuple(RealServer(key, ForwardingMethod.ROUTE, 1, n, n) for key in keys),
            )
        )
        checked_rows = tuple(CheckedRealServer(key, ForwardingMethod.ROUTE, 1, 1, True, 0, False) for key in same)
        checks.append(replace(checked_server(text), real_servers=checked_rows))
    return tuple(table), tuple(checks)


def test_judging_many_rows_is_work_that_grows_with_them_and_no_faster() -> None:
    few, many = _work(20), _work(200)
    assert many < 11 * few
    assert many < 14 * 200 * 20


def _work(servers: int) -> int:
    pair = []
    for make in (master, backup):
        table, checks = _big(servers, 20)
        pair.append(make(virtual_servers=table, checks=checks))
    snapshot = cluster(*pair)
    assert snapshot.alerts == ()
    memory = Memory().observe(snapshot)
    return calls_of(lambda: evaluate(snapshot, memory, DEFAULT_THRESHOLDS))
