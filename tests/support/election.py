"""VRRP among a few routers in memory, with its real timers: who has the addresses follows from priorities and adverts.

As keepalived does it (vrrp.c, vrrp_scheduler.c; RFC 3768 §6): a backup takes over when it has heard nothing that it
accepts for three intervals and its skew; of a lower priority it accepts an advert only with `nopreempt`; priority 0
says that the master leaves. Two that do not hear each other are both masters.
"""

import asyncio
from collections.abc import Callable, Sequence

from lvstop.model.address import IPAddress
from lvstop.model.vrrp import VrrpState

ADVERT_SECONDS = 1.0
WAY_SECONDS = 0.001


class Segment:
    """The wire between routers.

    Attributes:
        cut: pairs of which the second one does not hear the first one.
    """

    def __init__(self) -> None:
        self.routers: list[Router] = []
        self.cut: set[tuple[str, str]] = set()

    def send(self, sender: "Router", priority: int) -> None:
        """An advert to all others."""
        for router in self.routers:
            if router is not sender and (sender.name, router.name) not in self.cut:
                asyncio.get_running_loop().call_later(WAY_SECONDS, router.hear, priority)


class Router:
    """One keepalived with instances that move as one.

    Args:
        say: takes lines of its log; `move` is called with an address and whether it is added.

    Attributes:
        state: None while it does not run.
        weights: of the track files, by path; 0 is a FAULT where there is any other number than 0 in the file.
        numbers: what is in them.
        slow: seconds longer than it should that it takes to become master.
    """

    def __init__(
        self,
        name: str,
        segment: Segment,
        priority: int,
        say: Callable[[str, str], None],
        move: Callable[[IPAddress, bool], None],
    ) -> None:
        self.name = name
        self.priority = priority
        self.preempt = True
        self.instances: Sequence[str] = ("SMB",)
        self.vips: Sequence[IPAddress] = ()
        self.weights: dict[str, int] = {}
        self.numbers: dict[str, int] = {}
        self.state: VrrpState | None = None
        self.slow = 0.0
        self._segment = segment
        self._say = say
        self._move = move
        self._timer: asyncio.TimerHandle | None = None
        self._last = priority
        segment.routers.append(self)

    @property
    def effective(self) -> int:
        """The priority that it has by its track files."""
        return max(
            1, min(254, self.priority + sum(self.weights[path] * self.numbers.get(path, 0) for path in self.weights))
        )

    @property
    def faulty(self) -> bool:
        """A track file without a weight says so."""
        return any(weight == 0 and self.numbers.get(path, 0) for path, weight in self.weights.items())

    def begin(self, state: VrrpState) -> None:
        """It has been running for long."""
        self.state, self._last = state, self.effective
        if state is VrrpState.MASTER:
            self._advertise()
        else:
            self._wait(self._down_interval)

    def start(self) -> None:
        """keepalived is started."""
        if self.state is None:
            self._last = self.effective
            self._enter(VrrpState.FAULT if self.faulty else VrrpState.BACKUP)

    def stop(self) -> None:
        """keepalived is stopped."""
        self._leave()
        self.state = None

    def die(self) -> None:
        """The machine loses its power: nobody says anything."""
        self._wait(None)
        self.state = None

    def settle(self) -> None:
        """A file or the configuration has changed."""
        if self.state is None:
            return
        if self.effective != self._last:
            for name in self.instances:
                self._say(
                    "Keepalived_vrrp", f"({name}) Changing effective priority from {self._last} to {self.effective}"
                )
            self._last = self.effective
        if self.faulty and self.state is not VrrpState.FAULT:
            self._leave()
            self._enter(VrrpState.FAULT)
        elif self.state is VrrpState.FAULT and not self.faulty:
            self._enter(VrrpState.BACKUP)

    def hear(self, priority: int) -> None:
        """An advert arrives."""
        if self.state is VrrpState.MASTER and priority > self.effective:
            self._drop()
            self._enter(VrrpState.BACKUP)
        elif self.state is VrrpState.BACKUP:
            if priority == 0:
                self._wait(self._skew)
            elif priority >= self.effective or not self.preempt:
                self._wait(self._down_interval)

    # inside

    @property
    def _skew(self) -> float:
        return (256 - self.effective) / 256 + self.slow

    @property
    def _down_interval(self) -> float:
        return 3 * ADVERT_SECONDS + self._skew

    def _wait(self, seconds: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = None if seconds is None else loop.call_later(seconds, self.take_over)

    def _enter(self, state: VrrpState) -> None:
        self.state = state
        for name in self.instances:
            self._say("Keepalived_vrrp", f"({name}) Entering {state} STATE")
        self._wait(self._down_interval if state is VrrpState.BACKUP else None)

    def take_over(self) -> None:
        """It becomes master, for it has heard nobody else."""
        self._enter(VrrpState.MASTER)
        for vip in self.vips:
            self._move(vip, True)
            self._say("Keepalived_vrrp", f"Sending gratuitous ARP on ens3 for {vip}")
        self._advertise()

    def _advertise(self) -> None:
        self._segment.send(self, self.effective)
        self._timer = asyncio.get_running_loop().call_later(ADVERT_SECONDS, self._advertise)

    def _drop(self) -> None:
        for vip in self.vips:
            self._move(vip, False)

    def _leave(self) -> None:
        if self.state is VrrpState.MASTER:
            self._segment.send(self, 0)
            self._drop()
        self._wait(None)
