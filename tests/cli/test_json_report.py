"""Schema 1 of `lvstop status --json`: every documented key is there, and null is what is unknown."""

import importlib
import json
from dataclasses import replace
from typing import Any

import pytest

from lvstop.cli.json_report import report
from lvstop.model.change import ChangeKind, ChangePhase, Lever
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorStatus, Lack, LackCause, ParseIssue
from lvstop.model.ipvs import Rates, Tunnel, TunnelType, VirtualServerRates
from support.change_factories import change, weights
from support.factories import (
    FIRST,
    NOW,
    SECOND,
    SERVICE,
    backup,
    cluster,
    detail,
    gone,
    instance,
    later,
    master,
    real_server,
    row_detail,
    rs_key,
    server_counters,
    silent,
    unprivileged,
    virtual_server,
    vrrp_counters,
    vs_key,
)

Schema = dict[str, Any]


def schema_of(kind: str, *, nullable: bool = False) -> Schema:
    """A simple type, or null as well."""
    return {"type": [kind, "null"] if nullable else kind}


TEXT, MAYBE_TEXT = schema_of("string"), schema_of("string", nullable=True)
NUMBER, MAYBE_NUMBER = schema_of("integer"), schema_of("integer", nullable=True)
MAYBE_FLAG = schema_of("boolean", nullable=True)
MAYBE_MOMENT: Schema = {**MAYBE_TEXT, "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"}


def mapping(*, nullable: bool = False, **properties: Schema) -> Schema:
    """An object that has all of these keys."""
    kind = schema_of("object", nullable=nullable)
    return {**kind, "properties": properties, "required": list(properties)}


def each(items: Schema, *, nullable: bool = False) -> Schema:
    """An array of such values."""
    return {**schema_of("array", nullable=nullable), "items": items}


def one_of(*words: str | None) -> Schema:
    """One of these words."""
    return {"enum": list(words)}


FIVE = ("connections", "in_packets", "out_packets", "in_bytes", "out_bytes")
COUNTERS = mapping(nullable=True, **dict.fromkeys(FIVE, NUMBER))
RATES = mapping(nullable=True, **dict.fromkeys(FIVE, schema_of("number")))
REAL_SERVER = mapping(
    address=TEXT,
    port=NUMBER,
    forwarding=one_of("Route", "Masq", "Tunnel", "Local"),
    weight=NUMBER,
    active_connections=NUMBER,
    inactive_connections=NUMBER,
    persistent_connections=MAYBE_NUMBER,
    upper_threshold=MAYBE_NUMBER,
    lower_threshold=MAYBE_NUMBER,
    tunnel=MAYBE_TEXT,
    counters=COUNTERS,
    rates=RATES,
)
VIRTUAL_SERVER = mapping(
    protocol=one_of("TCP", "UDP", "SCTP", "FWM"),
    address=MAYBE_TEXT,
    port=MAYBE_NUMBER,
    fwmark=MAYBE_NUMBER,
    family=one_of("inet", "inet6", None),
    scheduler=TEXT,
    scheduler_flags=each(TEXT, nullable=True),
    persistence_seconds=MAYBE_NUMBER,
    one_packet=MAYBE_FLAG,
    active_connections=NUMBER,
    inactive_connections=NUMBER,
    counters=COUNTERS,
    real_servers=each(REAL_SERVER),
)
INSTANCE = mapping(
    instance=MAYBE_TEXT,
    state=one_of("MASTER", "BACKUP", "FAULT", "INIT", "DELETED", "STOP", None),
    source=one_of("keepalived", "dbus", "inferred"),
    vrid=MAYBE_NUMBER,
    interface=MAYBE_TEXT,
    priority=MAYBE_NUMBER,
    effective_priority=MAYBE_NUMBER,
    preempt=MAYBE_FLAG,
    last_transition=MAYBE_MOMENT,
    vips=each(TEXT),
    adverts_sent=MAYBE_NUMBER,
    adverts_received=MAYBE_NUMBER,
    sync_group=MAYBE_TEXT,
)
DIRECTOR = mapping(
    name=TEXT,
    host=TEXT,
    status=one_of("live", "stale", "degraded", "unreachable"),
    error=mapping(nullable=True, kind=TEXT, summary=TEXT, remedy=MAYBE_TEXT),
    age_seconds=schema_of("number", nullable=True),
    privilege=one_of("root", "sudo", "none", None),
    kernel=MAYBE_TEXT,
    keepalived=mapping(version=MAYBE_TEXT, running=MAYBE_FLAG),
    vrrp=each(INSTANCE, nullable=True),
    sync_daemons=each(
        mapping(role=one_of("master", "backup"), interface=MAYBE_TEXT, sync_id=MAYBE_NUMBER), nullable=True
    ),
    virtual_servers=each(VIRTUAL_SERVER, nullable=True),
)
CHANGE = mapping(
    id=TEXT,
    kind=one_of("drain", "restore", "weight"),
    phase=one_of("pending", "standing"),
    lever=one_of("ipvsadm", "track-file"),
    author=TEXT,
    at={**MAYBE_MOMENT, "type": "string"},
    reason=MAYBE_TEXT,
    until=MAYBE_MOMENT,
    rows=each(
        mapping(
            virtual_server=TEXT,
            real_server=TEXT,
            weights={**schema_of("object"), "additionalProperties": mapping(before=NUMBER, after=NUMBER)},
        )
    ),
)
FAILOVER = mapping(
    id=TEXT,
    phase=one_of("pending", "held"),
    lever=one_of("track-file", "priority", "fault", "stop"),
    source=TEXT,
    target=TEXT,
    instances=each(TEXT),
    vips=each(TEXT),
    author=TEXT,
    at={**MAYBE_MOMENT, "type": "string"},
    reason=MAYBE_TEXT,
)
CLUSTER = mapping(
    name=TEXT,
    health=one_of("ok", "warning", "critical", "unknown"),
    vips=each(mapping(address=TEXT, instance=MAYBE_TEXT, holders=each(TEXT))),
    alerts=each(mapping(code=TEXT, severity=one_of("info", "warning", "critical"), subject=TEXT, summary=TEXT)),
    changes=each(CHANGE),
    failovers=each(FAILOVER),
    directors=each(DIRECTOR),
)
DOCUMENT = mapping(schema={"const": 1}, generated_at={**MAYBE_MOMENT, "type": "string"}, clusters=each(CLUSTER))


