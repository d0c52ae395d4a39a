"""How long to wait before connecting again."""

import random as _random
from collections.abc import Callable


class Backoff:
    """Capped exponential delays with jitter, so that many clients do not come back at the same instant.

    The delay after the n-th failure in a row lies between `(1 - jitter)` and 1 times `min(cap, base * 2 ** (n - 1))`.

    Args:
        base: seconds, the longest delay after the first failure.
        cap: seconds, the longest delay ever.
        jitter: the part of a delay that is left to chance, from 0 (none) to 1 (all of it).
        random: a number from 0 to 1, 1 excluded, at each call.

    Raises:
        ValueError: `base` is not positive, `cap` is below it, or `jitter` is not within 0 and 1.
    """

    def __init__(
        self,
        base: float = 1.0,
        cap: float = 30.0,
        jitter: float = 0.8,
        random: Callable[[], float] = _random.random,
    ) -> None:
        if not (0 < base <= cap and 0 <= jitter <= 1):
            raise ValueError(f"not a back-off: base {base}, cap {cap}, jitter {jitter}")
        self._base = base
        self._cap = cap
        self._jitter = jitter
        self._random = random
        self._longest = base

    def next_delay(self) -> float:
        """Seconds to wait after one more failure."""
        longest = self._longest
        self._longest = min(self._cap, longest * 2)
        return longest * (1 - self._jitter * self._random())

    def reset(self) -> None:
        """Begin anew, after a success."""
        self._longest = self._base
