"""Network namespaces of this machine, by their names."""

import ctypes
import os
from pathlib import Path
from typing import Final

NAMESPACES: Final = Path("/run/netns")
"""Where `ip netns` keeps them (ip-netns(8))."""

_CLONE_NEWNET: Final = 0x40000000
"""Of linux/sched.h: setns(2) is to enter nothing but a network namespace."""


def enter(netns: str) -> None:
    """Take the calling thread into a namespace, until it ends; `os.setns` is there from Python 3.12 on.

    Raises:
        OSError: there is none of this name, or this user may not enter it.
    """
    descriptor = os.open(NAMESPACES / netns, os.O_RDONLY | os.O_CLOEXEC)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(descriptor, _CLONE_NEWNET) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(descriptor)