def read(*clusters: ClusterSnapshot) -> Any:  # noqa: ANN401 # it is JSON
    """The document as a script reads it, after it was shown to follow the schema."""
    document = json.loads(json.dumps(report(clusters, generated_at=NOW), allow_nan=False))
    # jsonschema comes without types
    validator = importlib.import_module("jsonschema").Draft202012Validator
    validator.check_schema(DOCUMENT)
    assert [error.message for error in validator(DOCUMENT).iter_errors(document)] == []
    return document


def full() -> ClusterSnapshot:
    """A pair of which everything is known."""
    gue = Tunnel(TunnelType.GUE, 6080, "nocsum")
    table = (
        virtual_server(
            SERVICE,
            real_server(FIRST, 3, forwarding="Tunnel", active=12, inactive=2),
            real_server(SECOND, 0),
            scheduler="sh",
            persistent=True,
        ),
    )
    rows = {FIRST: row_detail(1000, 500, persistent=7, tunnel=gue), SECOND: row_detail()}
    holder = master(
        virtual_servers=table,
        details={vs_key(SERVICE): detail(rows, flags=("sh-port",), persistence_seconds=360)},
        counters={vs_key(SERVICE): server_counters(2**40, {FIRST: 5})},
        rates={vs_key(SERVICE): VirtualServerRates(Rates(1.5, 2, 3, 4, 5), {rs_key(FIRST): Rates(0, 0, 0, 0, 0)})},
        vrrp=(
            instance(
                "MASTER",
                interface="ens3",
                priority=150,
                effective_priority=140,
                preempt=True,
                sync_group="G",
                counters=vrrp_counters(9, 1),
            ),
        ),
    )
    return cluster(holder, backup(virtual_servers=table, checks=None))


