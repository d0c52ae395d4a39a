"""The doctor's report: every finding there is, with its verdict and its remedy."""

from dataclasses import replace
from typing import Any

import pytest

from lvstop.analysis.diagnosis import Finding, Verdict, diagnose
from lvstop.cli.check import examine
from lvstop.model.cluster import Health
from lvstop.model.director import (
    Capabilities,
    DirectorSnapshot,
    DirectorStatus,
    Fault,
    FaultKind,
    Keepalived,
    Lack,
    LackCause,
    ParseIssue,
    Privilege,
)
from lvstop.model.host import Sysctls
from lvstop.model.vrrp import VrrpSource
from lvstop.probe import labels
from support.factories import (
    FIRST,
    SERVICE,
    SYSCTLS,
    backup,
    checked_server,
    cluster,
    director,
    instance,
    master,
    real_server,
    virtual_server,
)

ALL = Capabilities(table_reader="mawk", ipvsadm=True, json_dump=True, dbus=True, journal=True)
GOOD = replace(SYSCTLS, expire_nodest_conn=1)


def healthy(**more: object) -> DirectorSnapshot:
    """A director of which nothing is to be said."""
    values: dict[str, Any] = {"capabilities": ALL, "sysctls": GOOD, **more}
    return master(**values)


def finding(snapshot: DirectorSnapshot, item: str) -> Finding:
    """The only finding about `item`."""
    (found,) = [each for each in diagnose(snapshot) if each.item == item]
    return found


def test_a_healthy_director() -> None:
    """All is well, and the evidence is there."""
    lines, verdict = examine(cluster(healthy()))
    assert verdict is Verdict.OK
    assert "\n".join(lines) == (
        "smb/keepalived1 (keepalived1.example)\n"
        "  ✔  connection   keepalived1.example answers, its host key is known\n"
        "  ✔  privilege    root\n"
        "  ✔  ip_vs        kernel 6.1.0: 1 virtual servers, 2 real servers, read with mawk\n"
        "  ✔  keepalived   2.2.7 runs\n"
        "  ✔  VRRP         SMB MASTER (asked: keepalived)\n"
        "  ✔  journal      keepalived's log can be followed; transitions show at once\n"
        "  ✔  sync daemon  master\n"
    )


def test_remedies_stand_below_their_findings() -> None:
    """What is to be done follows what was found, and the worst of all directors counts."""
    fault = Fault(FaultKind.REFUSED, "nothing listens on keepalived2.example:22", "systemctl start ssh")
    lost = DirectorSnapshot("keepalived2", "keepalived2.example", DirectorStatus.UNREACHABLE, fault)
    kept = (checked_server(SERVICE, FIRST),)
    lines, verdict = examine(cluster(healthy(ipvs_loaded=False, virtual_servers=(), checks=kept), lost))
    assert verdict is Verdict.UNKNOWN
    assert "\n".join(lines) == (
        "smb/keepalived1 (keepalived1.example)\n"
        "  ✔  connection  keepalived1.example answers, its host key is known\n"
        "  ✔  privilege   root\n"
        "  ✖  ip_vs       the kernel module is not loaded\n"
        "      → modprobe ip_vs\n"
        "  ✔  keepalived  2.2.7 runs\n"
        "  ✔  VRRP        SMB MASTER (asked: keepalived)\n"
        "  ✔  journal     keepalived's log can be followed; transitions show at once\n"
        "\n"
        "smb/keepalived2 (keepalived2.example)\n"
        "  ?  connection  nothing listens on keepalived2.example:22\n"
        "      → systemctl start ssh\n"
    )


@pytest.mark.parametrize(
    ("kind", "item"),
    [
        (FaultKind.HOST_KEY_UNKNOWN, "host key"),
        (FaultKind.HOST_KEY_CHANGED, "host key"),
        (FaultKind.AUTHENTICATION, "login"),
        (FaultKind.REFUSED, "connection"),
        (FaultKind.TIMEOUT, "connection"),
        (FaultKind.NAME_RESOLUTION, "connection"),
    ],
)
@pytest.mark.parametrize("status", [DirectorStatus.UNREACHABLE, DirectorStatus.STALE])
def test_a_director_that_cannot_be_asked(kind: FaultKind, item: str, status: DirectorStatus) -> None:
    """One finding, about why; nothing of its past is examined."""
    snapshot = replace(healthy(), status=status, fault=Fault(kind, "evidence", "remedy"))
    assert diagnose(snapshot) == (Finding(item, Verdict.UNKNOWN, "evidence", "remedy"),)


def test_a_director_that_is_not_there_yet() -> None:
    """Without a fault its status is what there is to say."""
    snapshot = DirectorSnapshot("keepalived1", "keepalived1.example", DirectorStatus.CONNECTING)
    assert diagnose(snapshot) == (Finding("connection", Verdict.UNKNOWN, "keepalived1.example is connecting"),)


