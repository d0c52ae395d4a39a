"""Granting rights on a director: the one place from which a script of `actions.rights` reaches it."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing

from lvstop.clock import Clock
from lvstop.config.schema import DirectorConfig, PrivilegeChoice, SshConfig
from lvstop.engine.transports import transports
from lvstop.model.director import Fault, FaultKind, Privilege
from lvstop.plain import plain
from lvstop.probe.opening import Elevation
from lvstop.probe.programs import facts
from lvstop.transport.base import Program, TransportError
from lvstop.transport.ssh import SecretPrompt

ANSWER_SECONDS = 30.0
SCRIPT_SECONDS = 120.0
"""Making a login may take its time."""


async def run_as_root(
    script: str,
    director: DirectorConfig,
    ssh: SshConfig,
    clock: Clock,
    ask_secret: SecretPrompt | None,
    tell: Callable[[str], None],
) -> None:
    """Run a script on a director, as root or through sudo.

    Args:
        tell: takes what it says, line by line.

    Raises:
        TransportError: the director cannot be reached, this login cannot become root there, or the script failed or
            took too long.
    """
    # the shell that reads it waits for more where it is not told that this was all
    program = Program("setup", f"{script}\nexit\n")
    transport = transports(clock, ask_secret)(director, ssh, frozenset((program, facts())))
    try:
        await transport.connect()
        opened = await Elevation(PrivilegeChoice.AUTO).open_facts(transport, ANSWER_SECONDS)
        await opened.channel.close()
        if opened.privilege is Privilege.NONE:
            summary = f"this login cannot become root on {transport.host}: {opened.refusal}"
            raise TransportError(Fault(FaultKind.FORBIDDEN, summary, "log in as root, or run the printed script there"))
        async with (
            asyncio.timeout(SCRIPT_SECONDS),
            aclosing(transport.follow(program, elevated=opened.privilege is Privilege.SUDO)) as lines,
        ):
            async for line in lines:
                tell(plain(line.decode("utf-8", "replace")))
    except TimeoutError as error:
        summary = f"the script on {transport.host} did not end within {SCRIPT_SECONDS:g} s"
        raise TransportError(Fault(FaultKind.NO_ANSWER, summary)) from error
    finally:
        await transport.close()
