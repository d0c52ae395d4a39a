"""The demo beside a terminal: in a thread with an event loop of its own, so that neither waits for the other."""

import asyncio
from collections.abc import Coroutine, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Any, TypeVar

from lvstop.config.schema import ClusterConfig
from lvstop.demo.launch import Demo
from lvstop.demo.workbench import Part
from lvstop.errors import LvstopError

T = TypeVar("T")


class SimulationEndedError(LvstopError):
    """The simulation does not run any more."""


class DemoThread:
    """A context in which a demo runs; inside it `clusters` are there. What it raises is raised when it is left."""

    def __init__(self, demo: Demo) -> None:
        self._demo = demo
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="lvstop-demo")
        self._stands: Future[asyncio.AbstractEventLoop] = Future()
        self._work: Future[None] | None = None
        self._running: asyncio.Task[None] | None = None

    def __enter__(self) -> "DemoThread":
        self._work = self._executor.submit(asyncio.run, self._live())
        either: tuple[Future[Any], ...] = (self._stands, self._work)
        wait(either, return_when=FIRST_COMPLETED)
        if not self._stands.done():
            self._leave()
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._stands.done() and not self._stands.result().is_closed() and self._running is not None:
            self._stands.result().call_soon_threadsafe(self._running.cancel)
        self._leave()

    def _leave(self) -> None:
        """Wait for its end, and raise what ended it."""
        self._executor.shutdown()
        if self._work is not None:
            self._work.result()

    @property
    def clusters(self) -> Sequence[ClusterConfig]:
        """As `Demo` tells them."""
        return self._demo.clusters

    async def parts(self, cluster: str) -> Sequence[Part]:
        """As `Demo.parts`, from any event loop."""

        async def ask() -> Sequence[Part]:
            return self._demo.parts(cluster)

        return await self._there(ask())

    async def act(self, cluster: str, key: str) -> str:
        """As `Demo.act`, from any event loop."""
        return await self._there(self._demo.act(cluster, key))

    async def _there(self, asking: Coroutine[Any, Any, T]) -> T:
        if self._running is None or self._running.done():
            asking.close()
            raise SimulationEndedError("the simulation has ended")
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(asking, self._stands.result()))

    async def _live(self) -> None:
        try:
            await self._demo.start()
            self._running = asyncio.ensure_future(self._demo.run())
            self._stands.set_result(asyncio.get_running_loop())
            with suppress(asyncio.CancelledError):
                await self._running
        finally:
            await self._demo.close()
