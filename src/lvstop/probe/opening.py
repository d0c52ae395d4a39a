"""Starting the programs on a director with the privilege there is."""

from lvstop.clock import Clock
from lvstop.config.schema import PrivilegeChoice
from lvstop.model.director import FaultKind, Privilege
from lvstop.probe import programs
from lvstop.probe.lanes import section_text
from lvstop.probe.settings import ProbeSettings
from lvstop.probe.table import TableReader
from lvstop.transport.base import Channel, Program, Transport, TransportError


async def open_table(
    transport: Transport, clock: Clock, settings: ProbeSettings, program: Program
) -> tuple[TableReader, str]:
    """Start a table program, and `cat` where there is no awk for it. Returns the reader and what reads there.

    Raises:
        TransportError: the director cannot be asked.
    """
    channel = await transport.open(program, elevated=False, timeout=settings.answer_timeout)
    name = section_text(channel.greeting, "reader")
    if name is None and program is not programs.table_cat():
        await channel.close()
        return await open_table(transport, clock, settings, programs.table_cat())
    reader = TableReader(channel, clock, answer_timeout=settings.answer_timeout, resync_every=settings.resync_every)
    return reader, (name or "").strip()


class Elevation:
    """Finds the highest privilege that the operator allows, and remembers where sudo said no.

    A refused sudo is written into the director's log, and perhaps mailed, so it is tried once, not at each reconnect.
    """

    def __init__(self, wish: PrivilegeChoice) -> None:
        self._wish = wish
        self.refusal: str | None = None

    async def open_facts(self, transport: Transport, timeout: float) -> tuple[Channel, Privilege]:
        """Start the facts program.

        Raises:
            TransportError: the director cannot be asked. A refusal by sudo is no error: it means no privilege.
        """
        plain = await transport.open(programs.facts(), elevated=False, timeout=timeout)
        if self._wish is PrivilegeChoice.NONE:
            return plain, Privilege.NONE
        uid = section_text(await plain.ask("uid", timeout=timeout), "uid")
        if uid is not None and uid.strip() == "0":
            return plain, Privilege.ROOT
        if self._wish is PrivilegeChoice.ROOT or self.refusal is not None:
            return plain, Privilege.NONE
        try:
            elevated = await transport.open(programs.facts(), elevated=True, timeout=timeout)
        except TransportError as error:
            if error.fault.kind is FaultKind.FORBIDDEN:
                self.refusal = error.fault.summary
            elif error.fault.kind is not FaultKind.NO_ANSWER:
                await plain.close()
                raise
            return plain, Privilege.NONE
        await plain.close()
        return elevated, Privilege.SUDO
