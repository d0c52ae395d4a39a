"""Writing a file that the operator will own: whole or not at all, and never over one that is there by accident."""

import os
import secrets
from pathlib import Path


def write_new(path: Path, text: str, *, replace: bool = False) -> None:
    """Write a file, and the folders above it that are missing. It appears with all of its text, or not at all.

    Args:
        replace: one that is there already may be replaced; else it stays as it is.

    Raises:
        FileExistsError: it is there, and may not be replaced.
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # where a link leads is what is replaced, not the link
    target = Path(os.path.realpath(path)) if replace else path
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            draft.replace(target)
        else:
            os.link(draft, target)  # unlike a rename it fails where there is one
    finally:
        draft.unlink(missing_ok=True)
