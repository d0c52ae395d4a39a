"""Settings of alarms: how long an alert has to stand, who is told, and the operator's own command."""

from dataclasses import dataclass, field
from enum import StrEnum

from lvstop.config import values
from lvstop.config.nodes import Node, choose
from lvstop.model.alert import Severity

MOST_PER_MINUTE = 60
"""A command that is started more often than that costs the machine more than it tells anybody."""

LONGEST_TIMEOUT = 300.0
"""Seconds. One run of the command follows the other: one that hangs keeps news from whoever waits for them."""

_ALARM_KEYS = (
    "critical_after",
    "warning_after",
    "unanswered_after",
    "over_after",
    "bell",
    "remind_every",
    "notification",
)
_HOOK_KEYS = ("command", "severity", "timeout", "per_minute", "in_demo")


class Ring(StrEnum):
    """What rings the terminal's bell: alarms that are critical, warnings too, or none."""

    OFF = "off"
    CRITICAL = "critical"
    WARNING = "warning"


class Notification(StrEnum):
    """How a terminal is asked to show a notification on its desktop: by OSC 9 (iTerm2, WezTerm, kitty, ConEmu), by
    OSC 777 (rxvt-unicode, VTE, foot, Ghostty), or not at all. A terminal cannot be asked which of them it knows.
    """

    OFF = "off"
    OSC9 = "osc9"
    OSC777 = "osc777"


@dataclass(frozen=True, slots=True)
class Debounce:
    """How long something has to be so before it counts. Seconds.

    Attributes:
        critical_after: a critical alert that stood for so long is an alarm. A failover that works is over in less than
            4 seconds (three missed adverts and the skew, RFC 5798 §6.1; measured: 3.1 to 3.6), and readings are a
            second apart: nobody is called for that.
        warning_after: the same of a warning. A real server that missed one check is back by then.
        unanswered_after: a director that does not answer for so long is an alarm, critical or not: a lost connection is
            noticed within 20 seconds and stands again a moment later, as after a watcher's laptop slept.
        over_after: an alarm is over when its alert was away for so long, and known to be: what comes and goes faster
            than that is one alarm.
    """

    critical_after: float = 5.0
    warning_after: float = 20.0
    unanswered_after: float = 30.0
    over_after: float = 30.0

    def hold(self, severity: Severity) -> float:
        """For how long an alert of this severity has to stand."""
        return self.critical_after if severity is Severity.CRITICAL else self.warning_after


@dataclass(frozen=True, slots=True)
class AlarmSettings:
    """What becomes an alarm, and how the terminal tells of it.

    Attributes:
        remind_every: seconds after which the bell rings again while an alarm that rings it is not acknowledged; None:
            it rings once.
    """

    debounce: Debounce = field(default_factory=Debounce)
    bell: Ring = Ring.CRITICAL
    remind_every: float | None = 300.0
    notification: Notification = Notification.OFF


@dataclass(frozen=True, slots=True)
class HookSettings:
    """The operator's own command.

    Attributes:
        command: program and arguments, as they are: no shell sees them, and nothing is put into them.
        severity: alarms below it are not told.
        timeout: seconds that a run may take; then it is killed, with all that it started.
        per_minute: so many runs within any minute.
        in_demo: it runs in `lvstop demo` as well; else what is simulated calls nobody.
    """

    command: tuple[str, ...]
    severity: Severity = Severity.WARNING
    timeout: float = 10.0
    per_minute: int = 6
    in_demo: bool = False


def read_alarms(node: Node) -> AlarmSettings:
    """The key `alarms`; what is wrong with it is complained about."""
    keys = node.mapping(_ALARM_KEYS) or {}
    usual = Debounce()

    def seconds(key: str, otherwise: float) -> float:
        given = keys[key].parsed(values.parse_duration) if key in keys else None
        return otherwise if given is None else given

    debounce = Debounce(
        seconds("critical_after", usual.critical_after),
        seconds("warning_after", usual.warning_after),
        seconds("unanswered_after", usual.unanswered_after),
        seconds("over_after", usual.over_after),
    )
    bell = keys["bell"].parsed(_bell) if "bell" in keys else None
    notification = keys["notification"].parsed(_notification) if "notification" in keys else None
    remind = AlarmSettings().remind_every
    if "remind_every" in keys:
        remind = keys["remind_every"].parsed(_remind)
    return AlarmSettings(debounce, bell or Ring.CRITICAL, remind, notification or Notification.OFF)


def _remind(text: str) -> float | None:
    return None if text == Ring.OFF else values.parse_duration(text)


def _bell(text: str) -> Ring:
    return Ring(choose(Ring)(text))


def _notification(text: str) -> Notification:
    return Notification(choose(Notification)(text))


def read_hook(node: Node) -> HookSettings | None:
    """The key `on_alert`; None where there is no command. What is wrong with it is complained about."""
    keys = node.mapping(_HOOK_KEYS)
    if keys is None:
        return None
    node.require(keys, "command", "; a list of the program and its arguments")
    command = _command(keys["command"]) if "command" in keys else ()
    usual = HookSettings(command)
    severity = keys["severity"].parsed(_severity) if "severity" in keys else None
    timeout = keys["timeout"].parsed(_timeout) if "timeout" in keys else None
    per_minute = keys["per_minute"].parsed(_per_minute) if "per_minute" in keys else None
    in_demo = keys["in_demo"].parsed(values.parse_boolean) if "in_demo" in keys else None
    if not command:
        return None
    return HookSettings(
        command,
        usual.severity if severity is None else severity,
        usual.timeout if timeout is None else timeout,
        usual.per_minute if per_minute is None else per_minute,
        bool(in_demo),
    )


def _command(node: Node) -> tuple[str, ...]:
    if node.is_single:
        node.complain("a list is expected, the program first: no shell takes a line of text apart")
        return ()
    items = node.items()
    if items is not None and not items:
        node.complain("a program is missing")
    words = [item.parsed(_word) for item in items or ()]
    if not words or words[0] is None:
        return ()
    program = str(values.parse_path(words[0])) if words[0].startswith("~") else words[0]
    return (program, *(word for word in words[1:] if word is not None))


def _word(text: str) -> str:
    if "\0" in text:
        raise ValueError("no argument of a program can have a NUL in it")
    if text.startswith("~"):
        values.parse_path(text)
    return text


def _severity(text: str) -> Severity:
    return Severity[choose(("warning", "critical"))(text).upper()]


def _timeout(text: str) -> float:
    seconds = values.parse_duration(text)
    if seconds > LONGEST_TIMEOUT:
        raise ValueError(f"{text!r} is too long: at most {LONGEST_TIMEOUT:g}s")
    return seconds


def _per_minute(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 4 and 1 <= int(text) <= MOST_PER_MINUTE):
        raise ValueError(f"{text!r} is not a number from 1 to {MOST_PER_MINUTE}")
    return int(text)
