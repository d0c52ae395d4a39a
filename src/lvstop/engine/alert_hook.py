"""The operator's command for alarms: run with a document on its standard input, for one alarm after the other.

It runs on the operator's machine and changes no director, so that it runs in read-only mode as well. It never delays
anything: news are put into an outbox, and one run follows the other beside everything else.
"""

import asyncio
from collections.abc import Callable, Sequence

from lvstop.analysis.alarms import AlarmEvent, AlarmNews
from lvstop.clock import Clock
from lvstop.config.alarms import HookSettings
from lvstop.engine.hook_document import document
from lvstop.engine.hook_run import MOST_UNENDED, Runner
from lvstop.engine.outbox import Outbox
from lvstop.model.alert import AlertCode


class AlertHook:
    """Runs the command for one alarm after the other.

    Attributes:
        complaint: why the last run failed, a sentence; empty where it did not.
    """

    def __init__(self, settings: HookSettings, clock: Clock, tell: Callable[[str], object]) -> None:
        """`tell`: called with each complaint."""
        self.complaint = ""
        self._settings = settings
        self._clock = clock
        self._tell = tell
        self._outbox = Outbox(settings.per_minute)
        self._runner = Runner(settings.command, settings.timeout)
        self._news = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()
        self._in_hand = 0
        self._begun: set[tuple[str, AlertCode, str]] = set()

    def put(self, news: Sequence[AlarmNews]) -> None:
        """Have the command told; returns at once."""
        for each in news:
            if self._concerns(each):
                self._outbox.put(each)
                self._news.set()
        if not self._is_full and self._outbox.due_in(self._clock.monotonic()) == 0:
            self._settled.clear()

    @property
    def untold(self) -> int:
        """How many alarms wait for their turn, with the one that is being told."""
        return self._outbox.waiting + self._in_hand

    @property
    def is_settled(self) -> bool:
        """Nothing is being told, nor may be just now."""
        return self._settled.is_set()

    async def settle(self, seconds: float) -> None:
        """Return when nothing is being told nor may be just now, or after so long. `run` has to go on meanwhile."""
        waits = [asyncio.create_task(self._settled.wait()), asyncio.create_task(self._clock.sleep(seconds))]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()

    def _concerns(self, news: AlarmNews) -> bool:
        """It is severe enough, or the end of what was: an alarm may have become less severe before it was over."""
        key = (news.cluster, *news.alarm.key)
        if news.event is AlarmEvent.CLEARED:
            begun = key in self._begun
            self._begun.discard(key)
            return begun
        if news.alarm.severity < self._settings.severity:
            return False
        self._begun.add(key)
        return True

    async def run(self) -> None:
        """Tell until cancelled; nothing is left running then that can be ended."""
        try:
            while True:
                await self._tell_next()
        finally:
            await self._runner.close()

    async def _tell_next(self) -> None:
        """Wait for something that may be told, and tell it."""
        if self._is_full:
            so_often = f"runs {self._runner.unended} times and cannot be ended"
            self._complain(f"{self._name} {so_often}: it is not started again before one of them is gone.")
            self._settled.set()
            await self._runner.one_gone()
            return
        self._news.clear()
        wait = self._outbox.due_in(self._clock.monotonic())
        if wait is None:
            self._settled.set()
            await self._news.wait()
            return
        if wait > 0:
            self._settled.set()
            await self._clock.sleep(wait)
        taken = self._outbox.take(self._clock.monotonic())
        if taken is not None:
            self._settled.clear()
            await self._tell_command(*taken)

    async def _tell_command(self, news: AlarmNews, left_out: int) -> None:
        self._in_hand = 1
        try:
            complaint = await self._runner.run(document(news, left_out=left_out, waiting=self._outbox.waiting))
        finally:
            self._in_hand = 0
        self.complaint = ""
        if complaint is not None:
            self._complain(f"{self._name} {complaint}")

    @property
    def _is_full(self) -> bool:
        """So many runs are left behind that no other one is started."""
        return self._runner.unended >= MOST_UNENDED

    def failed(self, error: BaseException | None) -> None:
        """`run` ended by an error of lvstop's own. It is to be called again."""
        self._complain(f"lvstop itself went wrong: {type(error).__name__}: {error}")

    @property
    def _name(self) -> str:
        return self._settings.command[0]

    def _complain(self, complaint: str) -> None:
        self.complaint = f"on_alert: {complaint}"
        self._tell(self.complaint)