def test_a_director_that_is_this_machine() -> None:
    """Nothing was connected to, and nobody logs in: lvstop's own rights count."""
    local = replace(healthy(), host="local")
    assert diagnose(local)[0] == Finding("connection", Verdict.OK, "this machine")
    unseen = replace(local, privilege=Privilege.NONE, lacks=UNSEEN)
    (found,) = [finding for finding in diagnose(unseen) if finding.item == "privilege"]
    assert found.remedy.startswith("run lvstop as root, or allow this login `sudo -n sh`")


UNSEEN = (Lack(labels.COUNTERS, LackCause.UNPRIVILEGED, "needs root or sudo"),)
MASQ = (virtual_server(SERVICE, real_server(FIRST, forwarding="Masq")),)
PERSISTENT = (virtual_server(SERVICE, FIRST, persistent=True),)
LINE = ParseIssue("/proc/net/ip_vs", 4, "TCP nonsense", "expected an endpoint")
OK, ADVICE, FAILURE, UNKNOWN = Verdict.OK, Verdict.ADVICE, Verdict.FAILURE, Verdict.UNKNOWN

FINDINGS: list[tuple[dict[str, object], str, Verdict, str, str]] = [
    ({"privilege": Privilege.SUDO}, "privilege", OK, "sudo", ""),
    ({"privilege": Privilege.NONE, "lacks": UNSEEN}, "privilege", ADVICE, labels.COUNTERS, "sudo -n sh"),
    ({"virtual_servers": None}, "ip_vs", FAILURE, "could not be read", ""),
    ({"kernel": None, "capabilities": None}, "ip_vs", OK, "kernel unknown: 1 virtual servers, 2 real servers", ""),
    ({"capabilities": replace(ALL, ipvsadm=False)}, "ipvsadm", FAILURE, "not installed", "install the package"),
    ({"keepalived": None}, "keepalived", UNKNOWN, "nobody could tell", ""),
    ({"keepalived": Keepalived("2.2.7", None, None)}, "keepalived", UNKNOWN, "nobody could tell", ""),
    (
        {"keepalived": Keepalived("2.2.7", False, None)},
        "keepalived",
        FAILURE,
        "2.2.7 is installed but does not",
        "start",
    ),
    ({"keepalived": Keepalived(None, True, 1)}, "keepalived", OK, "of unknown version runs", ""),
    ({"capabilities": replace(ALL, json_dump=False)}, "JSON", ADVICE, "without JSON", ""),
    ({"vrrp": ()}, "VRRP", OK, "no instance is configured", ""),
    ({"vrrp": (instance("BACKUP", source=VrrpSource.DBUS),)}, "VRRP", OK, "SMB BACKUP (asked: dbus)", ""),
    ({"vrrp": (instance(None, None),)}, "VRRP", OK, "? ? (asked: keepalived)", ""),
    ({"vrrp": None}, "VRRP", FAILURE, "could not be read", ""),
    ({"vrrp": (instance("MASTER", source=VrrpSource.INFERRED),)}, "VRRP", FAILURE, "could not be read", ""),
    ({"vrrp": None, "privilege": Privilege.NONE}, "VRRP", ADVICE, "states are inferred", "enable_dbus"),
    ({"capabilities": replace(ALL, journal=False)}, "journal", ADVICE, "cannot be followed", "systemd-journal"),
    ({"lacks": (Lack(labels.SYSCTLS, LackCause.FAILED, "no answer"),)}, labels.SYSCTLS, FAILURE, "no answer", ""),
    ({"issues": (LINE, LINE)}, "answers", FAILURE, "2 lines were not understood; first: /proc/net/ip_vs line 4", ""),
    ({"sync_daemons": None}, "sync daemon", UNKNOWN, "could not be seen", ""),
    ({"sync_daemons": ()}, "sync daemon", ADVICE, "resets every established", "lvs_sync_daemon"),
    ({"virtual_servers": MASQ, "sysctls": Sysctls(ip_forward=0)}, "ip_forward", FAILURE, "Masq", "ip_forward=1"),
    (
        {"virtual_servers": PERSISTENT, "sysctls": Sysctls(expire_quiescent_template=0)},
        *("expire_quiescent_template", ADVICE, "a drained real server", "expire_quiescent_template=1"),
    ),
    ({"sysctls": Sysctls(expire_nodest_conn=0)}, "expire_nodest_conn", ADVICE, "hang", "expire_nodest_conn=1"),
    ({"sysctls": Sysctls(conn_reuse_mode=0)}, "conn_reuse_mode", ADVICE, "a drained one", "conn_reuse_mode=1"),
]


@pytest.mark.parametrize(("fields", "item", "verdict", "detail", "remedy"), FINDINGS)
def test_findings(fields: dict[str, object], item: str, verdict: Verdict, detail: str, remedy: str) -> None:
    """What is wrong is found, with its evidence, and with a remedy exactly where there is one."""
    found = finding(healthy(**fields), item)
    assert found.verdict is verdict
    assert detail in found.detail
    assert remedy in found.remedy
    assert bool(found.remedy) is bool(remedy)


