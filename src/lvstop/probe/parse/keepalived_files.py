"""Track files in keepalived_check.data: those that the checkers watch, and the FILE_CHECKs of a real server.

A real server's stand at the end of its block below `   Tracked Files`, a line each (`dump_track_file_monitor` in
track_file.c of keepalived). The files themselves have a section of their own, `------< Checker track files >------`,
four lines each and below them what tracks them (`dump_track_file`).
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from lvstop.model.checks import FileCheck, TrackFile
from lvstop.probe.parse.issues import IssueLog

SECTION: Final = "Checker track files"

_LIST: Final = "   Tracked Files"
_ENTRY: Final = re.compile(r"     (.+), weight (-?[0-9]{1,10})( reverse)?")
_TITLE: Final = re.compile(r" Track file = (.+)")
_PATH: Final = re.compile(r"   File = (/.*)")
_STATUS: Final = re.compile(r"   Status = (-?[0-9]{1,19})")
_WEIGHT: Final = re.compile(r"   Weight = (-?[0-9]{1,10})( reverse)?")

_INT32: Final = 2**31
_INT64: Final = 2**63

Lines = Sequence[tuple[int, str]]
"""Lines with their numbers."""


def read_file_checks(block: Lines, issues: IssueLog) -> tuple[FileCheck, ...]:
    """The FILE_CHECKs of a real server's block, in keepalived's order; usually there are none."""
    start = next((index for index, (_, line) in enumerate(block) if line == _LIST), None)
    if start is None:
        return ()
    found: list[FileCheck] = []
    for number, line in block[start + 1 :]:
        if not line.startswith("     "):
            break
        entry = _ENTRY.fullmatch(line)
        weight = _number(entry[2], _INT32) if entry is not None else None
        if entry is None or weight is None:
            issues.add(number, line, "expected a track file and its weight")
        else:
            found.append(FileCheck(entry[1], weight, entry[3] is not None))
    return tuple(found)


def read_track_files(block: Lines, issues: IssueLog) -> tuple[TrackFile, ...]:
    """The track files of their section, in keepalived's order."""
    found: list[TrackFile] = []
    for entry in _entries(block):
        file = _track_file(entry)
        if file is not None:
            found.append(file)
        else:
            issues.add(*entry[0], "expected a track file with its path, status and weight")
    return tuple(found)


def _entries(block: Lines) -> Iterator[Lines]:
    entry: list[tuple[int, str]] = []
    for number, line in block:
        if _TITLE.fullmatch(line):
            if entry:
                yield entry
            entry = []
        elif not entry:
            continue
        entry.append((number, line))
    if entry:
        yield entry


def _track_file(entry: Lines) -> TrackFile | None:
    """The four lines follow on one another; what tracks the file may be called anything."""
    lines = [line for _, line in entry[:4]]
    if len(lines) < 4:
        return None
    matches = [pattern.fullmatch(line) for pattern, line in zip((_TITLE, _PATH, _STATUS, _WEIGHT), lines, strict=True)]
    title, path, status_text, weight_text = matches
    if title is None or path is None or status_text is None or weight_text is None:
        return None
    status, weight = _number(status_text[1], _INT64), _number(weight_text[1], _INT32)
    if status is None or weight is None:
        return None
    return TrackFile(title[1], path[1], status, weight, weight_text[2] is not None)


def _number(text: str, limit: int) -> int | None:
    value = int(text)
    return value if -limit <= value < limit else None
