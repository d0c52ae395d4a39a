"""The doctor: what of a director works, what does not, why, and the one thing that mends it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from lvstop.analysis.vrrp import has_keepalived
from lvstop.analysis.words import listing
from lvstop.config.schema import LOCAL
from lvstop.model.director import DirectorSnapshot, FaultKind, LackCause, Privilege
from lvstop.model.ipvs import ForwardingMethod
from lvstop.model.vrrp import VrrpSource


class Verdict(IntEnum):
    """Ordered: the worst is the greatest."""

    OK = 0
    ADVICE = 1
    FAILURE = 2
    UNKNOWN = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the examination.

    Attributes:
        item: what was examined.
        detail: what was found, with its evidence.
        remedy: one command or step; empty where nothing is to be done.
    """

    item: str
    verdict: Verdict
    detail: str
    remedy: str = ""


def diagnose(director: DirectorSnapshot, others: Sequence[DirectorSnapshot] = ()) -> tuple[Finding, ...]:
    """Examine one director. One that cannot be asked gets one finding, about that.

    Args:
        others: the cluster's other directors. What none of them has and nothing asks for is not missing: there is VRRP
            without IPVS, and IPVS that something else than keepalived keeps.
    """
    if not director.answers:
        return (_connection(director),)
    balances = bool(director.virtual_servers or director.checks) or any(other.virtual_servers for other in others)
    keeps = any(has_keepalived(each) for each in (director, *others))
    return (
        _connection(director),
        *_examine_machine(director, others),
        *_examine_privilege(director),
        *_examine_ipvs(director, expected=balances),
        *_examine_keepalived(director, expected=keeps),
        *(_examine_journal(director) if keeps else ()),
        *_examine_readings(director),
        *_examine_sync(director),
        *_examine_sysctls(director),
    )


def _connection(director: DirectorSnapshot) -> Finding:
    if director.answers:
        known = "this machine" if director.host == LOCAL else f"{director.host} answers, its host key is known"
        return Finding("connection", Verdict.OK, known)
    fault = director.fault
    if fault is None:
        return Finding("connection", Verdict.UNKNOWN, f"{director.host} is {director.status}")
    item = {
        FaultKind.HOST_KEY_UNKNOWN: "host key",
        FaultKind.HOST_KEY_CHANGED: "host key",
        FaultKind.AUTHENTICATION: "login",
    }.get(fault.kind, "connection")
    return Finding(item, Verdict.UNKNOWN, fault.summary, fault.remedy)


def _examine_machine(director: DirectorSnapshot, others: Sequence[DirectorSnapshot]) -> Iterable[Finding]:
    """Two entries of a cluster file that lead to one machine would look like a pair in perfect harmony."""
    twins = [each.name for each in others if director.machine is not None and each.machine == director.machine]
    if twins:
        detail = f"this is the same machine as {listing(twins)}"
        yield Finding("machine", Verdict.FAILURE, detail, "give the other director's host in the cluster file")


def _examine_privilege(director: DirectorSnapshot) -> Iterable[Finding]:
    if director.privilege is Privilege.NONE:
        hidden = [lack for lack in director.lacks if lack.cause is LackCause.UNPRIVILEGED]
        unseen = f"{'; '.join(lack.what for lack in hidden)} cannot be seen"
        become = "run lvstop as root" if director.host == LOCAL else "log in as root"
        remedy = f"{become}, or allow this login `sudo -n sh` without a password"
        if director.fault is not None and director.fault.kind is FaultKind.FORBIDDEN:
            detail = f"{director.fault.summary}: {unseen}"
            yield Finding("privilege", Verdict.FAILURE, detail, director.fault.remedy or remedy)
        else:
            why = f"; that {hidden[0].detail}" if hidden else ""
            yield Finding("privilege", Verdict.ADVICE, f"{unseen}{why}", remedy)
    elif director.privilege is not None:
        yield Finding("privilege", Verdict.OK, str(director.privilege))


def _examine_ipvs(director: DirectorSnapshot, *, expected: bool) -> Iterable[Finding]:
    if director.ipvs_loaded is False and not expected:
        yield Finding("ip_vs", Verdict.OK, "the kernel module is not loaded, and there is nothing to balance")
        return
    if director.ipvs_loaded is False:
        yield Finding("ip_vs", Verdict.FAILURE, "the kernel module is not loaded", "modprobe ip_vs")
    elif director.virtual_servers is None:
        yield Finding("ip_vs", Verdict.FAILURE, "the table could not be read")
    else:
        rows = sum(len(server.real_servers) for server in director.virtual_servers)
        table = f"{len(director.virtual_servers)} virtual servers, {rows} real servers"
        reader = "" if director.capabilities is None else f", read with {director.capabilities.table_reader}"
        yield Finding("ip_vs", Verdict.OK, f"kernel {director.kernel or 'unknown'}: {table}{reader}")
    if director.capabilities is not None and not director.capabilities.ipvsadm:
        yield Finding("ipvsadm", Verdict.FAILURE, "the command is not installed", "install the package ipvsadm")


