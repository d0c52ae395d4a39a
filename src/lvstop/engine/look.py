"""One look at a cluster: connect, read everything once, disconnect."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from lvstop.analysis.memory import Memory
from lvstop.analysis.merge import merge
from lvstop.analysis.records import LocalRecords, no_records
from lvstop.clock import Clock
from lvstop.config.schema import ClusterConfig, DirectorConfig
from lvstop.engine.connections import ProbeFactory
from lvstop.engine.patience import Patience
from lvstop.engine.vitals_meter import VitalsMeter
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.director import DirectorSnapshot, DirectorStatus, Fault, FaultKind
from lvstop.probe.director import DirectorProbe
from lvstop.transport.base import TransportError

_LOG = logging.getLogger(__name__)


async def look(
    configs: Sequence[ClusterConfig],
    make_probe: ProbeFactory,
    clock: Clock,
    *,
    timeout: float,
    local_records: Callable[[], LocalRecords] = no_records,
    patience: Patience | None = None,
) -> tuple[ClusterSnapshot, ...]:
    """Every cluster once, all directors at the same time; none gets more than `timeout` seconds.

    A director that cannot be read is `unreachable` in its snapshot, with the fault; nothing is raised for it.

    Args:
        local_records: what the operator's machine has on record, of whichever clusters.
        patience: what keeps the limits, so that they stand still while the operator is asked.
    """
    terms = _Terms(make_probe, timeout, patience or Patience())
    local = _Local(local_records(), clock.now())
    return tuple(await asyncio.gather(*(_look_at_cluster(config, terms, clock, local) for config in configs)))


@dataclass(frozen=True, slots=True)
class _Terms:
    """What every director is looked at with."""

    make_probe: ProbeFactory
    timeout: float
    patience: Patience


@dataclass(frozen=True, slots=True)
class _Local:
    """What the operator's machine has on record, and since when that is known."""

    records: LocalRecords
    at: datetime

    @property
    def since(self) -> Mapping[str, datetime]:
        """By id."""
        ids = (*(each.id for each in self.records.changes), *(each.id for each in self.records.failovers))
        return dict.fromkeys(ids, self.at)


async def _look_at_cluster(config: ClusterConfig, terms: _Terms, clock: Clock, local: _Local) -> ClusterSnapshot:
    abreast = _Abreast(len(config.directors))
    looks = (
        _look_at_director(terms.make_probe(config, director), director, terms, abreast) for director in config.directors
    )
    results = await asyncio.gather(*looks, return_exceptions=True)
    directors = [_contained(director, result) for director, result in zip(config.directors, results, strict=True)]
    return merge(
        config.name,
        directors,
        vips=config.vips,
        now=clock.now(),
        memory=Memory(),
        local=local.records.changes,
        local_failovers=local.records.failovers,
        local_since=local.since,
    )


def _contained(config: DirectorConfig, result: DirectorSnapshot | BaseException) -> DirectorSnapshot:
    """A mistake of lvstop's own about one director must not hide the others."""
    if isinstance(result, DirectorSnapshot):
        return result
    if not isinstance(result, Exception):
        raise result
    _LOG.error("%s: %r", config.name, result, exc_info=result)
    return DirectorSnapshot(
        name=config.name, host=config.host, status=DirectorStatus.UNREACHABLE, fault=Fault.internal(result)
    )


class _Abreast:
    """Directors that are read side by side: who has read all waits for the others, so that no table is older."""

    def __init__(self, count: int) -> None:
        self._missing = count
        self._all_there = asyncio.Event()

    @contextmanager
    def arriving(self) -> Iterator[None]:
        """One director on its way; it has arrived at the end, whatever came of it."""
        try:
            yield
        finally:
            self._missing -= 1
            if self._missing == 0:
                self._all_there.set()

    async def all_there(self) -> None:
        """Wait for everybody."""
        await self._all_there.wait()


async def _look_at_director(
    probe: DirectorProbe, config: DirectorConfig, terms: _Terms, abreast: _Abreast
) -> DirectorSnapshot:
    vitals = VitalsMeter()
    try:
        with abreast.arriving():
            async with terms.patience.limit(terms.timeout):
                await probe.connect()
                vitals.take(probe.snapshot().vitals)
                await probe.read_facts()
                await probe.read_kernel_rates()
        await abreast.all_there()
        async with terms.patience.limit(terms.timeout):
            await probe.read_table()
        known = probe.snapshot()
        return replace(known, vitals_rates=vitals.take(known.vitals))
    except TransportError as error:
        fault = error.fault
    except TimeoutError:
        late = f"{config.host} was not read within {terms.timeout:g} s"
        fault = Fault(FaultKind.TIMEOUT, late, "allow more with --timeout")
    finally:
        known = probe.snapshot()
        await probe.close()
    if known.read_at is not None:
        # The table was read; a fact that hangs does not make it untrue.
        return replace(known, status=DirectorStatus.DEGRADED, fault=fault)
    return DirectorSnapshot(name=config.name, host=config.host, status=DirectorStatus.UNREACHABLE, fault=fault)
