"""Starting the programs on a director with the privilege there is."""

from dataclasses import dataclass

from lvstop.clock import Clock
from lvstop.config.schema import LOCAL, PrivilegeChoice
from lvstop.model.director import Fault, FaultKind, Privilege
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
    reader = TableReader(channel, clock, settings)
    return reader, (name or "").strip()


@dataclass(frozen=True, slots=True)
class Opened:
    """The facts program, running.

    Attributes:
        reads_journal: this login may read keepalived's log by itself, without sudo.
        refusal: why there is no privilege, one sentence without its full stop; empty where there is some.
        unmet: the cluster file asks for a privilege that is not to be had; None where it does not, or is.
    """

    channel: Channel
    privilege: Privilege
    reads_journal: bool = False
    refusal: str = ""
    unmet: Fault | None = None


class Elevation:
    """Finds the highest privilege that the operator allows, and remembers where sudo said no.

    A refused sudo is written into the director's log, and perhaps mailed, so it is tried once, not at each reconnect.
    """

    def __init__(self, wish: PrivilegeChoice) -> None:
        self._wish = wish
        self._refused: Fault | None = None

    async def open_facts(self, transport: Transport, timeout: float) -> Opened:
        """Start the facts program.

        Raises:
            TransportError: the director cannot be asked. A refusal by sudo is no error: it means no privilege.
        """
        plain = await transport.open(programs.facts(), elevated=False, timeout=timeout)
        if self._wish is PrivilegeChoice.NONE:
            return Opened(plain, Privilege.NONE, refusal="the cluster file says `privilege: none`")
        answer = await plain.ask("uid", timeout=timeout)
        uid, reads_journal = section_text(answer, "uid"), section_text(answer, "journal") is not None
        if uid is not None and uid.strip() == "0":
            return Opened(plain, Privilege.ROOT, reads_journal)
        if self._wish is PrivilegeChoice.ROOT:
            return self._without(plain, reads_journal, _not_root(transport.host))
        if self._refused is not None:
            return self._without(plain, reads_journal, self._refused)
        try:
            elevated = await transport.open(programs.facts(), elevated=True, timeout=timeout)
        except TransportError as error:
            if error.fault.kind is FaultKind.FORBIDDEN:
                self._refused = error.fault
            elif error.fault.kind is not FaultKind.NO_ANSWER:
                await plain.close()
                raise
            return self._without(plain, reads_journal, error.fault)
        await plain.close()
        return Opened(elevated, Privilege.SUDO, reads_journal)

    def _without(self, plain: Channel, reads_journal: bool, refusal: Fault) -> Opened:
        unmet = None
        if self._wish is not PrivilegeChoice.AUTO:
            asked = f"the cluster file says `privilege: {self._wish}`, but {refusal.summary}"
            unmet = Fault(FaultKind.FORBIDDEN, asked, refusal.remedy)
        return Opened(plain, Privilege.NONE, reads_journal, refusal.summary, unmet)


def _not_root(host: str) -> Fault:
    if host == LOCAL:
        return Fault(FaultKind.FORBIDDEN, "lvstop does not run as root on this machine", "run lvstop as root")
    return Fault(FaultKind.FORBIDDEN, f"the login on {host} is not root", "log in as root")
