"""The record of a change, as it is kept on the directors and on the operator's machine.

One line of JSON in printable ASCII, so that it can be one argument of a request, with a schema number. Virtual servers
are written `TCP:172.26.127.20:445`, `TCP:[2001:db8::10]:80`, `FWM:7:inet`, `FWM:7:inet6`, or `FWM:7:?` where the family
of the mark was unknown; moments in UTC. Fields that this schema does not know are passed over.

What a record says ends in commands that change a director: nothing but what an edit can be made of is read.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, TypeVar

from lvstop.model.address import Family, IPAddress, Protocol, RealServerKey, VirtualServerKey, parse_endpoint
from lvstop.model.change import Author, Change, ChangeKind, ChangePhase, Destination, FileChange, Lever, WeightChange
from lvstop.model.ipvs import ForwardingMethod, Tunnel, TunnelType
from lvstop.plain import plain

SCHEMA: Final = 1

RECORD_LIMIT: Final = 1024 * 1024
"""Characters of one record."""

ROWS_LIMIT: Final = 4096
"""Weights, and track files, of one record."""

NAME_LIMIT: Final = 255
"""Characters of a name."""

REASON_LIMIT: Final = 1000
"""Characters of a reason."""

_PATH_LIMIT: Final = 4096
_WEIGHT_LIMIT: Final = 2**31 - 1
_UINT32: Final = 2**32 - 1
_INT64: Final = 2**63 - 1

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z", re.ASCII)
_MARK: Final = re.compile(r"FWM:([0-9]{1,10}):(inet6?|\?)")
_ENDPOINT: Final = re.compile(r"[0-9A-Fa-f.:\[\]]{1,60}")
_CHECKSUMS: Final = ("nocsum", "csum", "remcsum")
_ONE_LINE: Final = dict.fromkeys(map(ord, "\n\t\u2028\u2029"), " ")

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


def write_change(change: Change) -> str:
    """The record: one line without its newline, for which `str.isprintable` holds.

    Raises:
        ValueError: it could not be read back; one sentence says why.
    """
    record = {
        "schema": SCHEMA,
        "id": change.id,
        "cluster": change.cluster,
        "kind": change.kind,
        "phase": change.phase,
        "lever": change.lever,
        "author": {"user": change.author.user, "host": change.author.host},
        "at": _written_moment(change.at),
        "reason": change.reason,
        "until": None if change.until is None else _written_moment(change.until),
        "active_connections": change.active_connections,
        "weights": [_written_weight(each) for each in change.weights],
        "files": [_written_file(each) for each in change.files],
    }
    text = json.dumps(record, separators=(",", ":"))
    read_change(text)
    return text


def read_change(text: str) -> Change:
    """The change that a record tells of.

    Raises:
        ValueError: it is no such record; one sentence, which quotes nothing of it.
    """
    if len(text) > RECORD_LIMIT:
        raise ValueError(f"a record has no more than {RECORD_LIMIT} characters")
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("it is not one JSON document") from None
    fields = _fields(document, "the record")
    schema = fields.value("schema")
    if schema != SCHEMA or type(schema) is not int:
        raise ValueError(f"it is not a record of schema {SCHEMA}")
    author = _fields(fields.value("author"), "author")
    until, active = fields.value("until", None), fields.value("active_connections", None)
    change = Change(
        id=fields.matching("id", _ID),
        cluster=fields.name("cluster"),
        kind=fields.member("kind", ChangeKind),
        phase=fields.member("phase", ChangePhase),
        lever=fields.member("lever", Lever),
        weights=fields.each("weights", _read_weight),
        files=fields.each("files", _read_file),
        author=Author(author.words("user", NAME_LIMIT), author.words("host", NAME_LIMIT)),
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


def _written_moment(when: datetime) -> str:
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")


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


def _written_file(change: FileChange) -> dict[str, object]:
    return {
        "director": change.director,
        "name": change.name,
        "path": change.path,
        "before": change.before,
        "after": change.after,
    }


@dataclass(frozen=True, slots=True)
class _Fields:
    """Typed access to one JSON object. Whatever is not as it should be raises ValueError and names the place."""

    values: Mapping[str, object]
    place: str

    def value(self, key: str, *default: object) -> object:
        """Any value; `default` where there may be none."""
        if key not in self.values and not default:
            raise self.wrong(key, "missing")
        return self.values.get(key, *default)

    def text(self, key: str, limit: int) -> str:
        """A string, whatever is in it."""
        value = self.value(key)
        if not isinstance(value, str) or len(value) > limit:
            raise self.wrong(key, f"no text of up to {limit} characters")
        return value

    def words(self, key: str, limit: int) -> str:
        """A string to be shown, on one line: what a terminal obeys is replaced, and so is what is no character."""
        return _whole_characters(plain(self.text(key, limit))).translate(_ONE_LINE)

    def name(self, key: str, limit: int = NAME_LIMIT) -> str:
        """A string by which something is found: it is whole or it is none."""
        value = self.text(key, limit)
        if not value or value != _whole_characters(plain(value)).translate(_ONE_LINE):
            raise self.wrong(key, "no name, or one with control characters")
        return value

    def matching(self, key: str, pattern: re.Pattern[str]) -> str:
        """A string of one shape."""
        value = self.text(key, NAME_LIMIT)
        if not pattern.fullmatch(value):
            raise self.wrong(key, "not written as it should be")
        return value

    def number(self, key: str, maximum: int, minimum: int = 0) -> int:
        """A whole number."""
        value = self.value(key)
        if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value <= maximum:
            raise self.wrong(key, f"no number of {minimum} to {maximum}")
        return value

    def member(self, key: str, words: type[E]) -> E:
        """One of a few words."""
        value = self.value(key)
        found = next((each for each in words if each.value == value), None)
        if found is None:
            raise self.wrong(key, f"none of {', '.join(words)}")
        return found

    def moment(self, key: str) -> datetime:
        """A moment in UTC."""
        try:
            return datetime.fromisoformat(self.matching(key, _MOMENT)).astimezone(UTC)
        except ValueError:
            raise self.wrong(key, "no moment in UTC") from None

    def each(self, key: str, read: Callable[["_Fields"], T]) -> tuple[T, ...]:
        """A list of objects."""
        value = self.value(key)
        if not isinstance(value, list) or len(value) > ROWS_LIMIT:
            raise self.wrong(key, f"no list of up to {ROWS_LIMIT}")
        return tuple(read(_fields(entry, f"{key}[{index}]")) for index, entry in enumerate(value))

    def wrong(self, key: str, what: str) -> ValueError:
        """The complaint."""
        return ValueError(f"{key} of {self.place} is {what}")


def _fields(value: object, place: str) -> _Fields:
    if not isinstance(value, dict):
        raise ValueError(f"{place} is not a JSON object")
    return _Fields(value, place)


def _whole_characters(text: str) -> str:
    """Half of a surrogate pair is no character, and could not be written anywhere."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _read_weight(fields: _Fields) -> WeightChange:
    before = _fields(fields.value("before"), f"before of {fields.place}")
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
            tunnel=None if tunnel is None else _read_tunnel(_fields(tunnel, f"tunnel of {fields.place}")),
        ),
        after=fields.number("after", _WEIGHT_LIMIT),
    )


def _read_tunnel(fields: _Fields) -> Tunnel:
    port, checksum = fields.value("port"), fields.value("checksum")
    if checksum is not None and checksum not in _CHECKSUMS:
        raise fields.wrong("checksum", f"none of {', '.join(_CHECKSUMS)}")
    return Tunnel(
        type=fields.member("type", TunnelType),
        port=None if port is None else fields.number("port", 65535),
        checksum=None if checksum is None else str(checksum),
    )


def _read_virtual_server(fields: _Fields) -> VirtualServerKey:
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


def _read_endpoint(fields: _Fields, key: str, text: str) -> tuple[IPAddress, int]:
    try:
        if not _ENDPOINT.fullmatch(text):
            raise ValueError
        return parse_endpoint(text)
    except ValueError:
        raise fields.wrong(key, "no address and port") from None


def _read_file(fields: _Fields) -> FileChange:
    path = fields.name("path", _PATH_LIMIT)
    if not path.startswith("/"):
        raise fields.wrong("path", "not absolute")
    return FileChange(
        director=fields.name("director"),
        name=fields.name("name"),
        path=path,
        before=fields.number("before", _INT64, -_INT64 - 1),
        after=fields.number("after", _INT64, -_INT64 - 1),
    )
