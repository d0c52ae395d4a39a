"""Puts a scenario up: its worlds, a server for each director, and the files by which lvstop finds its way there.

What is handed on are the values of cluster files, as an operator would have written them: lvstop connects, checks host
keys and logs in as always.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lvstop.clock import Clock
from lvstop.config.load import load_cluster_files
from lvstop.config.schema import ClusterConfig
from lvstop.demo.catalogue import PROGRAMS
from lvstop.demo.director import Director
from lvstop.demo.parts import Part
from lvstop.demo.server import LOOPBACK, ClientKey, DirectorServer, MakeShell
from lvstop.demo.shell import Shell
from lvstop.demo.timescale import Timescale
from lvstop.demo.workbench import act, parts
from lvstop.demo.world.conf import ClusterConf, DirectorConf
from lvstop.demo.world.world import World
from lvstop.errors import LvstopError
from lvstop.model.director import Privilege

STEP_SECONDS: Final = 0.2
"""The operator's seconds between two steps of the worlds."""

_USERS: Final = {Privilege.ROOT: "root", Privilege.SUDO: "ops", Privilege.NONE: "noc"}


class NoSuchClusterError(LvstopError):
    """There is no such cluster."""


@dataclass(slots=True, eq=False)
class _Pair:
    """One cluster with the servers of its directors."""

    conf: ClusterConf
    world: World
    directors: Mapping[str, Director]
    servers: dict[str, DirectorServer]

    def tell(self) -> None:
        """Give followers what has happened."""
        for director in self.directors.values():
            director.tell_followers()


class Demo:
    """Simulated clusters that run: `start`, then `run` until it is cancelled, then `close`.

    Args:
        folder: where keys and configuration are written; nothing else lies there.
        seed: the same seed makes the same clients.
        speed: the worlds' seconds in one of the operator's.
    """

    def __init__(self, confs: Sequence[ClusterConf], folder: Path, clock: Clock, *, seed: int, speed: float) -> None:
        self._confs = confs
        self._folder = folder
        self._clock = clock
        self._seed = seed
        self._speed = speed
        self._pairs: dict[str, _Pair] = {}
        self._began = clock.monotonic()
        self.clusters: Sequence[ClusterConfig] = ()

    async def start(self) -> None:
        """Make the worlds, listen, and write the files; `clusters` are known then."""
        client_key = ClientKey()
        moment = self._clock.now()
        self._began = self._clock.monotonic()
        timescale = Timescale(moment.timestamp(), self._speed)
        for number, conf in enumerate(self._confs):
            world = World(conf, seed=self._seed + number, epoch=moment)
            self._pairs[conf.name] = pair = _pair(conf, world, timescale)
            self._serve(pair, client_key)
            await self._follow_power(pair)
        self.clusters = self._write_files(client_key)

    async def run(self) -> None:
        """Let the worlds' time pass."""
        while True:
            await self._clock.sleep(STEP_SECONDS)
            for pair in self._pairs.values():
                self._pass_time(pair)
                await self._follow_power(pair)

    async def close(self) -> None:
        """Stop listening and end all connections."""
        for pair in self._pairs.values():
            for server in pair.servers.values():
                await server.close()

    def world(self, cluster: str) -> World:
        """The simulated cluster itself, for whoever does more to it than the workbench offers.

        Raises:
            LvstopError: there is no such cluster.
        """
        return self._pair(cluster).world

    def parts(self, cluster: str) -> Sequence[Part]:
        """What of a cluster can be broken and mended, as it is now."""
        return parts(self._pair(cluster).world)

    async def act(self, cluster: str, key: str) -> str:
        """Break or mend a part. Returns what happened, a sentence.

        Raises:
            LvstopError: there is no such part.
        """
        pair = self._pair(cluster)
        self._pass_time(pair)
        said = act(pair.world, key)
        pair.tell()
        await self._follow_power(pair)
        return said

    def _pair(self, cluster: str) -> _Pair:
        pair = self._pairs.get(cluster)
        if pair is None:
            raise NoSuchClusterError(f"there is no cluster {cluster} here")
        return pair

    def _pass_time(self, pair: _Pair) -> None:
        """Let a world's time go on to this moment, and tell who listens what has happened since."""
        pair.world.step((self._clock.monotonic() - self._began) * self._speed)
        pair.tell()

    async def _follow_power(self, pair: _Pair) -> None:
        for name, server in pair.servers.items():
            powered = pair.directors[name].machine.powered
            if powered and not server.answering:
                pair.directors[name].reboot()
                await server.switch_on()
            elif server.answering and not powered:
                await server.switch_off()

    def _serve(self, pair: _Pair, client_key: ClientKey) -> None:
        def shells(director: Director) -> MakeShell:
            return lambda login, command, output: Shell(
                director,
                login,
                command,
                programs=PROGRAMS,
                output=output,
                pass_time=lambda: self._pass_time(pair),
            )

        for name, director in pair.directors.items():
            pair.servers[name] = DirectorServer(client_key, shells(director))

    # files

    def _write_files(self, client_key: ClientKey) -> Sequence[ClusterConfig]:
        folder = self._folder
        key = folder / "client_key"
        key.touch(mode=0o600)
        key.write_text(client_key.private)
        known_hosts = folder / "known_hosts"
        lines = [
            f"[{LOOPBACK}]:{server.port} {server.public_key}\n"
            for pair in self._pairs.values()
            for server in pair.servers.values()
        ]
        known_hosts.write_text("".join(lines))
        files: list[Path] = []
        for pair in self._pairs.values():
            ssh_config = folder / f"{pair.conf.name}.ssh_config"
            ssh_config.write_text(_ssh_config(pair))
            files.append(folder / f"{pair.conf.name}.yaml")
            files[-1].write_text(_cluster_file(pair.conf, key, known_hosts, ssh_config))
        return load_cluster_files(files)


def _pair(conf: ClusterConf, world: World, timescale: Timescale) -> _Pair:
    def now() -> float:
        return world.now

    directors = {each.name: Director(each, now, timescale, watch=world.watch) for each in world.directors}
    return _Pair(conf, world, directors, {})


def host_of(director: DirectorConf) -> str:
    """The address under which lvstop knows a director; its SSH configuration leads it to loopback."""
    return str(director.interfaces[0].addresses[0].address)


def _ssh_config(pair: _Pair) -> str:
    blocks = [
        f"Host {host_of(conf)}\n  HostName {LOOPBACK}\n  Port {pair.servers[conf.name].port}\n"
        for conf in pair.conf.directors
    ]
    return "\n".join([*blocks, "Host *\n  IdentitiesOnly yes\n  IdentityAgent none\n"])


def _cluster_file(conf: ClusterConf, key: Path, known_hosts: Path, ssh_config: Path) -> str:
    """A cluster file as an operator would write it. JSON's strings are YAML's as well."""
    lines = [f"name: {conf.name}", "directors:"]
    lines += [
        f'  - {{name: {each.name}, host: "{host_of(each)}", user: {_USERS[each.login]}}}' for each in conf.directors
    ]
    lines += [
        "ssh:",
        f"  identity_files: [{json.dumps(str(key))}]",
        f"  known_hosts: {json.dumps(str(known_hosts))}",
        f"  config: {json.dumps(str(ssh_config))}",
        f"interval: {conf.interval:g}s",
    ]
    if conf.read_only:
        lines.append("read_only: true")
    return "".join(f"{line}\n" for line in lines)
