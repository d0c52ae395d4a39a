"""What `lvstop status --json` says of the machine under a director; null where something is unknown."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from lvstop.analysis.vitals import connection_table
from lvstop.model.director import DirectorSnapshot
from lvstop.model.host import InterfaceCounters
from lvstop.model.vitals import Conntrack, Memory, VitalsRates

Json = str | int | float | bool | None | Mapping[str, "Json"] | Sequence["Json"]
JsonObject = dict[str, Json]


def vitals_of(director: DirectorSnapshot) -> JsonObject | None:
    """The machine; None where nothing was read of it, as of a director that was never reached."""
    vitals = director.vitals
    if vitals is None:
        return None
    return {
        "load": None
        if director.load is None
        else {"one": director.load.one, "five": director.load.five, "fifteen": director.load.fifteen},
        "cpus": _cpus(director.vitals_rates),
        "memory": _memory(vitals.memory),
        "interfaces": None
        if director.interfaces is None
        else [_interface(director, each) for each in director.interfaces],
        "conntrack_loaded": vitals.conntrack_loaded,
        "conntrack": _conntrack(vitals.conntrack),
        "ipvs_connections": _connections(director),
        "softnet": None
        if vitals.softnet is None
        else {
            "dropped": sum(each.dropped for each in vitals.softnet),
            "squeezed": sum(each.squeezed for each in vitals.softnet),
        },
    }


def _cpus(rates: VitalsRates | None) -> list[Json] | None:
    if rates is None or rates.cpus is None:
        return None
    return [
        {
            "number": each.number,
            "busy": round(each.busy, 4),
            "softirq": round(each.softirq, 4),
            "steal": round(each.steal, 4),
        }
        for each in rates.cpus
    ]


def _memory(memory: Memory | None) -> JsonObject | None:
    return None if memory is None else asdict(memory)


def _interface(director: DirectorSnapshot, counters: InterfaceCounters) -> JsonObject:
    values = asdict(counters)
    name = values.pop("interface")
    rates = (director.interface_rates or {}).get(counters.interface)
    return {"name": name, **values, "rates": None if rates is None else asdict(rates)}


def _conntrack(conntrack: Conntrack | None) -> JsonObject | None:
    return None if conntrack is None else {"entries": conntrack.entries, "limit": conntrack.limit}


def _connections(director: DirectorSnapshot) -> JsonObject | None:
    table = connection_table(director)
    if table is None:
        return None
    return {"entries": table.entries, "templates": table.templates, "buckets": table.buckets}