@pytest.mark.parametrize(
    ("fields", "item"),
    [
        ({"keepalived": Keepalived("2.2.7", False, None)}, "VRRP"),
        ({"keepalived": None}, "VRRP"),
        ({"capabilities": replace(ALL, json_dump=None)}, "JSON"),
        ({"capabilities": None}, "journal"),
        ({"lacks": (Lack("kernel settings", LackCause.UNSUPPORTED, "no sysctl"),)}, "kernel settings"),
        ({"virtual_servers": (), "sync_daemons": ()}, "sync daemon"),
        ({"sysctls": None, "virtual_servers": MASQ}, "ip_forward"),
        ({"sysctls": Sysctls(), "virtual_servers": MASQ}, "ip_forward"),
        ({"sysctls": Sysctls(ip_forward=0)}, "ip_forward"),
        ({"sysctls": Sysctls(expire_quiescent_template=0)}, "expire_quiescent_template"),
        ({"sysctls": GOOD}, "expire_nodest_conn"),
        ({"virtual_servers": (), "sysctls": Sysctls(expire_nodest_conn=0)}, "expire_nodest_conn"),
        ({"virtual_servers": (), "sysctls": Sysctls(conn_reuse_mode=0)}, "conn_reuse_mode"),
    ],
)
def test_no_finding_without_a_reason(fields: dict[str, object], item: str) -> None:
    """Where something does not matter, or cannot be known, nothing is said about it."""
    assert [each for each in diagnose(healthy(**fields)) if each.item == item] == []


UNASKED = {"vrrp": None, "sync_groups": None, "checks": None}
NOT_THERE = Keepalived(None, False, None)
NOT_LOADED = {"ipvs_loaded": False, "virtual_servers": (), "checks": (), "details": {}, "counters": {}}


@pytest.mark.parametrize(
    ("fields", "item", "detail"),
    [
        (NOT_LOADED, "ip_vs", "there is nothing to balance"),
        ({**UNASKED, "keepalived": NOT_THERE}, "keepalived", "something else keeps the IPVS table"),
    ],
    ids=["VRRP without IPVS", "IPVS without VRRP"],
)
def test_what_no_director_has_is_not_missing(fields: dict[str, Any], item: str, detail: str) -> None:
    """The doctor and `status` agree: both kinds of cluster are well."""
    pair = cluster(healthy(**fields), backup(capabilities=ALL, sysctls=GOOD, **fields))
    assert pair.health is Health.OK
    assert examine(pair)[1] is Verdict.OK
    found = next(each for each in diagnose(pair.directors[0], pair.directors[1:]) if each.item == item)
    assert detail in found.detail


@pytest.mark.parametrize(
    ("fields", "item", "remedy"),
    [
        (NOT_LOADED, "ip_vs", "modprobe ip_vs"),
        ({**UNASKED, "keepalived": NOT_THERE}, "keepalived", "systemctl start keepalived"),
    ],
)
def test_what_another_director_has_is_missing(fields: dict[str, object], item: str, remedy: str) -> None:
    """One side of a pair that balances, or that keepalived runs, and the other side does not."""
    found = next(each for each in diagnose(healthy(**fields), [backup()]) if each.item == item)
    assert (found.verdict, found.remedy) == (Verdict.FAILURE, remedy)


def test_why_there_is_no_privilege() -> None:
    """sudo's own words; and where the cluster file demands it, that is a failure."""
    hidden = (
        Lack(labels.COUNTERS, LackCause.UNPRIVILEGED, "needs root or sudo: sudo refuses: a password is required"),
    )
    found = finding(healthy(privilege=Privilege.NONE, lacks=hidden), "privilege")
    assert found.verdict is Verdict.ADVICE
    assert found.detail.endswith("cannot be seen; that needs root or sudo: sudo refuses: a password is required")
    fault = Fault(FaultKind.FORBIDDEN, "the cluster file says `privilege: sudo`, but sudo refuses", "visudo")
    asked = finding(
        healthy(status=DirectorStatus.DEGRADED, fault=fault, privilege=Privilege.NONE, lacks=hidden), "privilege"
    )
    assert (asked.verdict, asked.remedy) == (Verdict.FAILURE, "visudo")
    assert asked.detail.startswith(fault.summary)


def test_a_degraded_director_is_examined() -> None:
    """It answers: what works is told beside what does not."""
    snapshot = replace(healthy(), status=DirectorStatus.DEGRADED)
    assert finding(snapshot, "connection").verdict is Verdict.OK
    assert finding(snapshot, "keepalived").verdict is Verdict.OK


def test_a_director_that_knows_nothing_but_answers() -> None:
    """A connection that told nothing raises nothing."""
    bare = DirectorSnapshot("keepalived1", "keepalived1.example", DirectorStatus.DEGRADED)
    items = {each.item: each.verdict for each in diagnose(bare)}
    assert items["ip_vs"] is Verdict.FAILURE
    assert items["keepalived"] is Verdict.UNKNOWN
    assert director().answers
