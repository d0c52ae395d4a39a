"""Short ways to say what a check has found."""

from lvstop.actions.failover.checks import Check, CheckCode, Verdict


def passed(code: CheckCode, sentence: str, age: float | None = None) -> Check:
    """It is right."""
    return Check(code, Verdict.PASSED, sentence, age)


def warned(code: CheckCode, sentence: str, age: float | None = None, remedy: str = "") -> Check:
    """The operator has to accept it by hand."""
    return Check(code, Verdict.WARNED, sentence, age, remedy)


def blocked(code: CheckCode, sentence: str, age: float | None = None, remedy: str = "") -> Check:
    """Nothing overrides it."""
    return Check(code, Verdict.BLOCKED, sentence, age, remedy)
