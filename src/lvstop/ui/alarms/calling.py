"""What a terminal is told so that it calls somebody: notifications by OSC 9 and OSC 777."""

from lvstop.analysis.alarms import AlarmNews
from lvstop.config.alarms import Notification
from lvstop.plain import plain
from lvstop.ui.terminal_output import NOTIFY_OSC9, NOTIFY_OSC777

_END = "\x1b\\"
_LONGEST = 250
"""Letters of a notification: a line or two of a desktop."""


def notification(kind: Notification, news: AlarmNews) -> str:
    """The sequence that has the terminal show a notification; empty where none is wanted.

    What is said in it is data: nothing in it ends the sequence or begins another one.
    """
    title = _text(f"lvstop: {news.cluster} {news.alarm.severity}")
    said = _text(news.alarm.alert.summary)
    if kind is Notification.OSC9:
        return f"{NOTIFY_OSC9}{title}: {said}{_END}"
    if kind is Notification.OSC777:
        return f"{NOTIFY_OSC777}{title.replace(';', ',')};{said.replace(';', ',')}{_END}"
    return ""


def _text(text: str) -> str:
    one_line = " ".join(plain(text).split())
    return one_line if len(one_line) <= _LONGEST else one_line[: _LONGEST - 1] + "…"
