"""What the programs on one director live in."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from lvstop.demo.world.host import Host
from lvstop.demo.world.journal import Journal
from lvstop.demo.world.network import Network
from lvstop.demo.world.table import Table
from lvstop.demo.world.timeline import Timeline


@dataclass(slots=True, eq=False)
class Machine:
    """One director without its keepalived.

    Attributes:
        files: text by path; those that keepalived watches.
        random: its own, so that what happens elsewhere changes nothing here.
        new_pid: the next free process number.
    """

    name: str
    timeline: Timeline
    network: Network
    journal: Journal
    host: Host
    table: Table
    files: dict[str, str]
    random: Random
    new_pid: Callable[[], int]
