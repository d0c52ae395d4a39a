"""The JSON schemas of settings and themes say what the loaders say."""

import json
from collections.abc import Callable
from dataclasses import fields
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from lvstop.config.colours import ANSI_COLOURS
from lvstop.config.settings import Settings, parse_settings
from lvstop.config.shipped import shipped_themes_folder
from lvstop.config.theme_slots import BASE_SLOTS, SLOTS
from lvstop.config.themes import ThemeSpec, parse_theme
from lvstop.errors import ConfigError

# There are stubs, but nothing here is worth them.
jsonschema: Any = import_module("jsonschema")

PATH = Path("x.yaml")
THEME = "name: own\ndark: true\ncolors:\n" + "".join(f"  {slot}: '#Fff'\n" for slot in BASE_SLOTS)
GOOD_SETTINGS = [
    "{}",
    "theme: noc-wall\n",
    "keymap: {app.quit: 'ctrl+x, Q', app.help: '?', app.first: 1}\n",
    "columns: [conn, rate]\n",
    "alarms: {}\n",
    "alarms: {critical_after: 500ms, warning_after: 20, over_after: 1.5m, bell: off, notification: osc9}\n",
    "alarms: {remind_every: off, bell: warning}\n",
    "alarms: {remind_every: 10m}\n",
    "on_alert: {command: [page]}\n",
    "on_alert: {command: [~/bin/page, -n, 7], severity: critical, timeout: 2s, per_minute: 60, in_demo: true}\n",
]
BAD_SETTINGS = [
    "- a\n",
    "them: a\n",
    "theme: [a]\n",
    "theme: my own\n",
    "keymap: [q]\n",
    "keymap: {app quit: q}\n",
    "keymap: {app.quit: [q]}\n",
    "keymap: {app.quit: 'q x'}\n",
    "keymap: {app.quit: 'q,'}\n",
    "columns: a\n",
    "columns: [a, a]\n",
    "alarms: loud\n",
    "alarms: {loud: yes}\n",
    "alarms: {over_after: 0}\n",
    "alarms: {over_after: soon}\n",
    "alarms: {bell: loud}\n",
    "alarms: {notification: [osc9]}\n",
    "on_alert: page\n",
    "on_alert: {}\n",
    "on_alert: {command: page}\n",
    "on_alert: {command: []}\n",
    "on_alert: {command: [[a]]}\n",
    "on_alert: {command: [' ']}\n",
    "on_alert: {command: [a], severity: info}\n",
    "on_alert: {command: [a], per_minute: 61}\n",
    "on_alert: {command: [a], in_demo: maybe}\n",
]
GOOD_THEMES = [THEME, THEME + "  drift: ansi_red\ntitle: Own\n"]
BAD_THEMES = [
    "- a\n",
    THEME.replace("name: own\n", ""),
    THEME.replace("dark: true\n", ""),
    THEME.replace("dark: true", "dark: maybe"),
    THEME.replace("  panel: '#Fff'\n", ""),
    THEME + "  vrrp: '#fff'\n",
    THEME + "  drift: '#ffff'\n",
    THEME + "  drift: red\n",
    THEME + "  drift: #fff\n",
    THEME + "drak: true\n",
]


def load(name: str) -> dict[str, Any]:
    loaded = json.loads((files("lvstop.config") / name).read_text("utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def accepted(name: str, text: str) -> bool:
    schema = load(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    return bool(jsonschema.Draft202012Validator(schema).is_valid(yaml.safe_load(text)))


Parser = Callable[[str, Path], Settings | ThemeSpec]
GOOD: list[tuple[str, Parser, str]] = [
    *(("settings.schema.json", parse_settings, text) for text in GOOD_SETTINGS),
    *(("theme.schema.json", parse_theme, text) for text in GOOD_THEMES),
    *(("theme.schema.json", parse_theme, path.read_text()) for path in shipped_themes_folder().glob("*.yaml")),
]
BAD: list[tuple[str, Parser, str]] = [
    *(("settings.schema.json", parse_settings, text) for text in BAD_SETTINGS),
    *(("theme.schema.json", parse_theme, text) for text in BAD_THEMES),
]


@pytest.mark.parametrize(("schema", "parse", "text"), GOOD)
def test_both_accept(schema: str, parse: Parser, text: str) -> None:
    """The loader and the editor."""
    parse(text, PATH)
    assert accepted(schema, text)


@pytest.mark.parametrize(("schema", "parse", "text"), BAD)
def test_both_refuse(schema: str, parse: Parser, text: str) -> None:
    """The loader and the editor."""
    with pytest.raises(ConfigError):
        parse(text, PATH)
    assert not accepted(schema, text)


def test_keys_and_slots_are_the_same() -> None:
    """None is missing in a schema, none is left over."""
    settings, theme = load("settings.schema.json")["properties"], load("theme.schema.json")
    assert set(settings) == {field.name for field in fields(Settings)}
    assert settings["theme"]["default"] == Settings().theme
    assert set(theme["properties"]) == {field.name for field in fields(ThemeSpec)}
    colors = theme["properties"]["colors"]
    assert tuple(colors["properties"]) == SLOTS
    assert colors["required"] == list(BASE_SLOTS)
    assert theme["$defs"]["colour"]["anyOf"][1]["enum"] == list(ANSI_COLOURS)