def test_what_is_on_record() -> None:
    """Who changed what, why and until when, and what stood there before on each director."""
    rows = (
        *weights(real=SECOND, before=5),
        *weights("FWM:7:inet6", "[fd00::1]:0", before=1, directors=["keepalived2"]),
    )
    drain = change(*rows, reason="kernel update", until=later(7200))
    begun = change(id="b", kind=ChangeKind.WEIGHT, phase=ChangePhase.PENDING, lever=Lever.TRACK_FILE, at=later(-1))
    (told,) = read(cluster(master(changes=(drain, begun)), backup(changes=(drain,))))["clusters"]
    other, mine = told["changes"]
    assert mine == {
        "id": "20261122-140211-ab12",
        "kind": "drain",
        "phase": "standing",
        "lever": "ipvsadm",
        "author": "ops@desk",
        "at": "2026-11-22T14:02:11.000Z",
        "reason": "kernel update",
        "until": "2026-11-22T16:02:11.000Z",
        "rows": [
            {
                "virtual_server": SERVICE,
                "real_server": SECOND,
                "weights": {"keepalived1": {"before": 5, "after": 0}, "keepalived2": {"before": 5, "after": 0}},
            },
            {
                "virtual_server": "FWM:7:inet6",
                "real_server": "[fd00::1]:0",
                "weights": {"keepalived2": {"before": 1, "after": 0}},
            },
        ],
    }
    assert [other[key] for key in ("kind", "phase", "lever", "reason", "until")] == [
        *("weight", "pending", "track-file", None, None),
    ]
    (told,) = read(full())["clusters"]
    assert told["changes"] == []
    assert told["failovers"] == []


def test_everything_that_is_known_is_told() -> None:
    """The values of a pair of which everything is known, field by field."""
    (told,) = read(full())["clusters"]
    assert told["vips"][0]["holders"] == ["keepalived1"]
    director = told["directors"][0]
    assert director["keepalived"] == {"version": "2.2.7", "running": True}
    assert director["sync_daemons"] == [{"role": "master", "interface": "ens3", "sync_id": 20}]
    assert director["vrrp"] == [
        {
            "instance": "SMB",
            "state": "MASTER",
            "source": "keepalived",
            "vrid": 20,
            "interface": "ens3",
            "priority": 150,
            "effective_priority": 140,
            "preempt": True,
            "last_transition": "2026-11-10T10:48:00.000Z",
            "vips": ["172.26.127.20"],
            "adverts_sent": 9,
            "adverts_received": 1,
            "sync_group": "G",
        }
    ]
    (server,) = director["virtual_servers"]
    assert (server["protocol"], server["address"], server["port"], server["family"]) == (
        *("TCP", "172.26.127.20", 445, "inet"),
    )
    assert (server["scheduler_flags"], server["persistence_seconds"]) == (["sh-port"], 360)
    assert (server["active_connections"], server["inactive_connections"]) == (12, 2)
    assert server["counters"] == dict.fromkeys(FIVE, 2**40)
    row = server["real_servers"][0]
    assert (row["upper_threshold"], row["lower_threshold"], row["persistent_connections"]) == (1000, 500, 7)
    assert (row["tunnel"], row["weight"], row["counters"]["in_bytes"]) == ("gue:6080:nocsum", 3, 5)
    assert row["rates"] == dict.fromkeys(FIVE, 0)


def test_zero_is_not_null() -> None:
    """A row without connections, thresholds and weight says 0; what nobody read of it is null."""
    row = read(full())["clusters"][0]["directors"][0]["virtual_servers"][0]["real_servers"][1]
    assert (row["weight"], row["active_connections"], row["upper_threshold"]) == (0, 0, 0)
    assert (row["tunnel"], row["counters"], row["rates"]) == (None, None, None)


def test_without_privilege_there_are_nulls() -> None:
    """What needs privilege is null as a whole, and the lacks say why."""
    lacks = (Lack("counters", LackCause.UNPRIVILEGED, "needs root or sudo"),)
    shown = replace(unprivileged(master()), lacks=lacks, sync_daemons=None)
    (told,) = read(cluster(shown, unprivileged(backup())))["clusters"]
    director = told["directors"][0]
    (server,) = director["virtual_servers"]
    assert (server["scheduler_flags"], server["counters"], server["rates"]) == (None, None, None)
    for field in ("persistent_connections", "upper_threshold", "lower_threshold", "tunnel", "counters", "rates"):
        assert [row[field] for row in server["real_servers"]] == [None, None]
    assert director["sync_daemons"] is None
    assert {each["source"] for each in director["vrrp"]} == {"inferred"}
    assert director["lacks"] == [{"what": "counters", "cause": "unprivileged", "detail": "needs root or sudo"}]


