"""Small words that alerts and events share."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from lvstop.model.address import RealServerKey, VirtualServerKey


def listing(items: Iterable[object], *, most: int | None = None) -> str:
    """`a`, `a and b`, `a, b and c`; with `most`, the rest is counted: `a, b and 7 more`."""
    texts = [str(item) for item in items]
    if most is not None and len(texts) > most + 1:
        texts = [*texts[:most], f"{len(texts) - most} more"]
    if len(texts) < 2:
        return "".join(texts)
    return f"{', '.join(texts[:-1])} and {texts[-1]}"


def is_are(items: Sequence[object]) -> str:
    """The verb that fits so many."""
    return "is" if len(items) == 1 else "are"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """`1 line`, `1,204 lines`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def row_subject(virtual_server: VirtualServerKey, real_server: RealServerKey) -> str:
    """How alerts and events name a row of the table: `10.0.0.7:80 of TCP:10.0.0.1:80`."""
    return f"{real_server} of {virtual_server}"


def rows_subject(rows: Sequence[tuple[VirtualServerKey, RealServerKey]]) -> str:
    """How alerts and events name what a change touches: a row, a real server everywhere, or a few rows.

    `10.0.0.7:80 of TCP:10.0.0.1:80`, `10.0.0.7 in 3 virtual servers`.
    """
    servers, addresses = {server for server, _ in rows}, {real.address for _, real in rows}
    if len(rows) > 1 and len(addresses) == 1 and len(servers) > 1:
        return f"{rows[0][1].address} in {len(servers)} virtual servers"
    return listing((row_subject(*row) for row in rows), most=2)


def moment(when: datetime, now: datetime) -> str:
    """A moment for a sentence: `14:02 UTC` within a day, else `10 Nov 10:48 UTC`, or `10 Nov 2025`."""
    when, now = when.astimezone(UTC), now.astimezone(UTC)
    if abs(now - when) < timedelta(hours=20):
        return f"{when:%H:%M} UTC"
    return f"{when:%-d %b %H:%M} UTC" if when.year == now.year else f"{when:%-d %b %Y}"


def age(seconds: float) -> str:
    """A duration for a sentence: `0.4 s`, `34 s`, `5 min`, `3 h`, `2 days`."""
    if seconds < 10:
        return f"{max(0.0, seconds):.1f} s"
    for limit, unit, name in ((120, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds / 86_400:.0f} days"
