"""The embedded pair, in virtual time: lvstop and the directors share one loop, and minutes take a moment."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from conformance.pair import USERS, VIP, Pair
from lab.topologies.conformance import scenario
from lvstop.config.schema import ClusterConfig
from lvstop.demo.launch import Demo
from lvstop.demo.world.breaking import compile_event
from lvstop.demo.world.conf import EventConf, KeepalivedConf
from lvstop.demo.world.world import World
from lvstop.model.director import Privilege
from support import virtual_time

T = TypeVar("T")


class EmbeddedPair(Pair):
    """Two simulated directors with this version of keepalived. `folder` has to exist."""

    def __init__(self, version: str, folder: Path) -> None:
        self.conf = scenario(version)
        self.clock = virtual_time.LoopClock()
        self.folder = folder
        self._demo: Demo | None = None

    def run(self, what: Coroutine[object, object, T]) -> T:
        return virtual_time.run(what, virtual_time.LoopbackLoop)

    @asynccontextmanager
    async def standing(self) -> AsyncIterator[None]:
        self._demo = demo = Demo([self.conf], self.folder, self.clock, seed=1, speed=1.0)
        await demo.start()
        passing = asyncio.ensure_future(demo.run())
        try:
            yield
        finally:
            passing.cancel()
            await asyncio.wait([passing])
            await demo.close()

    def config(self, login: Privilege) -> ClusterConfig:
        (config,) = self._running.clusters
        return replace(config, directors=tuple(replace(each, user=USERS[login]) for each in config.directors))

    async def start(self, director: str) -> None:
        self._do("start-keepalived", director)

    async def stop(self, director: str) -> None:
        self._do("stop-keepalived", director)

    async def restart(self, director: str) -> None:
        self._do("stop-keepalived", director)
        self._do("start-keepalived", director)

    async def reload(self, director: str) -> None:
        self._do("reload-keepalived", director)

    async def configure(self, director: str, conf: KeepalivedConf) -> None:
        machine = self._world.director(director)
        machine.conf = replace(machine.conf, keepalived=conf)

    async def write(self, director: str, path: str, number: int) -> None:
        self._do("set-file", director, path, number)

    async def set_weight(self, director: str, port: int, real_server: str, weight: int) -> None:
        self._do("set-weight", director, f"TCP:{VIP}:{port}", f"{real_server}:{port}", weight)

    async def stop_real_server(self, address: str) -> None:
        for service in self.conf.directors[0].keepalived.virtual_servers:
            self._do("stop-real-server", address, service.key.port)

    async def start_real_server(self, address: str) -> None:
        self._do("start-real-server", address)

    async def cut_link(self) -> None:
        self._do("cut-link")

    async def mend_link(self) -> None:
        self._do("mend-link")

    async def power_off(self, director: str) -> None:
        self._do("kill-director", director)

    async def power_on(self, director: str) -> None:
        self._do("boot-director", director)

    def _do(self, action: str, *target: object) -> None:
        event = EventConf(0.0, action, " ".join(map(str, target)))
        compile_event(self.conf, event)(self._world)

    @property
    def _running(self) -> Demo:
        assert self._demo is not None, "it does not stand"
        return self._demo

    @property
    def _world(self) -> World:
        return self._running.world(self.conf.name)