def test_an_unreachable_director_is_null_and_not_empty() -> None:
    """Nothing about it is known: null throughout, no empty list, no 0, and the reason with its remedy."""
    (told,) = read(cluster(master(), silent()))["clusters"]
    director = told["directors"][1]
    unknown = ("age_seconds", "privilege", "kernel", "vrrp", "sync_daemons", "virtual_servers", "addresses")
    assert [director[field] for field in unknown] == [None] * len(unknown)
    assert director["keepalived"] == {"version": None, "running": None}
    assert director["status"] == "unreachable"
    assert director["error"] == {
        "kind": "timeout",
        "summary": "no answer from 172.26.127.24:22 within 5 s",
        "remedy": "ping 172.26.127.24",
    }
    assert told["vips"][0]["unknown_on"] == ["keepalived2"]


@pytest.mark.parametrize("status", [DirectorStatus.STALE, DirectorStatus.UNREACHABLE])
def test_the_past_is_told_with_its_age(status: DirectorStatus) -> None:
    """A director that was read once keeps its table, with the status and the age that say what it is."""
    (told,) = read(cluster(gone(master(), status), backup()))["clusters"]
    director = told["directors"][0]
    assert (director["status"], director["age_seconds"]) == (str(status), 42.0)
    assert len(director["virtual_servers"]) == 1
    assert told["vips"][0]["holders"] == []


def test_firewall_marks_and_ipv6() -> None:
    """A mark has no address and no port; IPv6 addresses have no brackets, since the port stands on its own."""
    table = (
        virtual_server("TCP:[2001:db8::10]:443", "[2001:db8:9::11]:443", one_packet=None),
        virtual_server("FWM:7:inet6"),
        virtual_server("FWM:9:?", persistent=True),
    )
    (told,) = read(cluster(master(virtual_servers=table, checks=None)))["clusters"]
    ipv6, mark, unclear = told["directors"][0]["virtual_servers"]
    assert (ipv6["address"], ipv6["family"], ipv6["one_packet"]) == ("2001:db8::10", "inet6", None)
    assert ipv6["real_servers"][0]["address"] == "2001:db8:9::11"
    assert (mark["protocol"], mark["address"], mark["port"], mark["fwmark"], mark["family"]) == (
        *("FWM", None, None, 7, "inet6"),
    )
    assert (unclear["family"], unclear["persistence_seconds"]) == (None, None)
    assert mark["persistence_seconds"] == 0


def test_an_empty_table_is_empty() -> None:
    """A kernel without ip_vs, and keepalived without instances: empty lists, which are not null."""
    bare = master(virtual_servers=(), vrrp=(), sync_daemons=(), ipvs_loaded=False, checks=())
    (told,) = read(cluster(bare))["clusters"]
    director = told["directors"][0]
    assert (director["virtual_servers"], director["vrrp"], director["sync_daemons"]) == ([], [], [])
    assert director["ipvs_loaded"] is False


def test_alerts_and_issues_are_told() -> None:
    """What is wrong stands in the document with its code, subject and remedy; strange lines with their number."""
    strange = replace(backup(), issues=(ParseIssue("/proc/net/ip_vs", 4, "TCP x", "expected an endpoint"),))
    (told,) = read(cluster(master(), master("keepalived2")), cluster(master(), strange))["clusters"][:1]
    codes = {alert["code"]: alert for alert in told["alerts"]}
    assert told["health"] == "critical"
    assert codes["vip-duplicate"]["severity"] == "critical"
    assert codes["vip-duplicate"]["remedy"]
    issues = read(cluster(master(), strange))["clusters"][0]["directors"][1]["issues"]
    assert issues == [{"source": "/proc/net/ip_vs", "line": 4, "text": "TCP x", "reason": "expected an endpoint"}]


def test_several_clusters_keep_their_order() -> None:
    """One document for all of them; none at all is a document too."""
    document = read(replace(full(), name="b"), replace(full(), name="a"))
    assert [told["name"] for told in document["clusters"]] == ["b", "a"]
    assert document["generated_at"] == "2026-11-22T14:02:11.000Z"
    assert read()["clusters"] == []
