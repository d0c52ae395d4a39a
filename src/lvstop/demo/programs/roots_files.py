"""Files that nobody but root can exchange: `roots_file` and `roots_own` of act.sh."""

from pathlib import PurePosixPath

from lvstop.demo.commands import Said
from lvstop.demo.director import Director
from lvstop.demo.files import FileKind


def refused_file(director: Director, path: str) -> Said | None:
    """Why a file may not be read or written; None where it may."""
    if not path.startswith("/"):
        return Said(f"{path} is not an absolute path\n", 5)
    file = director.files.get(path)
    if file is not None and file.kind is FileKind.LINK:
        return Said(f"{path} is a symbolic link\n", 7)
    if file is not None and file.kind is not FileKind.FILE:
        return Said(f"{path} is not a plain file\n", 7)
    return refused_folder(director, str(PurePosixPath(path).parent))


def refused_folder(director: Director, path: str) -> Said | None:
    """Why nothing may be written into a folder; None where something may."""
    folder = director.files.get(path)
    if folder is None or folder.kind is not FileKind.FOLDER:
        return Said(f"{path} is not a folder\n", 7)
    if folder.may_be_written_by_others:
        return Said(f"{path} can be written by others than root\n", 7)
    return None
