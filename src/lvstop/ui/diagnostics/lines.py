"""What lvstop costs, in lines: its own process, and each director that it reads."""

from collections.abc import Iterable, Sequence

from lvstop import format as fmt
from lvstop.analysis.quantiles import quantile
from lvstop.engine.own_process import OwnUse
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot
from lvstop.ui.vrrp.matrix import BLANK, Line, Part, fit, heading
from lvstop.ui.words import STATUS_SIGN, STATUS_STYLE

_LABEL = 18
_NUMBER = 9
_LEAST_NAME = 16
_SIGN, _STATUS = 2, 14
"""Cells of a status: its sign alone, and with its word."""
_COLUMNS = (("median", 9), ("95 %", 9), ("read/s", 9), ("looks", 11), ("failed", 8), ("again", 7))
_NUMBERS = sum(width for _, width in _COLUMNS)


def own_lines(use: OwnUse | None, late: Sequence[float], room: int) -> list[Line]:
    """The process, and how late its event loop is."""
    cpu = None if use is None else use.cpu
    lines = [
        heading("lvstop itself", "", room),
        _row("processor", f"{cpu * 100:.1f} %" if cpu is not None else None, "of one, lately"),
        _row("memory", None if use is None else f"{use.rss_bytes / 1024**2:.1f} MiB", "resident"),
        _row("threads", None if use is None else f"{use.threads}", ""),
        _row("event loop late", _milliseconds(quantile(late, 0.5)), "half of the time"),
        _row("", _milliseconds(quantile(late, 0.95)), "95 % of the time"),
        _row("", _milliseconds(max(late, default=None)), f"at most, of {len(late)} looks at the clock"),
    ]
    return [*(fit(line, room) for line in lines), BLANK]


def _row(label: str, value: str | None, more: str) -> Line:
    return (*fit((Part("  "), Part(label, "$muted")), _LABEL), _cell(value, _NUMBER), Part(f"  {more}", "$muted"))


def reading_lines(snapshots: Iterable[ClusterSnapshot], room: int) -> list[Line]:
    """A table of the directors, by cluster."""
    clusters = list(snapshots)
    names = max((len(each.name) for cluster in clusters for each in cluster.directors), default=0) + 4
    status = _STATUS if room >= names + _STATUS + _NUMBERS else _SIGN
    width = max(_LEAST_NAME, min(names, room - status - _NUMBERS))
    titles = "".join(title.rjust(column) for title, column in _COLUMNS)
    lines = [
        heading("Reading", "how long looks take, what comes in, what failed", room),
        fit((Part("  " + "director".ljust(width - 2) + " " * status + titles, "$muted"),), room),
    ]
    for cluster in clusters:
        lines.append(fit((Part("  "), Part(cluster.name, "bold $heading")), room))
        lines += [fit(_director(each, width, status), room) for each in cluster.directors]
    return lines


def _director(director: DirectorSnapshot, width: int, room: int) -> Line:
    said = f"{STATUS_SIGN[director.status]} {director.status if room > _SIGN else ''}"
    status = Part(said.ljust(room), STATUS_STYLE[director.status])
    effort = director.effort
    if effort is None:
        numbers: tuple[str | None, ...] = (None,) * len(_COLUMNS)
    else:
        read = effort.bytes_per_second
        numbers = (
            _milliseconds(quantile(effort.latencies, 0.5)),
            _milliseconds(quantile(effort.latencies, 0.95)),
            None if read is None else _size(read),
            fmt.number(effort.looks),
            fmt.number(effort.failures),
            fmt.number(max(0, effort.connections - 1)),
        )
    cells = (_cell(text, column) for text, (_, column) in zip(numbers, _COLUMNS, strict=True))
    return (*fit((Part("    "), Part(director.name)), width), status, *cells)


def _cell(text: str | None, width: int) -> Part:
    return Part(fmt.UNKNOWN.rjust(width), "$unknown") if text is None else Part(text.rjust(width))


def _milliseconds(seconds: float | None) -> str | None:
    """`0.4 ms`, `12 ms`, `1.3 s`."""
    if seconds is None:
        return None
    if seconds >= 0.9995:
        return f"{seconds:.1f} s"
    value = seconds * 1000
    return f"{value:.1f} ms" if value < 9.95 else f"{value:.0f} ms"


def _size(size: float) -> str:
    """Bytes with a binary prefix: `412 B`, `1.2 KiB`."""
    for prefix in ("", "Ki", "Mi"):
        if size < 1023.5:
            return f"{size:.1f} {prefix}B" if prefix and size < 9.95 else f"{size:.0f} {prefix}B"
        size /= 1024
    return f"{size:.1f} GiB"
