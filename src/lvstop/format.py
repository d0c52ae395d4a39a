"""Numbers, durations and moments as an operator reads them. Plain text; None is always `–`."""

from datetime import UTC, datetime, timedelta

UNKNOWN = "–"
"""What stands where nothing is known; never 0, never empty."""


def number(value: int | None) -> str:
    """`1,204`."""
    return UNKNOWN if value is None else f"{value:,}"


def per_second(value: float | None) -> str:
    """A rate with one decimal below 100: `21.0`, `1,204`."""
    if value is None:
        return UNKNOWN
    return f"{value:.1f}" if value < 99.95 else f"{value:,.0f}"


def percent(part: float | None) -> str:
    """A part of 1 in percent, without the sign: `60`, `0.4` below 1, `<.1` for what is next to nothing, `0`."""
    if part is None:
        return UNKNOWN
    value = part * 100
    if value >= 0.95 or value == 0:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 0.05 else "<.1"


def bits(bytes_per_second: float | None) -> str:
    """Bits per second with a decimal prefix: `18.2M`, `0`."""
    if bytes_per_second is None:
        return UNKNOWN
    value = bytes_per_second * 8
    for prefix in ("", "k", "M", "G"):
        if value < 999.5:
            return f"{value:.0f}{prefix}" if prefix == "" or value >= 99.95 else f"{value:.1f}{prefix}"
        value /= 1000
    return f"{value:.1f}T"


def age(seconds: float | None) -> str:
    """How old something is: `0.3s`, `42s`, `5m`, `3h`, `12d`."""
    if seconds is None:
        return UNKNOWN
    if seconds < 9.95:
        return f"{seconds:.1f}s"
    for unit, size, limit in (("s", 1, 90), ("m", 60, 5400), ("h", 3600, 129600)):
        if seconds < limit:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds / 86400:.0f}d"


def duration(span: timedelta) -> str:
    """A length of time in its two largest units: `12d 3h`, `4m 10s`, `0s`."""
    seconds = max(0, int(span.total_seconds()))
    parts = [(seconds // 86400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s")]
    first = next((index for index, (count, _) in enumerate(parts) if count), 3)
    return " ".join(
        f"{count}{unit}" for count, unit in parts[first : first + 2] if count or unit == "s" == parts[first][1]
    )


def moment(when: datetime | None) -> str:
    """A moment in UTC: `2026-11-22 14:02:11 UTC`."""
    return UNKNOWN if when is None else f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def day_time(when: datetime, now: datetime) -> str:
    """A moment for a sentence, in UTC: `14:02:11` within a day, else `10 Nov 10:48`, or `10 Nov 2025`."""
    when, now = when.astimezone(UTC), now.astimezone(UTC)
    if now - when < timedelta(hours=20):
        return f"{when:%H:%M:%S}"
    return f"{when:%-d %b %H:%M}" if when.year == now.year else f"{when:%-d %b %Y}"


def load(one_minute: float | None) -> str:
    """A load average: `0.21`."""
    return UNKNOWN if one_minute is None else f"{one_minute:.2f}"
