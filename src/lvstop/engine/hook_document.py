"""The JSON document that the operator's command finds on its standard input. Stable: scripts depend on it."""

import json
from datetime import UTC, datetime

from lvstop.analysis.alarms import AlarmNews

SCHEMA = 1


def document(news: AlarmNews, *, left_out: int, waiting: int) -> str:
    """One line of JSON, in ASCII.

    Args:
        left_out: news that were never told, since the last document.
        waiting: alarms that wait for their turn behind this one.
    """
    alarm = news.alarm
    code, subject = alarm.key
    said = {
        "schema": SCHEMA,
        "event": str(news.event),
        "cluster": news.cluster,
        "health": str(news.health),
        "code": str(code),
        "severity": str(alarm.severity),
        "subject": subject,
        "summary": alarm.alert.summary,
        "remedy": alarm.alert.remedy,
        "since": _moment(alarm.since),
        "at": _moment(news.at),
        "held_back": left_out,
        "waiting": waiting,
    }
    return json.dumps(said) + "\n"


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
