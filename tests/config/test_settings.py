"""The operator's settings: what is read, and how mistakes are told."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lvstop.config.alarms import AlarmSettings, Debounce, HookSettings, Notification, Ring
from lvstop.config.paths import settings_file
from lvstop.config.settings import Settings, load_settings, parse_settings
from lvstop.errors import ConfigError
from lvstop.model.alert import Severity

PATH = Path("/etc/lvstop/config.yaml")
EVERYTHING = """\
theme: noc-wall
keymap:
  app.quit: ctrl+x, Q
  table.sort_next: ">"
columns: [conn, rate, weight]
alarms:
  critical_after: 3s
  warning_after: 1m
  unanswered_after: 2m
  over_after: 45
  bell: off
  remind_every: off
  notification: osc777
on_alert:
  command: [/usr/local/bin/page, --lvs, "$HOME; rm -rf", 7]
  severity: critical
  timeout: 2s
  per_minute: 3
  in_demo: yes
"""


def mistake(text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        parse_settings(text, PATH)
    return caught.value


def test_a_file_with_everything(tmp_path: Path) -> None:
    """Keys lose the spaces between them."""
    file = settings_file({"XDG_CONFIG_HOME": str(tmp_path)})
    file.parent.mkdir()
    file.write_text(EVERYTHING)
    keymap = {"app.quit": "ctrl+x,Q", "table.sort_next": ">"}
    alarms = AlarmSettings(Debounce(3.0, 60.0, 120.0, 45.0), Ring.OFF, None, Notification.OSC777)
    command = ("/usr/local/bin/page", "--lvs", "$HOME; rm -rf", "7")
    hook = HookSettings(command, Severity.CRITICAL, 2.0, 3, in_demo=True)
    assert load_settings(file) == Settings("noc-wall", keymap, ("conn", "rate", "weight"), alarms, hook)


@pytest.mark.parametrize("text", ["", "# theme: noc-wall\n", "---\n", "{}", "columns: []\n", "keymap: {}\n"])
def test_what_is_not_said_has_the_default(text: str) -> None:
    """A file in which everything is commented out says nothing."""
    usual = AlarmSettings(Debounce(5.0, 20.0, 30.0, 30.0), Ring.CRITICAL, 300.0, Notification.OFF)
    assert parse_settings(text, PATH) == Settings() == Settings("lvstop-dark", {}, (), usual, None)


def test_no_file_is_no_mistake(tmp_path: Path) -> None:
    """Nobody needs to write one; one that cannot be read was written."""
    assert load_settings(tmp_path / "config.yaml") == Settings()
    (tmp_path / "config.yaml").mkdir()
    with pytest.raises(ConfigError, match=r"config\.yaml: cannot be read: Is a directory"):
        load_settings(tmp_path / "config.yaml")


@pytest.mark.parametrize("keys", ["f5", "ctrl+r", "ctrl+shift+f1", "?", "question_mark", "+", "Q", "ctrl++", "ä", "5"])
def test_keys(keys: str) -> None:
    """By name or by what they type."""
    assert parse_settings(f"keymap: {{app.quit: '{keys}'}}\n", PATH).keymap == {"app.quit": keys}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("them: noc-wall", "config.yaml:1: them: there is no such key; did you mean theme?"),
        ("\ntheme:", "config.yaml:2: theme: a value is missing"),
        ("theme: [a]", "config.yaml:1: theme: a single value is expected, not a list"),
        ("theme: my own", "config.yaml:1: theme: 'my own' is not a name"),
        ("keymap: q", "config.yaml:1: keymap: a mapping is expected, not a single value"),
        ("keymap:\n  app.quit: Ctrl-x", "config.yaml:2: keymap.app.quit: 'Ctrl-x' is not a key such as f5, ctrl+r"),
        ("keymap:\n  app.quit: q,", "config.yaml:2: keymap.app.quit: '' is not a key"),
        ("keymap:\n  app.quit: q x", "config.yaml:2: keymap.app.quit: 'q x' is not a key"),
        ('keymap:\n  app.quit: "\\x01"', "config.yaml:2: keymap.app.quit: '\\x01' is not a key"),
        ("keymap:\n  app.quit: [q]", "config.yaml:2: keymap.app.quit: a single value is expected, not a list"),
        ("keymap:\n  app quit: q", "config.yaml:2: keymap.app quit: 'app quit' is not a name"),
        ("keymap:\n  q: a\n  q: b", "config.yaml:3: keymap.q: is given twice, first in line 2"),
        ("columns: conn", "config.yaml:1: columns: a list is expected, not a single value"),
        ("columns:\n- a\n- b\n- a", "config.yaml:4: columns[3]: a is listed twice"),
        ("columns: [a b]", "config.yaml:1: columns[1]: 'a b' is not a name"),
        ("- theme", "config.yaml:1: a mapping with theme, keymap, columns, alarms, on_alert is expected, not a list"),
        ("theme: 'x", "this is not YAML"),
        ("alarms: loud", "config.yaml:1: alarms: a mapping with critical_after, warning_after, unanswered_after"),
        (
            "alarms:\n  criticl_after: 1s",
            "config.yaml:2: alarms.criticl_after: there is no such key; did you mean crit",
        ),
        ("alarms:\n  over_after: 0s", "config.yaml:2: alarms.over_after: '0s': a duration must be longer than nothing"),
        ("alarms:\n  bell: loud", "config.yaml:2: alarms.bell: 'loud' is none of off, critical, warning"),
        ("alarms:\n  remind_every: now", "config.yaml:2: alarms.remind_every: 'now' is not a duration"),
        ("alarms:\n  notification: osc", "config.yaml:2: alarms.notification: 'osc' is none of off, osc9, osc777"),
        (
            "on_alert: page",
            "config.yaml:1: on_alert: a mapping with command, severity, timeout, per_minute, in_demo is",
        ),
        ("on_alert: {}", "config.yaml:1: on_alert: command: is missing; a list of the program and its arguments"),
        ("on_alert:\n  command: page --lvs", "config.yaml:2: on_alert.command: a list is expected, the program first"),
        ("on_alert:\n  command: []", "config.yaml:2: on_alert.command: a program is missing"),
        ("on_alert:\n  command: [a, [b]]", "config.yaml:2: on_alert.command[2]: a single value is expected"),
        ("on_alert:\n  command: ['']", "config.yaml:2: on_alert.command[1]: a value is missing"),
        ('on_alert:\n  command: [a, "\\0"]', "config.yaml:2: on_alert.command[2]: no argument of a program can have"),
        ("on_alert: {command: [a],\n  timeout: 1h}", "config.yaml:2: on_alert.timeout: '1h' is too long: at most 300s"),
        (
            "on_alert: {command: [a],\n  severity: info}",
            "config.yaml:2: on_alert.severity: 'info' is none of warning, c",
        ),
        (
            "on_alert: {command: [a],\n  per_minute: 61}",
            "config.yaml:2: on_alert.per_minute: '61' is not a number from 1",
        ),
    ],
)
def test_mistakes_name_file_line_and_key(text: str, says: str) -> None:
    """And what was probably meant."""
    error = mistake(text + "\n")
    assert says in str(error)
    assert error.file == "/etc/lvstop/config.yaml"


yaml_pieces = [
    "theme: ",
    "keymap:",
    "columns:",
    "alarms:",
    "on_alert:",
    "command:",
    "\n",
    "  ",
    "{",
    "}",
    "[",
    "]",
    "- ",
    ": ",
    "a",
    "ctrl+",
    "&x ",
    "*x",
    "'",
]
yaml_like = st.lists(st.sampled_from(yaml_pieces)).map("".join)


@hypothesis_settings(deadline=None)
@given(st.one_of(st.text(), yaml_like, yaml_like.map(lambda text: EVERYTHING + text)))
def test_any_text_is_settings_or_a_config_error(text: str) -> None:
    """Nothing else comes out."""
    try:
        assert parse_settings(text, PATH).theme
    except ConfigError as error:
        assert error.file == "/etc/lvstop/config.yaml"  # noqa: PT017
