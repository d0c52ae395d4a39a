"""The one way the lab waits: for a condition, with a deadline, and with a name for what is awaited."""

import time
from collections.abc import Callable
from typing import TypeVar

from lab.errors import LabTimeoutError

T = TypeVar("T")


def wait_until(
    condition: Callable[[], T],
    timeout: float,
    what: str,
    *,
    poll: float = 0.1,
    explain: Callable[[], str] | None = None,
) -> T:
    """Ask `condition` every `poll` seconds until its answer is true, and return that answer.

    After `timeout` seconds LabTimeoutError is raised; its text names `what` was awaited, the last answer, and what
    `explain` adds. The condition is asked at least once, and once more at the deadline.
    """
    deadline = time.monotonic() + timeout
    while True:
        late = time.monotonic() >= deadline
        answer = condition()
        if answer:
            return answer
        if late:
            details = f"\n{explain()}" if explain else ""
            raise LabTimeoutError(f"waited {timeout:g} s in vain for {what} (last answer: {answer!r}){details}")
        time.sleep(poll)
