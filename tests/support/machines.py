"""Machines in the states that matter: their vitals over time, put into the directors of a healthy pair."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from lvstop.model.director import DirectorSnapshot
from lvstop.model.host import InterfaceCounters, InterfaceRates
from lvstop.model.vitals import (
    Conntrack,
    CpuShares,
    CpuTimes,
    Memory,
    SoftnetCounters,
    SoftnetRates,
    Vitals,
    VitalsRates,
)
from support.factories import gone, unprivileged
from support.scenes import Scene, lead, played, stand_by

GIB = 1024**3
EVERY = 5
"""Seconds between two readings of a machine."""


def cpu_times(number: int = 0, **times: int) -> CpuTimes:
    """Clock ticks of a processor; those that are not given are 0."""
    kinds = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
    return CpuTimes(number, **{kind: times.get(kind, 0) for kind in kinds})


def vitals(uptime: float = 1000.0, **more: object) -> Vitals:
    """A machine with four processors, 4 GiB, and connection tracking that has little to do."""
    values: dict[str, object] = {
        "cpus": tuple(cpu_times(number, idle=int(uptime * 100)) for number in range(4)),
        "memory": Memory(4 * GIB, 3 * GIB, GIB, GIB),
        "softnet": tuple(SoftnetCounters(number, 0, 0) for number in range(4)),
        "conntrack": Conntrack(1_204, 262_144),
        "conntrack_loaded": True,
    }
    values.update(more)
    return Vitals(uptime, **values)  # type: ignore[arg-type]  # a builder: its callers name fields


def rates(
    cpus: Sequence[tuple[float, float, float]] = (
        (0.09, 0.06, 0.0),
        (0.07, 0.04, 0.0),
        (0.05, 0.03, 0.0),
        (0.02, 0.0, 0.0),
    ),
    dropped: float = 0.0,
    squeezed: float = 0.4,
) -> VitalsRates:
    """What two readings said: of each processor how much it was busy, with softirq, and with others' work."""
    shares = tuple(CpuShares(number, *each) for number, each in enumerate(cpus))
    return VitalsRates(5.0, shares, SoftnetRates(dropped, squeezed))


def interface_rates(second: int, lost: float = 0.0) -> Mapping[str, InterfaceRates]:
    """Traffic that breathes on the one interface, and next to none on the other."""
    size = 2_400_000.0 + (second * 7919) % 900_000
    return {
        "ens3": InterfaceRates(size, 21_000.0, 0.0, lost, size, 21_000.0, 0.0, 0.0),
        "ens4": InterfaceRates(150.0, 2.0, 0.0, 0.0, 220.0, 2.0, 0.0, 0.0),
    }


INTERFACES = tuple(InterfaceCounters(name, 1, 1, 0, 0, 1, 1, 0, 0) for name in ("lo", "ens3", "ens4"))


class Machine:
    """One machine, whose vitals are the same object until they are read anew."""

    def __init__(self, calm: Mapping[str, object], later: Mapping[str, object] | None = None, since: int = 20) -> None:
        """`calm` and `later` are fields of a director; those of `later` hold from second `since` on."""
        self._states = (calm, calm if later is None else later)
        self._since = since
        self._known: dict[int, Vitals] = {}

    def at(self, second: int, director: DirectorSnapshot) -> DirectorSnapshot:
        """The director at this second, on this machine."""
        number = second // EVERY
        fields = dict(self._states[number * EVERY >= self._since])
        read = self._known.setdefault(number, vitals(1_000_000.0 + number * EVERY, **dict(fields.pop("vitals", {}))))  # type: ignore[call-overload]
        values: dict[str, object] = {
            "uptime": 1_000_000.0 + second,
            "vitals": read,
            "vitals_rates": rates() if second >= EVERY else None,
            "interfaces": INTERFACES,
            "interface_rates": interface_rates(second) if second >= 2 else None,
            "connection_buckets": 4096,
            **fields,
        }
        return replace(director, **values)  # type: ignore[arg-type]  # a builder: its callers name fields


STORM: Mapping[str, object] = {
    "vitals_rates": rates(
        [(0.99, 0.985, 0.0), (0.12, 0.07, 0.0), (0.08, 0.05, 0.01), (0.05, 0.03, 0.0)], dropped=4_200.0, squeezed=55.0
    ),
    "interface_rates": interface_rates(7, lost=912.0),
}
FULL: Mapping[str, object] = {
    "vitals": {"conntrack": Conntrack(252_410, 262_144), "memory": Memory(4 * GIB, GIB // 8, GIB, GIB // 4)}
}
MANY: Mapping[str, object] = {
    "vitals_rates": rates([((n * 37 % 90) / 100, (n * 37 % 90) / 200, 0.0) for n in range(63)] + [(1.0, 0.97, 0.0)])
}


def _pair(first: Machine, second: Machine) -> Scene:
    return played([(first.at(n, lead(n)), second.at(n, stand_by(n))) for n in range(61)])


def unreachable() -> Scene:
    """The standby does not answer since half a minute; its machine is shown as it was."""
    first, second = Machine({}), Machine({})
    frames = [(first.at(n, lead(n)), second.at(n, stand_by(n))) for n in range(30)]
    past = gone(second.at(29, stand_by(29)))
    later = [(first.at(n, lead(n)), replace(past, age_seconds=n - 29.0)) for n in range(30, 61)]
    return played([*frames, *later])


def plain_user() -> Scene:
    """Both are read as a plain user, and one kernel tracks nothing: what is in /proc everybody may read."""
    bare: Mapping[str, object] = {"vitals": {"conntrack": None, "conntrack_loaded": False}}
    first, second = Machine({}), Machine(bare)

    def plain(director: DirectorSnapshot) -> DirectorSnapshot:
        return unprivileged(replace(director, rates=None, advert_rates=None, sync_daemons=None))

    return played([(plain(first.at(n, lead(n))), plain(second.at(n, stand_by(n)))) for n in range(61)])


ALL: Mapping[str, Callable[[], Scene]] = {
    "machines-calm": lambda: _pair(Machine({}), Machine({})),
    "machines-storm": lambda: _pair(Machine({}, STORM), Machine({})),
    "machines-full": lambda: _pair(Machine({}, FULL), Machine({})),
    "machines-many": lambda: _pair(Machine(MANY), Machine({})),
    "machines-unreachable": unreachable,
    "machines-plain": plain_user,
    "machines-first": partial(played, [(Machine({}).at(0, lead(0)), Machine({}).at(0, stand_by(0)))]),
}
"""Scenes by name."""
