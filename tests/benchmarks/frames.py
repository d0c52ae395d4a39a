"""A director's table from one second to the next, as the kernel prints it."""

from random import Random

from lvstop.transport.base import Section, SectionMode

_HEADINGS = (
    "IP Virtual Server version 1.2.1 (size=4096)",
    "Prot LocalAddress:Port Scheduler Flags",
    "  -> RemoteAddress:Port Forward Weight ActiveConn InActConn",
)
_PER_SERVICE = 100


class Frames:
    """A table of `rows` real servers, 100 to a virtual server; `share` of them change at each step."""

    def __init__(self, rows: int, share: float) -> None:
        self._random = Random(rows)  # noqa: S311 - the same table in every run
        self._moving = round(rows * share)
        self.lines = list(_HEADINGS)
        self._rows: list[int] = []
        self._counts: dict[int, tuple[int, int]] = {}
        for number in range(rows):
            if number % _PER_SERVICE == 0:
                self.lines.append(f"TCP  0A0A{number // _PER_SERVICE:04X}:0050 wlc  ")
            self._rows.append(len(self.lines))
            self._counts[len(self.lines)] = (self._random.randrange(2000), self._random.randrange(8000))
            self.lines.append("")
        for index in self._rows:
            self._write(index)

    def _write(self, index: int) -> None:
        active, inactive = self._counts[index]
        self.lines[index] = f"  -> C0A8{index:04X}:0050      Route   1      {active:<10d} {inactive:<10d}"

    def step(self) -> list[int]:
        """A second later: the ascending indices of the lines that are not what they were."""
        changed = sorted(self._random.sample(self._rows, self._moving))
        for index in changed:
            active, inactive = self._counts[index]
            step = self._random.choice((-3, -2, -1, 1, 2, 3))
            self._counts[index] = (abs(active + step), abs(inactive + self._random.randint(-20, 20)))
            self._write(index)
        return changed

    @property
    def text(self) -> bytes:
        """The file."""
        return "".join(f"{line}\n" for line in self.lines).encode()

    def full(self) -> Section:
        """The table as a whole section."""
        return Section("ip_vs", SectionMode.FULL, 0, self.text)

    def delta(self) -> Section:
        """`step`, and what changed by it as the table program sends it."""
        body = [f"{index} {self.lines[index]}\n" for index in self.step()]
        return Section("ip_vs", SectionMode.DELTA, 0, "".join([*body, f"= {len(self.lines)}"]).encode())
