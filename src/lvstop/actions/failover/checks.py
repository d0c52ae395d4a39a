"""The preflight's lines: one for each thing that has to be right before addresses are moved. Values only."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class CheckCode(StrEnum):
    """What was checked. Stable: `--accept CODE` names it, and scripts may read it."""

    DIRECTORS_LIVE = "directors-live"
    ONE_MASTER = "one-master"
    ONE_HOLDER = "one-holder"
    PEER_BACKUP = "peer-backup"
    ADVERTS_ARRIVE = "adverts-arrive"
    SAME_CONFIGURATION = "same-configuration"
    CONFIGURATION_VALID = "configuration-valid"
    TABLES_EQUAL = "tables-equal"
    PEER_HEALTH = "peer-health"
    SYNC_DAEMONS = "sync-daemons"
    SYNC_COVERAGE = "sync-coverage"
    KERNEL_SETTINGS = "kernel-settings"
    PEER_LOAD = "peer-load"
    NOT_FLAPPING = "not-flapping"
    NOTHING_UNDER_WAY = "nothing-under-way"
    CLOCKS = "clocks"
    PRIVILEGE = "privilege"
    LEVER = "lever"


class Verdict(StrEnum):
    """`passed` ✔; `warned` !, which the operator has to accept by hand; `blocked` ✖, which nothing overrides."""

    PASSED = "passed"
    WARNED = "warned"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the preflight.

    Attributes:
        sentence: what was found, with its evidence; one sentence.
        age_seconds: how old the evidence is, of its oldest part; None where it has no age (a setting, a rule).
        remedy: what mends it; empty where nothing needs to be mended, or nothing is known to.
    """

    code: CheckCode
    verdict: Verdict
    sentence: str
    age_seconds: float | None = None
    remedy: str = ""


def blocked(checks: Iterable[Check]) -> tuple[Check, ...]:
    """Those that nothing overrides."""
    return tuple(check for check in checks if check.verdict is Verdict.BLOCKED)


def warned(checks: Iterable[Check]) -> tuple[Check, ...]:
    """Those that the operator has to accept."""
    return tuple(check for check in checks if check.verdict is Verdict.WARNED)
