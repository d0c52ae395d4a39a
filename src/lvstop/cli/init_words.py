"""What `lvstop init` has found, in words: for the operator who waits, and for the comments of the file. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from lvstop.actions.prospects import drain_prospect, failover_prospect
from lvstop.analysis.pairing import Pairing
from lvstop.analysis.vrrp import instance_label
from lvstop.analysis.words import count, listing
from lvstop.config.target import Target
from lvstop.model.director import DirectorSnapshot, LackCause, Privilege
from lvstop.model.vrrp import VrrpInstance, VrrpSource

_PRIVILEGE: Final[Mapping[Privilege, str]] = {
    Privilege.ROOT: "root",
    Privilege.SUDO: "root through sudo",
    Privilege.NONE: "no root, and no sudo without a password",
}


def director_lines(director: DirectorSnapshot, target: Target) -> Iterator[str]:
    """One director as it was found; why not, where it was not."""
    if not director.answers:
        fault = director.fault
        yield f"✖ {target}  {'it does not answer' if fault is None else fault.summary}"
        if fault is not None and fault.remedy:
            yield f"    → {fault.remedy}"
        return
    yield f"✔ {director.name}  ({target})  {_software(director)}"
    yield f"    login: {_privilege(director)}"
    hidden = [lack.what for lack in director.lacks if lack.cause is LackCause.UNPRIVILEGED]
    if hidden:
        yield f"      not seen without: {listing(hidden)}"
    yield from (f"    VRRP: {line}" for line in _vrrp(director))
    if director.virtual_servers:
        rows = sum(len(server.real_servers) for server in director.virtual_servers)
        yield f"    IPVS: {count(len(director.virtual_servers), 'virtual server')}, {count(rows, 'real server')}"
    elif director.virtual_servers is not None:
        yield "    IPVS: no virtual server"


def pairing_lines(pairing: Pairing) -> Iterator[str]:
    """Whether they belong together."""
    if pairing.agreed and not pairing.doubts:
        verdict = "? perhaps a pair" if pairing.unknown else "✔ a pair"
        yield f"{verdict}: {listing(pairing.agreed)}"
    for doubt in pairing.doubts:
        yield f"▲ {doubt}"
    for unknown in pairing.unknown:
        yield f"? {unknown}"


def prospect_lines(directors: Sequence[DirectorSnapshot]) -> Iterator[str]:
    """What can be done with them."""
    answering = [each for each in directors if each.answers]
    if answering:
        yield drain_prospect(answering)
        yield failover_prospect(answering)


def heading(directors: Sequence[DirectorSnapshot], pairing: Pairing, now: datetime) -> tuple[str, ...]:
    """The comments at the top of the file."""
    found = [*pairing.agreed, *(f"DOUBT: {doubt}" for doubt in pairing.doubts), *pairing.unknown]
    return (
        f"A cluster of lvstop, written by `lvstop init` on {now:%Y-%m-%d}. What is found by itself is only noted here,",
        "as it was then. `lvstop check -c FILE` looks again; docs/connect.md has every key.",
        *(f"  {line}" for line in found),
        *(f"  {line}" for line in prospect_lines(directors)),
        *(f"  {line}" for line in _sudo(directors)),
    )


def _sudo(directors: Sequence[DirectorSnapshot]) -> Iterator[str]:
    """A refused sudo is a line in a director's log, and perhaps a mail."""
    if all(each.privilege is Privilege.NONE for each in directors if each.answers):
        yield "`privilege: none` (below) keeps lvstop from trying sudo each time that it connects."


def remarks(directors: Sequence[DirectorSnapshot], targets: Mapping[str, Target]) -> Mapping[str, Sequence[str]]:
    """A line of comment for each director of the file."""
    return {each.name: [_remark(each, targets[each.name])] for each in directors}


def _remark(director: DirectorSnapshot, target: Target) -> str:
    if not director.answers:
        why = "it did not answer" if director.fault is None else director.fault.summary
        return f"NOT EXAMINED, {target}: {why}"
    return f"{_software(director)}; {_privilege(director)}"


def _software(director: DirectorSnapshot) -> str:
    keepalived = director.keepalived
    kernel = f"Linux {director.kernel or '?'}"
    if keepalived is None or (keepalived.version is None and not keepalived.running):
        return f"no keepalived, {kernel}"
    version = f"keepalived {keepalived.version or 'of unknown version'}"
    return f"{version}{' (it does not run)' if keepalived.running is False else ''}, {kernel}"


def _privilege(director: DirectorSnapshot) -> str:
    return "not known" if director.privilege is None else _PRIVILEGE[director.privilege]


def _vrrp(director: DirectorSnapshot) -> Iterator[str]:
    if director.vrrp is None:
        yield "not known"
    elif not director.vrrp:
        yield "no instance is configured"
    for instance in director.vrrp or ():
        yield _instance(instance)


def _instance(instance: VrrpInstance) -> str:
    words = [f"{instance_label(instance)} {instance.state or 'of unknown state'}"]
    if instance.source is VrrpSource.INFERRED:
        words.append("(inferred from addresses)")
    if instance.vrid is not None:
        words.append(f"VRID {instance.vrid}")
    if instance.interface is not None:
        words.append(f"on {instance.interface}")
    if instance.vips and instance.name is not None:
        words.append(f"for {listing([vip.address for vip in instance.vips], most=4)}")
    return " ".join(words)
