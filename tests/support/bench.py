"""A workbench in memory, for tests of the panel that breaks and mends."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lvstop.errors import LvstopError
from lvstop.model.cluster import ClusterSnapshot
from lvstop.ui.workbench.app import WorkbenchApp
from support.terminal import start_of


@dataclass(frozen=True, slots=True)
class BenchPart:
    """A part that tells what it is told to tell."""

    key: str
    group: str
    name: str
    state: str = "running"
    broken: bool = False
    does: str = "switch off"


PAIR: Sequence[BenchPart] = (
    BenchPart("director:keepalived1", "Directors", "keepalived1", "switched on"),
    BenchPart("director:keepalived2", "Directors", "keepalived2", "switched off", broken=True, does="switch on"),
    BenchPart("keepalived:keepalived1", "keepalived", "keepalived1", does="stop"),
    BenchPart("link", "Network", "VRRP link", "whole", does="cut"),
    BenchPart("server:172.26.127.21", "Real servers", "172.26.127.21", "answers", does="stop"),
    BenchPart("server:172.26.127.22", "Real servers", "172.26.127.22", "answers", does="stop"),
)


class FakeBench:
    """Toggles what it is told to toggle; a test can make it refuse."""

    def __init__(self, parts: Sequence[BenchPart] = PAIR) -> None:
        self.now = list(parts)
        self.acted: list[tuple[str, str]] = []
        self.refusal = ""

    async def parts(self, cluster: str) -> Sequence[BenchPart]:
        """All of them."""
        return tuple(self.now)

    async def act(self, cluster: str, key: str) -> str:
        """Break it, or mend it."""
        if self.refusal:
            raise LvstopError(self.refusal)
        self.acted.append((cluster, key))
        self.now = [
            replace(each, broken=not each.broken, state="broken" if not each.broken else "whole")
            if each.key == key
            else each
            for each in self.now
        ]
        return f"{key} is not as it was."


def workbench_app(snapshot: ClusterSnapshot, bench: FakeBench) -> WorkbenchApp:
    """The application on a cluster that may be broken."""
    app = WorkbenchApp(start_of([snapshot]), bench)
    app.animation_level = "none"
    app.feeds[snapshot.name].take(snapshot)
    return app
