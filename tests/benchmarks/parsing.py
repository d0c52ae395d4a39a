"""Reading the kernel's table again and again."""

from collections.abc import Callable

from benchmarks.frames import Frames
from benchmarks.measure import Effort, Sample, cpu, interleaved
from benchmarks.report import Row
from lvstop.probe.delta import SectionLines
from lvstop.probe.parse.ip_vs import TableParser
from lvstop.transport.base import Section

_FLOOR = 'split(b"\\n")'
_HZ = 250
_SHARES = {"0 %": 0.0, "10 %": 0.1, "100 %": 1.0}

Work = Callable[[], object]


def parsing_rows(effort: Effort) -> list[Row]:
    """Parsing by how much changed, and decoding the delta, alone and with the parsing that follows."""
    samples: dict[str, Sample] = {"floor": cpu(_split(effort.rows))}
    for name, share in _SHARES.items():
        samples[f"{name} changed"] = cpu(_update(effort.rows, share))
    samples["the whole text"] = cpu(_parse(effort.rows))
    samples["10 %: delta alone"] = cpu(_delta(effort.rows))
    samples["10 %: delta + parse"] = cpu(_delta_and_parse(effort.rows))
    samples["10 %: whole text, compared + parse"] = cpu(_full_and_parse(effort.rows))
    costs = interleaved(samples, effort.parses)
    floor = costs.pop("floor")
    limits = {
        "10 % changed": "a frozen real server for each changed line, and a new tuple for nearly every virtual server",
        "10 %: delta + parse": "each changed line is decoded, split at its index and compared before it is parsed",
    }
    return [
        Row(
            f"parse {effort.rows:,}: {name}",
            "ms",
            cost * 1000,
            floor * 1000,
            _FLOOR,
            budget=5 if name in limits else None,
            limit=limits.get(name, ""),
        )
        for name, cost in costs.items()
    ]


def _split(rows: int) -> Callable[[], Work]:
    text = Frames(rows, 0).text
    return lambda: lambda: text.split(b"\n")


def _update(rows: int, share: float) -> Callable[[], Work]:
    frames, parser = Frames(rows, share), TableParser()
    parser.update(frames.lines, None, hz=_HZ)

    def prepare() -> Work:
        changed = frames.step()
        return lambda: parser.update(frames.lines, changed, hz=_HZ)

    return prepare


def _parse(rows: int) -> Callable[[], Work]:
    lines = Frames(rows, 0).lines
    return lambda: lambda: TableParser().update(lines, None, hz=_HZ)


def _delta(rows: int) -> Callable[[], Work]:
    frames, known = Frames(rows, 0.1), SectionLines()
    known.apply(frames.full())

    def prepare() -> Work:
        section = frames.delta()
        return lambda: known.apply(section)

    return prepare


def _delta_and_parse(rows: int) -> Callable[[], Work]:
    frames, take = Frames(rows, 0.1), _taker()
    take(frames.full())

    def prepare() -> Work:
        section = frames.delta()
        return lambda: take(section)

    return prepare


def _full_and_parse(rows: int) -> Callable[[], Work]:
    frames, take = Frames(rows, 0.1), _taker()
    take(frames.full())

    def prepare() -> Work:
        frames.step()
        section = frames.full()
        return lambda: take(section)

    return prepare


def _taker() -> Callable[[Section], object]:
    """What the table lane does with a section."""
    known, parser = SectionLines(), TableParser()

    def take(section: Section) -> object:
        changed = known.apply(section)
        return parser.update(known.lines, changed, hz=_HZ)

    return take