def _examine_keepalived(director: DirectorSnapshot, *, expected: bool) -> Iterable[Finding]:
    keepalived = director.keepalived
    if keepalived is not None and keepalived.running is False and not expected:
        yield Finding("keepalived", Verdict.OK, "it is on no director: something else keeps the IPVS table")
        return
    if keepalived is None or keepalived.running is None:
        yield Finding("keepalived", Verdict.UNKNOWN, "nobody could tell whether it runs")
        return
    version = keepalived.version or "of unknown version"
    if not keepalived.running:
        installed = f"{version} is installed but " if keepalived.version else "it "
        yield Finding("keepalived", Verdict.FAILURE, f"{installed}does not run", "systemctl start keepalived")
        return
    yield Finding("keepalived", Verdict.OK, f"{version} runs")
    if director.capabilities is not None and director.capabilities.json_dump is False:
        yield Finding("JSON", Verdict.ADVICE, "this keepalived was built without JSON; its text dump is read instead")
    yield from _examine_vrrp(director)


def _examine_vrrp(director: DirectorSnapshot) -> Iterable[Finding]:
    told = [instance for instance in director.vrrp or () if instance.source is not VrrpSource.INFERRED]
    if told:
        states = ", ".join(f"{instance.name or '?'} {instance.state or '?'}" for instance in told)
        yield Finding("VRRP", Verdict.OK, f"{states} (asked: {told[0].source})")
    elif director.vrrp == ():
        yield Finding("VRRP", Verdict.OK, "no instance is configured")
    elif director.privilege is Privilege.NONE:
        yield Finding(
            "VRRP",
            Verdict.ADVICE,
            "keepalived cannot be asked without privilege; states are inferred from the kernel's addresses",
            "global_defs { enable_dbus } in keepalived.conf lets every login read the states",
        )
    else:
        yield Finding("VRRP", Verdict.FAILURE, "keepalived's dump could not be read")


def _examine_journal(director: DirectorSnapshot) -> Iterable[Finding]:
    if director.capabilities is None:
        return
    if director.capabilities.journal:
        yield Finding("journal", Verdict.OK, "keepalived's log can be followed; transitions show at once")
    else:
        yield Finding(
            "journal",
            Verdict.ADVICE,
            "keepalived's log cannot be followed; VRRP is looked at when an address changes and every minute",
            "add this login to the group systemd-journal",
        )


def _examine_readings(director: DirectorSnapshot) -> Iterable[Finding]:
    for lack in director.lacks:
        if lack.cause is LackCause.FAILED:
            yield Finding(lack.what, Verdict.FAILURE, lack.detail)
    if director.issues:
        first = director.issues[0]
        yield Finding(
            "answers",
            Verdict.FAILURE,
            f"{len(director.issues)} lines were not understood; first: {first.source} line {first.line_number}: "
            f"{first.reason}: {first.text!r}",
        )


def _examine_sync(director: DirectorSnapshot) -> Iterable[Finding]:
    if not director.virtual_servers:
        return
    if director.sync_daemons is None:
        yield Finding("sync daemon", Verdict.UNKNOWN, "it could not be seen whether one runs")
    elif not director.sync_daemons:
        yield Finding(
            "sync daemon",
            Verdict.ADVICE,
            "none runs: a failover resets every established connection",
            "global_defs { lvs_sync_daemon INTERFACE INSTANCE } in keepalived.conf, on both directors",
        )
    else:
        yield Finding("sync daemon", Verdict.OK, ", ".join(str(daemon.role) for daemon in director.sync_daemons))


def _examine_sysctls(director: DirectorSnapshot) -> Iterable[Finding]:
    values = director.sysctls
    if values is None:
        return
    servers = director.virtual_servers or ()
    forwardings = {row.forwarding for server in servers for row in server.real_servers}
    if ForwardingMethod.MASQ in forwardings and values.ip_forward == 0:
        yield Finding(
            "ip_forward",
            Verdict.FAILURE,
            "it is 0, and there are real servers with Masq forwarding, whose replies must be forwarded",
            "sysctl -w net.ipv4.ip_forward=1",
        )
    if any(server.persistent for server in servers) and values.expire_quiescent_template == 0:
        yield Finding(
            "expire_quiescent_template",
            Verdict.ADVICE,
            "it is 0, and there is persistence: known clients keep being sent to a drained real server",
            "sysctl -w net.ipv4.vs.expire_quiescent_template=1",
        )
    if servers and values.expire_nodest_conn == 0:
        yield Finding(
            "expire_nodest_conn",
            Verdict.ADVICE,
            "it is 0: connections to a real server that keepalived removes hang until they time out",
            "sysctl -w net.ipv4.vs.expire_nodest_conn=1",
        )
    if servers and values.conn_reuse_mode == 0:
        yield Finding(
            "conn_reuse_mode",
            Verdict.ADVICE,
            "it is 0: a client that reuses a port reaches its old real server, even a drained one",
            "sysctl -w net.ipv4.vs.conn_reuse_mode=1",
        )
