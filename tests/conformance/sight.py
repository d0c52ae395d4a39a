"""All that lvstop sees of a cluster, as paths and values; what differs by moment or by machine is masked.

A masked value is `SOME` where there is one, so that a reading that one pair has and the other has not still shows.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum

from lvstop.model.cluster import ClusterSnapshot

Value = str | int | bool | None
Sight = dict[str, Value]
"""By path, e.g. `directors/keepalived1/vrrp/SMB/state`."""

SOME = "…"
GONE = "gone"
"""What a change says of a path that is there no more."""

LEFT_OUT = frozenset({"generated_at", "events", "changes_table", "moving"})
LEFT_OUT |= {"interface_rates", "advert_rates", "vitals", "vitals_rates", "effort"}
"""Copies of others, there from the second reading on only or for a moment, or different with each machine."""
NOT_YET = frozenset({"hostname", "machine", "unicast_peers", "connection_buckets", "extent"})
"""Fields that lvstop knows since the traces were recorded. At the next recording nothing is left here, and `machine` is
one of those that are masked."""
MASKED = frozenset({"id", "pid", "kernel", "author", "uptime", "age_seconds", "counters_uptime"})
_MASKED_TYPES = frozenset({"Counters", "Rates", "VrrpCounters", "LoadAverage", "InterfaceCounters"})
_NAMES: tuple[tuple[str, ...], ...] = (
    ("code", "subject"),
    ("key",),
    ("name",),
    ("address",),
    ("what",),
    ("director", "virtual_server", "real_server"),
    ("interface",),
    ("file",),
    (),
)
"""Fields by which the items of a list are told apart, the first that they have; else it is by their places."""
_AUTHOR = re.compile(r"\b[\w.-]+@[\w.-]+")
_LINK_LOCAL = "fe80::"
_PORT = re.compile(r"(?: \([\d.]+\))? port \d+")
_SPAN = re.compile(r"\b\d+(?:\.\d+)? ?(?:s|ms|min|h|seconds?|minutes?|hours?)\b")
_MOMENT = re.compile(r"(?<![\d.:])\d{2}:\d{2}(?::\d{2})?\b")


def sight(snapshot: ClusterSnapshot) -> Sight:
    """Everything in a snapshot."""
    return dict(_walk("", snapshot))


def changes(before: Sight, after: Sight) -> Sight:
    """What is different, and how it is now."""
    found: Sight = {path: value for path, value in after.items() if path not in before or before[path] != value}
    found |= dict.fromkeys((path for path in before if path not in after and not _below(path, after)), GONE)
    return dict(sorted(found.items()))


def _below(path: str, sight: Sight) -> bool:
    """Something above it is there as a whole: it is None, or empty."""
    while path := path.rpartition("/")[0]:
        if path in sight:
            return True
    return False


def _walk(path: str, value: object) -> Iterator[tuple[str, Value]]:
    if value is not None and (path.rpartition("/")[2] in MASKED or isinstance(value, float | datetime)):
        yield path, SOME
    elif value is None or (isinstance(value, bool | int) and not isinstance(value, Enum)):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _walk(_join(path, str(key)), item)
    elif isinstance(value, tuple):
        yield from _items(path, value)
    elif is_dataclass(value) and "__str__" not in type(value).__dict__:
        yield from _fields(path, value, ())
    else:
        yield path, masked(str(value))


def masked(text: str) -> str:
    """A sentence without times, without whoever runs this, and without the port by which a director is reached."""
    for each in (_MOMENT, _SPAN, _AUTHOR):
        text = each.sub(SOME, text)
    return _PORT.sub("", text)


def _fields(path: str, value: object, named_by: tuple[str, ...]) -> Iterator[tuple[str, Value]]:
    if type(value).__name__ in _MASKED_TYPES:
        yield path, SOME
        return
    for field in fields(value):  # type: ignore[arg-type]
        if field.name not in LEFT_OUT | NOT_YET and field.name not in named_by:
            yield from _walk(_join(path, field.name), getattr(value, field.name))


def _items(path: str, items: tuple[object, ...]) -> Iterator[tuple[str, Value]]:
    if not items or not is_dataclass(items[0]):
        yield path, ", ".join(str(each) for each in items) or "none"
        return
    seen: dict[str, int] = {}
    for place, item in enumerate(items):
        by = next(names for names in _NAMES if all(hasattr(item, each) for each in names))
        name = " ".join(str(getattr(item, each)) for each in by) or str(place)
        if name.startswith(_LINK_LOCAL):
            # made of the interface's MAC
            name = f"{_LINK_LOCAL}{SOME} {getattr(item, 'interface', '')}"
        seen[name] = seen.get(name, 0) + 1
        yield from _fields(_join(path, name if seen[name] == 1 else f"{name} {seen[name]}"), item, by)


def _join(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name
