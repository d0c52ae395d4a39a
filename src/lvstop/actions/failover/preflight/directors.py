"""Checks of the directors as machines that are asked: do they answer, may they be changed, are their clocks known."""

from collections.abc import Sequence

from lvstop.actions.failover.checks import Check, CheckCode
from lvstop.actions.failover.preflight.verdicts import blocked, passed, warned
from lvstop.actions.failover.situation import SOUNDING_STALE_AFTER, Look, Side, oldest
from lvstop.analysis.words import age, listing
from lvstop.model.director import DirectorStatus, Privilege

GREATEST_OFFSET = 2.0
"""Seconds between a director's clock and the operator's; with more, logs and records are hard to lay side by side."""

GREATEST_CLOCK_ERROR = 0.05
"""Seconds. With less, a gap of 0.05 s can be told from none."""


def directors_live(look: Look) -> Check:
    """Every director of the cluster answers now: one that does not may be MASTER and hold addresses."""
    code = CheckCode.DIRECTORS_LIVE
    troubles = [said for side in look.sides if (said := _silent(look, side))]
    evidence = oldest(*(oldest(look.table_age(side), look.sounding_age(side)) for side in look.sides))
    if troubles:
        remedy = "`lvstop check` says what is wrong with the connection."
        return blocked(code, f"{listing(troubles)}.", evidence, remedy)
    names = listing(side.name for side in look.sides)
    partly = [side for side in look.sides if side.director.status is DirectorStatus.DEGRADED]
    if partly:
        said = listing(f"{side.name} answers in part only{_fault(side)}" for side in partly)
        return warned(code, f"{said}.", evidence)
    return passed(code, f"{names} answer.", evidence)


def _silent(look: Look, side: Side) -> str:
    """Why a director cannot be acted on; empty where it can."""
    director = side.director
    if director.status is DirectorStatus.STALE:
        return f"{side.name} does not answer in time{_since(look.table_age(side))}"
    if not director.answers:
        return f"{side.name} does not answer{_fault(side)}"
    seconds = look.table_age(side)
    if director.virtual_servers is None:
        return f"the table of {side.name} is not known"
    if seconds is not None and seconds > look.stale_after.total_seconds():
        return f"what is known of {side.name} is old{_since(seconds)}"
    if side.sounding is None:
        return f"{side.name} could not be asked for this failover"
    asked = look.sounding_age(side)
    if asked is not None and asked > SOUNDING_STALE_AFTER.total_seconds():
        return f"{side.name} was asked {age(asked)} ago and has to be asked again"
    return ""


def _since(seconds: float | None) -> str:
    return "" if seconds is None else f": its table was read {age(seconds)} ago"


def _fault(side: Side) -> str:
    fault = side.director.fault
    return "" if fault is None else f" ({fault.summary.rstrip('.')})"


def privilege(look: Look) -> Check:
    """lvstop may change something on the directors."""
    code = CheckCode.PRIVILEGE
    silent = [side.name for side in look.sides if not side.director.answers]
    if silent:
        return blocked(code, f"What the login may do on {listing(silent)} is not known.")
    lacking = [side.name for side in look.sides if not _may(side)]
    if lacking:
        remedy = "log in as root, or allow this login `sudo -n sh` without a password"
        return blocked(code, f"The login has no root privilege on {listing(lacking)}.", None, remedy)
    told = [f"{side.director.privilege} on {side.name}" for side in look.sides]
    return passed(code, f"Privilege: {listing(told)}.")


def _may(side: Side) -> bool:
    return side.director.privilege in (Privilege.ROOT, Privilege.SUDO)


def clocks(look: Look) -> Check:
    """The stopwatch converts the directors' times: it is as exact as their clocks are known."""
    code = CheckCode.CLOCKS
    evidence = oldest(*map(look.sounding_age, look.sides))
    unknown: list[str] = []
    told: list[str] = []
    bad: list[str] = []
    for side in look.sides:
        reading = None if side.sounding is None else side.sounding.clock
        if reading is None:
            unknown.append(f"{side.name}{side.why_not('clock', 'time')}")
            continue
        said = f"{side.name} {_offset(reading.ahead)} (± {reading.error * 1000:.0f} ms)"
        far = abs(reading.ahead) - reading.error > GREATEST_OFFSET or reading.error > GREATEST_CLOCK_ERROR
        (bad if far else told).append(said)
    return _clock_verdict(code, evidence, unknown, bad, told)


def _clock_verdict(
    code: CheckCode, evidence: float | None, unknown: Sequence[str], bad: Sequence[str], told: Sequence[str]
) -> Check:
    if unknown:
        sentence = f"The clock of {listing(unknown)} is not known: the stopwatch cannot tell what happens there."
        return warned(code, sentence, evidence)
    if bad:
        sentence = f"Against the operator's clock: {listing([*bad, *told])}."
        return warned(code, sentence, evidence, "let all of them follow the same time servers (chrony, NTP)")
    return passed(code, f"Clocks: {listing(told)}.", evidence)


def _offset(ahead: float) -> str:
    if abs(ahead) < 0.001:
        return "agrees"
    return f"is {abs(ahead):.3f} s {'ahead' if ahead > 0 else 'behind'}"
