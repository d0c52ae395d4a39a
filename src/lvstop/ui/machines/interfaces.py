"""A machine's interfaces: what passes, what is lost, and the last five minutes."""

from collections.abc import Callable, Sequence

from lvstop import format as fmt
from lvstop.analysis.strain import LOOPBACK
from lvstop.analysis.thresholds import DEFAULT_THRESHOLDS
from lvstop.model.director import DirectorSnapshot
from lvstop.model.host import InterfaceRates
from lvstop.ui.machines.bars import reached
from lvstop.ui.table.cells import sparkline
from lvstop.ui.vrrp.matrix import Line, Part, fit
from lvstop.ui.words import SEVERITY_STYLE

MOST = 8
"""Interfaces that have a line; what is left out is counted."""
_NAME, _NUMBER, _SPARK = 11, 8, 20
_TITLES = ("↓ b/s", "↑ b/s", "drop/s", "err/s")

Past = Callable[[str], tuple[float | None, ...]]
"""Bytes a second of an interface in the last minutes, by its name."""


def interface_lines(director: DirectorSnapshot, past: Past, room: int) -> list[Line]:
    """A line for each, the busiest ones where there are many; in the kernel's order, so that they stand still."""
    if director.interfaces is None:
        return [fit((Part("  interfaces ", "$muted"), Part(fmt.UNKNOWN, "$unknown")), room)]
    names = [each.interface for each in director.interfaces if each.interface != LOOPBACK]
    rates = director.interface_rates or {}
    shown = _busiest(names, rates.get)
    spark = max(0, min(_SPARK, room - _NAME - len(_TITLES) * _NUMBER - 2))
    titles = "".join(title.rjust(_NUMBER) for title in _TITLES)
    last = "  5 min" if spark >= 6 else ""
    lines = [fit((Part("  interface"[:_NAME].ljust(_NAME) + titles + last, "$muted"),), room)]
    lines += [_line(name, rates.get(name), past(name)[-spark:] if spark else (), room) for name in shown]
    if len(shown) < len(names):
        lines.append(fit((Part(f"  and {len(names) - len(shown)} that have less to do", "$muted"),), room))
    return lines


def _busiest(names: Sequence[str], rates_of: Callable[[str], InterfaceRates | None]) -> Sequence[str]:
    if len(names) <= MOST:
        return names

    def weight(name: str) -> float:
        rates = rates_of(name)
        return 0.0 if rates is None else rates.received_bytes + rates.sent_bytes

    chosen = set(sorted(names, key=lambda name: -weight(name))[:MOST])
    return [name for name in names if name in chosen]


def _line(name: str, rates: InterfaceRates | None, past: tuple[float | None, ...], room: int) -> Line:
    label = fit((Part("  "), Part(name, "bold")), _NAME)
    if rates is None:
        unknown = Part(fmt.UNKNOWN.rjust(_NUMBER), "$unknown")
        return fit((*label, *([unknown] * len(_TITLES))), room)
    dropped, errors = rates.received_dropped + rates.sent_dropped, rates.received_errors + rates.sent_errors
    numbers = (
        _quiet(fmt.bits(rates.received_bytes), rates.received_bytes),
        _quiet(fmt.bits(rates.sent_bytes), rates.sent_bytes),
        _lost(dropped),
        _lost(errors),
    )
    return fit((*label, *numbers, Part(f"  {sparkline(past)}", "$spark")), room)


def _quiet(text: str, value: float) -> Part:
    return Part(text.rjust(_NUMBER), "" if value else "$muted")


def _lost(rate: float) -> Part:
    severity = reached(rate, DEFAULT_THRESHOLDS.interface_drops)
    text = f"{'' if severity is None else '▲'}{fmt.per_second(rate) if rate else '0'}"
    style = f"bold {SEVERITY_STYLE[severity]}" if severity is not None else "" if rate else "$muted"
    return Part(text.rjust(_NUMBER), style)
