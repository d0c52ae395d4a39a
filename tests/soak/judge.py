"""Whether the wall says what is so. Pure: the truth and a reading go in, findings come out."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from soak.reading import Reading
from soak.witness import Evidence

PATIENCE = 15.0
"""Seconds that something may be wrong before the wall has to say so, and how."""
RELAPSE = 3.0
"""Seconds that the wall may be fine while what it has told goes on: the truth and the wall are not of one moment."""
STILL = 6.0
"""Seconds that its clock may be behind."""
OUTLIVED = 100.0
"""Seconds after which nothing is told any more that is over. keepalived's checks may be asked a minute later."""
SERVED = ("AC1A7F14:01BD", "AC1A7F14:008B")
"""The virtual servers of the seed, as the kernel prints them: 172.26.127.20, ports 445 and 139."""
_CROWDED = 4
"""The wall has no room for more alerts than these."""
_LINGERS = re.compile(r"changed its state \d+ times|was drained, but")
"""What is told on purpose for ten minutes and more, of what is over."""
_NOT_OK = frozenset({"WARNING", "CRITICAL", "UNKNOWN"})


@dataclass(frozen=True, slots=True)
class Truth:
    """How things are.

    Attributes:
        at: seconds on a monotonic clock.
        second: of the day, UTC.
        reachable: by director; None while that changes, and for as long as lvstop may take to come back.
        heard: by director; None where nobody knows.
        broken: a fault is in force, or is being made or mended.
    """

    at: float
    second: int
    reachable: Mapping[str, bool | None]
    heard: Mapping[str, Evidence | None]
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is wrong.

    Attributes:
        kind: what it is counted as.
        what: it, with its place.
        states: what the wall may say of the cluster.
        words: has to be on the wall, where there is room for it.
        holder: the large word that there has to be; empty where any may be there.
    """

    kind: str
    what: str
    states: frozenset[str] = _NOT_OK
    words: re.Pattern[str] | None = None
    holder: str = ""

    def told(self, wall: Reading) -> bool:
        """Whether the wall says it."""
        if wall.state not in self.states or self.holder not in ("", wall.holder):
            return False
        return self.words is None or wall.alerts >= _CROWDED or self.words.search(wall.text) is not None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that the wall does wrong, with what it said and what was so."""

    at: float
    kind: str
    what: str
    wall: Reading
    truth: Truth


@dataclass(slots=True)
class _Open:
    """A condition that holds: for how long, for how long the wall says that all is fine, and when it told first."""

    lasted: float = 0.0
    relapsed: float = 0.0
    told_after: float | None = None
    found: bool = False


@dataclass(slots=True)
class Judge:
    """Takes truth and readings in the order of time.

    Attributes:
        findings: what was wrong, once for each time it was.
        told_after: seconds until the wall told, by the kind of the condition.
        states: for how many seconds the wall said what.
        unjudged: seconds in which the truth was not known, because a machine got no processor.
    """

    findings: list[Finding] = field(default_factory=list)
    told_after: dict[str, list[float]] = field(default_factory=dict)
    states: dict[str, float] = field(default_factory=dict)
    unjudged: float = 0.0
    _open: dict[Condition, _Open] = field(default_factory=dict)
    _wrong: dict[str, float] = field(default_factory=dict)
    _still: float = 0.0
    _before: float | None = None

    def take(self, truth: Truth, wall: Reading) -> None:
        """One moment. Only the time in which the truth was known counts."""
        passed = 0.0 if self._before is None else truth.at - self._before
        self._before = truth.at
        self.states[wall.state] = self.states.get(wall.state, 0.0) + passed
        self._measure_stillness(truth, wall, passed)
        if any(heard is None and truth.reachable[name] is not None for name, heard in truth.heard.items()):
            self.unjudged += passed
            return
        current = set(conditions(truth))
        for gone in self._open.keys() - current:
            self._close(gone)
        for condition in current:
            self._weigh(condition, truth, wall, passed)
        wrong = dict(_wrongs(truth, wall, calm=not current))
        self._wrong = {what: self._wrong.get(what, 0.0) + passed for what in wrong}
        for what, (kind, patience) in wrong.items():
            if self._wrong[what] > patience and self._wrong[what] - passed <= patience:
                self.findings.append(Finding(truth.at, kind, what, wall, truth))

    def end(self) -> None:
        """Count what still holds."""
        for condition in list(self._open):
            self._close(condition)

    def _close(self, condition: Condition) -> None:
        over = self._open.pop(condition)
        if over.told_after is not None:
            self.told_after.setdefault(condition.kind, []).append(over.told_after)

    def _weigh(self, condition: Condition, truth: Truth, wall: Reading, passed: float) -> None:
        known = condition in self._open
        case = self._open.setdefault(condition, _Open())
        case.lasted += passed if known else 0.0
        if case.told_after is None and condition.told(wall):
            case.told_after = case.lasted
        case.relapsed = case.relapsed + passed if wall.state == "OK" and case.told_after is not None else 0.0
        kind = ""
        if case.relapsed > RELAPSE or (wall.state == "OK" and case.lasted > PATIENCE):
            kind = "false all-clear"
        elif case.told_after is None and case.lasted > PATIENCE:
            kind = "missed alarm"
        if kind and not case.found:
            case.found = True
            self.findings.append(Finding(truth.at, kind, condition.what, wall, truth))

    def _measure_stillness(self, truth: Truth, wall: Reading, passed: float) -> None:
        behind = STILL + 1 if wall.second is None else (truth.second - wall.second) % 86400
        still = STILL < behind < 86400 - STILL
        if still and self._still == 0.0:
            self.findings.append(Finding(truth.at, "stands still", f"its clock is {behind} s behind", wall, truth))
        self._still = self._still + passed if still else 0.0


