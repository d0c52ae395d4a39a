"""Things that happen at a time, in the order of their times."""

from collections.abc import Callable
from heapq import heappop, heappush


class Timer:
    """Something that will happen, unless it is cancelled."""

    __slots__ = ("action", "at")

    def __init__(self, at: float, action: Callable[[], None]) -> None:
        self.at = at
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """Let it not happen."""
        self.action = None


class Timeline:
    """The world's time in seconds, and what is due. What is due at one moment happens in the order it was asked for."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Timer]] = []
        self._count = 0

    def after(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Do `action` in `seconds`."""
        return self.when(self.now + max(seconds, 0.0), action)

    def when(self, at: float, action: Callable[[], None]) -> Timer:
        """Do `action` at second `at`; at once where that is past."""
        self._count += 1
        timer = Timer(max(at, self.now), action)
        heappush(self._due, (timer.at, self._count, timer))
        return timer

    def every(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Do `action` every `seconds`, the first time in `seconds`. Cancelling the timer ends all of it."""

        def again() -> None:
            timer.at += seconds
            self._count += 1
            heappush(self._due, (timer.at, self._count, timer))
            action()

        timer = self.after(seconds, again)
        return timer

    def leap(self, seconds: float) -> None:
        """Let time pass in which nothing happens: what is due is due so much later."""
        self.now += seconds
        for _, _, timer in self._due:
            timer.at += seconds
        self._due = [(timer.at, number, timer) for _, number, timer in self._due]

    def run(self, until: float) -> None:
        """Let time pass; what is due happens at its own moment. Time never goes back."""
        while self._due and self._due[0][0] <= until:
            at, _, timer = heappop(self._due)
            if timer.action is not None:
                self.now = max(self.now, at)
                timer.action()
        self.now = max(self.now, until)
