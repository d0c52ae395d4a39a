"""The record of a change, as it is kept on the directors and on the operator's machine.

One line of JSON in printable ASCII, so that it can be one argument of a request, with a schema number. Virtual servers
are written `TCP:172.26.127.20:445`, `TCP:[2001:db8::10]:80`, `FWM:7:inet`, `FWM:7:inet6`, or `FWM:7:?` where the family
of the mark was unknown; moments in UTC. Fields that this schema does not know are passed over.

What a record says ends in commands that change a director: nothing but what an edit can be made of is read.
"""

import re
from typing import Final

from lvstop.model.address import Family, IPAddress, Protocol, RealServerKey, VirtualServerKey, parse_endpoint
from lvstop.model.change import Change, ChangeKind, ChangePhase, Destination, Lever, WeightChange
from lvstop.model.ipvs import ForwardingMethod, Tunnel, TunnelType
from lvstop.model.record_fields import (
    ID,
    NAME_LIMIT,
    REASON_LIMIT,
    Fields,
    fields_of,
    read_author,
    read_document,
    read_file,
    write_document,
    written_author,
    written_file,
    written_moment,
)

_WEIGHT_LIMIT: Final = 2**31 - 1
_UINT32: Final = 2**32 - 1
_INT64: Final = 2**63 - 1

_MARK: Final = re.compile(r"FWM:([0-9]{1,10}):(inet6?|\?)")
_ENDPOINT: Final = re.compile(r"[0-9A-Fa-f.:\[\]]{1,60}")
_CHECKSUMS: Final = ("nocsum", "csum", "remcsum")


def write_change(change: Change) -> str:
    """The record: one line without its newline, for which `str.isprintable` holds.

    Raises:
        ValueError: it could not be read back; one sentence says why.
    """
    text = write_document(
        {
            "id": change.id,
            "cluster": change.cluster,
            "kind": change.kind,
            "phase": change.phase,
            "lever": change.lever,
            "author": written_author(change.author),
            "at": written_moment(change.at),
            "reason": change.reason,
            "until": None if change.until is None else written_moment(change.until),
            "active_connections": change.active_connections,
            "weights": [_written_weight(each) for each in change.weights],
            "files": [written_file(each) for each in change.files],
        }
    )
    read_change(text)
    return text


def read_change(text: str) -> Change:
    """The change that a record tells of.

    Raises:
        ValueError: it is no such record; one sentence, which quotes nothing of it.
    """
    return change_of(read_document(text))


def change_of(fields: Fields) -> Change:
    """The change that the fields of a record tell of.

    Raises:
        ValueError: as `read_change`.
    """
    until, active = fields.value("until", None), fields.value("active_connections", None)
    change = Change(
        id=fields.matching("id", ID),
        cluster=fields.name("cluster"),
        kind=fields.member("kind", ChangeKind),
        phase=fields.member("phase", ChangePhase),
        lever=fields.member("lever", Lever),
        weights=fields.each("weights", _read_weight),
        files=fields.each("files", read_file),
        author=read_author(fields),
        at=fields.moment("at"),
        reason=fields.words("reason", REASON_LIMIT),
        until=None if until is None else fields.moment("until"),
        active_connections=None if active is None else fields.number("active_connections", _INT64),
    )
    if not change.weights:
        raise ValueError("it changes no weight")
    rows = {(each.director, each.virtual_server, each.real_server) for each in change.weights}
    if len(rows) < len(change.weights):
        raise ValueError("it changes the same weight twice")
    return change


def _written_key(key: VirtualServerKey) -> str:
    return str(key) if key.fwmark is None else f"{key.protocol}:{key.fwmark}:{key.family or '?'}"


def _written_weight(change: WeightChange) -> dict[str, object]:
    before = change.before
    tunnel = before.tunnel
    return {
        "director": change.director,
        "virtual_server": _written_key(change.virtual_server),
        "real_server": str(change.real_server),
        "before": {
            "forwarding": before.forwarding,
            "weight": before.weight,
            "upper_threshold": before.upper_threshold,
            "lower_threshold": before.lower_threshold,
            "tunnel": None
            if tunnel is None
            else {"type": tunnel.type, "port": tunnel.port, "checksum": tunnel.checksum},
        },
        "after": change.after,
    }


def _read_weight(fields: Fields) -> WeightChange:
    before = fields_of(fields.value("before"), f"before of {fields.place}")
    tunnel = before.value("tunnel")
    return WeightChange(
        director=fields.name("director"),
        virtual_server=_read_virtual_server(fields),
        real_server=RealServerKey(*_read_endpoint(fields, "real_server", fields.text("real_server", NAME_LIMIT))),
        before=Destination(
            forwarding=before.member("forwarding", ForwardingMethod),
            weight=before.number("weight", _WEIGHT_LIMIT),
            upper_threshold=before.number("upper_threshold", _UINT32),
            lower_threshold=before.number("lower_threshold", _UINT32),
            tunnel=None if tunnel is None else _read_tunnel(fields_of(tunnel, f"tunnel of {fields.place}")),
        ),
        after=fields.number("after", _WEIGHT_LIMIT),
    )


def _read_tunnel(fields: Fields) -> Tunnel:
    port, checksum = fields.value("port"), fields.value("checksum")
    if checksum is not None and checksum not in _CHECKSUMS:
        raise fields.wrong("checksum", f"none of {', '.join(_CHECKSUMS)}")
    return Tunnel(
        type=fields.member("type", TunnelType),
        port=None if port is None else fields.number("port", 65535),
        checksum=None if checksum is None else str(checksum),
    )


def _read_virtual_server(fields: Fields) -> VirtualServerKey:
    text = fields.text("virtual_server", NAME_LIMIT)
    mark = _MARK.fullmatch(text)
    if mark is not None:
        if int(mark[1]) > _UINT32:
            raise fields.wrong("virtual_server", "no firewall mark")
        return VirtualServerKey.of_fwmark(int(mark[1]), None if mark[2] == "?" else Family(mark[2]))
    protocol, _, endpoint = text.partition(":")
    if protocol not in (Protocol.TCP, Protocol.UDP, Protocol.SCTP):
        raise fields.wrong("virtual_server", "no virtual server")
    return VirtualServerKey.of_endpoint(Protocol(protocol), *_read_endpoint(fields, "virtual_server", endpoint))


def _read_endpoint(fields: Fields, key: str, text: str) -> tuple[IPAddress, int]:
    try:
        if not _ENDPOINT.fullmatch(text):
            raise ValueError
        return parse_endpoint(text)
    except ValueError:
        raise fields.wrong(key, "no address and port") from None
