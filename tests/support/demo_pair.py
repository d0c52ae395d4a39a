"""An embedded pair for tests: the SMB pair of old, with a row of everything that a test may want to change."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from lvstop.cli.main import main
from lvstop.clock import SystemClock
from lvstop.demo.launch import Demo
from lvstop.demo.process import DemoProcess
from lvstop.demo.world.conf import (
    AddressConf,
    ClusterConf,
    DirectorConf,
    InstanceConf,
    InterfaceConf,
    KeepalivedConf,
    RealServerConf,
    TrackConf,
    TrackFileConf,
    TrafficConf,
    VipConf,
    VirtualServerConf,
)
from lvstop.model.address import Protocol, RealServerKey, VirtualServerKey
from lvstop.model.director import Privilege

VIP = ip_address("172.26.127.20")
AUTH_PASS = "s3cr3t"  # noqa: S105 - the pair of this file has it, and nobody else
DRAIN_FILE = "/etc/keepalived/drain_21"
_SERVERS = (ip_address("172.26.127.21"), ip_address("172.26.127.22"))


def _service(port: int, *, files: tuple[TrackConf, ...] = ()) -> VirtualServerConf:
    key = VirtualServerKey.of_endpoint(Protocol.TCP, VIP, port)
    rows = tuple(
        RealServerConf(RealServerKey(address, port), weight=4, check_port=445, file_checks=files if first else ())
        for address, first in zip(_SERVERS, (True, False), strict=True)
    )
    return VirtualServerConf(key, VIP, rows, scheduler="rr")


def pair(login: Privilege = Privilege.ROOT, **changes: object) -> ClusterConf:
    """Two directors with a VIP, SMB on two real servers, and NetBIOS whose first real server a file drains."""
    services = (_service(445), _service(139, files=(TrackConf("drain_21"),)))
    directors = []
    for name, number, priority in (("keepalived1", 23, 150), ("keepalived2", 24, 50)):
        own, peer = (ip_address(f"192.168.66.{each}") for each in (number, 47 - number))
        instance = InstanceConf(
            "SMB", 20, "ens4", priority, (VipConf(VIP, 28, "ens3"),), source=own, peers=(peer,), password=AUTH_PASS
        )
        keepalived = KeepalivedConf(
            "ha-smb",
            (instance,),
            virtual_servers=services,
            track_files=(TrackFileConf("drain_21", DRAIN_FILE, -254, initial=0),),
        )
        interfaces = (
            InterfaceConf("ens3", (AddressConf(ip_address(f"172.26.127.{number}"), 28),)),
            InterfaceConf("ens4", (AddressConf(own, 24),)),
        )
        directors.append(DirectorConf(name, interfaces, keepalived, login))
    traffic = TrafficConf(services[0].key, clients=200, session=60.0, pause=5.0)
    conf = ClusterConf("smb", tuple(directors), (traffic,))
    return replace(conf, **changes)  # type: ignore[arg-type]


@asynccontextmanager
async def running(folder: Path, *confs: ClusterConf, speed: float = 1.0) -> AsyncIterator[Demo]:
    """Pairs behind their servers, the usual one if none is named, their time passing."""
    demo = Demo(confs or [pair()], folder, SystemClock(), seed=1, speed=speed)
    await demo.start()
    passing = asyncio.ensure_future(demo.run())
    try:
        yield demo
    finally:
        passing.cancel()
        await asyncio.wait([passing])
        await demo.close()
        if not passing.cancelled() and passing.exception() is not None:
            await passing


class Commands:
    """The command line on a pair that runs beside it.

    Attributes:
        demo: to break and mend it.
    """

    def __init__(self, folder: Path, demo: DemoProcess, capsys: pytest.CaptureFixture[str]) -> None:
        self.demo = demo
        self.file = folder / "smb.yaml"
        self._capsys = capsys

    def run(self, command: str, *words: str) -> tuple[int, str, str]:
        """`lvstop COMMAND -c FILE WORDS`: exit status, and what it wrote to either output."""
        self._capsys.readouterr()
        status = main([command, "-c", str(self.file), *words])
        out, err = self._capsys.readouterr()
        return status, out, err

    def cluster(self) -> Mapping[str, Any]:
        """What `lvstop status --json` tells of the pair."""
        _, out, _ = self.run("status", "--json")
        (cluster,) = json.loads(out)["clusters"]
        found: Mapping[str, Any] = cluster
        return found

    def weights(self, address: str) -> list[int]:
        """The weights of a real server in all of its rows on both directors."""
        return [
            row["weight"]
            for director in self.cluster()["directors"]
            for server in director["virtual_servers"]
            for row in server["real_servers"]
            if row["address"] == address
        ]

    def alerts(self) -> set[str]:
        """The codes of what is wrong now."""
        return {alert["code"] for alert in self.cluster()["alerts"]}

    def act(self, key: str) -> str:
        """Break or mend a part of the pair."""
        return asyncio.run(self.demo.act("smb", key))

    def until(self, condition: Callable[[], bool]) -> None:
        """Look again and again until it is so; half a minute at most."""
        clock = SystemClock()
        deadline = clock.monotonic() + 30
        while not condition():
            assert clock.monotonic() < deadline, self.cluster()


SCENARIO = """\
title: The pair of the tests
clusters:
  - name: smb
    router_id: ha-smb
    directors:
      - {name: keepalived1, login: LOGIN, interfaces: {ens3: [172.26.127.23/28], ens4: [192.168.66.23/24]}}
      - {name: keepalived2, login: LOGIN, interfaces: {ens3: [172.26.127.24/28], ens4: [192.168.66.24/24]}}
    track_files:
      - {name: drain_21, path: /etc/keepalived/drain_21, weight: -254, initial: 0}
    instances:
      - {name: SMB, vrid: 20, interface: ens4, priority: [150, 50], unicast: true, vips: [172.26.127.20/28 dev ens3]}
    virtual_servers:
      - service: TCP:172.26.127.20:445
        scheduler: rr
        real_servers:
          - {address: 172.26.127.21:445, weight: 4}
          - {address: 172.26.127.22:445, weight: 4}
        clients: {count: 200, session: 60s, pause: 5s}
      - service: TCP:172.26.127.20:139
        scheduler: rr
        real_servers:
          - {address: 172.26.127.21:139, weight: 4, file_checks: [drain_21]}
          - {address: 172.26.127.22:139, weight: 4}
