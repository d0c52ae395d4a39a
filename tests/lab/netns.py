"""Entering a network namespace with the calling thread."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CLONE_NEWNET = 0x40000000
FOLDER = Path("/run/netns")
_libc = ctypes.CDLL(None, use_errno=True)


@contextmanager
def entered(name: str) -> Iterator[None]:
    """Put the calling thread into the network namespace `name`, and back afterwards.

    Sockets opened meanwhile, and threads started meanwhile, belong to that namespace. Other threads are not moved.
    Raises OSError when there is no such namespace or the caller is not root.
    """
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        target = os.open(FOLDER / name, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _setns(target)
        finally:
            os.close(target)
        try:
            yield
        finally:
            _setns(own)
    finally:
        os.close(own)


def names() -> list[str]:
    """Return the named network namespaces of this machine."""
    return sorted(path.name for path in FOLDER.iterdir()) if FOLDER.is_dir() else []


def _setns(descriptor: int) -> None:
    if _libc.setns(descriptor, CLONE_NEWNET) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"setns: {os.strerror(code)}")
