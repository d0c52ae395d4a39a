"""The command line with fakes in the place of directors and of what changes them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from lvstop.actions.plan import Objection, ObjectionCode
from lvstop.analysis.records import LocalRecords
from lvstop.cli.main import main
from lvstop.clock import Clock
from lvstop.config.schema import ClusterConfig
from lvstop.engine.connections import ProbeFactory
from lvstop.engine.patience import Patience
from lvstop.model.cluster import ClusterSnapshot
from support.change_factories import outcome, plan
from support.clocks import ManualClock
from support.factories import FIRST, cluster
from support.fake_actor import FakeActor
from support.fake_failover_actor import FakeFailoverActor

FILE = """\
name: smb
directors:
  - {name: keepalived1, host: keepalived1.example}
  - {name: keepalived2, host: keepalived2.example}
"""
COMMAND = "ipvsadm -e -t 172.26.127.20:445 -r 172.26.127.21:445 -g -w 0 -x 0 -y 0"
CAPACITY = Objection(ObjectionCode.CAPACITY, "the others would carry 180 %", overridable=True)
LOCKED = Objection(ObjectionCode.LOCKED, "keepalived1 is being changed by ann@desk", overridable=False)
DRAIN = ["drain", "smb", FIRST]


class Setting:
    """Fakes in the place of directors, and a cluster file."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.actor = FakeActor(plan(), outcome(plan()))
        self.failovers = FakeFailoverActor()
        self.snapshot = cluster()
        self.looks = 0
        self.clock = ManualClock()
        self.file = folder / "smb.yaml"
        self.file.write_text(FILE)
        for name, fake in {
            "look": self.look,
            "ssh_actors": lambda *_: lambda config: None if config.read_only else self.actor,
            "ssh_probes": lambda *_: None,
            "SystemClock": lambda: self.clock,
        }.items():
            patch.setattr(f"lvstop.cli.changing.{name}", fake)
        patch.setattr("lvstop.cli.changing.Access.failover_actor", lambda access: self.failover_actor(access.config))

    def failover_actor(self, config: ClusterConfig) -> FakeFailoverActor | None:
        """In the place of `MakeFailoverActor`."""
        return None if config.read_only else self.failovers

    async def look(
        self,
        configs: Sequence[ClusterConfig],
        make_probe: ProbeFactory,
        clock: Clock,
        *,
        timeout: float,
        local_records: Callable[[], LocalRecords],
        patience: Patience,
    ) -> tuple[ClusterSnapshot, ...]:
        """In the place of a look at directors."""
        self.looks += 1
        local = local_records()
        changes = (*self.snapshot.changes, *local.changes)
        failovers = (*self.snapshot.failovers, *local.failovers)
        return (replace(self.snapshot, changes=changes, failovers=failovers),)

    def run(self, *words: str) -> int:
        """Run a command about the cluster file."""
        return main([*words, "-c", str(self.file)])

    @property
    def asked(self) -> object:
        """The only thing that was asked for."""
        ((asked, _),) = self.actor.asked
        return asked
