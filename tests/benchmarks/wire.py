"""How much a poll sends."""

import tempfile
import zlib
from pathlib import Path
from statistics import median

from benchmarks.asked import Asked, Table
from benchmarks.frames import Frames
from benchmarks.measure import Effort
from benchmarks.report import Row
from lvstop.probe import programs

_POLLS = 7
_PACKET = 32_768
_BUDGETS = {0.10: 0.05, 0.01: 0.01}
_LIMIT = "a changed line is sent whole, its address with it, and lvstop asks for no compression"
_LIMIT_COMPRESSED = "what changed is numbers, which compress badly"


def wire_rows(effort: Effort) -> list[Row]:
    """Bytes of an answer, as they are and as SSH's compression would send them, against the table's own."""
    rows: list[Row] = []
    for share, budget in _BUDGETS.items():
        with tempfile.TemporaryDirectory(prefix="lvstop-bench-") as name:
            frames = Frames(effort.rows, share)
            answers = _answers(Table(Path(name), frames))
        what = f"wire, {effort.rows:,} rows, {share * 100:g} % changed: delta"
        if not answers:
            reason = "no awk here that the table program takes (Debian package mawk)"
            rows += [Row(what, budget=budget, skipped=reason), Row(f"{what} + zlib 6", budget=budget, skipped=reason)]
            continue
        raw = len(frames.text) / 1000
        plain = median(map(len, answers[1:])) / 1000
        compressed = median(_compressed(answers)[1:]) / 1000
        rows.append(Row(what, "kB", plain, raw, "the raw table", budget=budget, limit=_LIMIT, note="what lvstop sends"))
        rows.append(
            Row(
                f"{what} + zlib 6",
                "kB",
                compressed,
                raw,
                "the raw table",
                budget=budget,
                limit=_LIMIT_COMPRESSED,
                note="as SSH compression would send it; not used",
            )
        )
    return rows


def _answers(table: Table) -> list[bytes]:
    """A first answer with all the lines, then what changed; nothing where there is no awk."""
    with Asked(table.read_by(programs.table())) as asked:
        if b" ] 1\n" in asked.greeting:
            return []
        answers = [asked.ask("t 1 0 1")]
        for _ in range(_POLLS):
            table.step()
            answers.append(asked.ask("t 0 0 1"))
        return answers


def _compressed(answers: list[bytes]) -> list[int]:
    """Sizes after one stream of zlib, flushed after each packet, as SSH does it."""
    stream = zlib.compressobj(6)
    sizes: list[int] = []
    for answer in answers:
        packets = [answer[start : start + _PACKET] for start in range(0, len(answer), _PACKET)]
        sizes.append(sum(len(stream.compress(packet) + stream.flush(zlib.Z_PARTIAL_FLUSH)) for packet in packets))
    return sizes
