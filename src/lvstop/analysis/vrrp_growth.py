"""How much VRRP's counters have grown since somebody began to look."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from lvstop.analysis.vrrp import instance_label, told_instances
from lvstop.model.cluster import ClusterSnapshot
from lvstop.model.vrrp import AdvertErrors, VrrpCounters, VrrpInstance

_ZERO_ERRORS = AdvertErrors(0, 0, 0, 0, 0, 0, 0, 0)
_ZERO = VrrpCounters(0, 0, 0, 0, 0, 0, _ZERO_ERRORS)


@dataclass(frozen=True, slots=True)
class _Start:
    pid: int | None
    counters: VrrpCounters


@dataclass(frozen=True, slots=True, eq=False)
class VrrpGrowth:
    """The counters with which somebody began, by director and instance.

    keepalived counts from its start: where it was started again meanwhile, everything that it has counted is new.
    """

    starts: Mapping[tuple[str, str], _Start] = field(default_factory=dict)

    def observe(self, snapshot: ClusterSnapshot) -> "VrrpGrowth":
        """This, knowing one more look; itself where nothing begins in it."""
        starts: dict[tuple[str, str], _Start] = {}
        for director in snapshot.directors:
            pid = None if director.keepalived is None else director.keepalived.pid
            for instance in told_instances(director) or ():
                if instance.counters is None:
                    continue
                key = (director.name, instance_label(instance))
                known = self.starts.get(key)
                if known is None:
                    starts[key] = _Start(pid, instance.counters)
                elif _restarted(known, pid, instance.counters):
                    starts[key] = _Start(pid, _ZERO)
        return replace(self, starts={**self.starts, **starts}) if starts else self

    def of(self, director: str, instance: VrrpInstance) -> VrrpCounters | None:
        """What was counted since; None where that is unknown."""
        known = self.starts.get((director, instance_label(instance)))
        if known is None or instance.counters is None:
            return None
        return _difference(instance.counters, known.counters)


def _restarted(known: _Start, pid: int | None, counters: VrrpCounters) -> bool:
    if pid is not None and known.pid is not None and pid != known.pid:
        return True
    return any(now < then for now, then in zip(_numbers(counters), _numbers(known.counters), strict=True))


def _numbers(counters: VrrpCounters) -> tuple[int, ...]:
    errors = counters.errors
    return (
        counters.adverts_received,
        counters.adverts_sent,
        counters.became_master,
        counters.released_master,
        counters.priority_zero_received,
        counters.priority_zero_sent,
        errors.packet_length,
        errors.advert_interval,
        errors.ttl,
        errors.invalid_type,
        errors.address_list,
        errors.invalid_auth_type,
        errors.auth_type_mismatch,
        errors.auth_failure,
    )


def _difference(now: VrrpCounters, then: VrrpCounters) -> VrrpCounters:
    numbers = [a - b for a, b in zip(_numbers(now), _numbers(then), strict=True)]
    received, sent, became, released, zero_received, zero_sent, *errors = numbers
    return VrrpCounters(received, sent, became, released, zero_received, zero_sent, AdvertErrors(*errors))
