"""The files of an embedded director that are not the kernel's: track files, records of changes, keepalived's dumps."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Final


class FileKind(StrEnum):
    """What `stat -c %F` calls it."""

    FILE = "regular file"
    FOLDER = "directory"
    LINK = "symbolic link"


@dataclass(frozen=True, slots=True)
class File:
    """One name in the tree.

    Attributes:
        mode: permission bits.
        inode: a new one for every file that is put into another's place.
        modified: seconds since the epoch.
    """

    kind: FileKind
    uid: int
    mode: int
    inode: int
    modified: float
    text: str = ""

    @property
    def may_be_written_by_others(self) -> bool:
        """By anybody but its owner."""
        return bool(self.mode & 0o022)


_FOLDERS: Final = {
    "/": 0o755,
    "/etc": 0o755,
    "/etc/keepalived": 0o755,
    "/run": 0o755,
    "/tmp": 0o1777,  # noqa: S108 - a director's own
    "/var": 0o755,
    "/var/lib": 0o755,
}
_FIRST_INODE: Final = 131_072


class FileTree:
    """Files by their absolute paths. Everything belongs to root."""

    def __init__(self, now: float) -> None:
        self._files: dict[str, File] = {}
        self._inode = _FIRST_INODE
        for path, mode in _FOLDERS.items():
            self._files[path] = self._new(FileKind.FOLDER, mode, now)

    def _new(self, kind: FileKind, mode: int, now: float, text: str = "", uid: int = 0) -> File:
        self._inode += 1
        return File(kind, uid, mode, self._inode, now, text)

    def get(self, path: str) -> File | None:
        """What is there, without following a link; None where nothing is."""
        return self._files.get(path)

    def below(self, folder: str) -> Iterator[tuple[str, File]]:
        """What stands directly in `folder`, by name."""
        for path in sorted(self._files):
            if path != "/" and str(PurePosixPath(path).parent) == folder:
                yield path, self._files[path]

    def folder(self, path: str, now: float, *, mode: int = 0o755) -> None:
        """Make a folder and those above it (`mkdir -p`)."""
        for each in (*reversed(PurePosixPath(path).parents), PurePosixPath(path)):
            if str(each) not in self._files:
                self._files[str(each)] = self._new(FileKind.FOLDER, mode, now)

    def write(self, path: str, text: str, now: float, *, mode: int = 0o644) -> None:
        """Write in place, as `>` does: the inode and the mode of a file that is there stay."""
        before = self._files.get(path)
        if before is None:
            self._files[path] = self._new(FileKind.FILE, mode, now, text)
        else:
            self._files[path] = File(before.kind, before.uid, before.mode, before.inode, now, text)

    def replace(self, path: str, text: str, now: float, *, mode: int = 0o644) -> None:
        """Put a new file into the place, as rename(2) does."""
        self._files[path] = self._new(FileKind.FILE, mode, now, text)

    def remove(self, path: str) -> None:
        """As `rm -f`: nothing happens where nothing is."""
        self._files.pop(path, None)

    def wipe(self, folder: str) -> None:
        """What a reboot does to a folder in memory."""
        for path in [path for path in self._files if path.startswith(f"{folder}/")]:
            del self._files[path]
