"""The record of a failover, kept in the same places and in the same way as those of changes: `"kind": "failover"`.

    {"schema": 1, "id", "cluster", "kind": "failover", "phase", "lever", "source", "target", "instances": [name],
     "vips": [address], "steps": [
        {"kind": "file", "director", "name", "path", "before", "after"} |
        {"kind": "priority", "director", "path", "instance", "before", "after"} |
        {"kind": "service", "director", "unit"}],
     "author": {"user", "host"}, "at", "reason", "returns": true | false | null}

What a record says ends in commands that root runs on a director, perhaps from another operator's machine: nothing but
what a lever can be made of is read.
"""

import re
from ipaddress import ip_address
from typing import Final

from lvstop.model.address import IPAddress
from lvstop.model.change import Change, FileChange
from lvstop.model.change_record import change_of, write_change
from lvstop.model.failover import Failover, FailoverLever, FailoverPhase, LeverStep, PriorityChange, ServiceChange
from lvstop.model.record_fields import (
    ID,
    REASON_LIMIT,
    Fields,
    read_author,
    read_document,
    read_file,
    write_document,
    written_author,
    written_file,
    written_moment,
)

KIND: Final = "failover"

_UNIT: Final = re.compile(r"[A-Za-z0-9_@:.][A-Za-z0-9_@:.-]{0,254}")
"""A unit's name without a backslash escape (systemd.unit(5)); no service of keepalived has one."""

_WORD: Final = re.compile(r"\S+")
"""The name of an instance whose priority is changed: it is one word of a request."""

_ADDRESS: Final = re.compile(r"[0-9A-Fa-f.:]+")
_ADDRESS_LIMIT: Final = 45

_HIGHEST_PRIORITY: Final = 255
"""keepalived.conf(5): 1 to 255, which is the owner of the address."""

_STEPS: Final = {
    FailoverLever.TRACK_FILE: FileChange,
    FailoverLever.FAULT: FileChange,
    FailoverLever.PRIORITY: PriorityChange,
    FailoverLever.STOP: ServiceChange,
}

Record = Change | Failover
"""What can be on record."""


def write_record(record: Record) -> str:
    """The record: one line without its newline, for which `str.isprintable` holds.

    Raises:
        ValueError: it could not be read back; one sentence says why.
    """
    return write_failover(record) if isinstance(record, Failover) else write_change(record)


def read_record(text: str) -> Record:
    """The change or the failover that a record tells of.

    Raises:
        ValueError: it is neither; one sentence, which quotes nothing of it.
    """
    fields = read_document(text)
    return _failover_of(fields) if fields.value("kind", None) == KIND else change_of(fields)


def write_failover(failover: Failover) -> str:
    """As `write_record`."""
    text = write_document(
        {
            "id": failover.id,
            "cluster": failover.cluster,
            "kind": KIND,
            "phase": failover.phase,
            "lever": failover.lever,
            "source": failover.source,
            "target": failover.target,
            "instances": failover.instances,
            "vips": [str(vip) for vip in failover.vips],
            "steps": [written_step(step) for step in failover.steps],
            "author": written_author(failover.author),
            "at": written_moment(failover.at),
            "reason": failover.reason,
            "returns": failover.returns,
        }
    )
    read_failover(text)
    return text


def read_failover(text: str) -> Failover:
    """The failover that a record tells of.

    Raises:
        ValueError: it is no such record; one sentence, which quotes nothing of it.
    """
    fields = read_document(text)
    if fields.value("kind") != KIND:
        raise ValueError("it is not the record of a failover")
    return _failover_of(fields)


def _failover_of(fields: Fields) -> Failover:
    failover = Failover(
        id=fields.matching("id", ID),
        cluster=fields.name("cluster"),
        phase=fields.member("phase", FailoverPhase),
        lever=fields.member("lever", FailoverLever),
        source=fields.name("source"),
        target=fields.name("target"),
        instances=fields.names("instances"),
        vips=_read_vips(fields),
        steps=fields.each("steps", _read_step),
        author=read_author(fields),
        at=fields.moment("at"),
        reason=fields.words("reason", REASON_LIMIT),
        returns=_read_truth(fields, "returns"),
    )
    _check(failover)
    return failover


def _check(failover: Failover) -> None:
    """Refuse what is well written and makes no sense."""
    if failover.source == failover.target:
        raise ValueError("its source is its target")
    if not failover.instances:
        raise ValueError("it moves no instance")
    if not failover.steps:
        raise ValueError("it pulls no lever")
    kind = _STEPS[failover.lever]
    if not all(isinstance(step, kind) for step in failover.steps):
        raise ValueError(f"a step of it does not belong to the lever {failover.lever}")
    if any(step.director not in (failover.source, failover.target) for step in failover.steps):
        raise ValueError("a step of it is on a third director")
    if len({_place(step) for step in failover.steps}) < len(failover.steps):
        raise ValueError("it does the same twice")


def _place(step: LeverStep) -> tuple[str, ...]:
    """What a step changes."""
    match step:
        case FileChange():
            return (step.director, step.path)
        case PriorityChange():
            return (step.director, step.path, step.instance)
        case ServiceChange():
            return (step.director, step.unit)


def written_step(step: LeverStep) -> dict[str, str | int]:
    """As a record has it."""
    match step:
        case FileChange():
            return {"kind": "file", **written_file(step)}
        case PriorityChange():
            return {
                "kind": "priority",
                "director": step.director,
                "path": step.path,
                "instance": step.instance,
                "before": step.before,
                "after": step.after,
            }
        case ServiceChange():
            return {"kind": "service", "director": step.director, "unit": step.unit}


def _read_step(fields: Fields) -> LeverStep:
    match fields.value("kind"):
        case "file":
            return read_file(fields)
        case "priority":
            return PriorityChange(
                director=fields.name("director"),
                path=fields.path("path"),
                instance=_read_word(fields, "instance"),
                before=fields.number("before", _HIGHEST_PRIORITY, 1),
                after=fields.number("after", _HIGHEST_PRIORITY, 1),
            )
        case "service":
            return ServiceChange(director=fields.name("director"), unit=fields.matching("unit", _UNIT))
    raise fields.wrong("kind", "none of file, priority, service")


def _read_truth(fields: Fields, key: str) -> bool | None:
    """None where it is unknown."""
    found = fields.value(key, None)
    if found is None or isinstance(found, bool):
        return found
    raise fields.wrong(key, "neither true, false nor null")


def _read_word(fields: Fields, key: str) -> str:
    fields.matching(key, _WORD)
    return fields.name(key)


def _read_vips(fields: Fields) -> tuple[IPAddress, ...]:
    texts = fields.texts("vips", _ADDRESS_LIMIT)
    try:
        if not all(_ADDRESS.fullmatch(text) for text in texts):  # ip_address takes zones
            raise ValueError
        return tuple(ip_address(text) for text in texts)
    except ValueError:
        raise fields.wrong("vips", "no list of addresses") from None
