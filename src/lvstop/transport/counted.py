"""A transport that counts what comes through another one."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from lvstop.transport.base import Channel, Program, Reply, Transport


class Traffic:
    """What was read, over however many connections.

    Attributes:
        bytes_read: answers and followed lines, before SSH's own compression.
    """

    def __init__(self) -> None:
        self.bytes_read = 0


class CountedTransport:
    """Passes everything on, and adds it up in `traffic`."""

    def __init__(self, transport: Transport, traffic: Traffic) -> None:
        self._transport = transport
        self._traffic = traffic

    @property
    def host(self) -> str:
        """As `Transport.host`."""
        return self._transport.host

    async def connect(self) -> None:
        """As `Transport.connect`."""
        await self._transport.connect()

    async def open(self, program: Program, *, elevated: bool, timeout: float) -> Channel:
        """As `Transport.open`."""
        channel = await self._transport.open(program, elevated=elevated, timeout=timeout)
        self._traffic.bytes_read += channel.greeting.size
        return _CountedChannel(channel, self._traffic)

    async def follow(self, program: Program, *, elevated: bool) -> AsyncGenerator[bytes, None]:
        """As `Transport.follow`."""
        async with aclosing(self._transport.follow(program, elevated=elevated)) as lines:
            async for line in lines:
                self._traffic.bytes_read += len(line) + 1
                yield line

    async def close(self) -> None:
        """As `Transport.close`."""
        await self._transport.close()


class _CountedChannel:
    def __init__(self, channel: Channel, traffic: Traffic) -> None:
        self._channel = channel
        self._traffic = traffic
        self.greeting = channel.greeting

    async def ask(self, request: str, *, timeout: float) -> Reply:
        reply = await self._channel.ask(request, timeout=timeout)
        self._traffic.bytes_read += reply.size
        return reply

    async def close(self) -> None:
        await self._channel.close()
