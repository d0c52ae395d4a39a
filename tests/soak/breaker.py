"""Breaks something at random every so often, and mends it after a random while; knows what is broken now."""

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from lab.errors import LabError
from soak.faults import Fault

EVERY = 20.0
_SHORTEST, _LONGEST = 8.0, 50.0
_AT_ONCE = 3
"""More faults would be a pair that nobody could tell anything of."""
RETURN = 50.0
"""Seconds in which lvstop may come back to a director that can be reached: half a minute's back-off, and a boot."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the log of what was broken."""

    at: float
    kind: str
    where: str
    what: str


class Breaker:
    """Its faults are made and mended by threads of its own. Safe to be asked from any."""

    def __init__(self, faults: Sequence[Fault], directors: Mapping[str, Callable[[], bool]], seed: int) -> None:
        """`directors` say, by name, whether they are switched on."""
        self._faults = faults
        self._is_on = directors
        self._random = random.Random(seed)  # noqa: S311 - luck that can be repeated
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._in_force: list[Fault] = []
        self._cut: list[str] = []
        self._settled_at = dict.fromkeys(directors, 0.0)
        self._moving: list[str] = []
        self._workers = ThreadPoolExecutor(_AT_ONCE)
        self._lives: list[Future[None]] = []
        self.log: list[Entry] = []

    def break_one(self) -> None:
        """Break something that nothing else is broken with; nothing where there is no such."""
        with self._lock:
            taken = frozenset().union(*(fault.needs for fault in self._in_force))
            free = [fault for fault in self._faults if not fault.needs & taken]
            if self._ending.is_set() or len(self._in_force) >= _AT_ONCE or not free:
                return
            kind = self._random.choice(sorted({fault.kind for fault in free}))
            fault = self._random.choice([fault for fault in free if fault.kind == kind])
            self._in_force.append(fault)
            pause = self._random.uniform(_SHORTEST, _LONGEST)
        self._lives.append(self._workers.submit(self._live, fault, pause))

    def reachable(self) -> dict[str, bool | None]:
        """Whether each director can be reached; None while that changes, and until lvstop must have come back."""
        now = time.monotonic()
        with self._lock:
            cut = {name for name in self._is_on if name in self._cut or not self._is_on[name]()}
            self._settled_at |= dict.fromkeys((*cut, *self._moving), now + RETURN)
            return {
                name: False if name in cut else None if now < settled else True
                for name, settled in self._settled_at.items()
            }

    @property
    def broken(self) -> bool:
        """Whether any fault is in force, or being made or mended."""
        with self._lock:
            return bool(self._in_force)

    def end(self) -> None:
        """Mend everything, and wait for that. Raises what a fault raised but LabError."""
        self._ending.set()
        self._workers.shutdown(wait=True)
        for life in self._lives:
            life.result()

    def _live(self, fault: Fault, pause: float) -> None:
        """All of a fault's life."""
        affected = [fault.cuts] * bool(fault.cuts) + [fault.disturbs] * bool(fault.disturbs)
        with self._lock:
            self._moving += affected
        try:
            if self._try(fault, fault.make, "made"):
                self._during(fault, affected, pause)
            self._try(fault, fault.mend, "mended")
        finally:
            with self._lock:
                for name in affected:
                    self._moving.remove(name)
                self._in_force.remove(fault)

    def _during(self, fault: Fault, affected: list[str], pause: float) -> None:
        with self._lock:
            self._cut += [fault.cuts] * bool(fault.cuts)
        self._ending.wait(pause)
        with self._lock:
            for name in affected:
                if name in self._cut:
                    self._cut.remove(name)

    def _try(self, fault: Fault, act: Callable[[], object], done: str) -> bool:
        try:
            act()
        except LabError as error:
            self._note(fault, f"not {done}: {error}")
            return False
        self._note(fault, done)
        return True

    def _note(self, fault: Fault, what: str) -> None:
        self.log.append(Entry(time.monotonic(), fault.kind, fault.where, what))