"""


LEVER = "/etc/keepalived/maintenance"
# Adverts every 100 ms, so that little has to be waited for, and many new connections.
_QUICK = SCENARIO.replace("vrid: 20,", "vrid: 20, version: 3, advert_interval: 100ms, track_interfaces: [ens3],")
_QUICK = _QUICK.replace("session: 60s, pause: 5s", "session: 6s, pause: 1s")
_SYNC = "    sync_daemon: {interface: ens4, instance: SMB, id: 20}\n"

STOPPED = _QUICK.replace("    virtual_servers:", f"{_SYNC}    virtual_servers:")
"""A pair that nothing but stopping keepalived fails over, and editing its configuration."""

GENTLE = STOPPED.replace(
    "    instances:", f"      - {{name: maintenance, path: {LEVER}, weight: -110, initial: 0}}\n    instances:"
).replace("track_interfaces: [ens3]", "track_interfaces: [ens3], track_files: [maintenance]")
"""One with a weighted track file."""

FAULT = GENTLE.replace("weight: -110", "weight: 0")
"""One with a track file that means FAULT."""


@contextmanager
def commands(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    login: Privilege = Privilege.ROOT,
    *,
    text: str = SCENARIO,
    speed: float = 10.0,
) -> Iterator[Commands]:
    """The command line on the pair, or on that of another scenario, whose time passes faster."""
    scenario = folder / "scenario" / "pair.yaml"
    scenario.parent.mkdir()
    scenario.write_text(text.replace("LOGIN", login))
    with DemoProcess(str(scenario), folder, seed=1, speed=speed) as demo:
        yield Commands(folder, demo, capsys)
