"""How the machine fares: asked for with the table every few seconds, so that the same answer has the clock as well."""

from collections.abc import Callable
from typing import TypeVar

from lvstop.model.vitals import Conntrack, Vitals
from lvstop.probe import labels
from lvstop.probe.lanes import section_text
from lvstop.probe.parse import Parsed
from lvstop.probe.parse.vitals import parse_cpu_times, parse_meminfo, parse_setting, parse_softnet
from lvstop.probe.readings import Readings
from lvstop.transport.base import Reply

T = TypeVar("T")

SECTIONS = frozenset({"cpu", "memory", "softnet", "conntrack_count", "conntrack_max"})
"""What a table program adds to its answer when it is asked for vitals.

The same text of /proc everywhere: over SSH, from the embedded pair, and on this machine (`host: local`), where psutil
would tell neither what softnet dropped nor how full connection tracking is, nor anything of another network namespace.
"""


def take_vitals(readings: Readings, reply: Reply) -> None:
    """An answer that was asked for vitals. `readings.uptime` is that of the same answer."""
    if readings.uptime is None:
        readings.vitals = None
        return
    count = _read(readings, reply, "conntrack_count", lambda text: parse_setting(text, "nf_conntrack_count"))
    limit = _read(readings, reply, "conntrack_max", lambda text: parse_setting(text, "nf_conntrack_max"))
    readings.vitals = Vitals(
        uptime=readings.uptime,
        cpus=_read(readings, reply, "cpu", parse_cpu_times),
        memory=_read(readings, reply, "memory", parse_meminfo),
        softnet=_read(readings, reply, "softnet", parse_softnet),
        conntrack=None if count is None or not limit else Conntrack(count, limit),
        conntrack_loaded=_is_there(reply, "conntrack_count"),
    )


def _read(readings: Readings, reply: Reply, name: str, parse: Callable[[str], Parsed[T | None]]) -> T | None:
    """A file that is not there is no fault: kernels differ in what they were built with."""
    text = section_text(reply, name)
    source = f"{labels.VITALS}: {name}"
    if text is None:
        readings.note_issues(source, ())
        return None
    parsed = parse(text)
    readings.note_issues(source, parsed.issues)
    return parsed.value


def _is_there(reply: Reply, name: str) -> bool | None:
    section = reply.section(name)
    return None if section is None else section.status == 0
