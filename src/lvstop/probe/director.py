"""One director, read over one connection after the other."""

from collections.abc import Callable
from contextlib import AsyncExitStack

from lvstop.clock import Clock
from lvstop.model.director import DirectorSnapshot, Fault, FaultKind
from lvstop.probe import programs
from lvstop.probe.assemble import assemble
from lvstop.probe.connection import Connection, Moves
from lvstop.probe.opening import Elevation, open_table
from lvstop.probe.readings import Readings
from lvstop.probe.settings import ProbeSettings
from lvstop.transport.base import Transport, TransportError
from lvstop.transport.counted import CountedTransport, Traffic


class DirectorProbe:
    """Reads a director: `connect`, then `tick` at the operator's cadence, then `close`. May be connected again.

    Args:
        moves: listens to the director's kernel; None where that cannot be done.
    """

    def __init__(
        self,
        name: str,
        make_transport: Callable[[], Transport],
        clock: Clock,
        settings: ProbeSettings,
        moves: Moves | None = None,
    ) -> None:
        self._name = name
        self._make_transport = make_transport
        self._clock = clock
        self._settings = settings
        self._moves = moves
        self._elevation = Elevation(settings.privilege)
        self._host = ""
        self._connection: Connection | None = None
        self._traffic = Traffic()

    @property
    def bytes_read(self) -> int:
        """What the director's programs have sent, over all connections."""
        return self._traffic.bytes_read

    async def connect(self) -> None:
        """Connect, find out what may be read, and read the table once.

        Raises:
            TransportError: the director cannot be reached or asked; nothing is left open.
        """
        await self.close()
        transport = CountedTransport(self._make_transport(), self._traffic)
        self._host = transport.host
        async with AsyncExitStack() as undo:
            undo.push_async_callback(transport.close)
            await transport.connect()
            table, table_reader = await open_table(transport, self._clock, self._settings, programs.table())
            connection = Connection(transport, table, self._elevation, self._clock, self._settings)
            await connection.identify(table_reader=table_reader)
            undo.pop_all()
        self._connection = connection

    async def read_facts(self) -> None:
        """Read every fact once, so that nothing is unknown that could be known.

        Raises:
            TransportError: the director cannot be asked; what was read before that stays known.
        """
        await self._connected().read_facts()

    async def read_table(self) -> None:
        """Read the table once more, and how the machine fares.

        Raises:
            TransportError: the director cannot be asked; what was read before that stays known.
        """
        await self._connected().read_table()

    def start_facts(self) -> None:
        """Begin to read every fact once, beside the ticks; what was not read yet is None until then.

        Raises:
            TransportError: there is no connection.
        """
        self._connected().start_facts()

    def follow_journal(self) -> None:
        """From here on keepalived's log calls for readings when something happens.

        Raises:
            TransportError: there is no connection.
        """
        self._connected().follow_journal()

    @property
    def tells_moves(self) -> bool:
        """The director's kernel can be listened to: `news` may return."""
        return self._moves is not None

    def follow_addresses(self) -> None:
        """From here on the kernel calls for readings when an address comes or goes, where it can be listened to.

        Raises:
            TransportError: there is no connection.
        """
        if self._moves is not None:
            self._connected().follow_addresses(self._moves)

    async def news(self) -> None:
        """Return when a tick would show something that cannot wait for its time.

        Raises:
            TransportError: there is no connection.
        """
        await self._connected().news()

    async def tick(self) -> DirectorSnapshot:
        """Read the table once, start what else is due, and tell what is known.

        Raises:
            TransportError: the director cannot be asked; connect again.
        """
        await self._connected().tick()
        return self.snapshot()

    async def read_kernel_rates(self) -> None:
        """Take rates from the kernel's own estimators: for one look, where no second reading follows.

        Raises:
            TransportError: the director cannot be asked.
        """
        await self._connected().read_kernel_rates()

    def snapshot(self) -> DirectorSnapshot:
        """What is known now; nothing, before a connection."""
        readings = Readings() if self._connection is None else self._connection.readings
        return assemble(self._name, self._host, readings, monotonic=self._clock.monotonic())

    async def close(self) -> None:
        """Disconnect; nothing is left running on the director or here."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    def _connected(self) -> Connection:
        if self._connection is None:
            raise TransportError(Fault(FaultKind.DISCONNECTED, f"{self._name} is not connected"))
        return self._connection
