"""Connections of one execution: a new one each time hands are laid on a director, all closed at its end."""

import asyncio
from collections.abc import Callable, Mapping

from lvstop.actions.hands import DirectorHands, HandsError, lay_hands
from lvstop.config.schema import ClusterConfig, DirectorConfig
from lvstop.transport.base import Transport, TransportError

ANSWER_SECONDS = 10.0
"""Longest wait for a director while it is being changed; the connection then counts as lost."""

MakeTransport = Callable[[DirectorConfig], Transport]
"""A transport to a director; not connected yet."""


class Reach:
    """Lays hands on the directors of one cluster.

    Args:
        make_transport: transports that may run the programs that change something.
    """

    def __init__(self, config: ClusterConfig, make_transport: MakeTransport) -> None:
        self._config = config
        self._directors: Mapping[str, DirectorConfig] = {each.name: each for each in config.directors}
        self._make_transport = make_transport
        self._transports: list[Transport] = []

    async def hands(self, director: str) -> DirectorHands:
        """Over a new connection. Raises HandsError."""
        hands, _ = await self.grip(director)
        return hands

    async def grip(self, director: str) -> tuple[DirectorHands, Transport]:
        """The hands, and the connection that they work over.

        Raises:
            HandsError: the director cannot be reached, or may not be changed.
        """
        config = self._directors.get(director)
        if config is None:
            raise HandsError(f"{director} is not a director of {self._config.name} any more")
        transport = self._make_transport(config)
        self._transports.append(transport)
        try:
            await transport.connect()
        except TransportError as error:
            raise HandsError(f"{director} cannot be reached: {error}", lost=True) from error
        return await lay_hands(director, transport, self._config.privilege, timeout=ANSWER_SECONDS), transport

    async def close(self) -> None:
        """Disconnect; nothing is left running there."""
        transports, self._transports = self._transports, []
        await asyncio.gather(*(transport.close() for transport in transports))