def conditions(truth: Truth) -> Iterator[Condition]:
    """What is wrong."""
    everybody = all(truth.reachable.values())
    for name, reachable in truth.reachable.items():
        if reachable is False:
            words = re.compile(rf"[?✖] {name} (?:stale|unreachable)")
            yield Condition("a director is cut off", f"{name} is cut off", words=words)
    if set(truth.reachable.values()) == {False}:
        # what is known to be in trouble stays so until it is known to be out of it
        yield Condition("both are cut off", "both are cut off", frozenset({"UNKNOWN", "CRITICAL"}))
    heard = {name: each for name, each in truth.heard.items() if each is not None}
    if len(heard) == len(truth.heard):
        yield from _holding(truth, heard, everybody)
    for name, each in heard.items():
        if truth.reachable[name] and not each.keepalived:
            words = re.compile(rf"keepalived is not running on {name}")
            yield Condition("keepalived is down", f"keepalived is down on {name}", words=words)
    yield from _tables(truth, heard)


def _holding(truth: Truth, heard: Mapping[str, Evidence], everybody: bool) -> Iterator[Condition]:
    holders = [name for name, each in heard.items() if each.holds]
    if not holders:
        states = frozenset({"CRITICAL"} if everybody else {"CRITICAL", "UNKNOWN"})
        yield Condition("nobody holds the VIP", "nobody holds the VIP", states, holder="NOBODY" if everybody else "")
    elif len(holders) > 1:
        states = frozenset({"CRITICAL"}) if everybody else _NOT_OK
        yield Condition("both hold the VIP", "both hold the VIP", states, holder="TWO AT ONCE" if everybody else "")
    elif truth.reachable[holders[0]]:
        table = heard[holders[0]].table
        served = [server for server in SERVED if any(table.get(server, {}).values())]
        if len(served) < len(SERVED):
            yield Condition("nobody is served", f"{holders[0]} serves nobody", frozenset({"CRITICAL"}))
        elif any(len(table[server]) < 2 for server in SERVED):
            yield Condition(
                "a real server is gone", f"{holders[0]} lacks a real server", words=re.compile("fails|not in")
            )


def _tables(truth: Truth, heard: Mapping[str, Evidence]) -> Iterator[Condition]:
    run = [each for name, each in heard.items() if truth.reachable[name] and each.keepalived]
    if len(run) > 1 and run[0].table.keys() != run[1].table.keys():
        yield Condition(
            "tables differ", "virtual servers differ", words=re.compile(r"not in the table|table of \S+ is")
        )


_Wrongs = Iterator[tuple[str, tuple[str, float]]]


def _wrongs(truth: Truth, wall: Reading, *, calm: bool) -> _Wrongs:
    """What the wall says that is not so: by what it is, its kind and the seconds for which it may be said."""
    named = truth.heard.get(wall.holder)
    if named is not None and not named.holds:
        yield f"{wall.holder} does not hold the VIP", ("wrong holder", PATIENCE)
    for name, reachable in truth.reachable.items():
        if reachable and wall.directors.get(name) in ("stale", "unreachable", "connecting"):
            yield f"{name} can be asked again", ("outlived", RELAPSE)
    if calm and not truth.broken and not _clear(wall):
        yield "all is well", ("outlived", OUTLIVED)


def _clear(wall: Reading) -> bool:
    """Fine, but for what is told on purpose when it is over."""
    told = bool(wall.grave) and all(_LINGERS.search(alert) for alert in wall.grave)
    return wall.state == "OK" or (wall.state == "WARNING" and told)
