"""What can set a weight: the kernel's table by `ipvsadm`, or a track file by which keepalived sets it itself.

How keepalived computes a weight (`update_svr_wgt`, `real_weight` in check_data.h, `weight_range` in track_file.h): the
configured weight, plus for each FILE_CHECK the number in its file × its weight, all in 64 bits with each product kept
within ±(2³¹−1); below 0 it counts as 0. It writes to the kernel only when the result changes.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lvstop.actions.intent import Row
from lvstop.actions.view import Cell, View
from lvstop.analysis.vrrp import keepalived_is_down
from lvstop.analysis.words import listing, row_subject
from lvstop.model.change import FileChange
from lvstop.model.checks import CheckedRealServer, TrackFile
from lvstop.model.director import DirectorSnapshot

DURABLE_SINCE = (2, 2, 0)
"""Before, a FILE_CHECK leaves weight 1 where it should leave 0, and a wrong one afterwards (keepalived PR #1762)."""

GREATEST_NUMBER = 2**31 - 1
"""keepalived ignores numbers in track files beyond it."""

_VERSION = re.compile(r"[^0-9]*([0-9]{1,6})\.([0-9]{1,6})(?:\.([0-9]{1,6}))?")


@dataclass(frozen=True, slots=True)
class FileLever:
    """Track files that drain rows.

    Attributes:
        files: one for each director and file: the number in it now, and one that drains.
        others: directors and rows that were not asked for, and that these files drain as well.
    """

    files: tuple[FileChange, ...]
    others: tuple[tuple[str, Row], ...]


@dataclass(frozen=True, slots=True)
class NoFileLever:
    """Track files cannot drain them.

    Attributes:
        reason: half a sentence.
        configurable: a FILE_CHECK in keepalived's configuration would change that.
    """

    reason: str
    configurable: bool = False


def keepalived_version(director: DirectorSnapshot) -> tuple[int, ...] | None:
    """`(2, 2, 7)`; None where unknown."""
    text = None if director.keepalived is None else director.keepalived.version
    found = None if text is None else _VERSION.match(text)
    return None if found is None else tuple(int(part or 0) for part in found.groups())


def numbers(director: DirectorSnapshot) -> Mapping[str, int] | None:
    """The numbers in a director's track files, by name; None where keepalived was not asked."""
    if director.track_files is None:
        return None
    return {each.name: each.status for each in director.track_files}


def weight_by_keepalived(checked: CheckedRealServer, now: Mapping[str, int], then: Mapping[str, int]) -> int:
    """The weight that keepalived computes when the numbers in track files change from `now` to `then`."""
    return max(0, min(_base(checked, now) + _added(checked, then), GREATEST_NUMBER))


def watches(checked: CheckedRealServer, file: str) -> bool:
    """A FILE_CHECK of the real server makes its weight depend on this file."""
    return any(each.file == file and each.weight != 0 for each in checked.file_checks)


def watchers(view: View, director: DirectorSnapshot, file: str) -> tuple[Row, ...]:
    """The rows of a director that have a FILE_CHECK on a file, whatever it does to them."""
    return tuple(
        view.same((server.key, real_server.key))
        for server in director.checks or ()
        for real_server in server.real_servers
        if any(each.file == file for each in real_server.file_checks)
    )


def file_lever(view: View, rows: Sequence[Row]) -> FileLever | NoFileLever:
    """The track files that drain these rows on every director that has them, or why there are none."""
    files: list[FileChange] = []
    others: list[tuple[str, Row]] = []
    for director in view.reachable:
        cells = [cell for row in rows for cell in view.cells(row) if cell.director is director and _is_there(cell)]
        if not cells:
            continue
        reason = _unable(director)
        if reason:
            return NoFileLever(reason)
        found = _files_of(view, director, cells, rows)
        if isinstance(found, NoFileLever):
            return found
        files += found.files
        others += found.others
    if not files:
        return NoFileLever("no director that answers has them")
    return FileLever(tuple(files), tuple(others))


def _is_there(cell: Cell) -> bool:
    return cell.real_server is not None or cell.checked is not None


def _unable(director: DirectorSnapshot) -> str:
    """Why no track file of a director can drain anything; empty where one could."""
    if keepalived_is_down(director):
        return f"keepalived does not run on {director.name}"
    version = keepalived_version(director)
    if version is None:
        return f"the version of keepalived on {director.name} is unknown"
    if version < DURABLE_SINCE:
        told = ".".join(str(part) for part in version)
        return f"{director.name} runs keepalived {told}, where FILE_CHECK cannot drain; it can from 2.2.0 on"
    if director.checks is None or director.track_files is None:
        return f"keepalived's checks on {director.name} have not been read"
    return ""


def _files_of(
    view: View, director: DirectorSnapshot, cells: Sequence[Cell], rows: Sequence[Row]
) -> FileLever | NoFileLever:
    """One director's files: each row takes its first file that drains nothing else, else its first that drains it."""
    chosen: dict[str, FileChange] = {}
    others: list[tuple[str, Row]] = []
    for cell in cells:
        subject = f"{row_subject(*cell.row)} on {director.name}"
        if cell.checked is None:
            return NoFileLever(f"keepalived does not check {subject}")
        if any(watches(cell.checked, name) for name in chosen):
            continue
        able = list(_able(view, director, cell.checked, rows))
        if not able:
            return _why_not(director, cell.checked, subject)
        file, number, shared = next((each for each in able if not each[2]), able[0])
        chosen[file.name] = FileChange(director.name, file.name, file.path, file.status, number)
        others += [(director.name, row) for row in shared]
    return FileLever(tuple(chosen.values()), tuple(others))


def _why_not(director: DirectorSnapshot, checked: CheckedRealServer, subject: str) -> NoFileLever:
    if not checked.file_checks:
        return NoFileLever(f"no FILE_CHECK is configured for {subject}", configurable=True)
    watched = {each.file for each in checked.file_checks}
    for file in director.track_files or ():
        if file.name in watched and file.vrrp_instances:
            moved = listing(file.vrrp_instances)
            return NoFileLever(f"the track file {file.path} also decides the priority of {moved} on {director.name}")
    reason = f"no number in a file that a FILE_CHECK of {subject} watches gives it weight 0 and keeps it up"
    return NoFileLever(reason, configurable=True)


def _able(
    view: View, director: DirectorSnapshot, checked: CheckedRealServer, rows: Sequence[Row]
) -> Iterator[tuple[TrackFile, int, tuple[Row, ...]]]:
    """Files that drain a real server: each with the number that does it, and the rows outside `rows` that follow."""
    known = {file.name: file for file in director.track_files or ()}
    for name in dict.fromkeys(each.file for each in checked.file_checks):
        file, users = known.get(name), watchers(view, director, name)
        if file is None or file.vrrp_instances != ():
            continue  # it could move the VIP as well, or nobody knows
        meant = [cell.checked for row in users if row in rows for cell in view.cells(row) if cell.director is director]
        number = _draining(file, [each for each in meant if each is not None], numbers(director) or {})
        if number is not None:
            yield file, number, tuple(dict.fromkeys(row for row in users if row not in rows))


def _draining(file: TrackFile, rows: Sequence[CheckedRealServer], now: Mapping[str, int]) -> int | None:
    """A number in a file that brings all these real servers to weight 0; the one in it where that does; None: none."""
    if any(check.file == file.name and check.weight == 0 for row in rows for check in row.file_checks):
        return None  # any other number than the one in it would make them fail
    factors = [_factor(row, file.name) for row in rows]
    if not factors or any(factor == 0 for factor in factors):
        return None
    sign = -1 if factors[0] > 0 else 1
    if any((factor > 0) is not (factors[0] > 0) for factor in factors):
        return None
    # a FILE_CHECK may have added to the weight: what keepalived has now counts where it is more than configured
    needed = [
        -(-(max(row.weight, _base(row, now)) + _added(row, {**now, file.name: 0})) // abs(factor))
        for row, factor in zip(rows, factors, strict=True)
    ]
    candidates = (file.status, sign * max(1, *needed))
    return next((each for each in candidates if abs(each) <= GREATEST_NUMBER and _drains(rows, now, file, each)), None)


def _drains(rows: Sequence[CheckedRealServer], now: Mapping[str, int], file: TrackFile, number: int) -> bool:
    then = {**now, file.name: number}
    return number != 0 and all(max(row.weight, _base(row, now)) + _added(row, then) <= 0 for row in rows)


def _factor(row: CheckedRealServer, file: str) -> int:
    return sum(-each.weight if each.reverse else each.weight for each in row.file_checks if each.file == file)


def _base(checked: CheckedRealServer, now: Mapping[str, int]) -> int:
    """The weight without track files; with what a MISC_CHECK adds, where the result is not cut off at 0."""
    return checked.effective_weight - _added(checked, now) if checked.effective_weight > 0 else checked.weight


def _added(checked: CheckedRealServer, values: Mapping[str, int]) -> int:
    return sum(
        max(-GREATEST_NUMBER, min(values.get(each.file, 0) * each.weight, GREATEST_NUMBER))
        * (-1 if each.reverse else 1)
        for each in checked.file_checks
        if each.weight != 0
    )
