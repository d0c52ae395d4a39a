"""The operator's settings, `config.yaml`: YAML → `Settings`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from lvstop.config import values
from lvstop.config.alarms import AlarmSettings, HookSettings, read_alarms, read_hook
from lvstop.config.nodes import Node, compose_if_any, read_text
from lvstop.config.paths import shown
from lvstop.errors import ConfigError

DEFAULT_THEME = "lvstop-dark"
"""The theme where nobody asks for another one."""

_KEYS = ("theme", "keymap", "columns", "alarms", "on_alert")
_KEY = re.compile(r"(?:(?:ctrl|alt|shift|super|hyper|meta)\+)*(?:[a-z0-9_]{2,}|[^\s,])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator wants lvstop to be like, whatever the cluster.

    Attributes:
        theme: the name of a theme. Whether there is one of that name is for the reader to find out.
        keymap: the keys that do a thing instead of its usual ones, by the id of its binding; several with commas and
            no spaces.
        columns: the ids of the table's columns, in order. Empty: as many as there is room for.
        alarms: when an alert becomes an alarm, and how the terminal tells of it.
        on_alert: the operator's command that is run for alarms; None where there is none.
    """

    theme: str = DEFAULT_THEME
    keymap: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    columns: tuple[str, ...] = ()
    alarms: AlarmSettings = field(default_factory=AlarmSettings)
    on_alert: HookSettings | None = None


def load_settings(path: Path) -> Settings:
    """The settings in `path`; what it does not say has its default, and so has everything where there is no file.

    Raises:
        ConfigError: the file is there and cannot be read, or is wrong; with several mistakes the text lists them.
    """
    try:
        text = read_text(path)
    except ConfigError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return Settings()
        raise
    return parse_settings(text, path)


def parse_settings(text: str, path: Path) -> Settings:
    """The settings that `text` describes; `path` is for messages.

    Raises:
        ConfigError: as `load_settings`.
    """
    root = compose_if_any(text, shown(path))
    if root is None or root.is_null:
        return Settings()
    keys = root.mapping(_KEYS) or {}
    theme = keys["theme"].parsed(values.parse_name) if "theme" in keys else None
    keymap = _keymap(keys["keymap"]) if "keymap" in keys else {}
    columns = _columns(keys["columns"]) if "columns" in keys else ()
    alarms = read_alarms(keys["alarms"]) if "alarms" in keys else AlarmSettings()
    on_alert = read_hook(keys["on_alert"]) if "on_alert" in keys else None
    root.complaints.raise_if_any()
    return Settings(theme or DEFAULT_THEME, MappingProxyType(keymap), columns, alarms, on_alert)


def _keymap(node: Node) -> dict[str, str]:
    found: dict[str, str] = {}
    for binding, (value, line) in (node.entries() or {}).items():
        try:
            values.parse_name(binding)
        except ValueError as error:
            node.complaints.add(f"{value.where}: {error}", line)
        keys = value.parsed(_parse_keys)
        if keys is not None:
            found[binding] = keys
    return found


def _parse_keys(text: str) -> str:
    keys = [key.strip() for key in text.split(",")]
    for key in keys:
        if not _KEY.fullmatch(key) or not key.isprintable():
            raise ValueError(f"{key!r} is not a key such as f5, ctrl+r, question_mark or ?")
    return ",".join(keys)


def _columns(node: Node) -> tuple[str, ...]:
    found: list[str] = []
    for item in node.items() or ():
        column = item.parsed(values.parse_name)
        if column in found:
            item.complain(f"{column} is listed twice")
        elif column is not None:
            found.append(column)
    return tuple(found)
