"""The lab's pair: real kernels, real keepalived, real time."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from conformance.pair import FIRST, PATIENCE, USERS, VIP, Pair
from lab.director import Director
from lab.endpoints import RealServer
from lab.lab import Lab
from lab.topologies.conformance import scenario
from lab.wait import wait_until
from lvstop.clock import SystemClock
from lvstop.config.load import load_cluster_file
from lvstop.config.schema import ClusterConfig
from lvstop.demo.formats.keepalived_conf import keepalived_conf
from lvstop.demo.world.conf import KeepalivedConf
from lvstop.model.director import Privilege
from support.failover import CONF

T = TypeVar("T")
LINK = "ens4"
_PROCESSES = 3


class LabPair(Pair):
    """A lab that was booted with `lab.topologies.conformance`."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.conf = scenario()
        self.clock = SystemClock()
        self.folder = folder
        self._lab = lab

    def run(self, what: Coroutine[object, object, T]) -> T:
        with self._lab.inside():
            return asyncio.run(what)

    @asynccontextmanager
    async def standing(self) -> AsyncIterator[None]:
        # kernels of packages come with this file, those of the lab without
        hertz = f"echo CONFIG_HZ={self.conf.directors[0].hertz} > /boot/config-$(uname -r)"
        for each in self._lab.directors:
            # what was before must not show: keepalived remembers, e.g., which priority another master had
            await self._run(each, f"{hertz}; systemctl restart keepalived")
        await asyncio.to_thread(self._lab.await_ready)
        finished = False
        try:
            yield
            finished = True
        finally:
            if not finished:
                await asyncio.to_thread(self._start_anew)

    def config(self, login: Privilege) -> ClusterConfig:
        return load_cluster_file(self._lab.cluster_file(USERS[login]))

    async def start(self, director: str) -> None:
        await self._run(director, "systemctl start keepalived")

    async def stop(self, director: str) -> None:
        await self._run(director, "systemctl stop keepalived")

    async def restart(self, director: str) -> None:
        await self._run(director, "systemctl restart keepalived")

    async def reload(self, director: str) -> None:
        machine = self._lab.directors[director]
        cursor = (await asyncio.to_thread(machine.journal, None, "keepalived")).cursor
        await self._run(director, "systemctl reload keepalived")
        await asyncio.to_thread(wait_until, partial(_reloaded, machine, cursor), PATIENCE, f"a reload on {director}")

    async def configure(self, director: str, conf: KeepalivedConf) -> None:
        await asyncio.to_thread(self._lab.directors[director].write, CONF, keepalived_conf(conf))

    async def write(self, director: str, path: str, number: int) -> None:
        await self._run(director, f"echo {number} > {path}")

    async def set_weight(self, director: str, port: int, real_server: str, weight: int) -> None:
        await self._run(director, f"ipvsadm -e -t {VIP}:{port} -r {real_server}:{port} -g -w {weight}")

    async def stop_real_server(self, address: str) -> None:
        await asyncio.to_thread(self._real_server(address).stop)

    async def start_real_server(self, address: str) -> None:
        await asyncio.to_thread(self._real_server(address).start)

    async def cut_link(self) -> None:
        await asyncio.to_thread(self._lab.directors[FIRST].cut, LINK)

    async def mend_link(self) -> None:
        await asyncio.to_thread(self._lab.directors[FIRST].mend, LINK)

    async def power_off(self, director: str) -> None:
        await asyncio.to_thread(self._lab.directors[director].power_off)

    async def power_on(self, director: str) -> None:
        await asyncio.to_thread(self._lab.directors[director].power_on)

    async def _run(self, director: str, command: str) -> None:
        await asyncio.to_thread(self._lab.directors[director].run, command, timeout=PATIENCE)

    def _real_server(self, address: str) -> RealServer:
        return next(
            each for each in self._lab.real_servers.values() if each.spec.addresses[0].startswith(f"{address}/")
        )

    def _start_anew(self) -> None:
        for server in self._lab.real_servers.values():
            server.start()
        for director in self._lab.directors.values():
            director.mend_all()
        files = " ".join(each.path for each in self.conf.directors[0].keepalived.track_files)
        for conf in self.conf.directors:
            director = self._lab.directors[conf.name]
            director.await_up()
            director.write(CONF, keepalived_conf(conf.keepalived))
            director.run(
                f"for file in {files}; do echo 0 > $file; done; rm -f /var/lib/lvstop/changes/*; "
                "systemctl restart keepalived",
                timeout=PATIENCE,
            )


def _reloaded(director: Director, cursor: str) -> bool:
    """keepalived's parent and both of its children have said that they do."""
    return sum("Reloading" in line for line in director.journal(cursor, unit="keepalived").lines) >= _PROCESSES
