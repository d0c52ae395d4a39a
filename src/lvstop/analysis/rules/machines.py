"""Rules about the machine under a director: what is near its end, so that packets or connections will be lost."""

from collections.abc import Iterable

from lvstop.analysis.rules.scene import Scene
from lvstop.analysis.strain import NO_STRAINS, Strain, StrainKind, lost_by_interface
from lvstop.analysis.vitals import conntrack_fill, memory_left
from lvstop.analysis.words import listing
from lvstop.model.alert import Alert, AlertCode, Severity
from lvstop.model.director import DirectorSnapshot

_MIB = 1024 * 1024


def conntrack_filling(scene: Scene) -> Iterable[Alert]:
    """Connection tracking is nearly full. Beyond the higher mark critical where the director holds a VIP."""
    for director, strain in _strained(scene, StrainKind.CONNTRACK):
        fill = conntrack_fill(director.vitals)
        conntrack = None if director.vitals is None else director.vitals.conntrack
        if fill is None or conntrack is None:
            continue
        serves = bool(scene.held_by(director.name))
        severity = strain.severity if serves else min(strain.severity, Severity.WARNING)
        summary = (
            f"{director.name} tracks {conntrack.entries:,} connections of at most {conntrack.limit:,} "
            f"({fill * 100:.0f} %): where none is left, new ones are dropped."
        )
        remedy = f"On {director.name}: raise net.netfilter.nf_conntrack_max, or track less (notrack)."
        yield Alert(AlertCode.CONNTRACK_FILLING, severity, director.name, summary, remedy)


def softirq_saturated(scene: Scene) -> Iterable[Alert]:
    """A processor does nothing but handle packets, and has done so for a while."""
    for director, strain in _strained(scene, StrainKind.SOFTIRQ):
        cpus = () if director.vitals_rates is None else director.vitals_rates.cpus or ()
        if not _lasts(scene, strain) or not cpus:
            continue
        mark = scene.thresholds.softirq
        worst = max(cpus, key=lambda cpu: cpu.softirq)
        full = [cpu.number for cpu in cpus if cpu.softirq >= mark.warning - mark.relief] or [worst.number]
        verb, noun = ("spend", "Processors") if len(full) > 1 else ("spends", "Processor")
        summary = (
            f"{noun} {listing(full, most=4)} of {director.name} {verb} {worst.softirq * 100:.0f} % of the time "
            f"on packets (softirq): what comes beyond that is lost."
        )
        remedy = f"On {director.name}: share the interface's queues out to more processors (ethtool -l, RPS)."
        yield Alert(AlertCode.SOFTIRQ_SATURATED, Severity.WARNING, director.name, summary, remedy)


def packets_dropped(scene: Scene) -> Iterable[Alert]:
    """Packets are lost all the time: in the backlog of the processors, or by an interface."""
    found: dict[str, list[str]] = {}
    for director, strain in _strained(scene, StrainKind.INTERFACES):
        lost = {name: rate for name, rate in (lost_by_interface(director) or {}).items() if rate > 0}
        if _lasts(scene, strain) and lost:
            worst = sorted(lost.items(), key=lambda each: (-each[1], each[0]))
            found.setdefault(director.name, []).append(listing(f"{rate:,.0f} by {name}" for name, rate in worst[:3]))
    for director, strain in _strained(scene, StrainKind.BACKLOG):
        softnet = None if director.vitals_rates is None else director.vitals_rates.softnet
        if _lasts(scene, strain) and softnet is not None and softnet.dropped > 0:
            found.setdefault(director.name, []).append(f"{softnet.dropped:,.0f} in the backlog of its processors")
    for name, parts in found.items():
        summary = f"{name} loses packets each second: {listing(parts)}."
        remedy = f"On {name}: ethtool -S tells why an interface drops; the backlog is net.core.netdev_max_backlog."
        yield Alert(AlertCode.PACKETS_DROPPED, Severity.WARNING, name, summary, remedy)


def memory_low(scene: Scene) -> Iterable[Alert]:
    """Next to no memory can be had without swapping."""
    for director, strain in _strained(scene, StrainKind.MEMORY):
        left = memory_left(director.vitals)
        memory = None if director.vitals is None else director.vitals.memory
        if left is None or memory is None or memory.available_bytes is None:
            continue
        sizes = f"{memory.available_bytes / _MIB:,.0f} of {memory.total_bytes / _MIB:,.0f} MiB"
        summary = (
            f"{director.name} has only {sizes} of memory left ({left * 100:.0f} %): the kernel may kill what it needs."
        )
        remedy = f"On {director.name}: ps aux --sort=-rss tells who has it."
        yield Alert(AlertCode.MEMORY_LOW, strain.severity, director.name, summary, remedy)


def _strained(scene: Scene, kind: StrainKind) -> Iterable[tuple[DirectorSnapshot, Strain]]:
    for director in scene.answering:
        strain = scene.memory.strains.get(director.name, NO_STRAINS).standing.get(kind)
        if strain is not None:
            yield director, strain


def _lasts(scene: Scene, strain: Strain) -> bool:
    """What may be a moment's burst is not told before it has lasted; one look cannot know that."""
    return scene.cluster.generated_at - strain.since >= scene.thresholds.strain_lasts
