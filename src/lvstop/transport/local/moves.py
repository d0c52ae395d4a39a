"""Addresses that come and go on this machine, told by the kernel as it happens (rtnetlink(7)).

With a socket of our own: nothing of a message has to be understood, since what has changed is read as ever. A netlink
library takes a third of a second and 20 MB for that, and forks lvstop to enter a namespace.
"""

import asyncio
import errno
import socket
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from lvstop.model.director import Fault, FaultKind
from lvstop.transport.base import TransportError
from lvstop.transport.local.namespaces import enter

_GROUPS: Final = 0x10 | 0x100
"""RTMGRP_IPV4_IFADDR and RTMGRP_IPV6_IFADDR of linux/rtnetlink.h."""

_PIECE: Final = 65536


async def address_moves(netns: str | None) -> AsyncGenerator[None, None]:
    """Yield once when it listens, and then when addresses have come or gone, however many since it was last asked.

    Close the iterator to stop listening.

    Args:
        netns: the network namespace that is listened to; None for lvstop's own.

    Raises:
        TransportError: the kernel does not tell; what is read at intervals goes on without it.
    """
    loop = asyncio.get_running_loop()
    try:
        with _listen_within(netns) as listening:
            yield
            while True:
                try:
                    await loop.sock_recv(listening, _PIECE)
                    _drain(listening)
                except OSError as error:
                    # There was more than the kernel keeps for us (netlink(7)), and so there was something.
                    if error.errno != errno.ENOBUFS:
                        raise
                yield
    except OSError as error:
        summary = f"the kernel does not tell when addresses move: {error.strerror or error}"
        raise TransportError(Fault(FaultKind.DISCONNECTED, summary)) from error


def _listen_within(netns: str | None) -> socket.socket:
    if netns is None:
        return _listen()
    # a thread of its own: it stays in the namespace as long as it lives
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_listen_in, netns).result()


def _listen_in(netns: str) -> socket.socket:
    enter(netns)
    return _listen()


def _listen() -> socket.socket:
    listening = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    try:
        listening.bind((0, _GROUPS))
        listening.setblocking(False)
    except OSError:
        listening.close()
        raise
    return listening


def _drain(listening: socket.socket) -> None:
    try:
        while listening.recv(_PIECE):
            pass
    except BlockingIOError:
        return
